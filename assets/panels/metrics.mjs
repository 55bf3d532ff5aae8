/** Loss and accuracy over the epochs: of the training and the test set, or of every class of one. */
import { css } from "../plot/colour.mjs";
import { classCalled, classMark, plain } from "../plot/data.mjs";
import { epochLine, epochShape } from "../plot/epoch.mjs";
import { annotations, apart, writeLabels } from "../plot/labels.mjs";
import { dashOf, line } from "../plot/lines.mjs";
import { ceiling, extent } from "../plot/range.mjs";

/**
 * @typedef {import("../page/panel.mjs").Arrays} Arrays
 * @typedef {import("../page/panel.mjs").Options} Options
 * @typedef {import("../page/panel.mjs").View} View
 * @typedef {import("../plot/frame.mjs").Area} Area
 * @typedef {import("../plot/frame.mjs").Frame} Frame
 */

/**
 * @typedef {object} Series the curves of a set or a class
 * @property {string} name
 * @property {string} [label] at their ends
 * @property {string} colour
 * @property {string} dash
 * @property {(quantity: string) => string} array that holds one of them
 */

const SETS = ["train", "test"];
/** @type {Record<string, string>} */
const DASH = { train: "solid", test: "dash" };
const WIDTH = 1.8;
/** Of each class there are more curves: fewer points of each. */
const POINTS = { all: 600, class: 300 };
/** Accuracy below, loss above, over one axis of epochs. */
const CURVES = [
  { name: "accuracy", axis: "yaxis", reference: "y", format: ".1%" },
  { name: "loss", axis: "yaxis2", reference: "y2", format: ".4f" },
];
/** Share of the axis of epochs kept free for the classes' numbers at the ends of their curves. */
const LABEL_ROOM = 0.04;
/** The same for each further letter of a name. */
const LETTER_ROOM = 0.014;

/** @param {Options} options */
export const concerns = ({ curves }) => (curves === "all" ? ["all test"] : ["classes", ...(curves === "test" ? ["all test"] : [])]);

/**
 * Where nothing is held out, there is one set.
 * @param {View} view
 */
export const choices = ({ geometry: { has_test: hasTest } }) => ({
  curves: [
    { label: "all classes", value: "all" },
    { label: "each class, train", value: "train" },
    ...(hasTest ? [{ label: "each class, test", value: "test" }] : []),
  ],
});

/** @param {Options} options */
export function watch({ curves }) {
  const options = curves === "all" ? { points: POINTS.all } : { points: POINTS.class, per_class: true };
  return { history: { probe: "history", options } };
}

/** @type {import("../page/panel.mjs").Painter["graphs"]} */
export const graphs = {
  main: {
    structure: ({ options, geometry }) => [options.scale, options.curves, geometry.class_names, geometry.has_test],
    paint,
    figure,
  },
};

/**
 * What is drawn of each of the two quantities: name, look and the array that holds it.
 * @param {View} view
 * @returns {Series[]}
 */
function seriesOf({ options: { curves }, geometry, theme }) {
  if (curves === "all") {
    return SETS.filter((set) => set === "train" || geometry.has_test).map((set, index) => ({
      name: set,
      colour: css(theme.series[index]),
      dash: DASH[set],
      array: (/** @type {string} */ quantity) => `${set}_${quantity}`,
    }));
  }
  return Array.from({ length: geometry.classes }, (_, label) => ({
    name: plain(classCalled(geometry, label)),
    label: classMark(geometry, label, 10),
    colour: css(theme.classes[label]),
    dash: dashOf(label),
    array: (/** @type {string} */ quantity) => `${curves}_class_${quantity}_${label}`,
  }));
}

