/** A colour scale for magnitudes: logarithmic where they span decades, else linear from zero. */
import { ceiling } from "./range.mjs";

/** Values looked at to find where most of them lie. */
const SAMPLES = 1200;
const SHARE_BELOW = 0.02;
const SHARE_ABOVE = 0.99;
/** Decades that make the scale logarithmic, and those below which it is linear again. */
const MANY = 1.5;
const FEW = 1;
const DECADES_MAX = 6;

/**
 * @typedef {object} Scale
 * @property {boolean} log
 * @property {number} low of its end; a whole decade's logarithm where logarithmic
 * @property {number} high
 */

/**
 * @param {Scale|null} current the scale so far, which is kept while it will do
 * @param {ArrayLike<number>} values none below zero
 * @returns {Scale}
 */
export function scaleOf(current, values) {
  const step = Math.max(1, Math.floor(values.length / SAMPLES));
  const sorted = Float64Array.from({ length: Math.floor(values.length / step) }, (_, index) => values[index * step])
    .filter((value) => value > 0)
    .sort();
  if (sorted.length === 0) return current ?? { log: false, low: 0, high: 1 };
  /** @param {number} share */
  const at = (share) => sorted[Math.round(share * (sorted.length - 1))];
  const [low, high] = [Math.log10(at(SHARE_BELOW)), Math.log10(at(SHARE_ABOVE))];
  const log = high - low > (current?.log ? FEW : MANY);
  if (!log) {
    const top = ceiling(current && !current.log ? current.high : null, at(SHARE_ABOVE));
    return current && !current.log && current.high === top ? current : { log, low: 0, high: top };
  }
  const ends = { log, low: Math.max(low, high - DECADES_MAX), high };
  if (current?.log && suits(current, ends)) return current;
  return { log, low: Math.floor(ends.low), high: Math.ceil(ends.high) };
}

/**
 * Whether the ends lie within the scale, and leave no more than about a decade of it empty.
 * @param {Scale} scale
 * @param {Scale} other
 */
function suits(scale, { low, high }) {
  /** @param {number} value @param {number} end */
  const within = (value, end) => value >= end - 0.3 && value <= end + 1.5;
  return within(low, scale.low) && within(-high, -scale.high);
}

/**
 * @param {Scale} scale
 * @returns {(value: number) => number} 0 at the low end, 1 at the high one
 */
export function placeOn({ log, low, high }) {
  const rate = 1 / (high - low);
  return log ? (value) => (value > 0 ? (Math.log10(value) - low) * rate : 0) : (value) => value * rate;
}

const RAISED = [..."⁰¹²³⁴⁵⁶⁷⁸⁹"];
/** @param {number} exponent */
const power = (exponent) => `10${exponent < 0 ? "⁻" : ""}${[...String(Math.abs(exponent))].map((digit) => RAISED[Number(digit)]).join("")}`;
const NUMBER = new Intl.NumberFormat("en-GB", { maximumSignificantDigits: 3, useGrouping: false });

/**
 * The numbers beside the colour bar of a scale that is drawn from 0 to 1.
 * @param {Scale} scale
 */
export function barTicks({ log, low, high }) {
  const count = log ? high - low : 4;
  const texts = Array.from({ length: count + 1 }, (_, index) => (log ? power(low + index) : NUMBER.format((high * index) / count)));
  return { tickmode: "array", tickvals: texts.map((_, index) => index / count), ticktext: texts };
}
