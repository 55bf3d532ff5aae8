/** Drawing on a panel of the data plane: the pen, its tools, and what is drawn but not yet shown. */
import { css } from "../plot/colour.mjs";
import { classChoices } from "../plot/data.mjs";
import { inside } from "../shell/elements.mjs";
import { Pen } from "./pen.mjs";
import { Sheet } from "./sheet.mjs";

/**
 * @typedef {import("../page/panel.mjs").View} View
 * @typedef {import("../plot/data.mjs").Data} Data
 * @typedef {import("../plot/frame.mjs").Area} Area
 * @typedef {import("../plot/theme.mjs").Theme} Theme
 * @typedef {import("../stream/state.mjs").Points} Points
 */

const RADIUS = 3;
/** The session takes no more classes. */
const CLASSES_MAX = 26;
/** Where the points fill less than this share of the picture, it comes nearer. */
const LEAST = 0.25;

/**
 * What a panel offers to draw with: its classes, and a new one.
 * @param {Data} geometry
 */
export function penChoices(geometry) {
  const known = classChoices(geometry);
  const { classes } = geometry;
  return classes < CLASSES_MAX ? [...known, { label: "a new class", value: "new" }] : known;
}

/**
 * Whether a window of the plane holds every point.
 * @param {Window} values
 * @param {Points} points
 */
function holds({ centre, extent }, { train, test }) {
  /** @param {number} value @param {number} index */
  const isWithin = (value, index) => Math.abs(value - centre[index % 2]) <= extent;
  return train.data.every(isWithin) && test.data.every(isWithin);
}

/** @typedef {{centre: number[], extent: number}} Window of the plane */

export class Drawing {
  /** @param {import("../page/panel.mjs").Panel} panel @param {import("../plot/frame.mjs").Frame} frame */
  constructor(panel, frame) {
    this.panel = panel;
    this.frame = frame;
    /** @type {Window} */
    this.looked = { centre: [0, 0], extent: 1 };
    this.classes = 0;
    this.isSet = false;
    this.dressed = "";
    this.lookedAt = 0;
    this.sheet = new Sheet((stroke) => panel.run.command({ do: "draw", ...stroke }));
    this.pen = new Pen(frame, {
      active: () => Boolean(panel.options?.draw) && panel.view !== null,
      erases: () => panel.options?.tool === "erase",
      label: () => this.#label(),
      window: () => this.looked,
      draw: (stroke, change) => {
        this.sheet.draw(stroke, change);
        this.#repaint();
      },
      undo: () => this.undo(),
      repaint: () => this.#repaint(),
    });
    this.undoButton = /** @type {HTMLButtonElement} */ (inside(panel.card, '[data-action="undraw"]'));
    this.undoButton.addEventListener("click", () => this.undo());
    inside(panel.card, '[data-action="clear-points"]').addEventListener("click", () => this.clear());
  }

  #label() {
    const { pen } = this.panel.options ?? {};
    const { classes } = /** @type {View} */ (this.panel.view).geometry;
    return pen === "new" ? classes : Math.min(Number(pen) || 0, classes - 1);
  }

  #repaint() {
    this.frame.inputs = "";
    this.frame.repaint();
  }

  undo() {
    this.panel.run.command({ do: "undraw" });
  }

  /** Erase all there is, but for a point of two classes. */
  clear() {
    const { centre, extent } = /** @type {View} */ (this.panel.view).geometry;
    this.sheet.draw(Date.now(), { erase: [centre], radius: 1e3 * extent });
  }

  /**
   * The part of the plane to look at. While it is drawn on, it stays where it is as long as it holds
   * the points: a picture that moves under the pen could not be drawn on.
   * @param {View} view
   */
  window({ options, geometry, points, pointsSerial }) {
    const { centre, extent } = geometry;
    const now = this.looked;
    const same = pointsSerial === this.lookedAt;
    const stays = options.draw && this.isSet && (same || (extent > LEAST * now.extent && holds(now, points)));
    if (!stays) this.looked = { centre, extent };
    this.isSet = true;
    this.lookedAt = pointsSerial;
    return this.looked;
  }

  /**
   * Take in a new picture's data, and show which tools there are.
   * @param {View} view
   */
  dress({ options, status, geometry, pointsSerial }) {
    // Frames come many times a second, and this changes seldom.
    const dressed = [options.draw, options.pen, Boolean(status.strokes), pointsSerial].join();
    if (dressed === this.dressed) return;
    this.dressed = dressed;
    const { card } = this.panel;
    card.toggleAttribute("data-drawing", Boolean(options.draw));
    this.undoButton.disabled = !status.strokes;
    this.sheet.arrived(pointsSerial);
    const { wrapper } = this.frame;
    wrapper.style.touchAction = options.draw ? "none" : "";
    if (options.draw) wrapper.tabIndex = 0;
    else wrapper.removeAttribute("tabindex");
    // A class that was new a moment ago is chosen from now on.
    if (options.pen === "new" && geometry.classes > this.classes) this.panel.setOptions({ pen: String(geometry.classes - 1) });
    this.classes = geometry.classes;
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {Area} area
   * @param {Theme} theme
   */
  paint(context, area, theme) {
    for (const [x, y, label] of this.sheet.fresh) {
      context.beginPath();
      context.arc(area.x(x), area.y(y), RADIUS, 0, 2 * Math.PI);
      context.fillStyle = css(theme.classes[label % theme.classes.length]);
      context.fill();
    }
    this.pen.paint(context, area, css(theme.ink));
  }
}
