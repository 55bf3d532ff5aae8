/** The proof itself: the quadtree's squares, and the points that it found to be weakest. */
import { css } from "../plot/colour.mjs";
import { testWord } from "../plot/data.mjs";
import { stroke } from "../plot/lines.mjs";
import { radiusText, weakest } from "./radii.mjs";

/** @typedef {import("../plot/data.mjs").Data} Data */

/** @typedef {import("../page/panel.mjs").View} View */

/**
 * @typedef {import("../page/panel.mjs").Arrays} Arrays
 * @typedef {import("../page/panel.mjs").Options} Options
 * @typedef {import("../plot/frame.mjs").Area} Area
 * @typedef {import("../plot/theme.mjs").Theme} Theme
 * @typedef {import("../stream/safetensors.mjs").Tensor} Tensor
 */

/**
 * @typedef {CanvasRenderingContext2D|OffscreenCanvasRenderingContext2D} Context
 * @typedef {(value: number) => number} Place of a coordinate, in pixels
 */

const RING = 6.5;
const HATCH = 5;
/** Pixels along the longer side of the picture that Plotly is given. */
const PICTURE = 1500;

/** @type {WeakMap<object, Set<number>>} found once for each proof */
const undecided = new WeakMap();

/**
 * The open squares on which a point's radius still depends; the others hold the boundary, or no
 * point came so far that it mattered what they hold.
 * @param {Arrays} exact
 * @param {ArrayLike<number>} points x1 and x2 by turns
 * @param {string} norm
 */
export function undecidedSquares(exact, points, norm) {
  const known = undecided.get(exact);
  if (known) return known;
  const { boxes: { data: boxes }, verdict, epsilons, radius_lower: { data: lowers }, radius_upper: { data: uppers } } = exact;
  const reach = epsilons.data.at(-1) ?? 0;
  const steps = Array.from(epsilons.data);
  const open = [...verdict.data.keys()].filter((row) => verdict.data[row] < 0);
  const found = new Set();
  lowers.forEach((/** @type {number} */ lower, /** @type {number} */ index) => {
    const upper = Math.min(uppers[index], reach);
    // Decided at every step: what is left between two of them is not asked for.
    if (!steps.some((step) => step > lower * (1 + 1e-6) && step <= upper * (1 - 1e-6))) return;
    const [x, y] = [points[2 * index], points[2 * index + 1]];
    for (const row of open) {
      const across = Math.max(boxes[4 * row] - x, 0, x - boxes[4 * row + 1]);
      const up = Math.max(boxes[4 * row + 2] - y, 0, y - boxes[4 * row + 3]);
      if ((norm === "l2" ? Math.hypot(across, up) : Math.max(across, up)) <= upper) found.add(row);
    }
  });
  undecided.set(exact, found);
  return found;
}

/**
 * Which squares are drawn how: one entry a class, then the undecided, then those not needed.
 * @param {Arrays} arrays
 * @param {number} classes
 * @param {Set<number>} needed
 */
function sorted({ boxes, verdict }, classes, needed) {
  /** @type {number[][]} */
  const kinds = Array.from({ length: classes + 2 }, () => []);
  verdict.data.forEach((proved, index) => kinds[proved >= 0 ? proved : needed.has(index) ? classes : classes + 1].push(index));
  return kinds.map((rows) => rows.map((row) => boxes.data.subarray(4 * row, 4 * row + 4)));
}

/** @param {Context} context @param {Arrays} exact @param {Set<number>} needed @param {Theme} theme @param {Place} x @param {Place} y */
function draw(context, exact, needed, theme, x, y) {
  const kinds = sorted(exact, theme.classes.length, needed);
  kinds.forEach((squares, kind) => {
    const isOpen = kind >= theme.classes.length;
    const isNeeded = kind === theme.classes.length;
    const colour = isOpen ? theme.ink : theme.classes[kind];
    context.beginPath();
    for (const [left, right, bottom, top] of squares) context.rect(x(left), y(top), x(right) - x(left), y(bottom) - y(top));
    context.fillStyle = isNeeded ? hatching(context, css(theme.ink, 0.55)) : css(colour, isOpen ? 0 : 0.12);
    context.fill();
    context.lineWidth = 0.7;
    context.strokeStyle = css(colour, isNeeded ? 0.6 : isOpen ? 0.28 : 0.75);
    context.stroke();
  });
}

/** @param {Context} context @param {string} colour */
function hatching(context, colour) {
  const tile = new OffscreenCanvas(HATCH, HATCH);
  const brush = /** @type {OffscreenCanvasRenderingContext2D} */ (tile.getContext("2d"));
  brush.strokeStyle = colour;
  brush.lineWidth = 0.9;
  for (const from of [-HATCH, 0, HATCH]) {
    brush.moveTo(from, HATCH);
    brush.lineTo(from + HATCH, 0);
  }
  brush.stroke();
  return context.createPattern(tile, "repeat") ?? colour;
}

