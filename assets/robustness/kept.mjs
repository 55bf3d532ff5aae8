/** Curves of earlier networks, kept in this tab's memory until they are removed. */

/** @typedef {import("../stream/state.mjs").Status} Status */

const KEY = "spiral-dash-kept-curves";
export const KEPT_MAX = 12;

/**
 * @typedef {object} Kept
 * @property {number} id
 * @property {string} label which network it is of
 * @property {string} norm linf or l2
 * @property {string} kind "exact" or "estimate"
 * @property {number[]} epsilons
 * @property {number[]} accuracy
 */

/** @returns {Kept[]} */
function recalled() {
  try {
    return JSON.parse(sessionStorage.getItem(KEY) ?? "[]");
  } catch {
    return [];
  }
}

/** @type {Kept[]} */
let curves = recalled();

/** @param {Kept[]} next */
function changed(next) {
  curves = next;
  try {
    sessionStorage.setItem(KEY, JSON.stringify(curves));
  } catch {
    // A browser that forbids it keeps them until the page is left.
  }
}

export const kept = () => curves;

/** @param {Omit<Kept, "id">} curve */
export function keep(curve) {
  const id = 1 + Math.max(0, ...curves.map((each) => each.id));
  changed([...curves, { ...curve, id }].slice(-KEPT_MAX));
}

/** @param {number} id */
export function remove(id) {
  changed(curves.filter((curve) => curve.id !== id));
}

/**
 * Which network a curve is of: activation, units, what it was trained against, epoch.
 * @param {Status} status
 */
export function networkLabel({ config: { network, training, seed }, shown_epoch }) {
  const { hidden, activation } = network;
  const { adversary, adversary_epsilon, adversary_share } = training;
  const even = hidden.length > 2 && hidden.every((units) => units === hidden[0]);
  const units = even ? `${hidden.length}×${hidden[0]}` : hidden.join("-");
  const share = adversary_share < 1 ? ` on ${Math.round(100 * adversary_share)} %` : "";
  const trained = adversary === "none" ? "" : `, against ${adversary.toUpperCase()} ε ${adversary_epsilon}${share}`;
  return `${[activation, units].filter(Boolean).join(" ")}${trained}, seed ${seed}, epoch ${shown_epoch}`;
}
