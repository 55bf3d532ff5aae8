/** What a dial does in the browser: its slider, its arrow keys, and what a screen reader hears. */
import { page } from "../page/page.mjs";
import { all, around, dispatch, inside } from "./elements.mjs";
import { element, IDS } from "./ids.mjs";

/** A dragged slider is sent no more often than this, in milliseconds. */
const PAUSE = 100;
const DIGITS = 6;
const OWN = "points";
const KIND_FIELD = '{"group":"data","name":"kind","type":"field"}';

/** @typedef {HTMLInputElement|HTMLSelectElement} Field */

/** @param {Element} dial the field of a configuration */
const fieldOf = (dial) => /** @type {Field} */ (dial.querySelector("input[type=text], select, .switches input"));
/** @param {Element} dial */
const sliderOf = (dial) => /** @type {HTMLInputElement|null} */ (dial.querySelector("input[type=range]"));
/** @param {number} number */
const tidy = (number) => String(Number(number.toPrecision(DIGITS)));

/**
 * Send a value as if it had been typed and entered.
 * @param {Field} field
 * @param {string} value
 */
function commit(field, value) {
  field.value = value;
  const id = field.id.startsWith("{") ? JSON.parse(field.id) : field.id;
  window.dash_clientside.set_props(id, { value });
}

/**
 * The newest value now or after the pause, never one that a newer one has overtaken.
 * @param {(value: string) => void} send
 */
function throttled(send) {
  let timer = 0;
  /** @type {string|null} */
  let waiting = null;
  const go = () => {
    timer = waiting === null ? 0 : setTimeout(go, PAUSE);
    if (waiting !== null) send(waiting);
    waiting = null;
  };
  return (/** @type {string} */ value) => {
    waiting = value;
    if (!timer) go();
  };
}

/** @param {HTMLInputElement} slider @param {Field} field */
function pair(slider, field) {
  const send = throttled((value) => commit(field, value));
  slider.addEventListener("input", () => {
    field.value = slider.value;
    send(slider.value);
  });
  slider.setAttribute("aria-label", inside(/** @type {Element} */ (field.closest(".dial")), "label").textContent ?? "");
}

/** Put every slider where its number is; called after Dash has written the numbers. */
export function placeSliders() {
  for (const dial of all(document, ".dial")) {
    const slider = sliderOf(dial);
    if (!slider) continue;
    const { value } = fieldOf(dial);
    if (slider !== document.activeElement || !slider.matches(":active")) slider.value = value;
    const [low, high] = [Number(slider.min), Number(slider.max)];
    const share = (Number(slider.value) - low) / (high - low);
    slider.style.setProperty("--share", `${100 * share}%`);
  }
}

/**
 * The number an arrow key leads to.
 * @param {string} text
 * @param {HTMLElement} dial
 * @param {boolean} up
 */
function turned(text, dial, up) {
  const number = Number(text || 0);
  if (!Number.isFinite(number)) return null;
  const step = Number(dial.dataset.step);
  if (dial.dataset.scale !== "log") return tidy(number + (up ? step : -step));
  const exponent = Math.round(Math.log(number) / Math.log(step)) + (up ? 1 : -1);
  return String(Number((step ** exponent).toPrecision(2)));
}

/** @param {KeyboardEvent} event */
function turnWithArrows(event) {
  const dial = around(event, ".dial");
  const field = /** @type {HTMLInputElement} */ (event.target);
  if (!dial || !field.matches("input[type=text]") || !["ArrowUp", "ArrowDown"].includes(event.key)) return;
  event.preventDefault();
  const layer = field.closest(".layers, .layer-count");
  const up = event.key === "ArrowUp";
  const next = layer ? tidy(Number(field.value || 0) + (up ? 1 : -1)) : turned(field.value, dial, up);
  if (next === null || next === "NaN" || Number(next) < 0) return;
  commit(field, next);
  placeSliders();
}

/** @param {Element} dial */
function describe(dial) {
  const field = fieldOf(dial);
  const help = inside(dial, ".dial-help");
  const problem = inside(dial, ".dial-problem");
  for (const each of dial.querySelectorAll("input[type=text], select, .switches input")) {
    each.setAttribute("aria-describedby", `${problem.id} ${help.id}`);
  }
  new MutationObserver(() => {
    const wrong = problem.textContent !== "";
    dial.classList.toggle("is-wrong", wrong);
    field.setAttribute("aria-invalid", String(wrong));
  }).observe(problem, { childList: true, characterData: true, subtree: true });
}

/** @param {number} step */
function changeLayers(step) {
  const field = /** @type {HTMLInputElement} */ (element(IDS.LAYERS));
  const most = document.querySelectorAll(".layer-units").length;
  const next = Math.min(Math.max(0, (Number(field.value) || 0) + step), most);
  commit(field, String(next));
}

/** @type {WeakSet<Element>} dials whose scripts have begun */
const begun = new WeakSet();

/** Begin with the dials that have come to the page. */
function beginNew() {
  for (const dial of document.querySelectorAll(".dial")) {
    if (begun.has(dial)) continue;
    begun.add(dial);
    describe(dial);
    const slider = sliderOf(dial);
    if (slider) pair(slider, fieldOf(dial));
  }
  page.access.apply();
  placeSliders();
}

/**
 * Own points come from a file or are drawn: until the session has them, choosing them asks for them
 * and leaves the choice as it is.
 * @param {Event} event
 */
function askForPoints(event) {
  const select = event.target;
  if (!(select instanceof HTMLSelectElement) || select.id !== KIND_FIELD || select.value !== OWN) return;
  if (page.run.config?.config.data.kind === OWN) return;
  event.stopImmediatePropagation();
  select.value = String(element(IDS.KIND_DIALS).dataset.kind);
  dispatch("open-data", {});
}

/**
 * Of several switches, the last one that is on stays on.
 * @param {Event} event
 */
function keepOne(event) {
  const { target } = event;
  if (!(target instanceof HTMLInputElement)) return;
  const group = around(event, "[data-least]");
  if (!group || target.checked || group.querySelectorAll("input:checked").length >= Number(group.dataset.least)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
}

export function startDials() {
  beginNew();
  for (const id of [IDS.KIND_DIALS, IDS.KIND_MAIN]) {
    new MutationObserver(beginNew).observe(element(id), { childList: true, subtree: true });
  }
  // Before Dash, which listens further up.
  window.addEventListener("change", askForPoints, { capture: true });
  window.addEventListener("click", keepOne, { capture: true });
  for (const id of [IDS.DIALS, IDS.MAIN_DIALS]) {
    const dials = element(id);
    dials.addEventListener("keydown", turnWithArrows);
    dials.addEventListener("input", placeSliders);
    dials.addEventListener("change", placeSliders);
  }
  element(IDS.FEWER_LAYERS).addEventListener("click", () => changeLayers(-1));
  element(IDS.MORE_LAYERS).addEventListener("click", () => changeLayers(1));
  window.addEventListener("spiral-dash:dials", placeSliders);
}
