/**
 * Plotly's names of dashes, as the canvas wants them for a line of a given width.
 * @type {Record<string, (width: number) => number[]>}
 */
const DASHES = {
  solid: () => [],
  dash: (width) => [Math.max(9, 3 * width), Math.max(9, 3 * width)],
  dot: (width) => [Math.max(3, width), Math.max(3, width)],
  dashdot: (width) => [Math.max(9, 3 * width), Math.max(3, width), Math.max(3, width), Math.max(3, width)],
};

/** Radius of a curve of one point, that of Plotly's markers. */
const DOT = 3;

/** Dashes in the order in which curves take them. */
export const DASH_NAMES = ["solid", "dash", "dot", "dashdot"];

/**
 * The dash of a class; where its colour comes again, after ten, the dash is another.
 * @param {number} label
 */
export const dashOf = (label) => DASH_NAMES[(label + Math.floor(label / 10)) % DASH_NAMES.length];

/**
 * A line through points; a value that is not finite leaves a gap, and a single point is a dot.
 * @param {CanvasRenderingContext2D} context
 * @param {import("./frame.mjs").Area} area
 * @param {ArrayLike<number>} xs
 * @param {ArrayLike<number>} ys
 * @param {{colour: string, width?: number, dash?: string, start?: number, step?: number}} look `start`
 *   and `step` pick every so many values of `ys`
 */
export function line(context, area, xs, ys, { colour, width = 1.5, dash = "solid", start = 0, step = 1 }) {
  context.beginPath();
  if (xs.length === 1) {
    context.arc(area.x(xs[0]), area.y(ys[start]), DOT, 0, 2 * Math.PI);
    context.fillStyle = colour;
    context.fill();
    return;
  }
  let pen = false;
  for (let index = 0; index < xs.length; index++) {
    const x = area.x(xs[index]);
    const y = area.y(ys[start + index * step]);
    if (!Number.isFinite(x) || !Number.isFinite(y)) pen = false;
    else if (pen) context.lineTo(x, y);
    else {
      context.moveTo(x, y);
      pen = true;
    }
  }
  stroke(context, colour, width, dash);
}

/**
 * Draw the path that `context` holds.
 * @param {CanvasRenderingContext2D} context
 * @param {string} colour
 * @param {number} width
 */
export function stroke(context, colour, width, dash = "solid") {
  context.strokeStyle = colour;
  context.lineWidth = width;
  context.lineJoin = "round";
  context.setLineDash(DASHES[dash](width));
  context.stroke();
  context.setLineDash([]);
}
