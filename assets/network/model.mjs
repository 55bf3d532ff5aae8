/** The network on show, read from what `units` measured, and what its parts are called. */
import { classCalled, classMark, cut, inputName } from "../plot/data.mjs";
import { inShort } from "../plot/words.mjs";

/**
 * @typedef {import("../page/panel.mjs").Arrays} Arrays
 * @typedef {import("../page/panel.mjs").View} View
 * @typedef {import("../stream/safetensors.mjs").NumberList} NumberList
 */

/**
 * One layer, the inputs being layer 0.
 *
 * @typedef {object} Layer
 * @property {number} index
 * @property {number} size units that it has
 * @property {number} count of them shown
 * @property {number} start how many come before them in the order
 * @property {number} from place of its first unit among all that are shown
 * @property {boolean} isFrozen
 * @property {NumberList} weights (units shown, inputs shown), none for the inputs
 */

/**
 * @typedef {object} Network
 * @property {Layer[]} layers
 * @property {number} resolution nodes of a picture, each way
 * @property {NumberList} images a byte a node, 128 for zero, unit by unit from the lowest row
 * @property {NumberList} unit number in its layer, of each unit shown
 * @property {NumberList} low
 * @property {NumberList} high
 * @property {NumberList} bias
 * @property {NumberList} outgoing
 * @property {NumberList} silent
 * @property {number} limit largest |weight| of the network
 * @property {import("../plot/data.mjs").Data} data
 * @property {{features: string[], activation: string}} config
 */

/** Units of a layer that are shown at once. */
export const MOST = 12;

/** @param {number} value with a true minus sign */
export const number = (value) => inShort(value).replace(/^-/, "−");

/**
 * @param {Arrays} arrays
 * @param {View} view
 * @returns {Network|null} null where they are those of another network
 */
export function readNetwork(arrays, { sizes, geometry, status }) {
  const { shown, start, unit, image, low, high, bias, outgoing, silent, frozen, limit } = arrays;
  if (shown.data.length !== sizes.length) return null;
  let from = 0;
  const layers = sizes.map((size, index) => {
    const count = shown.data[index];
    const weights = index > 0 ? arrays[`weight_${index}`].data : new Float32Array();
    const layer = { index, size, count, start: start.data[index], from, isFrozen: index > 0 && frozen.data[index - 1] === 1, weights };
    from += count;
    return layer;
  });
  if (layers.some(({ size, count }) => count !== Math.min(size, MOST))) return null;
  return {
    layers,
    resolution: image.shape[1],
    images: image.data,
    unit: unit.data,
    low: low.data,
    high: high.data,
    bias: bias.data,
    outgoing: outgoing.data,
    silent: silent.data,
    limit: limit.data[0],
    data: geometry,
    config: status.config.network,
  };
}

/** @param {Network} network @param {number} layer */
export const isOutput = ({ layers }, layer) => layer === layers.length - 1;

/**
 * The largest |output| over the plane.
 * @param {Network} network
 * @param {number} at place among all units that are shown
 */
export const reach = ({ low, high }, at) => Math.max(Math.abs(low[at]), Math.abs(high[at]));

/**
 * A unit's name alone: "x₁", "class 0", "unit 3".
 * @param {Network} network
 * @param {number} layer
 * @param {number} unit from 1
 */
export function shortName({ layers, data, config }, layer, unit) {
  if (layer === 0) return inputName(data, config, unit - 1);
  return layer === layers.length - 1 ? classCalled(data, unit - 1) : `unit ${unit}`;
}

/**
 * The same where there is little room: "x₁", "0".
 * @param {Network} network
 * @param {number} layer
 * @param {number} unit from 1
 */
export const bareName = (network, layer, unit) =>
  isOutput(network, layer) ? classMark(network.data, unit - 1) : shortName(network, layer, unit).replace(/^pixel /, "");

/**
 * Its name in a sentence: "input x₁", "output class 0", "unit 3 of layer 2".
 * @param {Network} network
 * @param {number} layer
 * @param {number} unit from 1
 */
export function fullName(network, layer, unit) {
  const name = cut(shortName(network, layer, unit), 24);
  if (layer === 0) return `input ${name}`;
  return isOutput(network, layer) ? `output ${name}` : `${name} of layer ${layer}`;
}

/** @param {Network} network @param {number} layer */
export function layerName(network, layer) {
  if (layer === 0) return "inputs";
  return isOutput(network, layer) ? "outputs" : `layer ${layer}`;
}

/** @param {string} text */
export const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);

/**
 * What a unit's numbers are, a sentence each.
 * @param {Network} network
 * @param {number} layer
 * @param {number} at place among all units that are shown
 */
export function figures(network, layer, at) {
  const lines = [`From ${number(network.low[at])} to ${number(network.high[at])} over the plane.`];
  if (layer > 0) lines.push(`Bias ${number(network.bias[at])}.`);
  if (!isOutput(network, layer)) lines.push(`Norm of its outgoing weights ${number(network.outgoing[at])}.`);
  if (network.silent[at]) lines.push("Silent: its output counts as 0.");
  if (network.layers[layer].isFrozen) lines.push("Its layer is frozen.");
  return lines;
}

/**
 * The place of a unit among all that are shown, −1 where it is not.
 * @param {Network} network
 * @param {number} layer
 * @param {number} unit from 1
 */
export function placeOf({ layers, unit: numbers }, layer, unit) {
  const { from, count } = layers[layer];
  for (let at = from; at < from + count; at++) if (numbers[at] === unit) return at;
  return -1;
}

/**
 * The weight from an input of a layer to one of its units, null where it is not shown.
 * @param {Network} network
 * @param {number} layer
 * @param {number} unit from 1
 * @param {number} input from 1
 */
export function weightOf(network, layer, unit, input) {
  const [to, from] = [placeOf(network, layer, unit), placeOf(network, layer - 1, input)];
  if (to < 0 || from < 0) return null;
  const [here, before] = [network.layers[layer], network.layers[layer - 1]];
  return here.weights[(to - here.from) * before.count + (from - before.from)];
}

/**
 * The line below the picture.
 * @param {Network} network
 * @param {number} widest |weight| of the widest link
 */
export function sentences({ layers, silent, unit }, widest) {
  const isWide = layers.some(({ size }) => size > MOST);
  const frozen = layers.filter(({ isFrozen }) => isFrozen).map(({ index }) => index);
  const mute = layers.flatMap(({ index, from, count }) =>
    Array.from({ length: count }, (_, slot) => from + slot).flatMap((at) => (silent[at] ? [`unit ${unit[at]} of layer ${index}`] : [])),
  );
  return [
    layers.length === 2 ? "No hidden layer: each output is a weighted sum of the inputs." : "",
    `Blue above zero, orange below; the widest link is ±${inShort(widest)}.`,
    isWide ? `Of each layer the ${MOST} units with the largest outgoing weights; ▲ and ▼ show the others.` : "",
    frozen.length > 0 ? `Frozen: ${frozen.length > 1 ? "layers" : "layer"} ${frozen.join(", ")}.` : "",
    mute.length > 0 ? `Silent: ${mute.join(", ")}.` : "",
  ];
}
