/** What the page says and shows of the session's state, beside the readouts of every frame. */
import { showFacts } from "./facts.mjs";
import { element, IDS } from "./ids.mjs";
import { tell } from "./notices.mjs";

/** @typedef {import("../stream/state.mjs").Status} Status */

/** How long a dial or the speed may be ahead of what frames say, in milliseconds. */
const GRACE = 1000;
const FULL_SPEED = "full";

let notice = "";
/** @type {import("../stream/messages.d.ts").RunConfig|null} */
let config = null;
/** @type {import("../stream/messages.d.ts").TrainingConfig|null} */
let training = null;
let timer = 0;

/**
 * The address follows the session's configuration, and so do the dials, which another tab or the run's
 * own schedule may have turned, as soon as they are left alone.
 */
function followConfig() {
  clearTimeout(timer);
  const wait = window.spiralDashShell.touchedAt + GRACE - Date.now();
  if (wait > 0) {
    timer = setTimeout(followConfig, wait);
    return;
  }
  const shown = window.spiralDashShell;
  if (!shown.config || !config || (same(shown.config, config) && same(shown.training, training))) return;
  const waits = !element(IDS.RESTART_DIALOG).hidden;
  window.dash_clientside.set_props(IDS.SEEN, { data: { waits, at: Date.now() } });
}

/**
 * Whether two configurations are equal, whatever the order of their fields.
 * @param {any} one
 * @param {any} other
 * @returns {boolean}
 */
function same(one, other) {
  if (typeof one !== "object" || one === null || other === null) return one === other;
  const names = Object.keys(one);
  return names.length === Object.keys(other).length && names.every((name) => same(one[name], other[name]));
}

/** @param {Status} detail */
function followSpeed(detail) {
  if (Date.now() - window.spiralDashShell.touchedAt < GRACE) return;
  const select = /** @type {HTMLSelectElement} */ (element(IDS.SPEED));
  const speed = detail.speed === null ? FULL_SPEED : String(detail.speed);
  const offered = [...select.options].some(({ value }) => value === speed);
  if (offered && select.value !== speed) window.dash_clientside.set_props(IDS.SPEED, { value: speed });
}

/** @param {CustomEvent<Status>} values */
function show({ detail }) {
  const root = document.documentElement;
  if (root.dataset.runState !== detail.state) {
    root.dataset.runState = detail.state;
    const over = detail.state === "diverged";
    for (const id of [IDS.PLAY, IDS.STEP]) /** @type {HTMLButtonElement} */ (element(id)).disabled = over;
  }
  if (detail.notice && detail.notice !== notice) tell("danger", detail.notice);
  notice = detail.notice;
  showFacts(detail.geometry);
  if (detail.config !== config || detail.training !== training) {
    ({ config, training } = detail);
    followConfig();
  }
  followSpeed(detail);
}

export function startStatus() {
  const touch = () => {
    window.spiralDashShell.touchedAt = Date.now();
    followConfig();
  };
  for (const kind of ["input", "change", "keydown", "pointerdown"]) {
    for (const id of [IDS.DIALS, IDS.SPEED, IDS.RESTART_DIALOG]) element(id).addEventListener(kind, touch);
  }
  window.addEventListener("spiral-dash:status", show);
}
