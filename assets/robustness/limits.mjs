/** Upright lines at radii that the data set, with their names above the curves. */
import { css } from "../plot/colour.mjs";
import { LABEL_SIZE } from "../plot/labels.mjs";
import { stroke } from "../plot/lines.mjs";

/**
 * @typedef {import("../plot/frame.mjs").Area} Area
 * @typedef {import("../plot/theme.mjs").Theme} Theme
 */

/** @typedef {{x: number, text: string}} Limit */

const ROW = 12;
const AWAY = 4;

/**
 * CSS pixels that the names of so many limits take.
 * @param {number} count
 */
export const roomFor = (count) => (count > 0 ? 4 + ROW * count : 0);

/**
 * Where each limit's line and name lie, in CSS pixels; a limit beyond the axis has a name alone.
 * @param {import("../plot/frame.mjs").Area} area
 * @param {Limit[]} limits
 */
function placed(area, limits) {
  // From the right to the left, so that no line crosses the name of another.
  const ordered = [...limits].sort((a, b) => b.x - a.x);
  return ordered.map(({ x, text }, row) => {
    const across = area.x(x);
    const right = area.left + area.width;
    const isBeyond = across > right;
    const toLeft = isBeyond || across > area.left + area.width / 2;
    const anchor = isBeyond ? right : across;
    return { x, across: anchor, isBeyond, toLeft, text: isBeyond ? `${text} →` : text, down: area.top + 8 + ROW * row };
  });
}

/**
 * What a name lies on, so that it can be read above the curves.
 * @param {Theme} theme
 */
const plate = ({ surface }) => css(surface, 0.8);

/**
 * On the canvas.
 * @param {CanvasRenderingContext2D} context
 * @param {Area} area
 * @param {Limit[]} limits
 * @param {Theme} theme
 */
export function paintLimits(context, area, limits, theme) {
  for (const { across, isBeyond, toLeft, text, down } of placed(area, limits)) {
    if (!isBeyond) {
      context.beginPath();
      context.moveTo(across, down - 5);
      context.lineTo(across, area.top + area.height);
      stroke(context, css(theme.muted), 1, "dash");
    }
    const { width } = context.measureText(text);
    context.fillStyle = plate(theme);
    context.fillRect(across + (toLeft ? -AWAY - width : AWAY), down - ROW / 2, width, ROW);
    context.fillStyle = css(theme.muted);
    context.textBaseline = "middle";
    context.textAlign = toLeft ? "right" : "left";
    context.fillText(text, across + (toLeft ? -AWAY : AWAY), down);
  }
}

/**
 * The same as parts of a Plotly layout.
 * @param {Area} area
 * @param {Limit[]} limits
 * @param {Theme} theme
 */
export function limitLayout(area, limits, theme) {
  const places = placed(area, limits);
  /** @param {number} down */
  const part = (down) => 1 - (down - area.top) / area.height;
  const shapes = places
    .filter(({ isBeyond }) => !isBeyond)
    .map(({ x, down }) => ({
      type: "line",
      x0: x,
      x1: x,
      yref: "y domain",
      y0: 0,
      y1: part(down - 5),
      line: { color: css(theme.muted), width: 1, dash: "dash" },
    }));
  const notes = places.map(({ x, text, isBeyond, toLeft, down }) => ({
    text: `<b>${text}</b>`,
    ...(isBeyond ? { xref: "x domain", x: 1 } : { x }),
    xanchor: toLeft ? "right" : "left",
    xshift: toLeft ? -AWAY : AWAY,
    yref: "y domain",
    y: part(down),
    yanchor: "middle",
    showarrow: false,
    borderpad: 0,
    bgcolor: plate(theme),
    font: { size: LABEL_SIZE, color: css(theme.muted) },
  }));
  return { shapes, notes };
}
