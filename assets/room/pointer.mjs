/** The presenter points at a place of a panel, and everyone sees where. */
import { IDS } from "../shell/ids.mjs";
import { make } from "../shell/making.mjs";

/** @typedef {{panel: string, x: number, y: number}} Place of a panel, "" for none; both from 0 to 1 */

/** Milliseconds between two places that are told. */
const EVERY_MS = 80;
const NOWHERE = { panel: "", x: 0, y: 0 };

/** What tells the places at which a pointer is, while it is on. */
export class Pointing {
  /** @param {(place: Place) => void} say */
  constructor(say) {
    this.say = say;
    this.on = false;
    /** @type {Place} */
    this.place = NOWHERE;
    this.timer = 0;
    this.move = (/** @type {PointerEvent} */ event) => this.#moved(event);
  }

  toggle() {
    this.on = !this.on;
    if (this.on) document.addEventListener("pointermove", this.move, { passive: true });
    else this.stop();
  }

  stop() {
    this.on = false;
    document.removeEventListener("pointermove", this.move);
    this.#tell(NOWHERE);
  }

  /** @param {PointerEvent} event */
  #moved({ target, clientX, clientY }) {
    const card = target instanceof Element ? target.closest("[data-panel]") : null;
    if (!card) return this.#tell(NOWHERE);
    const { left, top, width, height } = card.getBoundingClientRect();
    const within = (/** @type {number} */ share) => Math.min(1, Math.max(0, share));
    const panel = /** @type {HTMLElement} */ (card).dataset.panel;
    this.#tell({ panel, x: within((clientX - left) / width), y: within((clientY - top) / height) });
  }

  /** @param {Place} place */
  #tell(place) {
    if (place.panel === "" && this.place.panel === "") return;
    this.place = place;
    this.timer ||= setTimeout(() => {
      this.timer = 0;
      this.say(this.place);
    }, EVERY_MS);
  }
}

/** @type {HTMLElement|null} */
let ring = null;

/** Show where the presenter points. @param {Place} place */
export function showPointer({ panel, x, y }) {
  const cards = document.getElementById(IDS.PANELS);
  const card = panel && cards ? /** @type {HTMLElement|null} */ (cards.querySelector(`[data-panel="${CSS.escape(panel)}"]`)) : null;
  if (!card || card.hidden || card.getClientRects().length === 0) return hidePointer();
  if (!ring) {
    ring = make("div", { className: "room-pointer", "aria-hidden": "true" });
    document.body.append(ring);
    // It is at a place of the panel, and not of the screen.
    window.addEventListener("scroll", hidePointer, { capture: true, passive: true });
  }
  const { left, top, width, height } = card.getBoundingClientRect();
  ring.style.left = `${left + x * width}px`;
  ring.style.top = `${top + y * height}px`;
  ring.hidden = false;
}

export function hidePointer() {
  if (ring) ring.hidden = true;
}
