/** One bubble for the help of dials and facts, and for the marks of the timeline: on hover, on focus, on click, gone with Escape. */
import { element, IDS } from "./ids.mjs";

const GAP = 6;
const MARGIN = 8;

/** @type {Element|null} */
let owner = null;

/** @param {HTMLElement} button @param {HTMLElement} bubble */
function place(button, bubble) {
  const from = button.getBoundingClientRect();
  const { width, height } = bubble.getBoundingClientRect();
  const below = from.bottom + GAP + height < innerHeight - MARGIN;
  const left = Math.min(Math.max(MARGIN, from.left + from.width / 2 - width / 2), innerWidth - width - MARGIN);
  bubble.style.left = `${left}px`;
  bubble.style.top = `${below ? from.bottom + GAP : from.top - GAP - height}px`;
}

/** @param {HTMLElement} button */
function show(button) {
  const bubble = element(IDS.HINT);
  owner = button;
  bubble.textContent = button.dataset.hintText ?? element(button.dataset.hint).textContent;
  bubble.hidden = false;
  place(button, bubble);
}

function hide() {
  owner = null;
  element(IDS.HINT).hidden = true;
}

/** @param {EventTarget|null} target */
const buttonAt = (target) => /** @type {HTMLElement|null} */ (target instanceof Element ? target.closest("[data-hint], [data-hint-text]") : null);

export function startHints() {
  /** @param {Event} event */
  const over = ({ target }) => {
    const button = buttonAt(target);
    if (button && button !== owner) show(button);
  };
  /** @param {PointerEvent} event */
  const out = ({ target, relatedTarget }) => {
    const button = buttonAt(target);
    if (button && button === owner && buttonAt(relatedTarget) !== button && document.activeElement !== button) hide();
  };
  document.addEventListener("pointerover", over);
  document.addEventListener("pointerout", out);
  document.addEventListener("focusin", (event) => (buttonAt(event.target) ? over(event) : owner && hide()));
  document.addEventListener("click", (event) => {
    if (buttonAt(event.target)) over(event);
    else if (owner) hide();
  });
  document.addEventListener("keydown", ({ key }) => key === "Escape" && owner && hide());
  document.addEventListener("scroll", () => owner && hide(), { capture: true, passive: true });
}
