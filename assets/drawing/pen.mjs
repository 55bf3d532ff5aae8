/**
 * Drawing points by hand on a picture of the data plane: where the pen goes, and what it leaves.
 *
 * A click leaves one point, a drag sprays them; the eraser takes what it passes over. With the
 * keyboard, arrows move a cross, Enter leaves a point or erases.
 */

/** @typedef {import("../plot/frame.mjs").Area} Area */

/** The spray's and the eraser's radius, as a share of the window's half side. */
const REACH = 0.06;
/** A drag leaves a point for each so many pixels. */
const SPACING = 7;
/** The cross moves by this share of the window's half side, ten times as far with Shift held. */
const NUDGE = 0.02;
const FAR = 5;
/** @type {Record<string, number[]>} */
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

/**
 * @typedef {object} Hand what the pen asks of the panel it draws on
 * @property {() => boolean} active whether it draws at all
 * @property {() => boolean} erases
 * @property {() => number} label the class of the points it leaves
 * @property {() => {centre: number[], extent: number}} window
 * @property {(stroke: number, change: Partial<Omit<import("./sheet.mjs").Message, "stroke">>) => void} draw
 * @property {() => void} undo
 * @property {() => void} repaint
 */

/** The pen on one graph. */
export class Pen {
  /**
   * @param {import("../plot/frame.mjs").Frame} frame
   * @param {Hand} hand
   */
  constructor(frame, hand) {
    this.frame = frame;
    this.hand = hand;
    this.stroke = 0;
    /** @type {{x: number, y: number, across: number, down: number}|null} where a drag was last */
    this.held = null;
    /** @type {[number, number]|null} where the pen hovers, or the cross stands */
    this.place = null;
    this.byKeys = false;
    const { wrapper } = frame;
    wrapper.addEventListener("pointerdown", (event) => this.#press(event), true);
    wrapper.addEventListener("pointermove", (event) => this.#move(event));
    for (const end of ["pointerup", "pointercancel"]) wrapper.addEventListener(end, () => (this.held = null));
    wrapper.addEventListener("pointerleave", () => this.#hover(null));
    wrapper.addEventListener("keydown", (event) => this.#key(event));
  }

  /** Radius of spray and eraser, in plane units. */
  get radius() {
    return REACH * this.hand.window().extent;
  }

  /** @param {PointerEvent} event */
  #press(event) {
    if (!this.hand.active() || event.button !== 0 || !/** @type {Element} */ (event.target).closest(".draglayer")) return;
    const place = this.frame.placeOf(event);
    if (!place) return;
    // Plotly would begin to zoom.
    event.preventDefault();
    event.stopPropagation();
    const { wrapper } = this.frame;
    wrapper.focus({ preventScroll: true });
    wrapper.setPointerCapture(event.pointerId);
    this.byKeys = false;
    this.#begin();
    this.held = { x: place[0], y: place[1], across: event.clientX, down: event.clientY };
    this.#leave([place]);
  }

  #begin() {
    // Grows from stroke to stroke, in another tab as well.
    this.stroke = Math.max(Date.now(), this.stroke + 1);
  }

  /** @param {PointerEvent} event */
  #move(event) {
    if (!this.hand.active()) return;
    const place = this.frame.placeOf(event);
    this.#hover(place);
    const { held } = this;
    if (!held || !place) return;
    const far = Math.hypot(event.clientX - held.across, event.clientY - held.down);
    const steps = Math.floor(far / SPACING);
    if (steps === 0) return;
    const passed = Array.from({ length: steps }, (_, step) => {
      const share = (step + 1) / steps;
      return /** @type {[number, number]} */ ([held.x + share * (place[0] - held.x), held.y + share * (place[1] - held.y)]);
    });
    this.held = { x: place[0], y: place[1], across: event.clientX, down: event.clientY };
    this.#leave(this.hand.erases() ? passed : passed.map((each) => this.#sprayed(each)));
  }

  /**
   * A place drawn evenly from the disc about another one.
   * @param {number[]} values
   * @returns {[number, number]}
   */
  #sprayed([x, y]) {
    const far = this.radius * Math.sqrt(Math.random());
    const angle = 2 * Math.PI * Math.random();
    return [x + far * Math.cos(angle), y + far * Math.sin(angle)];
  }

  /** @param {[number, number][]} places */
  #leave(places) {
    /** @type {Parameters<Hand["draw"]>[1]} */
    const change = this.hand.erases()
      ? { erase: places, radius: this.radius }
      : { add: places.map(([x, y]) => [x, y, this.hand.label()]) };
    this.hand.draw(this.stroke, change);
  }

  /** @param {[number, number]|null} place */
  #hover(place) {
    if (place === null && this.byKeys) return;
    this.place = place;
    this.hand.repaint();
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (!this.hand.active() || event.target !== this.frame.wrapper) return;
    const { centre, extent } = this.hand.window();
    const direction = ARROWS[event.key];
    const undoes = event.key.toLowerCase() === "z" && (event.ctrlKey || event.metaKey);
    if (!direction && !undoes && event.key !== "Enter") return;
    // The page itself goes through the epochs with the arrows.
    event.preventDefault();
    event.stopPropagation();
    if (undoes) return this.hand.undo();
    this.byKeys = true;
    this.place ??= [centre[0], centre[1]];
    if (direction) {
      const step = NUDGE * extent * (event.shiftKey ? FAR : 1);
      this.place = /** @type {[number, number]} */ (
        this.place.map((value, axis) => clamp(value + step * direction[axis], centre[axis] - extent, centre[axis] + extent))
      );
    } else {
      this.#begin();
      this.#leave([this.place]);
    }
    this.hand.repaint();
  }

  /**
   * Show where the pen is. @param {CanvasRenderingContext2D} context
   * @param {Area} area
   * @param {string} colour
   */
  paint(context, area, colour) {
    if (!this.place || !this.hand.active()) return;
    const [x, y] = [area.x(this.place[0]), area.y(this.place[1])];
    context.strokeStyle = colour;
    context.lineWidth = 1.5;
    context.beginPath();
    if (this.hand.erases() || !this.byKeys) {
      context.arc(x, y, Math.abs(area.x(this.place[0] + this.radius) - x), 0, 2 * Math.PI);
    }
    if (this.byKeys) {
      context.moveTo(x - 7, y);
      context.lineTo(x + 7, y);
      context.moveTo(x, y - 7);
      context.lineTo(x, y + 7);
    }
    context.stroke();
  }
}

/** @param {number} value @param {number} low @param {number} high */
const clamp = (value, low, high) => Math.min(Math.max(value, low), high);
