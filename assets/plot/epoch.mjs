/** The axis of epochs, linear or logarithmic, and the upright line at the epoch shown while it is an earlier one. */
import { css } from "./colour.mjs";
import { stroke } from "./lines.mjs";
import { COARSE, roundUp } from "./range.mjs";
import { epochTicks } from "./ticks.mjs";

/**
 * @typedef {import("../page/panel.mjs").Options} Options
 * @typedef {import("../stream/state.mjs").Status} Status
 * @typedef {import("./frame.mjs").Area} Area
 * @typedef {import("./frame.mjs").Frame} Frame
 * @typedef {import("./theme.mjs").Theme} Theme
 */

/** A new run's axis ends here. */
const LEAST = 10;
/** Where epoch 0 stands on a logarithmic axis, and where that begins. */
const START = 0.5;
const BEGIN = Math.log10(0.45);

/** @param {Options} options */
const isLog = ({ epoch_axis: axis }) => axis === "log";

/**
 * Where epochs stand on their axis.
 * @param {ArrayLike<number>} epochs
 * @param {Options} options
 * @returns {ArrayLike<number>}
 */
export function onEpochs(epochs, options) {
  return isLog(options) && epochs[0] === 0 ? Array.from(epochs, (epoch) => onEpoch(epoch, options)) : epochs;
}

/**
 * Where one epoch stands.
 * @param {number} epoch
 * @param {Options} options
 */
export const onEpoch = (epoch, options) => (isLog(options) ? Math.max(epoch, START) : epoch);

/**
 * Give the axis the range for epochs up to `last`. It grows by steps, to which it glides.
 * @param {Frame} frame
 * @param {Options} options
 * @param {number} last
 * @param {number} [room] share of the axis kept free at its end
 */
export function setEpochs(frame, options, last, room = 0) {
  const end = Math.max(LEAST, last);
  if (!isLog(options)) return frame.glideTo("xaxis", 0, roundUp(end * (1 + room), COARSE));
  const to = Math.log10(roundUp(end, COARSE));
  frame.glideTo("xaxis", BEGIN, to + room * (to - BEGIN));
}

/**
 * The last epoch as far as the look of the axis depends on it, for the structure of a figure.
 * @param {Options} options
 * @param {number} last
 */
export const epochStep = (options, last) => isLog(options) && (last > 100 ? "far" : "near");

/**
 * As a part of a Plotly axis.
 * @param {Options} options
 * @param {number} last
 */
export const epochAxis = (options, last) => (isLog(options) ? { type: "log", ...epochTicks(last, START) } : { type: "linear" });

/**
 * Plotly wants the place of a text on a logarithmic axis as a logarithm.
 * @template {{x: number}} Written
 * @param {Written[]} written
 * @param {Options} options
 * @returns {Written[]}
 */
export const textOnEpochs = (written, options) => (isLog(options) ? written.map((each) => ({ ...each, x: Math.log10(each.x) })) : written);

/**
 * On the canvas.
 * @param {CanvasRenderingContext2D} context
 * @param {Area} area
 * @param {Status} status
 * @param {Options} options
 * @param {Theme} theme
 */
export function epochLine(context, area, { seeking, shown_epoch }, options, theme) {
  if (seeking === null) return;
  const x = onEpoch(shown_epoch, options);
  context.beginPath();
  context.moveTo(area.x(x), area.top);
  context.lineTo(area.x(x), area.top + area.height);
  stroke(context, css(theme.accent), 1, "dash");
}

/**
 * As a part of a Plotly layout.
 * @param {Status} status
 * @param {Options} options
 * @param {Theme} theme
 */
export function epochShape({ seeking, shown_epoch }, options, theme) {
  if (seeking === null) return {};
  const x = onEpoch(shown_epoch, options);
  const place = { x0: x, x1: x, y0: 0, y1: 1, yref: "paper" };
  return { shapes: [{ type: "line", ...place, line: { color: css(theme.accent), width: 1, dash: "dash" } }] };
}

/**
 * Index of the last epoch that is not after the one shown.
 * @param {ArrayLike<number>} epochs
 * @param {number} shown
 */
export function rowShown(epochs, shown) {
  let row = 0;
  while (row + 1 < epochs.length && epochs[row + 1] <= shown) row++;
  return row;
}
