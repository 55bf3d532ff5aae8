/** How far each test point may be moved, against its coordinate, and how many points may be moved how far. */
import { css, pixel } from "../plot/colour.mjs";
import { classCalled, classEntry, classLegend, classMark, coordinateHover, coordinateTitle, onPlane, plain, testWord, unitOf, usualReach } from "../plot/data.mjs";
import { rowsOf } from "../plot/classes.mjs";
import { stroke } from "../plot/lines.mjs";
import { MarkLayer, markOf, symbolOf } from "../plot/marks.mjs";
import { extent, roundUp } from "../plot/range.mjs";
import { inShort } from "../plot/words.mjs";
import * as asked from "../robustness/asked.mjs";
import { radiusText } from "../robustness/radii.mjs";
import { isMoving } from "../stream/state.mjs";

/**
 * @typedef {import("../page/panel.mjs").Panel} Panel
 * @typedef {import("../plot/data.mjs").Data} Data
 * @typedef {import("../stream/safetensors.mjs").NumberList} NumberList
 */

/**
 * @typedef {import("../page/panel.mjs").Options} Options
 * @typedef {import("../page/panel.mjs").View} View
 * @typedef {import("../plot/frame.mjs").Area} Area
 * @typedef {import("../plot/frame.mjs").Frame} Frame
 * @typedef {import("../plot/theme.mjs").Theme} Theme
 * @typedef {import("../stream/state.mjs").Status} Status
 */
/** Looked for up to so many times as far as points are usually moved. */
const REACH = 2;
/** Names of classes below the axis where points stand in the order of their class, at most. */
const NAMED = 12;
/** Of the steps at which radii are decided, so many make a bar of the histogram. */
const STEPS_A_BAR = 2;
const BARS = asked.STEPS / STEPS_A_BAR;
const RADIUS = 1.9;
const BRACKET_ALPHA = 0.45;

export const slow = new Set(["exact", "separation"]);
export const concerns = () => ["plane", "classes", "test"];
export const long = { part: "exact", name: "Proof", callOff: { exact: "off" } };

/** @param {Options} options @param {Status} status */
const reachOf = (options, status) => asked.reachOf(options.reach, REACH * usualReach(status.geometry), status);

/** @param {Panel} panel @param {View} view */
export function dress(panel, { geometry }) {
  panel.suggest({ reach: REACH * usualReach(geometry) });
}

/** @param {Options} options @param {unknown} _ @param {unknown} __ @param {Status} status */
export function watch(options, _, __, status) {
  const { norm } = options;
  const { reach } = reachOf(options, status);
  return {
    separation: asked.separationPart(norm),
    ...(asked.provesNow(options.exact, status) ? { exact: asked.proofPart(norm, reach) } : {}),
  };
}

/** @type {import("../page/panel.mjs").Painter["graphs"]} */
export const graphs = { main: { structure: ({ geometry, pointsSerial }) => [geometry.class_names, geometry.coordinate, !geometry.coordinate && pointsSerial], paint, figure } };

/**
 * @typedef {object} Point
 * @property {number} along its coordinate, its place among the points where there is none
 * @property {number} lower end of what is proved of its radius
 * @property {number} upper
 * @property {number} place where it is drawn: the middle, below 0 if wrong, above the axis if beyond
 * @property {number|null} bar of the histogram, -1 for wrong, `BARS` for beyond, null if undecided
 */

/** @typedef {{points: Point[], reach: number, width: number}} Radii */

/** @type {WeakMap<object, Radii>} worked out once for each proof */
const read = new WeakMap();

/** @param {View} view */
function radiiOf({ parts: { exact }, points }) {
  if (!exact || exact.radius_lower.data.length !== points.testAlong?.data.length) return null;
  if (!read.has(exact)) {
    const reach = exact.epsilons.data.at(-1) ?? 0;
    const width = reach / BARS;
    const lowers = exact.radius_lower.data;
    const list = Array.from(lowers, (lower, index) => pointOf(points.testAlong.data[index], lower, exact.radius_upper.data[index], reach, width));
    read.set(exact, { points: list, reach, width });
  }
  return read.get(exact) ?? null;
}

