/** Which class the network gives every place of the data plane, how surely, and the points. */
import { certainty, css, plotlyScale, table } from "../plot/colour.mjs";
import { classCalled, classEntry, cut, coordinateHover, placeHover, plain, sliceNote, usualEpsilon, usualReach } from "../plot/data.mjs";
import { PLOTLY_POINTS_MAX, plotlyMarker, rowsOf, stampOf, TEST, TRAIN } from "../plot/classes.mjs";
import { Drawing, penChoices } from "../drawing/drawing.mjs";
import { barTrace, thinned } from "../plot/figure.mjs";
import { line } from "../plot/lines.mjs";
import { MarkLayer } from "../plot/marks.mjs";
import { Raster } from "../plot/raster.mjs";
import { proofPart, typed } from "../robustness/asked.mjs";
import { METHODS } from "../robustness/attacks.mjs";
import { examplesPart, linesOf, nearest, paintPoint, pointNote, pointTraces as attackTraces } from "../robustness/point.mjs";
import { paintRings, proofNote, ringTrace, squaresImage, SquaresLayer, undecidedSquares } from "../robustness/squares.mjs";
import { lookAt } from "../plot/range.mjs";

/**
 * @typedef {import("../plot/data.mjs").Data} Data
 * @typedef {import("../stream/state.mjs").Status} Status
 */

/**
 * @typedef {import("../plot/classes.mjs").PointLook} PointLook
 * @typedef {import("../stream/safetensors.mjs").NumberList} NumberList
 */

/**
 * @typedef {import("../page/panel.mjs").Arrays} Arrays
 * @typedef {import("../page/panel.mjs").Options} Options
 * @typedef {import("../page/panel.mjs").Panel} Panel
 * @typedef {import("../page/panel.mjs").View} View
 * @typedef {import("../plot/frame.mjs").Area} Area
 * @typedef {import("../plot/frame.mjs").Frame} Frame
 * @typedef {import("../plot/theme.mjs").Theme} Theme
 * @typedef {import("../stream/safetensors.mjs").Tensor} Tensor
 */

/**
 * @typedef {{raster: Raster, marks: MarkLayer, squares: SquaresLayer, key: string}} Drawn the canvas' tools, and
 *   what the points looked like when they were stamped
 * @typedef {object} PointSet the points of one set
 * @property {ArrayLike<number>} positions x1 and x2 by turns
 * @property {NumberList} labels
 * @property {ArrayLike<number>} along where each lies along its class
 * @property {PointLook} look
 * @property {string} part
 */

/** Pixels in a cell of the grid, each way, where the boundary between two classes is drawn sharp. */
const FINER = 4;
const LINE_WIDTH = 1.6;
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
    grid: { probe: "boundary", options: { resolution: 100 } },
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
  const names = shown(view).length * classes + (options.attack ? METHODS.length : 0);
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

/**
 * The points shown: training ones, and test ones where asked for.
 * @param {View} view
 * @returns {PointSet[]}
 */
function shown({ options, points, geometry }) {
  const train = { positions: points.train.data, labels: points.trainLabel.data, along: points.trainAlong.data, look: TRAIN, part: "" };
  const test = { positions: points.test.data, labels: points.testLabel.data, along: points.testAlong.data, look: TEST, part: ", test" };
  return options.test && geometry.has_test ? [train, test] : [train];
}

