/** Numbers beside logarithmic axes: each is written whole, and no more of them than there is room for. */

const LEAST = -45;
const MOST = 45;
/** Decades of an axis that has a number at every decade, and those of one that has others between. */
const EVERY = 7;
const FEW = 1.6;
const RAISED = [..."⁰¹²³⁴⁵⁶⁷⁸⁹"];
const WHOLE = new Intl.NumberFormat("en-GB");

/** @param {number} exponent */
export const power = (exponent) => `10${exponent < 0 ? "⁻" : ""}${[...String(Math.abs(exponent))].map((digit) => RAISED[Number(digit)]).join("")}`;

/** Digits that have a number in every decade, by the decades that the axis spans. @param {number} decades */
const digitsFor = (decades) => (decades <= 0.7 ? [1, 1.5, 2, 3, 5, 7] : decades <= FEW ? [1, 2, 5] : [1]);

/** @param {number} digit @param {number} exponent */
function written(digit, exponent) {
  if (exponent >= -3 && exponent <= 3) return String(Number(`${digit}e${exponent}`));
  return digit === 1 ? power(exponent) : `${digit}·${power(exponent)}`;
}

/** @param {number} decades */
const stepFor = (decades) => Math.max(1, Math.ceil(decades / EVERY));

/**
 * What the numbers beside an axis depend on: both ends may move without others being needed.
 * @param {number} low
 * @param {number} high
 */
export const tickDensity = (low, high) => [stepFor(high - low), digitsFor(high - low)];

/**
 * As a part of a Plotly axis.
 * @param {number} low logarithm to base 10 of the lower end
 * @param {number} high
 */
export function decadeTicks(low, high) {
  const step = stepFor(high - low);
  const digits = digitsFor(high - low);
  const places = Array.from({ length: Math.floor((MOST - LEAST) / step) + 1 }, (_, index) => Math.ceil(LEAST / step) * step + index * step);
  const each = places.flatMap((exponent) => digits.map((digit) => ({ value: Number(`${digit}e${exponent}`), text: written(digit, exponent) })));
  return { tickmode: "array", tickvals: each.map(({ value }) => value), ticktext: each.map(({ text }) => text) };
}

/** The epochs that have a number on a logarithmic axis. @param {number} last */
export function epochTicks(last, start = 0.5) {
  const digits = last <= 100 ? [1, 2, 5] : [1];
  const values = [0, 1, 2, 3, 4, 5, 6, 7].flatMap((exponent) => digits.map((digit) => digit * 10 ** exponent));
  return { tickmode: "array", tickvals: [start, ...values], ticktext: ["0", ...values.map((value) => WHOLE.format(value))] };
}
