/** How far the layers draw each class together: now and over the epochs. */
import { COLLAPSE } from "../page/choices.mjs";
import { classCalled, classMark, cut, plain } from "../plot/data.mjs";
import { overEpochs, overLayers, shares, strided } from "../plot/curves.mjs";
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
 * @typedef {import("../page/panel.mjs").Options} Options
 * @typedef {import("../page/panel.mjs").View} View
 * @typedef {import("../stream/safetensors.mjs").Tensor} Tensor
 */

/** @param {Options} options */
const chosen = ({ quantity }) => (quantity in COLLAPSE ? quantity : "gyration_ratio");
/** @param {Options} options @param {number[]} sizes */
const layerOf = ({ layer }, sizes) => (Number(layer) > 0 ? Number(layer) : lastHidden(sizes));

/** @param {Options} options */
export const concerns = ({ quantity }) => (COLLAPSE[quantity]?.perClass === false ? [] : ["classes"]);

/** @param {Options} _options @param {number[]} _sizes @param {Set<string>} shown */
export function watch(_options, _sizes, shown) {
  return {
    ...(shown.has("epochs") ? { trend: { probe: "collapse", over_time: true } } : {}),
    now: { probe: "collapse" },
  };
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

/** @type {import("../page/panel.mjs").Painter["graphs"]} */
export const graphs = { now: overLayers(describeNow), epochs: overEpochs(describeEpochs) };

/** @param {View} view */
export function note(view) {
  const { options, parts: { now }, sizes } = view;
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
