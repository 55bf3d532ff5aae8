/** Loss and accuracy over the epochs: of the training and the test set, or of every class of one. */
import { css } from "../plot/colour.mjs";
import { classCalled, classMark, plain } from "../plot/data.mjs";
import { keyTraces, RUNS } from "../plot/compared.mjs";
import { epochAxis, epochLine, epochShape, epochStep, onEpoch, onEpochs, rowShown, setEpochs, textOnEpochs } from "../plot/epoch.mjs";
import { annotations, apart, writeLabels } from "../plot/labels.mjs";
import { dashOf, line } from "../plot/lines.mjs";
import { extent, roundUp } from "../plot/range.mjs";
import { decadeTicks, tickDensity } from "../plot/ticks.mjs";
import { inShort } from "../plot/words.mjs";

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
 * @property {number} width
 * @property {Arrays} history of its run
 * @property {string} [group] of those that the legend hides and shows together
 * @property {boolean} [listed] whether the legend names it
 * @property {(quantity: string) => string} array that holds one of them
 */

const SETS = ["train", "test"];
/** @type {Record<string, string>} */
const DASH = { train: "solid", test: "dash" };
const WIDTH = 1.8;
/** Where the dash tells two runs apart, width and colour tell the sets. @type {Record<string, number>} */
const WIDTHS = { train: 2.4, test: 1.3 };
/** What a logarithmic axis takes a loss of 0 for. */
const LOSS_LEAST = 1e-12;
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

/** @param {View} view */
export function says(view) {
  const { parts: { history }, status } = view;
  if (!history) return "";
  /** @param {string} array */
  const newest = (array) => history[array].data[rowShown(history[`${array}_epoch`].data, status.shown_epoch)];
  const sets = seriesOf(view).map(({ name, array }) => {
    const [loss, accuracy] = [newest(array("loss")), newest(array("accuracy"))];
    return `${name}: loss ${inShort(loss)}, accuracy ${Number.isNaN(accuracy) ? "not defined" : `${(100 * accuracy).toFixed(1)} %`}`;
  });
  return `${sets.join("; ")}.`;
}

/** @type {import("../page/panel.mjs").Painter["graphs"]} */
export const graphs = {
  main: {
    together: true,
    structure,
    paint,
    figure,
  },
};

/** @param {View} view */
function structure(view) {
  const { options, geometry } = view;
  const drawn = drawnOf(view);
  const epochs = [options.epoch_axis, epochStep(options, lastOf(drawn))];
  const ticks = drawn.length > 0 && options.scale === "log" && tickDensity(...lossDecades(drawn));
  return [options.scale, options.curves, geometry.class_names, drawn.map(({ name }) => name), drawn.map(modeOf), epochs, ticks];
}

/** A single epoch is a point. @param {Series} series */
const modeOf = ({ history, array }) => (history[`${array("loss")}_epoch`].data.length === 1 ? "markers" : "lines");

/** @param {Series[]} drawn */
const lastOf = (drawn) => Math.max(0, ...drawn.map(({ history }) => history.train_loss_epoch.data.at(-1) ?? 0));

/**
 * What is drawn of the run, and of the one that is compared with it.
 * @param {View} view
 * @returns {Series[]}
 */
function drawnOf(view) {
  const { other } = view;
  if (!other) return seriesOf(view);
  return [view, other].flatMap((each, index) => {
    const { name: run, dash } = RUNS[index];
    return seriesOf(each).map((series) => ({ ...series, name: `${series.name}, ${run}`, group: series.name, dash, width: WIDTHS[series.name] ?? WIDTH, listed: index === 0 }));
  });
}

/**
 * What is drawn of each of the two quantities: name, look and the array that holds it.
 * @param {View} view
 * @returns {Series[]}
 */
function seriesOf({ options: { curves }, geometry, theme, parts: { history } }) {
  if (!history) return [];
  if (curves === "all") {
    return SETS.filter((set) => set === "train" || geometry.has_test).map((set, index) => ({
      name: set,
      history,
      colour: css(theme.series[index]),
      dash: DASH[set],
      width: WIDTH,
      array: (/** @type {string} */ quantity) => `${set}_${quantity}`,
    }));
  }
  return Array.from({ length: geometry.classes }, (_, label) => ({
    name: plain(classCalled(geometry, label)),
    history,
    label: classMark(geometry, label, 10),
    colour: css(theme.classes[label]),
    dash: dashOf(label),
    width: WIDTH,
    array: (/** @type {string} */ quantity) => `${curves}_class_${quantity}_${label}`,
  }));
}

