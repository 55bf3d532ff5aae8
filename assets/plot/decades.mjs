/** A colour scale for magnitudes: logarithmic where they span decades, else linear from zero. */
import { COARSE, roundUp } from "./range.mjs";
import { power } from "./ticks.mjs";

/** Values looked at to find where most of them lie. */
const SAMPLES = 1200;
const SHARE_BELOW = 0.02;
const SHARE_ABOVE = 0.99;
/** Decades that make the scale logarithmic. */
const MANY = 1.5;
const DECADES_MAX = 6;

/**
 * @typedef {object} Scale
 * @property {boolean} log
 * @property {number} low of its end; a whole decade's logarithm where logarithmic
 * @property {number} high
 */

/**
 * @param {ArrayLike<number>} values none below zero
 * @returns {Scale}
 */
export function scaleOf(values) {
  const step = Math.max(1, Math.floor(values.length / SAMPLES));
  const sorted = Float64Array.from({ length: Math.floor(values.length / step) }, (_, index) => values[index * step])
    .filter((value) => value > 0)
    .sort();
  if (sorted.length === 0) return { log: false, low: 0, high: 1 };
  /** @param {number} share */
  const at = (share) => sorted[Math.round(share * (sorted.length - 1))];
  const [low, high] = [Math.log10(at(SHARE_BELOW)), Math.log10(at(SHARE_ABOVE))];
  const log = high - low > MANY;
  if (!log) return { log, low: 0, high: roundUp(at(SHARE_ABOVE), COARSE) };
  return { log, low: Math.floor(Math.max(low, high - DECADES_MAX)), high: Math.ceil(high) };
}

/**
 * A scale that holds both; one that is logarithmic makes the other so.
 * @param {Scale} one
 * @param {Scale} other
 * @returns {Scale}
 */
export function united(one, other) {
  if (one.log === other.log) return { log: one.log, low: Math.min(one.low, other.low), high: Math.max(one.high, other.high) };
  const [log, linear] = one.log ? [one, other] : [other, one];
  return { ...log, high: Math.max(log.high, Math.ceil(Math.log10(linear.high))) };
}

/**
 * @param {Scale} scale
 * @returns {(value: number) => number} 0 at the low end, 1 at the high one
 */
export function placeOn({ log, low, high }) {
  const rate = 1 / (high - low);
  return log ? (value) => (value > 0 ? (Math.log10(value) - low) * rate : 0) : (value) => value * rate;
}

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
