/** Graphs of named curves over the epochs or over the layers, on the canvas and in Plotly. */
import { css, pixel } from "./colour.mjs";
import { epochLine, epochShape } from "./epoch.mjs";
import { annotations, apart, writeLabels } from "./labels.mjs";
import { line } from "./lines.mjs";
import { MarkLayer, markOf } from "./marks.mjs";
import { ceiling, extent } from "./range.mjs";

/** @typedef {import("./figure.mjs").Plain} Plain */

/**
 * @typedef {import("../page/panel.mjs").View} View
 * @typedef {import("../stream/safetensors.mjs").Tensor} Tensor
 * @typedef {import("./frame.mjs").Area} Area
 * @typedef {import("./frame.mjs").Frame} Frame
 */

const RADIUS = 3.5;
/** @type {{xs: number[], colour: string}} */
const NO_SHADE = { xs: [], colour: "" };
/** Share of the axis kept free for the names at the ends of the curves. */
const LABEL_ROOM = 0.06;
/** The same for each further letter. */
const LETTER_ROOM = 0.016;
const EPOCHS_LEAST = 10;
/**
 * Decades that values must span to be given a logarithmic axis, and to keep the one they have; and
 * the share of it that they fill at least.
 */
const DECADES = { begin: 1.5, stay: 1, filled: 0.5 };

/**
 * @typedef {object} Curve
 * @property {string} name in the hover label, in Plotly's markup
 * @property {string} [short] in the legend, if the plot has one, in Plotly's markup
 * @property {string} [label] written at the end of the line, as it is to be read
 * @property {ArrayLike<number>} [xs] those of the plot unless it has its own
 * @property {ArrayLike<number>} ys
 * @property {import("./colour.mjs").Rgb} colour
 * @property {string} [dash]
 * @property {string} [symbol] at every point, none unless named
 * @property {boolean} [bare] points without a line
 *
 * @typedef {object} Plot
 * @property {string} key differs when another quantity is shown: its axis starts afresh
 * @property {string} title of the upright axis
 * @property {"linear"|"log"|"auto"|"share"} scale auto is logarithmic where the values span decades
 * @property {ArrayLike<number>} xs
 * @property {Curve[]} curves
 * @property {boolean} [legend]
 * @property {{xs: number[], colour: string}} [shaded] places with a band behind the curves
 * @property {string} [format] of a value in the hover label, as d3 names it
 *
 * @typedef {object} Kind what differs between graphs over epochs, layers and others
 * @property {(frame: Frame, plot: Plot) => void} place gives the level axis its range
 * @property {Plain} axis of the layout
 * @property {string} word for what is on the level axis
 * @property {boolean} ofEpochs
 *
 * @typedef {{key: string, log: boolean, top: number|null, decades: [number, number]|null}} Memory of the
 *   axis of one quantity
 */

/**
 * A graph over the epochs, with a mark at the one shown while an earlier one is looked at.
 * @param {(view: View) => Plot|null} describe null as long as there is nothing to show
 */
export function overEpochs(describe) {
  /** @param {Frame} frame @param {Plot} plot */
  const place = (frame, { xs, curves }) => {
    const last = Math.max(EPOCHS_LEAST, xs.length > 0 ? xs[xs.length - 1] : 0);
    const letters = longest(curves);
    const room = letters > 0 ? 1 + LABEL_ROOM + LETTER_ROOM * (letters - 1) : 1.02;
    frame.own.last = ceiling(frame.own.last ?? null, last * room);
    frame.setRange("xaxis", 0, frame.own.last);
  };
  return graph(describe, { place, axis: {}, word: "epoch", ofEpochs: true });
}

/**
 * A graph over the layers, counted from 1.
 * @param {(view: View) => Plot|null} describe
 */
export const overLayers = (describe) => overCounted(describe, "layer");

/**
 * A graph over other things counted from 1.
 * @param {(view: View) => Plot|null} describe
 * @param {string} word for one of them
 * @param {number} dtick every so many-th has its number
 */
export function overCounted(describe, word, dtick = 1) {
  /** @param {Frame} frame @param {Plot} plot */
  const place = (frame, { xs, curves }) => {
    const count = Math.max(1, xs.length);
    frame.setRange("xaxis", 0.5, count + 0.5 + LETTER_ROOM * count * Math.max(0, longest(curves) - 1));
  };
  const axis = { xaxis: { title: { text: word }, tickmode: "linear", tick0: 1, dtick, tickangle: 0 } };
  return graph(describe, { place, axis, word, ofEpochs: false });
}

