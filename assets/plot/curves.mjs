/** Graphs of named curves over the epochs or over the layers, on the canvas and in Plotly. */
import { css, pixel } from "./colour.mjs";
import { epochAxis, epochLine, epochShape, epochStep, onEpochs, setEpochs, textOnEpochs } from "./epoch.mjs";
import { together } from "./compared.mjs";
import { annotations, apart, writeLabels } from "./labels.mjs";
import { legendAbove } from "./legend.mjs";
import { line } from "./lines.mjs";
import { MarkLayer, markOf } from "./marks.mjs";
import { extent, roundUp } from "./range.mjs";
import { decadeTicks, tickDensity } from "./ticks.mjs";

/** @typedef {import("./figure.mjs").Plain} Plain */

/**
 * @typedef {import("../page/panel.mjs").View} View
 * @typedef {import("../stream/safetensors.mjs").Tensor} Tensor
 * @typedef {import("./frame.mjs").Area} Area
 * @typedef {import("./frame.mjs").Frame} Frame
 */

const RADIUS = 3.5;
/** Share of the axis kept free for the names at the ends of the curves. */
const LABEL_ROOM = 0.06;
/** The same for each further letter. */
const LETTER_ROOM = 0.016;
/** Decades that values must span to be given a logarithmic axis. */
const DECADES = 1.5;
/** Decades that are drawn at most: what is smaller is below the axis. */
const DECADES_MAX = 16;

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
 * @property {string} [group] of curves that the legend hides and shows together
 * @property {boolean} [listed] whether the legend names it, as that of the plot says unless it is told
 *
 * @typedef {object} Plot
 * @property {string} key differs when another quantity is shown: its axis starts afresh
 * @property {string} title of the upright axis
 * @property {"linear"|"log"|"auto"|"share"} scale auto is logarithmic where the values span decades
 * @property {ArrayLike<number>} xs
 * @property {Curve[]} curves
 * @property {boolean} [legend]
 * @property {string} [format] of a value in the hover label, as d3 names it
 *
 * @typedef {object} Kind what differs between graphs over epochs and over layers
 * @property {(frame: Frame, plot: Plot, view: View) => void} place gives the level axis its range
 * @property {(plot: Plot|null, view: View) => Plain} axis of the layout
 * @property {string} word for what is on the level axis
 * @property {boolean} ofEpochs
 */

/**
 * A graph over the epochs, with a mark at the one shown while an earlier one is looked at.
 * @param {(view: View) => Plot|null} describe null as long as there is nothing to show
 */
export function overEpochs(describe) {
  /** @param {Frame} frame @param {Plot} plot @param {View} view */
  const place = (frame, { xs, curves }, { options }) => {
    const letters = longest(curves);
    setEpochs(frame, options, lastOf(xs), letters > 0 ? LABEL_ROOM + LETTER_ROOM * (letters - 1) : 0.02);
  };
  /** @param {Plot|null} plot @param {View} view */
  const axis = (plot, { options }) => ({ xaxis: epochAxis(options, lastOf(plot?.xs ?? [])) });
  return graph(describe, { place, axis, word: "epoch", ofEpochs: true });
}

/** @param {ArrayLike<number>} epochs */
const lastOf = (epochs) => (epochs.length > 0 ? epochs[epochs.length - 1] : 0);

/**
 * A graph over the layers, counted from 1.
 * @param {(view: View) => Plot|null} describe
 */
