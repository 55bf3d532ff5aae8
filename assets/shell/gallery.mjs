/** The gallery: which panels are open, in which order; the address keeps both. */
import { page } from "../page/page.mjs";
import { all, around, inside } from "./elements.mjs";
import { element, IDS } from "./ids.mjs";

/** What is dragged inside the gallery, as opposed to a file. */
const DRAGGED = "application/x-spiral-dash-panel";

/** @typedef {{name: string, title: string, purpose: string}} PanelEntry */

/** @type {PanelEntry[]} */
let panels = [];
/** @type {Record<string, string[]>} */
let arrangements = {};
/** @type {string[]} */
let usual = [];
/** @type {string[]} */
let open = [];
/** @type {Map<string, HTMLLIElement>} */
const items = new Map();

/** @param {string} name */
const titleOf = (name) => panels.find((panel) => panel.name === name)?.title ?? name;
/** @param {string[]} one @param {string[]} other */
const same = (one, other) => one.join() === other.join();

/** @param {HTMLElement} item @param {number} step */
const stepOf = (item, step) => /** @type {HTMLButtonElement} */ (inside(item, `[data-step="${step}"]`));

function writeAddress() {
  page.panels = same(open, usual) ? null : open;
  page.address.show();
}

/**
 * Open these panels, in this order, and say so everywhere.
 * @param {string[]} names
 */
function arrange(names) {
  open = names;
  page.arrange(names);
  show();
}

function show() {
  const focused = document.activeElement;
  const shown = element(IDS.GALLERY_SHOWN);
  const hidden = element(IDS.GALLERY_HIDDEN);
  const closed = panels.map(({ name }) => name).filter((name) => !open.includes(name));
  place(shown, open);
  place(hidden, closed);
  for (const [name, item] of items) {
    const at = open.indexOf(name);
    item.draggable = at >= 0;
    inside(item, "input").checked = at >= 0;
    stepOf(item, -1).disabled = at <= 0;
    stepOf(item, 1).disabled = at < 0 || at === open.length - 1;
  }
  element("gallery-closed-title").hidden = closed.length === 0;
  element(IDS.NO_PANELS).hidden = open.length > 0;
  for (const button of all(element(IDS.GALLERY), "[data-arrangement]")) {
    button.setAttribute("aria-pressed", String(same(open, arrangements[button.dataset.arrangement])));
  }
  if (focused instanceof HTMLElement && focused !== document.activeElement) refocus(focused);
  writeAddress();
}

/**
 * A button that can go no further hands the focus to its neighbour.
 * @param {HTMLElement} control
 */
function refocus(control) {
  const able = control.matches(":disabled") ? control.parentElement?.querySelector("button:not(:disabled)") : control;
  /** @type {HTMLElement|null|undefined} */ (able ?? control.closest("li")?.querySelector("input"))?.focus();
}

/** @param {HTMLElement} list @param {string[]} names */
function place(list, names) {
  const wanted = names.flatMap((name) => items.get(name) ?? []);
  if (wanted.length !== list.children.length || wanted.some((item, index) => item !== list.children[index])) {
    list.replaceChildren(...wanted);
  }
}

/** @param {string} name */
function toggle(name) {
  const opens = !open.includes(name);
  arrange(opens ? [...open, name] : open.filter((other) => other !== name));
  announce(`${titleOf(name)} is ${opens ? "open, the last on the page" : "closed"}.`);
}

/**
 * Put an open panel where `place` is among the others.
 * @param {string} name
 * @param {number} to
 */
function move(name, to) {
  const others = open.filter((other) => other !== name);
  const place = Math.max(0, Math.min(to, others.length));
  others.splice(place, 0, name);
  if (same(others, open)) return;
  arrange(others);
  announce(`${titleOf(name)} is ${place + 1} of ${open.length}.`);
}

/** @param {string} text */
function announce(text) {
  element(IDS.GALLERY_STATUS).textContent = text;
}