/** @param {Frame} frame @param {View} view */
function paint(frame, view) {
  const { history } = view.parts;
  const { theme, status, options } = view;
  if (!history) return;
  const series = seriesOf(view);
  setRanges(frame, history, series, options.scale === "log");
  for (const { name, axis } of CURVES) {
    frame.inside(
      (context, area) => {
        series.forEach(({ array, colour, dash }, index) => {
          if (!frame.shows(index)) return;
          const values = history[array(name)].data;
          line(context, area, history[`${array(name)}_epoch`].data, values, { colour, width: WIDTH, dash });
        });
        writeLabels(context, area, ends(area, history, series, name), "right");
        epochLine(context, area, status, theme);
      },
      "xaxis",
      axis,
    );
  }
}

/**
 * The classes' numbers at the last of their values.
 * @param {Area} area
 * @param {Arrays} history
 * @param {Series[]} series
 * @param {string} quantity
 */
function ends(area, history, series, quantity) {
  const labels = series.filter(({ label }) => label).map(({ label, colour, array }) => {
    const [x, y] = [history[`${array(quantity)}_epoch`], history[array(quantity)]].map(({ data }) => data.at(-1) ?? NaN);
    return { text: String(label), colour, x, y };
  });
  return apart(area, labels);
}

/** @param {Frame} frame @param {Arrays} history @param {Series[]} series @param {boolean} isLog */
function setRanges(frame, history, series, isLog) {
  /** @param {string} name */
  const limits = (name) => {
    const each = series.map(({ array }) => extent(history[array(name)].data));
    return [Math.min(...each.map(([low]) => low)), Math.max(...each.map(([, high]) => high))];
  };
  const longest = Math.max(0, ...series.map(({ label }) => [...(label ?? "")].length));
  const room = longest > 0 ? 1 + LABEL_ROOM + LETTER_ROOM * (longest - 1) : 1;
  frame.own.last = ceiling(frame.own.last ?? null, room * Math.max(10, history.train_loss_epoch.data.at(-1) ?? 0));
  frame.setRange("xaxis", 0, frame.own.last);
  const lowest = Math.floor(10 * limits("accuracy")[0]) / 10;
  frame.setRange("yaxis", Math.max(0, lowest) - 0.02, 1.02);
  const [low, high] = limits("loss");
  if (isLog) {
    frame.setRange("yaxis2", Math.floor(2 * Math.log10(Math.max(low, 1e-12))) / 2, Math.ceil(2 * Math.log10(high)) / 2);
  } else {
    frame.own.top = ceiling(frame.own.top ?? null, 1.03 * high);
    frame.setRange("yaxis2", 0, frame.own.top);
  }
}

/** @param {View} view @param {Frame} frame */
function figure(view, frame) {
  const { theme, status, options } = view;
  const { history } = view.parts;
  const series = seriesOf(view);
  const traces = CURVES.flatMap(({ name: quantity, reference, format }) =>
    series.map(({ name, array, colour, dash }) => {
      const epochs = history?.[`${array(quantity)}_epoch`].data ?? [];
      return {
        type: "scatter",
        mode: epochs.length === 1 ? "markers" : "lines",
        name,
        legendgroup: name,
        showlegend: quantity === CURVES[0].name,
        x: epochs,
        y: history?.[array(quantity)].data ?? [],
        yaxis: reference,
        line: { color: colour, width: WIDTH, dash },
        hovertemplate: `${name}, epoch %{x}: %{y:${format}}<extra></extra>`,
      };
    }),
  );
  const settled = { ...epochShape(status, theme), annotations: history ? written(frame, history, series, options.scale === "log") : [] };
  return { traces, layout: { yaxis2: { type: options.scale } }, settled };
}

/** @param {Frame} frame @param {Arrays} history @param {Series[]} series @param {boolean} isLog */
function written(frame, history, series, isLog) {
  return CURVES.flatMap(({ name, axis, reference }) => {
    const area = frame.area("xaxis", axis);
    if (!area) return [];
    // Plotly wants the place on a logarithmic axis as a logarithm.
    /** @param {{y: number}} values */
    const place = ({ y }) => (isLog && name === "loss" ? Math.log10(y) : y);
    return annotations(ends(area, history, series, name), "right").map((each) => ({ ...each, y: place(each), yref: reference }));
  });
}