export function overLayers(describe) {
  /** @param {Frame} frame @param {Plot} plot */
  const place = (frame, { xs, curves }) => {
    const count = Math.max(1, xs.length);
    frame.setRange("xaxis", 0.5, count + 0.5 + LETTER_ROOM * count * Math.max(0, longest(curves) - 1));
  };
  const axis = { xaxis: { title: { text: "layer" }, tickmode: "linear", tick0: 1, dtick: 1, tickangle: 0 } };
  return graph(describe, { place, axis: () => axis, word: "layer", ofEpochs: false });
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
  /** @param {View} view */
  const whole = (view) => together(describe(view), view.other && describe(view.other), view.theme);
  return {
    together: true,
    /** @param {View} view @param {Frame} frame */
    structure(view, frame) {
      const plot = whole(view);
      if (!plot) return [];
      const epochs = kind.ofEpochs && [view.options.epoch_axis, epochStep(view.options, lastOf(plot.xs))];
      forget(frame, plot.key);
      return [plot.key, plot.title, ticksOf(plot), epochs, plot.curves.map(({ name }) => name), isSingle(plot)];
    },
    /** @param {Frame} frame @param {View} view */
    paint(frame, view) {
      const plot = whole(view);
      if (plot) paint(frame, view, plot, kind);
    },
    /** @param {View} view @param {Frame} frame */
    figure(view, frame) {
      const plot = whole(view);
      return plot ? figure(frame, view, plot, kind) : { traces: [], layout: kind.axis(null, view) };
    },
  };
}

/**
 * A zoom into the values of one quantity says nothing of another.
 * @param {Frame} frame
 * @param {string} key
 */
function forget(frame, key) {
  if (frame.own.quantity !== undefined && frame.own.quantity !== key) frame.held.delete("yaxis");
  frame.own.quantity = key;
}

/** @param {Pick<Curve, "ys">[]} curves */
function limits(curves) {
  const ends = curves.map(({ ys }) => extent(ys));
  return [Math.min(...ends.map(([low]) => low)), Math.max(...ends.map(([, high]) => high))];
}

/** @param {Plot} plot */
function isLog({ scale, curves }) {
  if (scale !== "auto") return scale === "log";
  const [low, high] = limits(curves);
  return low > 0 && Math.log10(high / low) >= DECADES;
}

/**
 * Half decades that hold all positive values.
 * @param {Plot} plot
 * @returns {[number, number]}
 */
function decadesOf({ curves }) {
  const [low, high] = limits(curves.map(({ ys }) => ({ ys: Array.from(ys).filter((value) => value > 0) })));
  if (!(low <= high)) return [-1, 1];
  const [from, to] = [Math.floor(2 * Math.log10(low) - 0.1) / 2, Math.ceil(2 * Math.log10(high) + 0.1) / 2];
  return [Math.max(from, to - DECADES_MAX), to];
}

/** Whether a curve is a point. @param {Plot} plot */
const isSingle = ({ xs, curves }) => curves.some(({ xs: own = xs }) => own.length === 1);

/** What a figure's ticks depend on. @param {Plot} plot */
const ticksOf = (plot) => isLog(plot) && tickDensity(...decadesOf(plot));

/** @param {Frame} frame @param {Plot} plot @param {Kind} kind @param {View} view */
function setRanges(frame, plot, { place }, view) {
  place(frame, plot, view);
  if (plot.scale === "share") return frame.setRange("yaxis", -0.02, 1.04);
  if (isLog(plot)) return frame.setRange("yaxis", ...decadesOf(plot));
  const [, high] = limits(plot.curves);
  frame.setRange("yaxis", 0, roundUp(1.04 * Math.max(high, 0)));
}

/** @param {Frame} frame @param {View} view @param {Plot} plot @param {Kind} kind */
function paint(frame, view, plot, kind) {
  const { theme, status, options } = view;
  /** @type {MarkLayer} */
  const marks = (frame.memory ??= new MarkLayer());
  setRanges(frame, plot, kind, view);
  frame.inside((context, area) => {
    /** @param {ArrayLike<number>} xs */
    const across = (xs) => (kind.ofEpochs ? onEpochs(xs, options) : xs);
    plot.curves.forEach(({ xs = plot.xs, ys, colour, dash, bare }, index) => {
      if (bare || !frame.shows(index)) return;
      line(context, area, across(xs), ys, { colour: css(colour), width: 1.8, dash });
    });
    if (plot.curves.some(({ symbol }) => symbol)) {
      marks.begin(area);
      plot.curves.forEach((curve, index) => frame.shows(index) && writeMarks(marks, area, across(curve.xs ?? plot.xs), curve));
      marks.end(context);
    }
    writeLabels(context, area, labels(area, plot, kind, view), "right");
    if (kind.ofEpochs) epochLine(context, area, status, options, theme);
  });
}

