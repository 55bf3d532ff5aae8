/** Curves of two runs in one plot: those of the first solid, those of the second dashed. */
import { css } from "./colour.mjs";

/**
 * @typedef {import("./curves.mjs").Curve} Curve
 * @typedef {import("./curves.mjs").Plot} Plot
 * @typedef {import("./theme.mjs").Theme} Theme
 */

/** The two runs, as a legend names them. */
export const RUNS = [
  { name: "A", dash: "solid" },
  { name: "B", dash: "dash" },
];

/**
 * One plot of what is described of each run, that of the first where there is no other.
 * @param {Plot|null} one
 * @param {Plot|null} other
 * @param {Theme} theme
 * @returns {Plot|null}
 */
export function together(one, other, theme) {
  if (!one || !other) return one;
  const curves = [one, other].flatMap((plot, index) => plot.curves.map((curve) => ofRun(curve, plot, index)));
  const xs = other.xs.length > one.xs.length ? other.xs : one.xs;
  return { ...one, xs, curves: [...curves, ...RUNS.map(({ name, dash }) => key(name, dash, theme))], legend: true };
}

/** @param {Curve} curve @param {Plot} plot @param {number} index of the run */
function ofRun(curve, { xs, legend }, index) {
  const { name, dash } = RUNS[index];
  const group = curve.short ?? curve.name;
  return { ...curve, name: `${curve.name}, ${name}`, short: group, dash, xs: curve.xs ?? xs, group, listed: Boolean(legend) && index === 0 };
}

/** An entry of the legend. @param {string} name @param {string} dash @param {Theme} theme @returns {Curve} */
const key = (name, dash, theme) => ({ name, short: name, xs: [NaN, NaN], ys: [NaN, NaN], colour: theme.ink, dash, listed: true });

/**
 * The same as traces of Plotly.
 * @param {Theme} theme
 */
export const keyTraces = (theme) =>
  RUNS.map(({ name, dash }) => ({ type: "scatter", mode: "lines", name, x: [null], y: [null], line: { color: css(theme.ink), width: 1.8, dash } }));
