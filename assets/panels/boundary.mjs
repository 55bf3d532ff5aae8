/** Which class the network gives every place of the data plane, how surely, and the points. */
import { certainty, css, plotlyScale } from "../plot/colour.mjs";
import { classCalled, classEntry, cut, coordinateHover, placeHover, plain, sliceNote, usualEpsilon, usualReach } from "../plot/data.mjs";
import { PLOTLY_POINTS_MAX, plotlyMarker, rowsOf } from "../plot/classes.mjs";
import { Drawing, penChoices } from "../drawing/drawing.mjs";
import { barTrace, thinned } from "../plot/figure.mjs";
import { line } from "../plot/lines.mjs";
import { colour, Plane, PLANE, pointSets } from "../plot/plane.mjs";
import { proofPart, typed } from "../robustness/asked.mjs";
import { METHODS } from "../robustness/attacks.mjs";
import { examplesPart, linesOf, nearest, paintPoint, pointNote, pointTraces as attackTraces } from "../robustness/point.mjs";
import { paintRings, proofNote, ringTrace, squaresImage, SquaresLayer, undecidedSquares } from "../robustness/squares.mjs";
import { lookAt } from "../plot/range.mjs";
import { listed } from "../plot/words.mjs";

/**
 * @typedef {import("../plot/data.mjs").Data} Data
 * @typedef {import("../stream/state.mjs").Status} Status
 */

/**
 * @typedef {import("../stream/safetensors.mjs").NumberList} NumberList
 */

/**
 * @typedef {import("../page/panel.mjs").Arrays} Arrays
 * @typedef {import("../page/panel.mjs").Options} Options
 * @typedef {import("../page/panel.mjs").Panel} Panel
 * @typedef {import("../page/panel.mjs").View} View
 * @typedef {import("../plot/frame.mjs").Frame} Frame
 * @typedef {import("../plot/theme.mjs").Theme} Theme
 */

/**
 * @typedef {{plane: Plane, squares: SquaresLayer}} Drawn the canvas' tools
 * @typedef {import("../plot/plane.mjs").PointSet} PointSet
 */

const LINE_WIDTH = 1.6;
/** So many classes are told with their share of the plane. */
const TOLD = 4;
/** Height of a name in the legend, in CSS pixels. */
const LEGEND_ROW = 19;

export const showsPoints = true;

/** @param {Options} options */
export const concerns = ({ test, attack, weakest, proof }) => ["plane", "classes", "train", ...(test || attack || weakest || proof ? ["test"] : [])];

/**
 * @param {Options} options
 * @param {unknown} _
 * @param {unknown} __
 * @param {Status} status
 */
export function watch(options, _, __, { geometry }) {
  // The proof of the robustness panel as it opens: one serves both.
  const reach = usualReach(geometry);
  return {
    grid: PLANE,
    ...(options.line ? { traced: { probe: "boundary_complexity" } } : {}),
    ...(options.attack ? { found: examplesPart(options, geometry) } : {}),
    ...(options.weakest || options.proof ? { exact: proofPart(options.norm, reach) } : {}),
  };
}

/** These follow at their own pace; the rest does not wait for them. */
export const slow = new Set(["traced", "found", "exact"]);

export const long = { part: "exact", name: "Proof", callOff: { weakest: false, proof: false } };

/** @param {Panel} panel */
export function start(panel) {
  const [frame] = panel.frames;
  frame.own.drawing = new Drawing(panel, frame);
}

/** @param {View} view */
export function choices({ geometry }) {
  return { pen: penChoices(geometry) };
}

/** @param {Panel} panel @param {View} view */
export function dress(panel, view) {
  const { options, geometry } = view;
  panel.frames[0].own.drawing.dress(view);
  panel.suggest({ epsilon: usualEpsilon(geometry) });
  panel.card.toggleAttribute("data-tools", options.attack || options.weakest || options.proof);
}

/** @param {View} view */
export function note(view) {
  const { geometry, parts, options, measuredAt, status } = view;
  const sentences = [];
  if (options.draw) sentences.push("Click: a point; drag: spray. Arrows, Enter, Ctrl+Z do the same. A stroke begins the run anew.");
  sentences.push(sliceNote(geometry));
  if (options.attack) sentences.push(pointNote(parts.found, options, geometry));
  if (options.weakest || options.proof) {
    const behind = status.shown_epoch - (measuredAt.exact ?? status.shown_epoch);
    sentences.push(proofNote(parts.exact, options, geometry, behind > 0 ? `, at epoch ${measuredAt.exact}` : "", neededOf(view)));
  }
  if (options.line) sentences.push(lineNote(view));
  return sentences.filter(Boolean).join(" ");
}

