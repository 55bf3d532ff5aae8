/** What reaches each layer in a backward pass over the training set, now and over the epochs. */
import { GRADIENTS } from "../page/choices.mjs";
import { overEpochs, overLayers, shares, strided } from "../plot/curves.mjs";
import { layerColour, layerDash } from "../plot/layers.mjs";
import { inShort, inWords } from "../plot/words.mjs";

/** @typedef {import("../plot/curves.mjs").Plot} Plot */

/**
 * @typedef {import("../page/panel.mjs").Arrays} Arrays
 * @typedef {import("../page/panel.mjs").Options} Options
 * @typedef {import("../page/panel.mjs").View} View
 * @typedef {import("../stream/safetensors.mjs").NumberList} NumberList
 * @typedef {import("../stream/safetensors.mjs").Tensor} Tensor
 * @typedef {import("../stream/state.mjs").Status} Status
 */

const VANISHING = 1;
const EXPLODING = 2;

/** @param {Options} options */
const chosen = ({ quantity }) => (quantity in GRADIENTS ? quantity : "norm");
/** @param {string} name @param {Tensor} tensor */
const read = (name, tensor) => (name === "norm" ? tensor : shares(tensor));

/** @param {unknown} _ @param {unknown} __ @param {Set<string>} shown */
export function watch(_, __, shown) {
  return {
    now: { probe: "gradients" },
    ...(shown.has("epochs") ? { trend: { probe: "gradients", over_time: true } } : {}),
  };
}

/** @param {View} view @returns {Plot|null} */
function describeNow({ options, parts: { now }, theme }) {
  const name = chosen(options);
  if (!now) return null;
  const { title, scale } = GRADIENTS[name];
  const values = Array.from(read(name, now[name]).data);
  const curve = { name: title, ys: values, colour: theme.series[1], symbol: "circle" };
  return { key: name, title, scale, xs: values.map((_, index) => index + 1), curves: [curve] };
}

/** @param {View} view @returns {Plot|null} */
function describeEpochs({ options, parts: { trend }, theme, sizes }) {
  const name = chosen(options);
  if (!trend?.[name]) return null;
  const { title, scale } = GRADIENTS[name];
  const tensor = read(name, trend[name]);
  const [epochs, layers] = tensor.shape;
  const curves = Array.from({ length: layers }, (_, index) => ({
    name: `layer ${index + 1}`,
    label: String(index + 1),
    ys: strided(tensor, index, layers, epochs),
    colour: layerColour(theme, index + 1, sizes.length - 1),
    dash: layerDash(index + 1),
  }));
  return { key: name, title: `${title} by layer`, scale, xs: trend.epochs.data, curves };
}

/** @type {import("../page/panel.mjs").Painter["graphs"]} */
export const graphs = { now: overLayers(describeNow), epochs: overEpochs(describeEpochs) };

/** @param {View} view */
export function note({ options, parts: { now }, sizes, status }) {
  if (!now) return "";
  const sentences = [verdict(now), deadUnits(now, sizes, status)];
  if (chosen(options) === "norm") sentences.push(unseen(now));
  return sentences.filter(Boolean).join(" ");
}

/** @param {number[]|NumberList} data @param {(value: number) => boolean} test */
const layersWhere = (data, test) => [...data.keys()].filter((index) => test(data[index])).map((index) => index + 1);

/** @param {Arrays} arrays */
function verdict({ verdict: { data }, norm }) {
  const loud = layersWhere(data, (value) => value === EXPLODING);
  const faint = layersWhere(data, (value) => value === VANISHING);
  const sentences = [];
  if (loud.length > 0) sentences.push(`The gradient explodes in ${inWords("layer", loud)}.`);
  if (faint.length > 0) sentences.push(`The gradient vanishes in ${inWords("layer", faint)}.`);
  if (sentences.length > 0) return sentences.join(" ");
  const [least, most] = [Math.min(...norm.data), Math.max(...norm.data)].map(inShort);
  return `No layer vanishes or explodes: ‖g‖ ${norm.data.length > 1 ? `from ${least} to ${most}` : `is ${least}`}.`;
}

/** @param {Arrays} arrays @param {number[]} sizes @param {Status} status */
function deadUnits({ dead_units: dead }, sizes, { config }) {
  if (dead.data.length === 0) return "There is no hidden layer, so no unit can be dead.";
  if (config.network.activation !== "relu") return "Only relu units can be dead.";
  const counts = Array.from(shares(dead).data, (share, index) => Math.round(share * sizes[index + 1]));
  const layers = layersWhere(counts, (count) => count > 0);
  if (layers.length === 0) return "No unit is dead.";
  const list = layers.map((layer) => `${counts[layer - 1]} of ${sizes[layer]} in layer ${layer}`);
  return `Dead units: ${list.join(", ")}.`;
}

/**
 * What a logarithmic axis has no place for.
 * @param {Arrays} arrays
 */
function unseen({ norm }) {
  const zero = layersWhere(norm.data, (value) => value === 0);
  return zero.length > 0 ? `Exactly 0, so not on the axis: ${inWords("layer", zero)}.` : "";
}
