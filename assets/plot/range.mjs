import { planeTitles } from "./data.mjs";

/** A range is left alone while the data fill at least this share of it. */
const FILLED_LEAST = 0.55;
const MARGIN = 0.06;
/** Room left on the side on which the data outgrew the range, so that they do not do so at once. */
const HEADROOM = 0.18;

/**
 * A range that holds the data and changes seldom.
 * @param {[number, number]|null} current the range now, null for none
 * @param {number} low of the data
 * @param {number} high of the data
 * @returns {[number, number]} `current` itself where it will do
 */
export function roomy(current, low, high) {
  if (!(low <= high) || !Number.isFinite(low) || !Number.isFinite(high)) return current ?? [-1, 1];
  const spread = high - low || Math.max(Math.abs(high), 1e-3);
  if (current) {
    const [from, to] = current;
    const inside = low >= from && high <= to;
    if (inside && spread >= FILLED_LEAST * (to - from)) return current;
    const margin = MARGIN * spread;
    const room = HEADROOM * spread;
    return [low - (low < from ? room : margin), high + (high > to ? room : margin)];
  }
  return [low - MARGIN * spread, high + MARGIN * spread];
}

const STEPS = [1, 1.5, 2, 3, 4, 5, 6, 8, 10];

/**
 * The least of 1, 1.5, 2, 3, 4, 5, 6, 8 times a power of ten that is not below `value`.
 * @param {number} value
 */
export function roundUp(value) {
  if (!(value > 0) || !Number.isFinite(value)) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  const step = STEPS.find((candidate) => candidate * power >= value * (1 - 1e-9)) ?? 10;
  return Number((step * power).toPrecision(6));
}

/**
 * An upper bound of `value` that changes seldom: it falls only when far too large.
 * @param {number|null} current
 * @param {number} value
 */
export function ceiling(current, value) {
  const next = roundUp(value);
  return current !== null && next <= current && next >= 0.4 * current ? current : next;
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
