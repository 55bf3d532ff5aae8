/** Single keys for the transport, and the list of them. */
import { element, IDS } from "./ids.mjs";

/** Elements that make something of every key that is typed into them. */
const TYPING = "input:not([type=range]):not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]";
const PRESSABLE = "button, a[href], summary, input[type=checkbox], input[type=radio], [role=button], [role=tab], [role=option], [role=combobox]";

/** @param {string} id */
const press = (id) => () => element(id).click();

/** @param {number} step */
const scrub = (step) => () =>
  element(IDS.TIMELINE).dispatchEvent(new CustomEvent("scrub", { detail: { step } }));

/** @type {Record<string, () => void>} */
const KEYS = {
  " ": press(IDS.PLAY),
  s: press(IDS.STEP),
  b: press(IDS.STEP_BATCH),
  r: press(IDS.RESET),
  n: press(IDS.NEW_SEED),
  l: press(IDS.LIVE),
  d: press(IDS.DIALS_TOGGLE),
  g: press(IDS.GALLERY_OPEN),
  p: press(IDS.PRESETS_OPEN),
  c: press(IDS.COMPARE_OPEN),
  j: press(IDS.NOTEBOOK_OPEN),
  t: press(IDS.THEME),
  "?": press(IDS.KEYBOARD_OPEN),
  ArrowLeft: scrub(-1),
  ArrowRight: scrub(1),
};

/** The list that was clicked last: the space bar is not meant for it. @type {Element|null} */
let clicked = null;

/**
 * Whether the element under the focus has a use of its own for the key.
 * @param {Element} target
 * @param {string} key
 */
function taken(target, key) {
  if (key === " " && target === clicked) return false;
  if (target.closest(TYPING) || target.closest("dialog, [role=dialog]")) return true;
  if (key.startsWith("Arrow")) return Boolean(target.closest("input, [role=slider], [role=tab], [role=radio]"));
  // A button that was clicked keeps the focus; only one reached with the keyboard is meant.
  return key === " " && Boolean(target.closest(PRESSABLE)?.matches(":focus-visible"));
}

/**
 * The element that a key was meant for: a dialog that closes keeps the focus until the next picture, unseen.
 * @param {KeyboardEvent} event
 */
const meant = ({ target }) => (target instanceof Element && target.checkVisibility() ? target : document.body);

export function startKeyboard() {
  document.addEventListener("pointerdown", ({ target }) => (clicked = /** @type {Element} */ (target).closest("select:not(dialog *)")), true);
  document.addEventListener("focusout", ({ target }) => clicked === target && (clicked = null));
  const on = /** @type {HTMLInputElement} */ (element(IDS.KEYBOARD_SWITCH));
  document.addEventListener("keydown", (event) => {
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const act = KEYS[key];
    if (!act || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    const target = meant(event);
    if (!on.checked || taken(target, key) || (event.repeat && !key.startsWith("Arrow"))) return;
    event.preventDefault();
    act();
  });
  // The click that a focused button makes of the space bar comes with the key's release.
  document.addEventListener("keyup", (event) => {
    if (event.key !== " " || !on.checked) return;
    const target = meant(event);
    if (target.closest(PRESSABLE) && !taken(target, " ")) event.preventDefault();
  });
  const dialog = /** @type {HTMLDialogElement} */ (element(IDS.KEYBOARD));
  element(IDS.KEYBOARD_OPEN).addEventListener("click", () => dialog.showModal());
  element(IDS.KEYBOARD_CLOSE).addEventListener("click", () => dialog.close());
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
  });
}