/** @param {MarkLayer} marks @param {Area} area @param {ArrayLike<number>} xs @param {Curve} curve */
function writeMarks(marks, area, xs, { symbol, ys, colour }) {
  if (!symbol) return;
  const stamp = { mark: markOf(symbol, { radius: RADIUS, scale: area.scale }), fill: pixel(colour), line: 0 };
  // The layer of marks knows linear axes only.
  const { ax, bx, ay, by } = area;
  const positions = new Float32Array(2 * xs.length);
  for (let index = 0; index < xs.length; index++) {
    positions[2 * index] = (area.x(xs[index]) - bx) / ax;
    positions[2 * index + 1] = (area.y(ys[index]) - by) / ay;
  }
  marks.write(positions, () => stamp);
}

/** @param {Area} area @param {Plot} plot @param {Kind} kind @param {View} view */
function labels(area, plot, { ofEpochs }, { options }) {
  const { curves } = plot;
  const ends = curves.flatMap(({ label, xs: own = plot.xs, ys, colour }) => {
    const xs = ofEpochs ? onEpochs(own, options) : own;
    if (!label) return [];
    let last = ys.length - 1;
    while (last >= 0 && !Number.isFinite(ys[last])) last--;
    return last < 0 ? [] : [{ text: label, colour: css(colour), x: xs[last], y: ys[last] }];
  });
  return apart(area, ends);
}

/** @param {Frame} frame @param {View} view @param {Plot} plot @param {Kind} kind */
function figure(frame, view, plot, kind) {
  const { theme, status, options } = view;
  const log = isLog(plot);
  setRanges(frame, plot, kind, view);
  const traces = plot.curves.map(({ name, short, xs = plot.xs, ys, colour, dash = "solid", symbol, bare, group, listed }) => {
    const marked = symbol || xs.length === 1;
    return {
      type: "scatter",
      mode: bare ? "markers" : marked ? "lines+markers" : "lines",
      name: short ?? name,
      ...(group && { legendgroup: group }),
      ...(listed !== undefined && { showlegend: listed }),
      x: kind.ofEpochs ? onEpochs(xs, options) : xs,
      y: ys,
      customdata: Array.from(xs),
      line: { color: css(colour), width: 1.8, dash },
      marker: { symbol: symbol ?? "circle", size: symbol ? 2 * RADIUS : 6, color: css(colour), opacity: 1 },
      hovertemplate: `${name}, ${kind.word} %{customdata}: %{y:${plot.format ?? ".4g"}}<extra></extra>`,
    };
  });
  const layout = {
    ...kind.axis(plot, view),
    ...(view.other && legendAbove(frame, named(plot))),
    showlegend: Boolean(plot.legend),
    yaxis: {
      title: { text: plot.title },
      tickformat: plot.scale === "share" ? ".0%" : "",
      ...(log ? { type: "log", ...decadeTicks(...decadesOf(plot)) } : { type: "linear", tickmode: "auto" }),
    },
  };
  const area = frame.area();
  const written = area ? onAxis(annotations(labels(area, plot, kind, view), "right"), log) : [];
  if (!kind.ofEpochs) return { traces, layout, settled: { annotations: written } };
  return { traces, layout, settled: { annotations: textOnEpochs(written, options), ...epochShape(status, options, theme) } };
}

/** Names in the legend. @param {Plot} plot */
const named = ({ curves }) => curves.filter(({ listed }) => listed).map(({ name, short }) => short ?? name);

/**
 * Plotly wants the place of an annotation on a logarithmic axis as a logarithm.
 * @template {{y: number}} Written
 * @param {Written[]} written
 * @param {boolean} log
 * @returns {Written[]}
 */
function onAxis(written, log) {
  return log ? written.map((each) => ({ ...each, y: Math.log10(each.y) })) : written;
}
