/** Names written at the ends of curves, moved apart where they would lie on each other. */
import { plain } from "./data.mjs";

/** @typedef {import("./frame.mjs").Area} Area */

export const LABEL_SIZE = 10;
const LEAST = 11;
const AWAY = 4;

/**
 * @typedef {"left"|"right"} Side
 * @typedef {object} Label
 * @property {string} text
 * @property {string} colour
 * @property {number} x in data coordinates
 * @property {number} y
 * @property {number} [shift] CSS pixels downwards from there
 */

/**
 * Move labels apart vertically; those that are not within the axes are left out.
 * @param {import("./frame.mjs").Area} area
 * @param {Label[]} labels
 * @returns {Label[]}
 */
export function apart(area, labels) {
  const within = labels
    .map((label) => ({ ...label, top: area.y(label.y) }))
    .filter(({ top }) => top >= area.top - 1 && top <= area.top + area.height + 1)
    .sort((a, b) => a.top - b.top);
  const placed = spread(within, Math.max(1, Math.floor(area.height / LEAST)));
  let free = area.top + LEAST / 2;
  const tops = placed.map(({ top }) => {
    const place = Math.max(top, free);
    free = place + LEAST;
    return place;
  });
  // What was pushed below the end moves up again.
  let limit = area.top + area.height - LEAST / 2;
  for (let index = tops.length - 1; index >= 0 && tops[index] > limit; index--) {
    tops[index] = limit;
    limit -= LEAST;
  }
  return placed.map((label, index) => ({ ...label, shift: tops[index] - label.top }));
}

/**
 * As many of a list as there is room for, evenly.
 * @template T
 * @param {T[]} list
 * @param {number} most
 */
function spread(list, most) {
  if (list.length <= most) return list;
  return Array.from({ length: most }, (_, place) => list[Math.round((place * (list.length - 1)) / Math.max(1, most - 1))]);
}

/**
 * On the canvas, to the left or the right of their points.
 * @param {CanvasRenderingContext2D} context
 * @param {Area} area
 * @param {Label[]} labels
 * @param {Side} side
 */
export function writeLabels(context, area, labels, side) {
  context.textBaseline = "middle";
  context.textAlign = side === "left" ? "right" : "left";
  for (const { text, colour, x, y, shift = 0 } of labels) {
    context.fillStyle = colour;
    context.fillText(text, area.x(x) + (side === "left" ? -AWAY : AWAY), area.y(y) + shift);
  }
}

/**
 * As a part of a Plotly layout.
 * @param {Label[]} labels
 * @param {Side} side
 */
export function annotations(labels, side) {
  return labels.map(({ text, colour, x, y, shift = 0 }) => ({
    text: `<b>${plain(text)}</b>`,
    x,
    y,
    xanchor: side === "left" ? "right" : "left",
    yanchor: "middle",
    xshift: side === "left" ? -AWAY : AWAY,
    yshift: -shift,
    showarrow: false,
    borderpad: 0,
    font: { size: LABEL_SIZE, color: colour },
  }));
}