/** @param {PanelEntry} panel */
function make(panel) {
  const item = document.createElement("li");
  item.className = "gallery-item";
  item.dataset.name = panel.name;
  item.innerHTML = `
    <span class="gallery-grip icon icon-grip" aria-hidden="true"></span>
    <label class="gallery-label">
      <input type="checkbox" class="form-check-input">
      <span><strong></strong><span class="gallery-purpose"></span></span>
    </label>
    <span class="gallery-steps">
      <button type="button" class="btn btn-quiet btn-icon" data-step="-1"><span class="icon icon-earlier" aria-hidden="true"></span></button>
      <button type="button" class="btn btn-quiet btn-icon" data-step="1"><span class="icon icon-later" aria-hidden="true"></span></button>
    </span>`;
  const box = inside(item, "input");
  for (const [attribute, selector, text] of [
    ["aria-labelledby", "strong", panel.title],
    ["aria-describedby", ".gallery-purpose", panel.purpose],
  ]) {
    const words = inside(item, selector);
    words.textContent = text;
    words.id = `${attribute}-${panel.name}`;
    box.setAttribute(attribute, words.id);
  }
  for (const [step, word] of [["-1", "Earlier"], ["1", "Later"]]) {
    const button = stepOf(item, Number(step));
    button.title = word;
    button.setAttribute("aria-label", `${word}: ${panel.title}`);
    button.addEventListener("click", () => move(panel.name, open.indexOf(panel.name) + Number(step)));
  }
  box.addEventListener("change", () => toggle(panel.name));
  return item;
}

/**
 * Dragging an open panel along the list.
 * @param {HTMLElement} list
 */
function startDragging(list) {
  let dragged = "";
  /** @param {Element|null} item @param {boolean} after */
  const mark = (item, after) => {
    for (const each of list.children) each.classList.remove("drop-before", "drop-after");
    item?.classList.add(after ? "drop-after" : "drop-before");
  };
  /** @param {DragEvent} event */
  const target = (event) => {
    const item = around(event, ".gallery-item");
    if (!item) return null;
    const { top, height } = item.getBoundingClientRect();
    return { item, after: event.clientY > top + height / 2 };
  };
  list.addEventListener("dragstart", (event) => {
    dragged = around(event, ".gallery-item")?.dataset.name ?? "";
    if (!event.dataTransfer) return;
    event.dataTransfer.setData(DRAGGED, dragged);
    event.dataTransfer.effectAllowed = "move";
  });
  list.addEventListener("dragover", (event) => {
    const over = dragged && target(event);
    if (!over) return;
    event.preventDefault();
    mark(over.item, over.after);
  });
  list.addEventListener("drop", (event) => {
    const over = dragged && target(event);
    if (!over) return;
    event.preventDefault();
    const others = open.filter((name) => name !== dragged);
    const at = others.indexOf(over.item.dataset.name);
    if (at >= 0) move(dragged, at + (over.after ? 1 : 0));
  });
  list.addEventListener("dragend", () => {
    dragged = "";
    mark(null, false);
  });
}

export function startGallery() {
  const dialog = /** @type {HTMLDialogElement} */ (element(IDS.GALLERY));
  panels = JSON.parse(dialog.dataset.panels);
  arrangements = JSON.parse(dialog.dataset.arrangements);
  usual = JSON.parse(dialog.dataset.usual);
  for (const panel of panels) items.set(panel.name, make(panel));
  for (const id of [IDS.GALLERY_OPEN, IDS.NO_PANELS_OPEN]) {
    element(id).addEventListener("click", () => dialog.showModal());
  }
  element(IDS.GALLERY_CLOSE).addEventListener("click", () => dialog.close());
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
    const button = around(event, "[data-arrangement]");
    if (button) arrange([...arrangements[button.dataset.arrangement]]);
  });
  startDragging(element(IDS.GALLERY_SHOWN));
  window.addEventListener("spiral-dash:arranged", ({ detail }) => {
    open = detail.names;
    show();
  });
  window.addEventListener("spiral-dash:panels", ({ detail }) => arrange([...(detail.names ?? usual)]));
}