/**
 * Letters of the longest name at the end of a curve.
 * @param {Curve[]} curves
 */
const longest = (curves) => Math.max(0, ...curves.map(({ label }) => [...(label ?? "")].length));

/**
 * One row of an array as a list: every `step`-th value from `start`.
 * @param {Tensor} tensor
 * @param {number} start
 * @param {number} step
 * @param {number} count
 */
export function strided({ data }, start, step, count) {
  return Array.from({ length: count }, (_, index) => data[start + index * step]);
}

/**
 * An array of shares as numbers from 0 to 1: they travel as bytes where all are finite.
 * @param {Tensor} tensor
 */
export function shares({ data, shape }) {
  return { data: data instanceof Uint8Array ? Float32Array.from(data, (value) => value / 255) : data, shape };
}

/** @param {(view: View) => Plot|null} describe @param {Kind} kind */
function graph(describe, kind) {
  return {
    /** @param {View} view @param {Frame} frame */
    structure(view, frame) {
      const plot = describe(view);
      if (!plot) return [];
      return [plot.key, plot.title, isLog(frame, plot), plot.curves.map(({ name }) => name)];
    },
    /** @param {Frame} frame @param {View} view */
    paint(frame, view) {
      const plot = describe(view);
      if (plot) paint(frame, view, plot, kind);
    },
    /** @param {View} view @param {Frame} frame */
    figure(view, frame) {
      const plot = describe(view);
      return plot ? figure(frame, view, plot, kind) : { traces: [], layout: kind.axis };
    },
  };
}

/**
 * What is remembered of the axis of one quantity.
 * @param {Frame} frame
 * @param {string} key
 * @returns {Memory}
 */
function memoryOf(frame, key) {
  if (frame.own.quantity?.key !== key) {
    if (frame.own.quantity) frame.held.delete("yaxis");
    frame.own.quantity = { key, log: false, top: null, decades: null };
  }
  return frame.own.quantity;
}

/** @param {Pick<Curve, "ys">[]} curves */
function limits(curves) {
  const ends = curves.map(({ ys }) => extent(ys));
  return [Math.min(...ends.map(([low]) => low)), Math.max(...ends.map(([, high]) => high))];
}

/** @param {Frame} frame @param {Plot} plot */
function isLog(frame, { key, scale, curves }) {
  const memory = memoryOf(frame, key);
  if (scale !== "auto") return scale === "log";
  const [low, high] = limits(curves);
  if (low > high) return memory.log;
  const decades = low > 0 ? Math.log10(high / low) : 0;
  memory.log = decades >= (memory.log ? DECADES.stay : DECADES.begin);
  return memory.log;
}

/** @param {Frame} frame @param {Plot} plot @param {Kind} kind */
function setRanges(frame, plot, { place }) {
  place(frame, plot);
  const memory = memoryOf(frame, plot.key);
  if (plot.scale === "share") return frame.setRange("yaxis", -0.02, 1.04);
  if (isLog(frame, plot)) {
    const positive = plot.curves.map(({ ys }) => ({ ys: Array.from(ys).filter((value) => value > 0) }));
    const [low, high] = limits(positive);
    if (!(low <= high)) return frame.setRange("yaxis", -1, 1);
    memory.decades = spanned(memory.decades, Math.log10(low), Math.log10(high));
    return frame.setRange("yaxis", ...memory.decades);
  }
  const [, high] = limits(plot.curves);
  memory.top = ceiling(memory.top, 1.04 * Math.max(high, 0));
  return frame.setRange("yaxis", 0, memory.top);
}

/**
 * Half decades that hold the logarithms from `low` to `high`; the present ones while they will do.
 * @param {[number, number]|null} current
 * @param {number} low
 * @param {number} high
 * @returns {[number, number]}
 */
function spanned(current, low, high) {
  if (current) {
    const [from, to] = current;
    if (low >= from && high <= to && high - low >= DECADES.filled * (to - from)) return current;
  }
  return [Math.floor(2 * low - 0.1) / 2, Math.ceil(2 * high + 0.1) / 2];
}

