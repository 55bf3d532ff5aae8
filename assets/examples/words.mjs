/** What is said of an example, in words: beside its pictures, and to those who do not see them. */
import { classCalled, cut } from "../plot/data.mjs";
import { inShort } from "../plot/words.mjs";

/** @typedef {import("../stream/safetensors.mjs").Tensor} Tensor */

/** @typedef {import("../plot/data.mjs").Data} Data */

/**
 * One point and what an attack made of it.
 *
 * @typedef {object} Example
 * @property {number} index of the test point
 * @property {number} label
 * @property {number} predicted
 * @property {number} probability
 * @property {number} foundPredicted
 * @property {number} foundProbability
 * @property {boolean} broken
 * @property {ArrayLike<number>} point
 * @property {ArrayLike<number>} found
 */

/**
 * @param {Record<string, import("../stream/safetensors.mjs").Tensor>} found what `examples_table` returned
 * @returns {Example[]}
 */
export function examplesOf(found) {
  const [count, features] = found.points.shape;
  /** @param {Tensor} tensor @param {number} at */
  const row = ({ data }, at) => data.subarray(at * features, (at + 1) * features);
  return Array.from({ length: count }, (_, at) => ({
    index: found.index.data[at],
    label: found.label.data[at],
    predicted: found.predicted.data[at],
    probability: found.probability.data[at],
    foundPredicted: found.found_predicted.data[at],
    foundProbability: found.found_probability.data[at],
    broken: found.broken.data[at] === 1,
    point: row(found.points, at),
    found: row(found.found, at),
  }));
}

/**
 * "98 %", never 100 where it is less.
 * @param {number} share
 */
export function percent(share) {
  if (share > 0.995 && share < 1) return "> 99 %";
  return `${Math.round(100 * share)} %`;
}

/**
 * "a 3", "setosa".
 * @param {Data} data
 * @param {number} label
 */
const oneOf = (data, label) => {
  const called = classCalled(data, label);
  return called.startsWith("class ") ? `a ${called.slice(6)}` : called;
};

/** @param {Data} data @param {number} label */
const bare = (data, label) => data.class_names[label] ?? String(label);

/**
 * @param {Data} data
 * @param {Example} example
 */
export function ofPoint(data, { label, predicted, probability }) {
  const said = label === predicted ? "the network agrees" : `taken for ${bare(data, predicted)}`;
  return `${oneOf(data, label)}, ${said} (${percent(probability)})`;
}

/**
 * @param {Data} data
 * @param {Example} example
 * @param {number} epsilon
 */
export function ofFound(data, { label, predicted, foundPredicted, foundProbability, broken }, epsilon) {
  if (label !== predicted) return `${oneOf(data, label)}, taken for ${bare(data, predicted)} without any attack`;
  const said = broken ? `taken for ${bare(data, foundPredicted)}` : "no other class found";
  return `${oneOf(data, label)}, ${said} at ε ${inShort(epsilon)} (${percent(foundProbability)})`;
}

/**
 * What the network says, short: "8, 71 %".
 * @param {Data} data
 * @param {number} label
 * @param {number} probability
 */
export const answer = (data, label, probability) => `${cut(bare(data, label), 16)}, ${percent(probability)}`;

/**
 * The largest change of any number in these examples, 1 where there is none.
 * @param {Example[]} examples
 */
export function largestChange(examples) {
  let most = 0;
  for (const { point, found } of examples) {
    for (let index = 0; index < point.length; index++) most = Math.max(most, Math.abs(found[index] - point[index]));
  }
  return most || 1;
}

/**
 * An element with a class and a text.
 * @param {string} tag
 * @param {string} className
 * @param {string} [text]
 */
export function make(tag, className, text = "") {
  const element = document.createElement(tag);
  if (className) element.className = className;
  element.textContent = text;
  return element;
}
