/** How far the layers draw each class together: now, over the epochs, and over several seeds. */
import { COLLAPSE } from "../page/choices.mjs";
import { css } from "../plot/colour.mjs";
import { classCalled, classMark, cut, plain, testWord } from "../plot/data.mjs";
import { overCounted, overEpochs, overLayers, shares, strided } from "../plot/curves.mjs";
import { dashOf } from "../plot/lines.mjs";
import { symbolOf } from "../plot/marks.mjs";
import { lastHidden, layerChoices } from "../plot/naming.mjs";
import { inShort } from "../plot/words.mjs";

/** @typedef {import("../stream/safetensors.mjs").NumberList} NumberList */

/** @typedef {import("../plot/data.mjs").Data} Data */

/**
 * @typedef {import("../plot/curves.mjs").Curve} Curve
 * @typedef {import("../plot/curves.mjs").Plot} Plot
 */

/**
 * @typedef {import("../page/panel.mjs").Arrays} Arrays
 * @typedef {import("../page/panel.mjs").Options} Options
 * @typedef {import("../page/panel.mjs").View} View
 * @typedef {import("../stream/safetensors.mjs").Tensor} Tensor
 */

const SEEDS = 10;

/** @param {Options} options */
const chosen = ({ quantity }) => (quantity in COLLAPSE ? quantity : "gyration_ratio");
/** @param {Options} options @param {number[]} sizes */
const layerOf = ({ layer }, sizes) => (Number(layer) > 0 ? Number(layer) : lastHidden(sizes));

export const slow = new Set(["seeds"]);
export const long = { part: "seeds", name: `Training ${SEEDS} seeds`, callOff: { seeds: false } };

/** @param {Options} options */
export const concerns = ({ quantity }) => (COLLAPSE[quantity]?.perClass === false ? [] : ["classes"]);

/** @param {Options} options @param {number[]} sizes @param {Set<string>} shown */
export function watch(options, sizes, shown) {
  const layer = Number(options.layer) > 0 ? { layer: Number(options.layer) } : {};
  const seeds = { probe: "collapse_seeds", options: { seeds: SEEDS, epochs: Number(options.epochs), ...layer } };
  return {
    ...(shown.has("epochs") ? { trend: { probe: "collapse", over_time: true } } : {}),
    now: { probe: "collapse" },
    ...(options.seeds && shown.has("now") ? { seeds } : {}),
  };
}

/** @param {import("../page/panel.mjs").Panel} panel @param {View} view */
export function dress({ card }, { options }) {
  card.toggleAttribute("data-seeds", Boolean(options.seeds));
}

/** @param {View} view */
export const choices = ({ sizes }) => ({ layer: layerChoices(sizes, 1) });

/**
 * One curve for every class, or the only one. `from` reads the values of a class.
 * @param {View} view
 * @param {boolean} perClass
 * @param {(label: number) => number[]} from
 * @returns {Curve[]}
 */
function curvesOf({ theme, geometry }, perClass, from) {
  if (!perClass) return [{ name: "all pairs", ys: from(0), colour: theme.series[0] }];
  return Array.from({ length: geometry.classes }, (_, label) => ({
    name: plain(classCalled(geometry, label)),
    label: classMark(geometry, label, 10),
    ys: from(label),
    colour: theme.classes[label],
    dash: dashOf(label),
    symbol: symbolOf(label),
  }));
}

/** @param {string} name @param {Tensor} tensor */
const read = (name, tensor) => (name === "zero_share" ? shares(tensor) : tensor);

/** @param {View} view @returns {Plot|null} */
function describeNow(view) {
  const { options, parts: { now } } = view;
  const name = chosen(options);
  if (!now) return null;
  const { title, scale, perClass } = COLLAPSE[name];
  const tensor = read(name, now[name]);
  const [layers, classes = 1] = tensor.shape;
  const curves = curvesOf(view, perClass, (label) => strided(tensor, label, classes, layers));
  const xs = Array.from(curves[0].ys, (_, index) => index + 1);
  return { key: name, title: perClass ? `${title}, by class` : title, scale, xs, curves };
}

