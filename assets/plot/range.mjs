import { planeTitles } from "./data.mjs";

const MARGIN = 0.03;
/** Steps of a rounded range, at most. */
const STEPS_MOST = 8;

/**
 * A range that holds the data and changes seldom, because both ends are whole steps. It depends on
 * the data alone: the same picture has the same axes, however one came to it.
 * @param {number} low of the data
 * @param {number} high of the data
 * @returns {[number, number]}
 */
export function rounded(low, high) {
  if (!(low <= high) || !Number.isFinite(low) || !Number.isFinite(high)) return [-1, 1];
  const spread = high - low || Math.max(Math.abs(high), 1e-3);
  const margin = MARGIN * spread;
  const step = roundUp(spread / STEPS_MOST, COARSE);
  const [from, to] = [Math.floor((low - margin) / step) * step, Math.ceil((high + margin) / step) * step];
  return [Number(from.toPrecision(12)), Number(to.toPrecision(12))];
}

const FINE = [1, 1.5, 2, 3, 4, 5, 6, 8, 10];
export const COARSE = [1, 2, 5, 10];

/**
 * The least step times a power of ten that is not below `value`; 1 where that is no positive number.
 * @param {number} value
 * @param {number[]} [steps] from 1 to 10
 */
export function roundUp(value, steps = FINE) {
  if (!(value > 0) || !Number.isFinite(value)) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  const step = steps.find((candidate) => candidate * power >= value * (1 - 1e-9)) ?? 10;
  return Number((step * power).toPrecision(6));
}

/**
 * Show the window of the data plane that holds every point, its axes by their names.
 * @param {import("./frame.mjs").Frame} frame
 * @param {import("./data.mjs").Data} data
 */
export function lookAt(frame, data) {
  const { centre: [x1, x2], extent: half } = data;
  planeTitles(data).forEach((title, axis) => frame.setTitle(axis === 0 ? "xaxis" : "yaxis", title));
  frame.setRange("xaxis", x1 - half, x1 + half);
  frame.setRange("yaxis", x2 - half, x2 + half);
}

/**
 * The lowest and highest finite value, [Infinity, -Infinity] where there is none.
 * @param {ArrayLike<number>} values
 * @returns {[number, number]}
 */
export function extent(values, start = 0, step = 1) {
  let low = Infinity;
  let high = -Infinity;
  for (let index = start; index < values.length; index += step) {
    const value = values[index];
    if (value < low && value !== -Infinity) low = value;
    if (value > high && value !== Infinity) high = value;
  }
  return [low, high];
}
