/** The epoch slider: as long as the history; dragging it shows the network as it was. */
import { page } from "../page/page.mjs";
import { element, IDS } from "./ids.mjs";

/** @typedef {import("../stream/state.mjs").Status} Status */

const NUMBER = new Intl.NumberFormat("en-GB");

/** @type {number|null} */
let wanted = null;
/** @type {number|null} */
let asked = null;
let drawn = 0;
/** @type {number|null} */
let seeking = null;
let held = false;

/** @param {string} id */
const button = (id) => /** @type {HTMLButtonElement} */ (element(id));

function makeSlider() {
  const slider = document.createElement("input");
  Object.assign(slider, { type: "range", id: IDS.TIMELINE, className: "form-range", min: "0", max: "0", step: "1", value: "0" });
  slider.disabled = true;
  slider.setAttribute("aria-label", "Epoch on show");
  element(IDS.TIMELINE_TRACK).append(slider);
  return slider;
}

/**
 * Ask for an epoch, no more than one with each picture, the newest wish winning.
 * @param {number|null} epoch
 */
function seek(epoch) {
  wanted = epoch;
  if (drawn) return;
  asked = epoch;
  page.run.seek(epoch);
  drawn = requestAnimationFrame(() => {
    drawn = 0;
    if (wanted !== asked) seek(wanted);
  });
}

/** @param {HTMLInputElement} slider @param {Status} detail */
function show(slider, detail) {
  const [first, last] = detail.epochs;
  seeking = detail.seeking;
  slider.min = String(first);
  slider.max = String(last);
  slider.disabled = last === first;
  if (!held) slider.value = String(detail.shown_epoch);
  slider.style.setProperty("--share", `${last > first ? (100 * (Number(slider.value) - first)) / (last - first) : 0}%`);
  slider.setAttribute("aria-valuetext", seeking === null ? `${detail.shown_epoch}, live` : `${seeking} of ${last}`);
  const words = `${NUMBER.format(detail.shown_epoch)} of ${NUMBER.format(last)}`;
  const shown = element(IDS.TIMELINE_SHOWN);
  if (shown.textContent !== words) shown.textContent = words;
  for (const id of [IDS.LIVE, IDS.BRANCH]) button(id).disabled = seeking === null;
  document.documentElement.dataset.seeking = String(seeking !== null);
}

export function startTimeline() {
  const slider = makeSlider();
  for (const id of [IDS.LIVE, IDS.BRANCH]) button(id).disabled = true;
  slider.addEventListener("pointerdown", () => (held = true));
  for (const end of ["pointerup", "pointercancel", "change"]) slider.addEventListener(end, () => (held = false));
  slider.addEventListener("input", () => seek(Number(slider.value)));
  slider.addEventListener("scrub", ({ detail }) => {
    if (slider.disabled) return;
    slider.value = String(Number(slider.value) + detail.step);
    seek(Number(slider.value));
  });
  element(IDS.LIVE).addEventListener("click", () => seek(null));
  window.addEventListener("spiral-dash:status", ({ detail }) => show(slider, detail));
}
