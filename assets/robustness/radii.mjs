/** What the proof's radii say of the test points. */
import { inShort } from "../plot/words.mjs";

/** So many are ringed. */
const WEAKEST = 10;

/** @type {WeakMap<object, number[]>} found once for each proof */
const found = new WeakMap();

/**
 * The share of points classified correctly: close to the boundary, no radius above 0 need be proved.
 * @param {import("../page/panel.mjs").Arrays} exact
 */
export function rightShare({ radius_upper: { data } }) {
  return Array.from(data).filter((radius) => radius > 0).length / data.length;
}

/**
 * Indices of the test points whose class ends closest. Left out are those classified wrongly, and
 * those of which nothing is known because the proof ended before.
 * @param {import("../page/panel.mjs").Arrays} exact
 */
export function weakest(exact) {
  if (!found.has(exact)) {
    const lowers = exact.radius_lower.data;
    const uppers = exact.radius_upper.data;
    const known = [...lowers.keys()].filter((index) => uppers[index] > 0 && (lowers[index] > 0 || uppers[index] < Infinity));
    found.set(exact, known.sort((a, b) => lowers[a] - lowers[b] || uppers[a] - uppers[b]).slice(0, WEAKEST));
  }
  return found.get(exact) ?? [];
}

/**
 * The two ends of a radius differ by more than a reader would care.
 * @param {number} lower
 * @param {number} upper
 */
export const isApart = (lower, upper) => Number.isFinite(upper) && upper - lower > 0.01 * upper;

/**
 * A radius in words, as narrowly as it is known.
 * @param {number} lower
 * @param {number} upper
 */
export function radiusText(lower, upper) {
  if (upper === Infinity) return `above ${inShort(lower)}`;
  return isApart(lower, upper) ? `${inShort(lower)} to ${inShort(upper)}` : inShort(upper);
}
