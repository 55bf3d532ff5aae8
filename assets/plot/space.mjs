/** Three dimensions on a flat picture: what an eye far away sees, and the axes it sees them along. */
import { css } from "./colour.mjs";
import { cut, plain } from "./data.mjs";
import { extent, roundUp } from "./range.mjs";
import { stroke } from "./lines.mjs";

/**
 * @typedef {import("./frame.mjs").Area} Area
 * @typedef {import("./theme.mjs").Theme} Theme
 */

/** Angles in radians: where the eye stands at first, to the side and above. */
const AZIMUTH = -0.9;
const ELEVATION = 0.4;
/** Depths told apart, from the farthest to the nearest. */
const DEPTHS = 16;
/** Every axis is drawn as long as the longest, but none is stretched more than so many times. */
const STRETCH_MAX = 100;
/** Room around the points, as a factor. */
const ROOM = 1.04;
/** The axes in their corner: CSS pixels from its sides, and their length. */
const CORNER = 38;
const LENGTH = 24;
const LABEL_SIZE = 10;

/** @param {[number, number]} values */
const middle = ([low, high]) => (low <= high ? (low + high) / 2 : 0);

/** An orthographic view of a cloud of points, which can be turned. */
export class View3D {
  constructor() {
    this.azimuth = AZIMUTH;
    this.elevation = ELEVATION;
    this.centre = [0, 0, 0];
    /** By how much each axis is stretched. */
    this.stretch = [1, 1, 1];
    /** Half of what the picture holds at least, each way, however the view is turned. */
    this.reach = 1;
  }

  reset() {
    this.azimuth = AZIMUTH;
    this.elevation = ELEVATION;
  }

  /**
   * Turn by angles in radians; no farther than straight from above or below.
   * @param {number} across
   * @param {number} up
   */
  turn(across, up) {
    this.azimuth -= across;
    this.elevation = Math.max(-Math.PI / 2, Math.min(Math.PI / 2, this.elevation + up));
  }

  /** Directions of the picture in space: to its right, up, and out of it. */
  get directions() {
    const [cosA, sinA] = [Math.cos(this.azimuth), Math.sin(this.azimuth)];
    const [cosE, sinE] = [Math.cos(this.elevation), Math.sin(this.elevation)];
    return [
      [-sinA, cosA, 0],
      [-sinE * cosA, -sinE * sinA, cosE],
      [cosE * cosA, cosE * sinA, sinE],
    ];
  }

  /**
   * Look at points (N, 3), from the middle of the box that holds them.
   * @param {ArrayLike<number>} points
   */
  look(points) {
    const sides = [0, 1, 2].map((axis) => extent(points, axis, 3));
    const lengths = sides.map(([low, high]) => Math.max(high - low, 0));
    const longest = Math.max(...lengths);
    this.centre = sides.map(middle);
    this.stretch = lengths.map((length) => (length > 0 ? Math.min(longest / length, STRETCH_MAX) : 1));
    const [a, b, c] = this.centre;
    const [d, e, f] = this.stretch;
    let farthest = 0;
    for (let at = 0; at < points.length; at += 3) {
      const square = (d * (points[at] - a)) ** 2 + (e * (points[at + 1] - b)) ** 2 + (f * (points[at + 2] - c)) ** 2;
      farthest = Math.max(farthest, square);
    }
    this.reach = roundUp(ROOM * Math.sqrt(farthest));
  }

  /**
   * Points (N, 3) as positions of the picture, x and y by turns, and how near each is to the eye.
   * @param {ArrayLike<number>} points
   */
  project(points) {
    const [right, up, out] = this.directions;
    const [a, b, c] = this.centre;
    const [d, e, f] = this.stretch;
    const count = points.length / 3;
    const positions = new Float32Array(2 * count);
    const nearness = new Float32Array(count);
    for (let index = 0; index < count; index++) {
      const x = d * (points[3 * index] - a);
      const y = e * (points[3 * index + 1] - b);
      const z = f * (points[3 * index + 2] - c);
      positions[2 * index] = right[0] * x + right[1] * y + right[2] * z;
      positions[2 * index + 1] = up[0] * x + up[1] * y + up[2] * z;
      nearness[index] = out[0] * x + out[1] * y + out[2] * z;
    }
    return { positions, nearness };
  }
}

/**
 * The points from the farthest to the nearest, as far as `DEPTHS` tell them apart.
 * @param {Float32Array} nearness
 * @returns {Uint32Array} indices of the points
 */
export function byDepth(nearness) {
  const [low, high] = extent(nearness);
  const rate = DEPTHS / (high - low || 1);
  const depth = Uint8Array.from(nearness, (value) => Math.min(Math.floor((value - low) * rate), DEPTHS - 1));
  const starts = new Uint32Array(DEPTHS + 1);
  for (const step of depth) starts[step + 1] += 1;
  for (let step = 0; step < DEPTHS; step++) starts[step + 1] += starts[step];
  const order = new Uint32Array(depth.length);
  depth.forEach((step, index) => {
    order[starts[step]++] = index;
  });
  return order;
}

/**
 * Ends of the axes in their corner, CSS pixels right and down from where they meet.
 * @param {View3D} view
 */
function ends(view) {
  const [right, up] = view.directions;
  return [0, 1, 2].map((axis) => [LENGTH * right[axis], -LENGTH * up[axis]]);
}

/**
 * The three axes in the lower left corner, on the canvas.
 * @param {CanvasRenderingContext2D} context
 * @param {Area} area
 * @param {View3D} view
 * @param {string[]} names
 * @param {Theme} theme
 */
export function drawAxes(context, area, view, names, theme) {
  const [left, top] = [area.left + CORNER, area.top + area.height - CORNER];
  context.beginPath();
  for (const [x, y] of ends(view)) {
    context.moveTo(left, top);
    context.lineTo(left + x, top + y);
  }
  stroke(context, css(theme.muted), 1.2);
  context.font = `${LABEL_SIZE}px ${theme.font}`;
  context.fillStyle = css(theme.ink);
  context.textAlign = "center";
  context.textBaseline = "middle";
  ends(view).forEach(([x, y], axis) => context.fillText(cut(names[axis]), left + 1.4 * x, top + 1.4 * y));
}

/**
 * The same as parts of a Plotly layout.
 * @param {View3D} view
 * @param {string[]} names
 * @param {Theme} theme
 */
export function axesAnnotations(view, names, theme) {
  const corner = { xref: "paper", yref: "paper", x: 0, y: 0, xshift: CORNER, yshift: CORNER };
  return ends(view).flatMap(([x, y], axis) => [
    { ...corner, text: "", ax: x, ay: y, arrowhead: 0, arrowwidth: 1.2, arrowcolor: css(theme.muted) },
    {
      ...corner,
      xshift: CORNER + 1.4 * x,
      yshift: CORNER - 1.4 * y,
      text: plain(cut(names[axis])),
      showarrow: false,
      font: { size: LABEL_SIZE, color: css(theme.ink) },
    },
  ]);
}
