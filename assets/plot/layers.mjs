/** How the layers' curves look: from the first to the last along one scale, dashes by turns. */
import { css, sequential } from "./colour.mjs";
import { DASH_NAMES } from "./lines.mjs";

/** @typedef {import("./theme.mjs").Theme} Theme */

/**
 * @param {import("./theme.mjs").Theme} theme
 * @param {number} layer from 1
 * @param {number} count of layers
 * @returns {import("./colour.mjs").Rgb}
 */
export function layerColour(theme, layer, count) {
  return sequential(theme)(count > 1 ? (layer - 1) / (count - 1) : 0);
}

/**
 * The dash of a layer, counted from 1.
 * @param {number} layer
 */
export const layerDash = (layer) => DASH_NAMES[(layer - 1) % DASH_NAMES.length];

/**
 * What `line` takes.
 * @param {Theme} theme
 * @param {number} layer
 * @param {number} count
 */
export function layerLook(theme, layer, count) {
  return { colour: css(layerColour(theme, layer, count)), width: 1.8, dash: layerDash(layer) };
}

/**
 * The same for a Plotly trace.
 * @param {{colour: string, width: number, dash: string}} values
 */
export function plotlyLine({ colour, width, dash }) {
  return { color: colour, width, dash };
}
