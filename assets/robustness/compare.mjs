/** The list of kept curves in the robustness panel: keep the present one, remove one of them. */
import { around, inside } from "../shell/elements.mjs";
import { keep, KEPT_MAX, kept, remove } from "./kept.mjs";
import { NORMS } from "../page/choices.mjs";

/**
 * @typedef {import("../page/panel.mjs").Panel} Panel
 * @typedef {import("../plot/theme.mjs").Theme} Theme
 * @typedef {import("./kept.mjs").Kept} Kept
 */

/** The curves that a list shows. @type {WeakMap<HTMLElement, Kept[]>} */
const listed = new WeakMap();

/**
 * @param {import("../page/panel.mjs").Panel} panel
 * @param {(view: import("../page/panel.mjs").View) => Omit<Kept, "id">|null} keepable the curve that is kept when asked
 */
export function bringKeptToLife(panel, keepable) {
  const { card } = panel;
  card.addEventListener("click", (event) => {
    const removed = around(event, "[data-removes]");
    if (removed) remove(Number(removed.dataset.removes));
    else if (around(event, '[data-action="keep"]')) {
      const curve = panel.view && keepable(panel.view);
      if (curve) keep(curve);
    } else return;
    panel.page.repaint();
  });
}

/**
 * Bring list, count and button up to date.
 * @param {Panel} panel
 * @param {Theme} theme
 * @param {boolean} canKeep
 */
export function showKept(panel, theme, canKeep) {
  const { card } = panel;
  const button = /** @type {HTMLButtonElement} */ (inside(card, '[data-action="keep"]'));
  const isFull = kept().length >= KEPT_MAX;
  button.disabled = !canKeep || isFull;
  button.title = isFull ? `At most ${KEPT_MAX} curves are kept: remove one` : "";
  const list = inside(card, ".kept-curves");
  if (listed.get(list) === kept()) return;
  listed.set(list, kept());
  inside(card, ".panel-more:has(.kept-curves) > summary").textContent =
    kept().length > 0 ? `Compare (${kept().length})` : "Compare";
  list.replaceChildren(...kept().map(item));
}

/** @param {Kept} kept @param {number} index */
function item({ id, label, norm, kind }, index) {
  const row = document.createElement("li");
  const number = document.createElement("b");
  number.textContent = String(index + 1);
  const name = document.createElement("span");
  name.textContent = `${label} (${NORMS[norm]}${kind === "exact" ? "" : ", estimate"})`;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "panel-button";
  button.dataset.removes = String(id);
  button.title = "Remove";
  button.setAttribute("aria-label", `Remove ${label}`);
  const sign = document.createElement("span");
  sign.className = "panel-icon panel-icon-close";
  button.append(sign);
  row.append(number, name, button);
  return row;
}