/** @param {View} view */
export function says({ parts: { grid }, geometry }) {
  if (!grid) return "";
  const { classes } = geometry;
  const counts = new Array(classes).fill(0);
  if (grid.classes) for (const label of grid.classes.data) counts[label]++;
  else for (const share of grid.probability.data) counts[share > 127.5 ? 1 : 0]++;
  const total = grid.confidence.data.length;
  const largest = [...counts.keys()].sort((a, b) => counts[b] - counts[a]).slice(0, TOLD);
  const shares = largest.map((label) => `${classCalled(geometry, label)} ${Math.round((100 * counts[label]) / total)} %`);
  const rest = classes > TOLD ? " and so on" : "";
  return `The network gives ${listed(shares)}${rest} of the plane shown.`;
}

/**
 * Squares that the proof still has to decide.
 * @param {View} view
 */
const neededOf = ({ parts: { exact }, points, options }) => (exact && points.test ? undecidedSquares(exact, points.test.data, options.norm) : new Set());

/** @param {View} view */
function lineNote({ parts: { traced }, measuredAt, status }) {
  if (!traced) return "The line is being traced …";
  const behind = status.shown_epoch - measuredAt.traced;
  return `The line is that of epoch ${measuredAt.traced}${behind > 0 ? `, now at ${status.shown_epoch}` : ""}.`;
}

/** @type {import("../page/panel.mjs").Painter["graphs"]} */
export const graphs = { main: { structure, paint, figure, click } };

/** @param {View} view @param {Frame} frame */
function structure(view, frame) {
  const { test, discretise, line: withLine, attack, weakest } = view.options;
  const { class_names: names, has_test: hasTest } = view.geometry;
  return [test, discretise, withLine, attack, weakest, names, hasTest, view.points.test !== null, hasBar(view, frame)];
}

/**
 * The share of the height that the bar of probabilities takes, below the legend.
 * @param {Options} options
 */
const barShare = ({ attack }) => (attack ? 0.36 : 0.55);

/**
 * Whether there is one: two classes, shaded, and room below the names of classes and attacks.
 * @param {View} view
 * @param {Frame} frame
 */
function hasBar(view, frame) {
  const { options, geometry: { classes } } = view;
  const names = pointSets(view).length * classes + (options.attack ? METHODS.length : 0);
  const hasRoom = names * LEGEND_ROW <= (1 - barShare(options)) * frame.height;
  return classes === 2 && !options.discretise && hasRoom;
}

/**
 * The test point nearest to where the person pointed is the one attacked.
 * @param {View} view
 * @param {Frame} frame
 * @param {number} x
 * @param {number} y
 */
function click({ options, points }, frame, x, y) {
  const point = options.attack ? nearest(points, x, y) : null;
  return point === null ? {} : { point: String(point) };
}

/** @param {Frame} frame @param {View} view */
function paint(frame, view) {
  lookAt(frame, { ...view.geometry, ...frame.own.drawing.window(view) });
  /** @type {Drawn} */
  const drawn = (frame.memory ??= { plane: new Plane(), squares: new SquaresLayer() });
  frame.inside((context, area) => {
    drawn.plane.paintClasses(context, area, view.parts.grid, view);
    const { options, parts, points, theme } = view;
    if (options.proof && parts.exact) drawn.squares.paint(context, area, parts.exact, neededOf(view), theme);
    drawn.plane.paintPoints(context, area, view, (index) => frame.shows(index));
    if (options.line && parts.traced) {
      const { xs, ys } = traced(parts.traced);
      line(context, area, xs, ys, { colour: css(theme.ink), width: LINE_WIDTH });
    }
    if (options.weakest && parts.exact) paintRings(context, area, parts.exact, points.test, theme);
    if (options.attack) paintPoint(context, area, attackLines(view), (index) => frame.shows(before(view) + index), parts.found, theme);
    frame.own.drawing.paint(context, area, theme);
  });
}

/** @param {View} view */
const attackLines = ({ parts: { found }, options, geometry, theme }) =>
  linesOf(found, options, Number(typed(options.epsilon, usualEpsilon(geometry))), theme);

/**
 * Traces that come before those of the attacks.
 * @param {View} view
 */
const before = (view) => pointSets(view).length * view.geometry.classes + Number(view.options.line);