/** The squares on a canvas of their own, drawn again only when they or the axes change. */
export class SquaresLayer {
  constructor() {
    this.canvas = new OffscreenCanvas(1, 1);
    this.key = "";
    this.exact = null;
  }

  /**
   * Lay the squares over `context`.
   * @param {CanvasRenderingContext2D} context
   * @param {Area} area
   * @param {Arrays} exact
   * @param {Set<number>} needed
   * @param {Theme} theme
   */
  paint(context, area, exact, needed, theme) {
    const { left, top, width, height, scale } = area;
    const key = JSON.stringify([theme.key, area]);
    if (key !== this.key || exact !== this.exact) {
      this.key = key;
      this.exact = exact;
      this.canvas.width = Math.ceil(width * scale);
      this.canvas.height = Math.ceil(height * scale);
      const own = /** @type {OffscreenCanvasRenderingContext2D} */ (this.canvas.getContext("2d"));
      own.scale(scale, scale);
      draw(own, exact, needed, theme, (value) => area.x(value) - left, (value) => area.y(value) - top);
    }
    context.drawImage(this.canvas, left, top, this.canvas.width / scale, this.canvas.height / scale);
  }
}

/**
 * The squares as an image of a Plotly layout.
 * @param {Arrays} exact
 * @param {Set<number>} needed
 * @param {Theme} theme
 */
export function squaresImage(exact, needed, theme) {
  const { data } = exact.boxes;
  if (data.length === 0) return [];
  const [left, right, bottom, top] = [0, 1, 2, 3].map((side) => {
    const ends = Array.from({ length: data.length / 4 }, (_, row) => data[4 * row + side]);
    return ends.reduce(side % 2 === 0 ? (a, b) => Math.min(a, b) : (a, b) => Math.max(a, b));
  });
  const scale = PICTURE / Math.max(right - left, top - bottom);
  const canvas = document.createElement("canvas");
  canvas.width = Math.ceil((right - left) * scale);
  canvas.height = Math.ceil((top - bottom) * scale);
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  context.scale(2, 2);
  draw(context, exact, needed, theme, (x) => ((x - left) * scale) / 2, (y) => ((top - y) * scale) / 2);
  const place = { x: left, y: top, sizex: right - left, sizey: top - bottom };
  return [{ source: canvas.toDataURL(), xref: "x", yref: "y", ...place, sizing: "stretch", layer: "below" }];
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Area} area
 * @param {Arrays} exact
 * @param {Tensor} tensor
 * @param {Theme} theme
 */
export function paintRings(context, area, exact, { data }, theme) {
  for (const index of weakest(exact)) {
    context.beginPath();
    context.arc(area.x(data[2 * index]), area.y(data[2 * index + 1]), RING, 0, 2 * Math.PI);
    stroke(context, css(theme.ink), 1.5);
  }
}

/** @param {Arrays|undefined} exact @param {Tensor|null} test @param {View["geometry"]} geometry @param {Theme} theme */
export function ringTrace(exact, test, geometry, theme) {
  const weak = exact && test ? weakest(exact).map((index) => ({ index, at: test.data.subarray(2 * index, 2 * index + 2), radius: radiusText(exact.radius_lower.data[index], exact.radius_upper.data[index]) })) : [];
  return {
    type: "scatter",
    mode: "markers",
    name: "weakest",
    showlegend: false,
    x: weak.map(({ at }) => at[0]),
    y: weak.map(({ at }) => at[1]),
    customdata: weak.map(({ index, radius }) => [index, radius]),
    marker: { symbol: "circle-open", size: 2 * RING, color: css(theme.ink), line: { width: 1.5 } },
    hovertemplate: `${testWord(geometry)} point %{customdata[0]}<br>exact radius %{customdata[1]}<extra></extra>`,
  };
}

/**
 * What the squares and rings show, in words.
 * @param {Arrays|undefined} exact
 * @param {Options} options
 * @param {string} behind
 * @param {Data} geometry
 * @param {Set<number>} needed
 */
export function proofNote(exact, { weakest: withRings, proof }, geometry, behind, needed) {
  if (!exact) return "The proof is under way …";
  if (exact.boxes.shape[0] === 0) return `There is nothing to prove: no ${testWord(geometry)} point is classified correctly.`;
  const sentences = [];
  if (withRings) {
    const ringed = weakest(exact);
    const least = Math.min(...ringed.map((index) => exact.radius_lower.data[index]));
    const most = Math.max(...ringed.map((index) => exact.radius_upper.data[index]));
    const what = ringed.length > 0 ? `exact radius ${radiusText(least, most)}` : "none, the proof ended before a radius was known";
    sentences.push(`Ringed: ${what}${behind}.`);
  }
  if (proof) {
    const open = Array.from(exact.verdict.data).filter((verdict) => verdict < 0).length;
    const hatched = needed.size > 0 ? `, ${needed.size} undecided (hatched)` : ", none undecided";
    sentences.push(`${exact.verdict.data.length} squares: ${exact.verdict.data.length - open} of one class, ${open - needed.size} not needed or on the boundary (empty)${hatched}${behind}.`);
  }
  return sentences.join(" ");
}