/** @param {View} view @returns {Plot|null} */
function describeEpochs(view) {
  const { options, parts: { trend }, sizes } = view;
  const name = chosen(options);
  if (!trend?.[name]) return null;
  const { title, scale, perClass } = COLLAPSE[name];
  const tensor = read(name, trend[name]);
  const [epochs, layers, classes = 1] = tensor.shape;
  const layer = layerOf(options, sizes);
  const curves = curvesOf(view, perClass, (label) => strided(tensor, (layer - 1) * classes + label, layers * classes, epochs));
  const lines = curves.map((curve) => ({ ...curve, symbol: undefined }));
  return { key: `${name} ${layer}`, title: `in layer ${layer}`, scale, xs: trend.epochs.data, curves: lines };
}

/**
 * The ratios of each seed, every class a symbol, over the number of the seed.
 * @param {View} view
 * @returns {Plot}
 */
function describeSeeds(view) {
  const { options, parts: { seeds }, theme, sizes } = view;
  const xs = Array.from({ length: SEEDS }, (_, index) => index + 1);
  const title = `gyration ratio in layer ${layerOf(options, sizes)}`;
  const ratio = seeds?.gyration_ratio;
  const [count, classes] = ratio?.shape ?? [0, 1];
  const curves = ratio ? curvesOf(view, true, (label) => strided(ratio, label, classes, count)).map((curve) => ({ ...curve, label: undefined, short: plain(curve.label ?? ""), bare: true })) : [];
  const shaded = { colour: css(theme.accent, 0.14), xs: ratio ? xs.filter((_, index) => seeds.collapsed.data[index]) : [] };
  return { key: "seeds", title, scale: "linear", xs, curves, legend: true, shaded };
}

const layersGraph = overLayers(describeNow);
const seedsGraph = overCounted(describeSeeds, "seed", 3);
/** @param {Options} options */
const graphOf = (options) => (options.seeds ? seedsGraph : layersGraph);

/** @type {import("../page/panel.mjs").Painter["graphs"]} */
export const graphs = {
  now: {
    together: true,
    structure: (view, frame) => [Boolean(view.options.seeds), ...graphOf(view.options).structure(view, frame)],
    paint: (frame, view) => graphOf(view.options).paint(frame, view),
    figure: (view, frame) => graphOf(view.options).figure(view, frame),
  },
  epochs: overEpochs(describeEpochs),
};

/** @param {View} view */
export function note(view) {
  const { options, parts: { now, seeds }, sizes } = view;
  if (options.seeds) return seeds ? seedsInWords(seeds, options, view.geometry) : `Training ${SEEDS} seeds for ${options.epochs} epochs each …`;
  const name = chosen(options);
  if (!now) return "";
  const layer = layerOf(options, sizes);
  const tensor = read(name, now[name]);
  const [, classes = 1] = tensor.shape;
  const values = tensor.data.slice((layer - 1) * classes, layer * classes);
  return `${COLLAPSE[name].title} at layer ${layer}: ${COLLAPSE[name].perClass ? byClass(view.geometry, values) : inShort(values[0])}.`;
}

/** So many values are told one by one; of more, the least and the greatest. */
const TOLD = 6;

/** @param {Data} geometry @param {NumberList} values */
function byClass(geometry, values) {
  /** @param {number} label */
  const told = (label) => `${inShort(values[label])} (${cut(classCalled(geometry, label))})`;
  const labels = [...values.keys()];
  if (labels.length <= TOLD) return labels.map(told).join(", ");
  const known = labels.filter((label) => Number.isFinite(values[label])).sort((a, b) => values[a] - values[b]);
  return known.length > 0 ? `from ${told(known[0])} to ${told(known[known.length - 1])}` : "not defined for any class";
}

/**
 * @param {Arrays} arrays @param {Options} options
 * @param {Data} geometry
 */
function seedsInWords({ collapsed, gyration_ratio: ratio, test_accuracy: accuracy }, { epochs }, geometry) {
  const count = collapsed.data.length;
  if (count === 0) return "No seed has been trained yet.";
  const classes = ratio.shape[1];
  /** @param {number} row */
  const known = (row) => ratio.data.slice(row * classes, (row + 1) * classes).every(Number.isFinite);
  const unknown = Array.from({ length: count }, (_, row) => known(row)).filter((is) => !is).length;
  const hits = collapsed.data.filter((value) => value > 0).length;
  const mean = Array.from(accuracy.data).reduce((sum, value) => sum + value, 0) / count;
  const without = unknown > 0 ? ` ${unknown} without a ratio.` : "";
  return `One class collapsed in ${hits} of ${count} seeds (${epochs} epochs, mean ${testWord(geometry)} accuracy ${(100 * mean).toFixed(1)} %).${without}`;
}