/**
 * @param {number} along
 * @param {number} lower
 * @param {number} upper
 * @param {number} reach
 * @param {number} width
 */
function pointOf(along, lower, upper, reach, width) {
  const point = { along, lower, upper: Math.min(upper, reach) };
  if (upper === 0) return { ...point, place: -width / 2, bar: -1 };
  if (lower > reach) return { ...point, place: reach + width / 2, bar: BARS };
  // The bars end where radii are decided: both ends fall into one, or the point is open.
  /** @param {number} value */
  const barOf = (value) => Math.max(0, Math.ceil((value / width) * (1 - 1e-6)) - 1);
  const [first, last] = [barOf(lower + width * 1e-6), barOf(upper)];
  return { ...point, place: (lower + point.upper) / 2, bar: first === last && upper < Infinity ? first : null };
}

/** @param {Point} point */
const isBracket = ({ bar }) => bar === null || (bar >= 0 && bar < BARS);

/**
 * Points of each class in each bar, from wrong to beyond: bars[class][0 to BARS + 1].
 * @param {Radii} radii
 * @param {ArrayLike<number>} labels
 * @param {number} classes
 */
function counted({ points }, labels, classes) {
  const bars = Array.from({ length: classes }, () => new Array(BARS + 2).fill(0));
  points.forEach(({ bar }, index) => {
    if (bar !== null) bars[labels[index]][bar + 1] += 1;
  });
  return bars;
}

/** @param {Frame} frame @param {Radii} radii @param {number[][]} bars @param {View} view */
function setRanges(frame, { reach, width }, bars, { points, geometry }) {
  const of = testWord(geometry);
  frame.setTitle("xaxis", coordinateTitle(geometry) || `${of} points, by class`);
  frame.setTitle("xaxis2", `${of} points`);
  frame.setTitle("yaxis", `exact radius (${unitOf(geometry)})`);
  const [low, high] = extent(points.testAlong.data);
  const margin = 0.03 * (high - low);
  frame.setRange("xaxis", low - margin, high + margin);
  frame.setRange("yaxis", -1.3 * width, reach + 1.3 * width);
  const most = Math.max(...bars[0].map((_, bar) => bars.reduce((sum, counts) => sum + counts[bar], 0)));
  frame.setRange("xaxis2", 0, roundUp(1.04 * most));
}

/** @param {Frame} frame @param {View} view */
function paint(frame, view) {
  /** @type {MarkLayer} */
  const marks = (frame.memory ??= new MarkLayer());
  const radii = radiiOf(view);
  if (!radii) return;
  const { theme, geometry, points } = view;
  const labels = points.testLabel.data;
  const bars = counted(radii, labels, geometry.classes);
  setRanges(frame, radii, bars, view);
  const visible = Array.from({ length: geometry.classes }, (_, label) => frame.shows(label));
  frame.inside((context, area) => {
    limitLine(context, area, view);
    paintBrackets(context, area, radii.points, labels, visible, theme);
    stampPoints(marks, area, radii.points, labels, visible, theme);
    marks.end(context);
    writeEnds(context, area, radii, theme);
  });
  frame.inside((context, area) => paintBars(context, area, radii, bars, visible, theme), "xaxis2");
}

/** @param {CanvasRenderingContext2D} context @param {Area} area @param {View} view */
function limitLine(context, area, { parts: { separation }, theme }) {
  const limit = separation?.radius_plane.data[0] ?? NaN;
  if (!Number.isFinite(limit)) return;
  context.beginPath();
  context.moveTo(area.left, area.y(limit));
  context.lineTo(area.left + area.width, area.y(limit));
  stroke(context, css(theme.muted), 1, "dash");
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Area} area
 * @param {Point[]} list
 * @param {ArrayLike<number>} labels
 * @param {boolean[]} visible
 * @param {Theme} theme
 */
function paintBrackets(context, area, list, labels, visible, theme) {
  context.lineWidth = 1.2;
  visible.forEach((isShown, label) => {
    if (!isShown) return;
    context.beginPath();
    list.forEach((point, index) => {
      if (labels[index] !== label || !isBracket(point)) return;
      context.moveTo(area.x(point.along), area.y(point.lower));
      context.lineTo(area.x(point.along), area.y(point.upper));
    });
    context.strokeStyle = css(theme.classes[label], BRACKET_ALPHA);
    context.stroke();
  });
}

