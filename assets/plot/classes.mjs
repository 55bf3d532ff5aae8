/** How the points of a class look, on the canvas and in Plotly, the same in both. */
import { css, pixel } from "./colour.mjs";
import { markOf, symbolOf } from "./marks.mjs";

/**
 * @typedef {import("../stream/safetensors.mjs").NumberList} NumberList
 * @typedef {import("./theme.mjs").Theme} Theme
 */

/**
 * @typedef {object} PointLook
 * @property {number} radius CSS pixels
 * @property {number} line width of the outline
 * @property {boolean} hollow filled with the card's colour, in an outline of the class' colour
 */

export const TRAIN = { radius: 2.1, line: 0, hollow: false };
export const TEST = { radius: 2.5, line: 1.2, hollow: true };
export const MAPPED = { radius: 2.1, line: 0, hollow: false };

/** A Plotly figure holds at most so many points: beyond, every so many-th is drawn. */
export const PLOTLY_POINTS_MAX = 4000;

/**
 * @param {import("./theme.mjs").Theme} theme
 * @param {number} label
 * @param {PointLook} look
 * @param {number} scale device pixels in a CSS pixel
 */
export function stampOf(theme, label, look, scale) {
  const { radius, line } = look;
  const { fill, outline } = colours(theme, label, look);
  return { mark: markOf(symbolOf(label), { radius, line, scale }), fill: pixel(fill), line: pixel(outline) };
}

/**
 * @param {import("./theme.mjs").Theme} theme
 * @param {number} label
 * @param {PointLook} look
 */
export function plotlyMarker(theme, label, look) {
  const { fill, outline } = colours(theme, label, look);
  const line = { width: look.line, color: css(outline) };
  return { symbol: symbolOf(label), size: 2 * look.radius, color: css(fill), opacity: 1, line };
}

/** @param {Theme} theme @param {number} label @param {PointLook} look */
function colours(theme, label, { hollow }) {
  const own = theme.classes[label];
  return { fill: hollow ? theme.surface : own, outline: own };
}

/**
 * Indices of the points of each class.
 * @param {NumberList} labels
 * @param {number} classes
 */
export function rowsOf(labels, classes) {
  /** @type {number[][]} */
  const rows = Array.from({ length: classes }, () => []);
  labels.forEach((label, index) => rows[label].push(index));
  return rows;
}
