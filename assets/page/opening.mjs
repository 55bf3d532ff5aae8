/**
 * The first picture: the plane and its points, painted while Dash and Plotly are still on their way.
 * It gives way to the boundary's panel as soon as that has painted.
 */
import { Plane, PLANE } from "../plot/plane.mjs";
import { IDS } from "../shell/ids.mjs";
import { keyed } from "../stream/parts.mjs";

/**
 * @typedef {import("../plot/theme.mjs").Theme} Theme
 * @typedef {import("../stream/state.mjs").State} State
 */

const PANEL = "boundary";
/** Heard by the page's later scripts, which wait for it. */
const FIRST_PICTURE = "spiral-dash:first-picture";

export class Opening {
  constructor() {
    this.plane = new Plane();
    this.part = keyed(PLANE);
    this.over = false;
    this.painted = false;
  }

  /** What is measured for it. */
  get parts() {
    return this.over ? [] : [this.part];
  }

  /**
   * @param {State} state
   * @param {Theme} theme
   */
  paint(state, theme) {
    const { geometry, pointsSerial } = state;
    const points = /** @type {import("../stream/state.mjs").Points} */ (state.points);
    const grid = state.parts.get(this.part.key)?.arrays;
    if (this.over || !points?.train || !grid?.x1) return;
    const canvas = /** @type {HTMLCanvasElement|null} */ (document.getElementById(IDS.OPENING));
    if (!canvas) return this.end();
    const area = areaOf(canvas, geometry);
    const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
    context.setTransform(area.scale, 0, 0, area.scale, 0, 0);
    const shown = { options: {}, geometry, points, pointsSerial, theme };
    this.plane.paintClasses(context, area, grid, shown);
    this.plane.paintPoints(context, area, shown);
    if (this.painted) return;
    this.painted = true;
    performance.mark(FIRST_PICTURE);
    window.dispatchEvent(new Event(FIRST_PICTURE));
  }

  /**
   * Without a session, or among other panels, there is nothing to paint.
   * @param {import("../run/run.mjs").Opened} opened
   */
  expect({ token, page: { panels } }) {
    if (token === null || (panels && !panels.includes(PANEL))) this.end();
  }

  /**
   * The panels have been painted.
   * @param {import("./panel.mjs").Panel[]} panels
   */
  follow(panels) {
    if (!this.over && panels.some((panel) => panel.name === PANEL && panel.isDrawn)) this.end();
  }

  end() {
    this.over = true;
    document.getElementById(IDS.OPENING)?.remove();
    window.dispatchEvent(new Event(FIRST_PICTURE));
  }
}

/**
 * The canvas as a pair of equal axes that hold every point.
 * @param {HTMLCanvasElement} canvas
 * @param {import("../stream/state.mjs").Geometry} geometry
 * @returns {import("../plot/frame.mjs").Area}
 */
function areaOf(canvas, { centre: [x1, x2], extent: half }) {
  const scale = window.devicePixelRatio;
  const { clientWidth: width, clientHeight: height } = canvas;
  canvas.width = Math.ceil(width * scale);
  canvas.height = Math.ceil(height * scale);
  const rate = Math.min(width, height) / (2 * half);
  const [ax, bx] = [rate, width / 2 - rate * x1];
  const [ay, by] = [-rate, height / 2 + rate * x2];
  return { left: 0, top: 0, width, height, scale, ax, bx, ay, by, x: (value) => ax * value + bx, y: (value) => ay * value + by };
}