/**
 * @param {MarkLayer} marks
 * @param {Area} area
 * @param {Point[]} list
 * @param {ArrayLike<number>} labels
 * @param {boolean[]} visible
 * @param {Theme} theme
 */
function stampPoints(marks, area, list, labels, visible, theme) {
  const stamps = visible.map((isShown, label) => {
    const mark = markOf(symbolOf(label), { radius: RADIUS, scale: area.scale });
    return isShown ? { mark, fill: pixel(theme.classes[label]), line: 0 } : null;
  });
  const positions = new Float32Array(2 * list.length);
  list.forEach(({ along, place }, index) => positions.set([along, place], 2 * index));
  marks.begin(area);
  marks.write(positions, (index) => stamps[labels[index]]);
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Area} area
 * @param {Radii} radii
 * @param {number[][]} bars
 * @param {boolean[]} visible
 * @param {Theme} theme
 */
function paintBars(context, area, { width }, bars, visible, theme) {
  const starts = new Array(BARS + 2).fill(0);
  bars.forEach((counts, label) => {
    if (!visible[label]) return;
    context.fillStyle = css(theme.classes[label], 0.85);
    counts.forEach((count, bar) => {
      const [left, right] = [area.x(starts[bar]), area.x(starts[bar] + count)];
      const [top, bottom] = [area.y(bar * width), area.y((bar - 1) * width)];
      context.fillRect(left, top, right - left, bottom - top - 0.5);
      starts[bar] += count;
    });
  });
}

/**
 * What lies off the axis of radii, named at its ends.
 * @param {Radii} radii
 */
const endsOf = ({ points, reach, width }) =>
  [
    { text: `beyond ${inShort(reach)}`, y: reach + width / 2, isThere: points.some(({ bar }) => bar === BARS) },
    { text: "wrong", y: -width / 2, isThere: points.some(({ bar }) => bar === -1) },
  ].filter(({ isThere }) => isThere);

/** @param {CanvasRenderingContext2D} context @param {Area} area @param {Radii} radii @param {Theme} theme */
function writeEnds(context, area, radii, theme) {
  context.textBaseline = "middle";
  context.textAlign = "left";
  for (const { text, y } of endsOf(radii)) {
    const { width } = context.measureText(text);
    context.fillStyle = css(theme.surface, 0.8);
    context.fillRect(area.left + 2, area.y(y) - 6, width + 4, 12);
    context.fillStyle = css(theme.muted);
    context.fillText(text, area.left + 4, area.y(y));
  }
}

/** @param {View} view */
function figure(view) {
  const { theme, geometry, points } = view;
  const { classes } = geometry;
  const radii = radiiOf(view);
  const labels = points.testLabel?.data ?? [];
  const rows = radii ? rowsOf(labels, classes) : Array.from({ length: classes }, () => /** @type {number[]} */ ([]));
  const bars = radii ? counted(radii, labels, classes) : [];
  const list = radii?.points ?? [];
  /** @type {import("../plot/figure.mjs").Plain[]} */
  const traces = rows.map((own, label) => ({
    type: "scatter",
    mode: "markers",
    name: classEntry(geometry, label),
    legendgroup: String(label),
    x: own.map((index) => list[index].along),
    y: own.map((index) => list[index].place),
    customdata: own.map((index) => [index, radiusWords(list[index])]),
    marker: { symbol: symbolOf(label), size: 2 * RADIUS, color: css(theme.classes[label]), opacity: 1 },
    hovertemplate: `${testWord(geometry)} point %{customdata[0]}, ${plain(classCalled(geometry, label))}<br>${coordinateHover(geometry, "x", "")}${geometry.coordinate ? ", " : ""}radius %{customdata[1]}<extra></extra>`,
  }));
  rows.forEach((own, label) => {
    const bracketed = own.filter((index) => isBracket(list[index]));
    traces.push({
      type: "scatter",
      mode: "lines",
      legendgroup: String(label),
      showlegend: false,
      x: bracketed.flatMap((index) => [list[index].along, list[index].along, null]),
      y: bracketed.flatMap((index) => [list[index].lower, list[index].upper, null]),
      line: { width: 1.2, color: css(theme.classes[label], BRACKET_ALPHA) },
      hoverinfo: "skip",
    });
  });
  rows.forEach((_, label) => {
    const middles = radii ? bars[label].map((__, bar) => (bar - 0.5) * radii.width) : [];
    traces.push({
      type: "bar",
      orientation: "h",
      legendgroup: String(label),
      showlegend: false,
      xaxis: "x2",
      x: bars[label] ?? [],
      y: middles,
      width: radii ? 0.94 * radii.width : 1,
      marker: { color: css(theme.classes[label], 0.85), line: { width: 0 } },
      hovertemplate: `${plain(classCalled(geometry, label))}: %{x} points, radius %{y:.3~g} ± ${radii ? (radii.width / 2).toPrecision(2) : ""}<extra></extra>`,
    });
  });
  const layout = { ...(geometry.coordinate ? {} : { xaxis: namedBlocks(geometry, labels) }), ...classLegend(geometry) };
  return { traces, layout, settled: settledLayout(view, radii) };
}