/**
 * The traced boundary's vertices, a gap after each line.
 * @param {Arrays} arrays
 */
function traced({ lines: { data } }) {
  const xs = new Float32Array(data.length / 2);
  return { xs: xs.map((_, index) => data[2 * index]), ys: xs.map((_, index) => data[2 * index + 1]) };
}

/** @param {View} view @param {Frame} frame */
function figure(view, frame) {
  const { options, geometry, parts, theme } = view;
  /** @type {import("../plot/figure.mjs").Plain[]} */
  const traces = pointSets(view).flatMap((set) => pointTraces(set, geometry, theme));
  if (options.line) traces.push(lineTrace(parts.traced, theme));
  if (options.attack) traces.push(...attackTraces(attackLines(view), parts.found, geometry, theme));
  if (options.weakest) traces.push(ringTrace(parts.exact, view.points.test, geometry, theme));
  const bar = {
    cmin: 0,
    cmax: 1,
    colorscale: plotlyScale((p) => certainty(theme, p < 0.5 ? 0 : 1)(Math.abs(2 * p - 1))),
    showscale: hasBar(view, frame),
    colorbar: { title: { text: `P(${plain(cut(classCalled(geometry, 1), 10))})` }, len: barShare(options) },
  };
  traces.push(barTrace("coloraxis"));
  const layout = { coloraxis: bar };
  if (!parts.grid || !frame.memory) return { traces, layout };
  traces.push(hoverTrace(parts.grid, geometry));
  const corners = colour(frame.memory.plane.raster, parts.grid, view);
  const image = {
    source: frame.memory.plane.raster.url(),
    xref: "x",
    yref: "y",
    x: corners.left,
    y: corners.top,
    sizex: corners.right - corners.left,
    sizey: corners.top - corners.bottom,
    sizing: "stretch",
    layer: "below",
  };
  const squares = options.proof && parts.exact ? squaresImage(parts.exact, neededOf(view), theme) : [];
  return { traces, layout, settled: { images: [image, ...squares] } };
}

/** @param {PointSet} set @param {Data} geometry @param {Theme} theme */
function pointTraces({ positions, labels, along, look, part }, geometry, theme) {
  const { classes } = geometry;
  return rowsOf(labels, classes).map((rows, label) => {
    const kept = thinned(rows.length, Math.ceil(PLOTLY_POINTS_MAX / classes)).map((place) => rows[place]);
    return {
      type: "scatter",
      mode: "markers",
      name: `${classEntry(geometry, label)}${part}`,
      x: kept.map((index) => positions[2 * index]),
      y: kept.map((index) => positions[2 * index + 1]),
      customdata: kept.map((index) => along[index]),
      marker: plotlyMarker(theme, label, look),
      hovertemplate: `${plain(classCalled(geometry, label))}${part}<br>${placeHover(geometry)}${coordinateHover(geometry, "customdata")}<extra></extra>`,
    };
  });
}

/** @param {Arrays|undefined} complexity @param {Theme} theme */
function lineTrace(complexity, theme) {
  const { xs, ys } = complexity ? traced(complexity) : { xs: [], ys: [] };
  return {
    type: "scatter",
    mode: "lines",
    showlegend: false,
    x: xs,
    y: ys,
    line: { color: css(theme.ink), width: LINE_WIDTH },
    hoverinfo: "skip",
  };
}

/**
 * Sees to the values under the pointer; what is seen is the image.
 * @param {Arrays} arrays
 * @param {Data} geometry
 */
function hoverTrace({ probability, confidence, classes, x1, x2 }, geometry) {
  const [rows, columns] = confidence.shape;
  /** @param {NumberList} data @param {(value: number) => number|string} of */
  const square = (data, of) =>
    Array.from({ length: rows }, (_, row) => Array.from(data.subarray(row * columns, (row + 1) * columns), of));
  /** @param {number} value */
  const share = (value) => value / 255;
  const both = geometry.classes === 2;
  const place = placeHover(geometry, 2);
  return {
    type: "heatmap",
    x: x1.data,
    y: x2.data,
    z: square(both ? probability.data : confidence.data, share),
    customdata: both ? undefined : square(classes.data, (label) => plain(classCalled(geometry, label))),
    opacity: 0,
    showscale: false,
    hovertemplate: both
      ? `${place}<br>P(${plain(classCalled(geometry, 1))}) %{z:.3f}<extra></extra>`
      : `${place}<br>%{customdata}, probability %{z:.3f}<extra></extra>`,
  };
}