/** @param {Frame} frame @param {View} view @param {Plot} plot @param {Kind} kind */
function paint(frame, view, plot, kind) {
  const { theme, status } = view;
  /** @type {MarkLayer} */
  const marks = (frame.memory ??= new MarkLayer());
  setRanges(frame, plot, kind);
  frame.inside((context, area) => {
    shade(context, area, plot.shaded);
    plot.curves.forEach(({ xs = plot.xs, ys, colour, dash, bare }, index) => {
      if (bare || !frame.shows(index)) return;
      line(context, area, xs, ys, { colour: css(colour), width: 1.8, dash });
    });
    if (plot.curves.some(({ symbol }) => symbol)) {
      marks.begin(area);
      plot.curves.forEach((curve, index) => frame.shows(index) && writeMarks(marks, area, plot.xs, curve));
      marks.end(context);
    }
    writeLabels(context, area, labels(area, plot), "right");
    if (kind.ofEpochs) epochLine(context, area, status, theme);
  });
}

/** @param {CanvasRenderingContext2D} context @param {Area} area */
function shade(context, area, { xs, colour } = NO_SHADE) {
  context.fillStyle = colour;
  for (const x of xs) context.fillRect(area.x(x - 0.5), area.top, area.x(x + 0.5) - area.x(x - 0.5), area.height);
}

/** @param {MarkLayer} marks @param {Area} area @param {ArrayLike<number>} common @param {Curve} curve */
function writeMarks(marks, area, common, { symbol, xs = common, ys, colour }) {
  if (!symbol) return;
  const stamp = { mark: markOf(symbol, { radius: RADIUS, scale: area.scale }), fill: pixel(colour), line: 0 };
  // The layer of marks knows linear axes only.
  const [rate, offset] = [area.ay, area.by];
  /** @param {number} value */
  const height = (value) => (area.y(value) - offset) / rate;
  const positions = new Float32Array(2 * xs.length);
  for (let index = 0; index < xs.length; index++) {
    positions[2 * index] = xs[index];
    positions[2 * index + 1] = height(ys[index]);
  }
  marks.write(positions, () => stamp);
}

/** @param {Area} area @param {Plot} plot */
function labels(area, { xs, curves }) {
  const ends = curves.flatMap(({ label, ys, colour }) => {
    if (!label) return [];
    let last = ys.length - 1;
    while (last >= 0 && !Number.isFinite(ys[last])) last--;
    return last < 0 ? [] : [{ text: label, colour: css(colour), x: xs[last], y: ys[last] }];
  });
  return apart(area, ends);
}

/** @param {Frame} frame @param {View} view @param {Plot} plot @param {Kind} kind */
function figure(frame, { theme, status }, plot, kind) {
  const log = isLog(frame, plot);
  setRanges(frame, plot, kind);
  const traces = plot.curves.map(({ name, short, xs = plot.xs, ys, colour, dash = "solid", symbol, bare }) => {
    const marked = symbol || xs.length === 1;
    return {
      type: "scatter",
      mode: bare ? "markers" : marked ? "lines+markers" : "lines",
      name: short ?? name,
      x: xs,
      y: ys,
      line: { color: css(colour), width: 1.8, dash },
      marker: { symbol: symbol ?? "circle", size: symbol ? 2 * RADIUS : 6, color: css(colour), opacity: 1 },
      hovertemplate: `${name}, ${kind.word} %{x}: %{y:${plot.format ?? ".4g"}}<extra></extra>`,
    };
  });
  const layout = {
    ...kind.axis,
    showlegend: Boolean(plot.legend),
    yaxis: { type: log ? "log" : "linear", title: { text: plot.title }, tickformat: plot.scale === "share" ? ".0%" : "" },
  };
  const area = frame.area();
  const settled = area ? { annotations: onAxis(annotations(labels(area, plot), "right"), log) } : {};
  return { traces, layout, settled: { ...settled, ...(kind.ofEpochs ? epochShape(status, theme) : bands(plot.shaded)) } };
}

function bands({ xs, colour } = NO_SHADE) {
  const band = { type: "rect", yref: "paper", y0: 0, y1: 1, line: { width: 0 }, fillcolor: colour };
  return { shapes: xs.map((x) => ({ ...band, x0: x - 0.5, x1: x + 0.5 })) };
}

/**
 * Plotly wants the place of an annotation on a logarithmic axis as a logarithm.
 * @param {{y: number}[]} written
 * @param {boolean} log
 */
function onAxis(written, log) {
  return log ? written.map((each) => ({ ...each, y: Math.log10(each.y) })) : written;
}