/**
 * Points in the order of their class: a mark for each class in the middle of its points.
 * @param {Data} geometry
 * @param {NumberList} labels
 */
function namedBlocks(geometry, labels) {
  const middles = rowsOf(labels, geometry.classes).map((rows) => (rows.length > 0 ? (rows[0] + rows[rows.length - 1]) / 2 : null));
  const present = [...middles.keys()].filter((label) => middles[label] !== null);
  const step = Math.ceil(present.length / NAMED);
  const shown = present.filter((_, index) => index % step === 0);
  return {
    tickmode: "array",
    tickvals: shown.map((label) => middles[label]),
    ticktext: shown.map((label) => plain(classMark(geometry, label, shown.length > 4 ? 4 : 12))),
    tickangle: 0,
  };
}

/** @param {View} view @param {Radii|null} radii */
function settledLayout({ parts: { separation }, theme }, radii) {
  if (!radii) return {};
  const limit = separation?.radius_plane.data[0] ?? NaN;
  const line = { color: css(theme.muted), width: 1, dash: "dash" };
  const shapes = Number.isFinite(limit) ? [{ type: "line", xref: "x domain", x0: 0, x1: 1, y0: limit, y1: limit, line }] : [];
  const annotations = endsOf(radii).map(({ text, y }) => ({
    text: `<b>${text}</b>`,
    xref: "x domain",
    x: 0,
    xanchor: "left",
    xshift: 3,
    y,
    yanchor: "middle",
    showarrow: false,
    borderpad: 1,
    bgcolor: css(theme.surface, 0.8),
    font: { size: 10, color: css(theme.muted) },
  }));
  return { shapes, annotations };
}

/** @param {Point} point */
function radiusWords({ lower, upper, bar }) {
  if (bar === -1) return "0: classified wrongly";
  return bar === BARS ? `above ${inShort(lower)}` : radiusText(lower, upper);
}

/** @param {View} view */
export function note(view) {
  const { options, parts, status, measuredAt, geometry } = view;
  const radii = radiiOf(view);
  if (!radii) {
    if (options.exact === "off") return "The proof is off.";
    return isMoving(status) && options.exact === "pause" ? "Exact on pause." : "The proof is under way …";
  }
  const { reach, isCapped } = reachOf(options, status);
  const limit = parts.separation?.radius_plane.data[0] ?? NaN;
  const open = radii.points.filter(({ bar }) => bar === null).length;
  const behind = status.shown_epoch - measuredAt.exact;
  const sentences = [
    isCapped ? `Radii end at ${reach}: the data are no wider.` : "",
    `${radii.points.length - open} of ${radii.points.length} points decided${behind > 0 ? `, at epoch ${measuredAt.exact}` : ""}.`,
    Number.isFinite(limit) ? `Dashed: ${inShort(limit)}, the data's own limit.` : "",
    geometry.dimension > 2 ? `Places and moves ${onPlane(geometry)}.` : "",
  ];
  return sentences.filter(Boolean).join(" ");
}