/** @param {Frame} frame @param {View} view */
function paint(frame, view) {
  const { theme, status, options } = view;
  const drawn = drawnOf(view);
  if (drawn.length === 0) return;
  setRanges(frame, drawn, options);
  for (const { name, axis } of CURVES) {
    frame.inside(
      (context, area) => {
        drawn.forEach(({ history, array, colour, dash, width }, index) => {
          if (!frame.shows(index)) return;
          const values = history[array(name)].data;
          line(context, area, onEpochs(history[`${array(name)}_epoch`].data, options), values, { colour, width, dash });
        });
        writeLabels(context, area, ends(area, drawn, name, options), "right");
        epochLine(context, area, status, options, theme);
      },
      "xaxis",
      axis,
    );
  }
}

/**
 * The classes' numbers at the last of their values.
 * @param {Area} area
 * @param {Series[]} drawn
 * @param {string} quantity
 * @param {Options} options
 */
function ends(area, drawn, quantity, options) {
  const labels = drawn.filter(({ label }) => label).map(({ history, label, colour, array }) => {
    const [last, y] = [history[`${array(quantity)}_epoch`], history[array(quantity)]].map(({ data }) => data.at(-1) ?? NaN);
    const x = onEpoch(last, options);
    return { text: String(label), colour, x, y };
  });
  return apart(area, labels);
}

/**
 * The lowest and highest value of all curves of a quantity.
 * @param {Series[]} drawn
 * @param {string} quantity
 */
function limits(drawn, quantity) {
  const each = drawn.map(({ history, array }) => extent(history[array(quantity)].data));
  return [Math.min(...each.map(([low]) => low)), Math.max(...each.map(([, high]) => high))];
}

/**
 * Half decades that hold the loss, as far as it is worth telling apart.
 * @param {Series[]} drawn
 * @returns {[number, number]}
 */
function lossDecades(drawn) {
  const [low, high] = limits(drawn, "loss").map((loss) => Math.log10(Math.max(loss, LOSS_LEAST)));
  return [Math.floor(2 * low) / 2, Math.max(Math.ceil(2 * high), Math.floor(2 * low) + 1) / 2];
}

/** @param {Frame} frame @param {Series[]} drawn @param {Options} options */
function setRanges(frame, drawn, options) {
  const longest = Math.max(0, ...drawn.map(({ label }) => [...(label ?? "")].length));
  setEpochs(frame, options, lastOf(drawn), longest > 0 ? LABEL_ROOM + LETTER_ROOM * (longest - 1) : 0);
  const lowest = Math.floor(10 * limits(drawn, "accuracy")[0]) / 10;
  frame.setRange("yaxis", Math.max(0, lowest) - 0.02, 1.02);
  if (options.scale === "log") frame.setRange("yaxis2", ...lossDecades(drawn));
  else frame.setRange("yaxis2", 0, roundUp(1.03 * limits(drawn, "loss")[1]));
}

/** @param {View} view @param {Frame} frame */
function figure(view, frame) {
  const { theme, status, options } = view;
  const drawn = drawnOf(view);
  const traces = CURVES.flatMap(({ name: quantity, reference, format }) =>
    drawn.map((series) => {
      const { history, name, group = name, listed = true, array, colour, dash, width } = series;
      const epochs = history[`${array(quantity)}_epoch`].data;
      return {
        type: "scatter",
        mode: modeOf(series),
        name: group,
        legendgroup: group,
        showlegend: listed && quantity === CURVES[0].name,
        x: onEpochs(epochs, options),
        y: history[array(quantity)].data,
        customdata: Array.from(epochs),
        yaxis: reference,
        line: { color: colour, width, dash },
        hovertemplate: `${name}, epoch %{customdata}: %{y:${format}}<extra></extra>`,
      };
    }),
  );
  const isLog = options.scale === "log";
  const ticks = isLog && drawn.length > 0 ? decadeTicks(...lossDecades(drawn)) : { tickmode: "auto" };
  const layout = { xaxis: epochAxis(options, lastOf(drawn)), yaxis2: { type: isLog ? "log" : "linear", ...ticks } };
  const settled = { ...epochShape(status, options, theme), annotations: drawn.length > 0 ? written(frame, drawn, options) : [] };
  return { traces: [...traces, ...(view.other ? keyTraces(theme) : [])], layout, settled };
}

/** @param {Frame} frame @param {Series[]} drawn @param {Options} options */
function written(frame, drawn, options) {
  const isLog = options.scale === "log";
  return CURVES.flatMap(({ name, axis, reference }) => {
    const area = frame.area("xaxis", axis);
    if (!area) return [];
    // Plotly wants the place on a logarithmic axis as a logarithm.
    /** @param {{y: number}} values */
    const place = ({ y }) => (isLog && name === "loss" ? Math.log10(y) : y);
    return textOnEpochs(annotations(ends(area, drawn, name, options), "right"), options).map((each) => ({ ...each, y: place(each), yref: reference }));
  });
}
