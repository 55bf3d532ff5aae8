/** What was changed during the run: marks on the epoch slider, and a list in the run's menu. */
import { inside } from "./elements.mjs";
import { element, IDS } from "./ids.mjs";

/**
 * @typedef {object} Change one entry of a frame's `schedule`
 * @property {number} epoch
 * @property {number} step
 * @property {string} text
 */

const NUMBER = new Intl.NumberFormat("en-GB");

/** The schedule on show, and the last epoch. @type {Change[]|null} */
let shown = null;
let reached = -1;
/** @type {HTMLButtonElement[]} in their order */
let marks = [];

/** @param {Change} change */
const sentence = ({ epoch, step, text }) => `${text} at epoch ${NUMBER.format(epoch)}${step > 0 ? `, step ${NUMBER.format(step)}` : ""}`;

/** Changes by epoch: those of one are one mark. @param {Change[]} changes @returns {Map<number, Change[]>} */
function byEpoch(changes) {
  const grouped = new Map();
  for (const change of changes) grouped.set(change.epoch, [...(grouped.get(change.epoch) ?? []), change]);
  return grouped;
}

/** @param {number} epoch @param {Change[]} changes */
function itemOf(epoch, changes) {
  const item = document.createElement("li");
  const mark = document.createElement("button");
  mark.type = "button";
  mark.className = "timeline-mark";
  mark.id = `change-${epoch}`;
  mark.dataset.epoch = String(epoch);
  mark.style.setProperty("--epoch", String(epoch));
  mark.setAttribute("aria-label", changes.map(sentence).join("; "));
  mark.dataset.hintText = changes.map(sentence).join("; ");
  item.append(mark);
  return item;
}

function makeList() {
  const list = document.createElement("ol");
  list.className = "timeline-marks";
  list.id = IDS.TIMELINE_MARKS;
  list.setAttribute("aria-label", "Changes during this run");
  element(IDS.TIMELINE_TRACK).append(list);
  list.addEventListener("click", ({ target }) => {
    const mark = target instanceof Element ? target.closest(".timeline-mark") : null;
    if (mark instanceof HTMLButtonElement) goTo(Number(mark.dataset.epoch));
  });
  list.addEventListener("keydown", step);
  return list;
}

/**
 * Show the network as it was when something changed.
 * @param {number} epoch
 */
function goTo(epoch) {
  const slider = /** @type {HTMLInputElement} */ (element(IDS.TIMELINE));
  slider.value = String(epoch);
  slider.dispatchEvent(new Event("input", { bubbles: true }));
}

/** The arrow keys go from mark to mark, of which the tab key finds one. @param {KeyboardEvent} event */
function step(event) {
  const there = marks.filter(({ hidden }) => !hidden);
  const at = there.indexOf(/** @type {HTMLButtonElement} */ (event.target));
  const next = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: there.length - 1 }[event.key];
  if (at < 0 || next === undefined) return;
  event.preventDefault();
  const mark = there[Math.min(Math.max(next, 0), there.length - 1)];
  findWithTab(mark);
  mark.focus();
}

/** @param {Element|null} chosen */
function findWithTab(chosen) {
  for (const mark of marks) mark.tabIndex = mark === chosen ? 0 : -1;
}

/** @param {HTMLElement} list @param {Change[]} schedule */
function write(list, schedule) {
  const items = [...byEpoch(schedule)].map(([epoch, changes]) => itemOf(epoch, changes));
  list.replaceChildren(...items);
  marks = items.map((item) => /** @type {HTMLButtonElement} */ (item.firstElementChild));
  findWithTab(marks[0]);
  element(IDS.RUN_CHANGES).hidden = schedule.length === 0;
  const lines = schedule.map((change) => Object.assign(document.createElement("li"), { textContent: sentence(change) }));
  inside(element(IDS.RUN_CHANGES), "ol").replaceChildren(...lines);
}

/** @param {HTMLElement} list @param {{schedule: Change[], epochs: number[], reach: number|null}} status */
function show(list, { schedule, epochs, reach }) {
  const [first] = epochs;
  const last = Math.max(epochs[1], reach ?? 0);
  if (schedule !== shown) {
    write(list, schedule);
    shown = schedule;
    reached = -1;
  }
  if (marks.length === 0 || last === reached) return;
  reached = last;
  list.style.setProperty("--first", String(first));
  list.style.setProperty("--epochs", String(Math.max(1, last - first)));
  for (const mark of marks) {
    const epoch = Number(mark.dataset.epoch);
    mark.hidden = epoch < first || epoch > last;
  }
}

export function startChanges() {
  const list = makeList();
  window.addEventListener("spiral-dash:status", ({ detail }) => show(list, detail));
}
