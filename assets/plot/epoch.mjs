/** The upright line at the epoch shown, while an earlier one is looked at. */
import { css } from "./colour.mjs";
import { stroke } from "./lines.mjs";

/**
 * @typedef {import("../stream/state.mjs").Status} Status
 * @typedef {import("./frame.mjs").Area} Area
 * @typedef {import("./theme.mjs").Theme} Theme
 */

/**
 * On the canvas.
 * @param {CanvasRenderingContext2D} context
 * @param {Area} area
 * @param {Status} status
 * @param {Theme} theme
 */
export function epochLine(context, area, { seeking, shown_epoch }, theme) {
  if (seeking === null) return;
  context.beginPath();
  context.moveTo(area.x(shown_epoch), area.top);
  context.lineTo(area.x(shown_epoch), area.top + area.height);
  stroke(context, css(theme.accent), 1, "dash");
}

/**
 * As a part of a Plotly layout.
 * @param {Status} status
 * @param {Theme} theme
 */
export function epochShape({ seeking, shown_epoch }, theme) {
  if (seeking === null) return {};
  const place = { x0: shown_epoch, x1: shown_epoch, y0: 0, y1: 1, yref: "paper" };
  return { shapes: [{ type: "line", ...place, line: { color: css(theme.accent), width: 1, dash: "dash" } }] };
}
