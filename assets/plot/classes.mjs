/** How the points of a class look, on the canvas and in Plotly, the same in both. */
import { css, pixel } from "./colour.mjs";
import { markOf, SYMBOLS } from "./marks.mjs";

/**
 * @typedef {object} PointLook
 * @property {number} radius CSS pixels
 * @property {number} line width of the outline
 * @property {boolean} hollow
 */

export const TRAIN = { radius: 2.4, line: 0.7, hollow: false };
export const TEST = { radius: 2.6, line: 1.3, hollow: true };
export const BARE = { radius: 2.2, line: 0, hollow: false };

/** A Plotly figure holds at most so many points: beyond, every so many-th is drawn. */
export const PLOTLY_POINTS_MAX = 4000;

/**
 * @param {import("./theme.mjs").Theme} theme
 * @param {number} label
 * @param {PointLook} look
 * @param {number} scale device pixels in a CSS pixel
 */
export function stampOf(theme, label, look, scale) {
  return {
    mark: markOf(SYMBOLS[label % SYMBOLS.length], { ...look, scale }),
    fill: pixel(theme.classes[label]),
    line: pixel(look.hollow ? theme.classes[label] : theme.surface),
  };
}

/**
 * @param {import("./theme.mjs").Theme} theme
 * @param {number} label
 * @param {PointLook} look
 */
export function plotlyMarker(theme, label, look) {
  const symbol = SYMBOLS[label % SYMBOLS.length];
  const colour = css(theme.classes[label]);
  return {
    symbol: look.hollow ? `${symbol}-open` : symbol,
    size: 2 * look.radius,
    color: colour,
    opacity: 1,
    line: { width: look.line, color: look.hollow ? colour : css(theme.surface) },
  };
}

/** Indices of the points of each class. */
export function rowsOf(labels, classes) {
  const rows = Array.from({ length: classes }, () => []);
  labels.forEach((label, index) => rows[label].push(index));
  return rows;
}
