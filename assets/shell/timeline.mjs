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
/** The last epoch. */
let reached = 0;
/** What the slider was last told. */
let told = "";

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

/**
 * What stands beside the slider: within an epoch, the batches taken of it.
 * @param {Status} detail
 * @param {number} end
 */
function wordsOf({ shown_epoch, step, batches, speed, state, seeking }, end) {
  const within = step > 0 && seeking === null && (state !== "playing" || speed.includes("batch"));
  if (within) return `${NUMBER.format(shown_epoch)} + ${NUMBER.format(step)}/${NUMBER.format(batches)}`;
  return `${NUMBER.format(shown_epoch)} of ${NUMBER.format(end)}`;
}

/** @param {HTMLInputElement} slider @param {Status} detail */
function show(slider, detail) {
  const [first, last] = detail.epochs;
  seeking = detail.seeking;
  reached = last;
  // On the way to an epoch, the track is the way.
  const end = Math.max(last, detail.reach ?? 0);
  const words = wordsOf(detail, end);
  const shown = element(IDS.TIMELINE_SHOWN);
  if (shown.textContent !== words) shown.textContent = words;
  if (shown.dataset.letters !== String(words.length)) {
    shown.dataset.letters = String(words.length);
    shown.style.setProperty("--letters", shown.dataset.letters);
  }
  const tells = () => JSON.stringify([first, end, last, detail.shown_epoch, seeking, held, slider.value]);
  if (tells() === told) return;
  slider.min = String(first);
  slider.max = String(end);
  slider.disabled = last === first;
  if (!held) slider.value = String(detail.shown_epoch);
  slider.style.setProperty("--share", `${end > first ? (100 * (Number(slider.value) - first)) / (end - first) : 0}%`);
  slider.setAttribute("aria-valuetext", seeking === null ? `${detail.shown_epoch}, live` : `${seeking} of ${last}`);
  for (const id of [IDS.LIVE, IDS.BRANCH]) button(id).disabled = seeking === null;
  document.documentElement.dataset.seeking = String(seeking !== null);
  told = tells();
}

export function startTimeline() {
  const slider = makeSlider();
  for (const id of [IDS.LIVE, IDS.BRANCH]) button(id).disabled = true;
  slider.addEventListener("pointerdown", () => (held = true));
  for (const end of ["pointerup", "pointercancel", "change"]) slider.addEventListener(end, () => (held = false));
  slider.addEventListener("input", () => seek(Math.min(Number(slider.value), reached)));
  slider.addEventListener("scrub", ({ detail }) => {
    if (slider.disabled) return;
    slider.value = String(Number(slider.value) + detail.step);
    seek(Math.min(Number(slider.value), reached));
  });
  element(IDS.LIVE).addEventListener("click", () => seek(null));
  window.addEventListener("spiral-dash:status", ({ detail }) => show(slider, detail));
}