/** @param {Frame} frame @param {View} view */
function paint(frame, view) {
  lookAt(frame, { ...view.geometry, ...frame.own.drawing.window(view) });
  /** @type {Drawn} */
  const drawn = (frame.memory ??= { raster: new Raster(), marks: new MarkLayer(), squares: new SquaresLayer(), key: "" });
  frame.inside((context, area) => {
    const { grid } = view.parts;
    if (grid) {
      const corners = colour(drawn.raster, grid, view);
      drawn.raster.draw(context, area, corners, true);
    }
    const { options, parts, points, theme } = view;
    if (options.proof && parts.exact) drawn.squares.paint(context, area, parts.exact, neededOf(view), theme);
    stampPoints(frame, drawn, view, area);
    drawn.marks.end(context);
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
const before = (view) => shown(view).length * view.geometry.classes + Number(view.options.line);

/**
 * The traced boundary's vertices, a gap after each line.
 * @param {Arrays} arrays
 */
function traced({ lines: { data } }) {
  const xs = new Float32Array(data.length / 2);
  return { xs: xs.map((_, index) => data[2 * index]), ys: xs.map((_, index) => data[2 * index + 1]) };
}

/**
 * The points stay where they are: they are stamped again only when something about them changes.
 * @param {Frame} frame
 * @param {Drawn} drawn
 * @param {View} view
 * @param {Area} area
 */
function stampPoints(frame, drawn, view, area) {
  const { classes } = view.geometry;
  const sets = shown(view);
  const visible = sets.map((_, set) => Array.from({ length: classes }, (_, label) => frame.shows(set * classes + label)));
  const key = JSON.stringify([area, visible, view.options.test, view.theme.key, view.pointsSerial]);
  if (key === drawn.key) return;
  drawn.key = key;
  drawn.marks.begin(area);
  sets.forEach(({ positions, labels, look }, set) => {
    const stamps = Array.from({ length: classes }, (_, label) =>
      visible[set][label] ? stampOf(view.theme, label, look, area.scale) : null,
    );
    drawn.marks.write(positions, (index) => stamps[labels[index]]);
  });
}

/**
 * Colour the raster; returns the corners of the plane that it covers.
 * @param {Raster} raster
 * @param {Arrays} grid
 * @param {View} view
 */
function colour(raster, grid, { options, geometry, theme }) {
  const [size] = grid.confidence.shape;
  const looked = Array.from({ length: geometry.classes }, (_, label) => table(certainty(theme, label)));
  const [left, right, bottom, top] = [grid.x1, grid.x2].flatMap(({ data }) => [data[0], data[size - 1]]);
  const sharp = options.discretise && !grid.classes;
  const cells = sharp ? (size - 1) * FINER + 1 : size;
  raster.fill(cells, cells, (memory) => {
    if (sharp) divide(memory, grid.probability, size, looked);
    else if (grid.classes) winners(memory, grid, size, looked, options.discretise);
    else blend(memory, grid.probability, size, looked);
  });
  const half = (right - left) / (cells - 1) / 2;
  return { left: left - half, right: right + half, top: top + half, bottom: bottom - half };
}

const surest = 255;

/** @param {Uint32Array} memory @param {Tensor} tensor @param {number} size @param {Uint32Array[]} looked */
function blend(memory, { data }, size, looked) {
  for (let row = 0; row < size; row++) {
    const to = (size - 1 - row) * size;
    for (let column = 0; column < size; column++) {
      const twice = 2 * data[row * size + column] - 255;
      memory[to + column] = twice < 0 ? looked[0][-twice] : looked[1][twice];
    }
  }
}

/**
 * Two classes without shades: the border runs between the nodes, where the probability is 1/2.
 * @param {Uint32Array} memory
 * @param {Tensor} tensor
 * @param {number} size
 * @param {Uint32Array[]} looked
 */
function divide(memory, { data }, size, looked) {
  const cells = (size - 1) * FINER + 1;
  const colours = [looked[0][surest], looked[1][surest]];
  for (let y = 0; y < cells; y++) {
    const low = Math.min(Math.floor(y / FINER), size - 2);
    const v = y / FINER - low;
    const to = (cells - 1 - y) * cells;
    for (let x = 0; x < cells; x++) {
      const left = Math.min((x / FINER) | 0, size - 2);
      const u = x / FINER - left;
      const at = low * size + left;
      const below = data[at] + u * (data[at + 1] - data[at]);
      const above = data[at + size] + u * (data[at + size + 1] - data[at + size]);
      memory[to + x] = colours[below + v * (above - below) > 127.5 ? 1 : 0];
    }
  }
}

/**
 * @param {Uint32Array} memory
 * @param {Arrays} arrays
 * @param {number} size
 * @param {Uint32Array[]} looked
 * @param {boolean} discretise
 */
function winners(memory, { classes, confidence }, size, looked, discretise) {
  const chance = 255 / looked.length;
  const rise = 255 / (255 - chance);
  for (let row = 0; row < size; row++) {
    const to = (size - 1 - row) * size;
    for (let column = 0; column < size; column++) {
      const at = row * size + column;
      const shade = discretise ? surest : Math.max(0, Math.round((confidence.data[at] - chance) * rise));
      memory[to + column] = looked[classes.data[at]][shade];
    }
  }
}

/** @param {View} view @param {Frame} frame */
function figure(view, frame) {
  const { options, geometry, parts, theme } = view;
  /** @type {import("../plot/figure.mjs").Plain[]} */
  const traces = shown(view).flatMap((set) => pointTraces(set, geometry, theme));
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
  const corners = colour(frame.memory.raster, parts.grid, view);
  const image = {
    source: frame.memory.raster.url(),
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
