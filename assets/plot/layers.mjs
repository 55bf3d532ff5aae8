/** How the layers' curves look: from the first to the last along one scale, dashes by turns. */
import { css, sequential } from "./colour.mjs";
import { DASH_NAMES } from "./lines.mjs";

/**
 * @param {import("./theme.mjs").Theme} theme
 * @param {number} layer from 1
 * @param {number} count of layers
 */
export function layerLook(theme, layer, count) {
  const place = count > 1 ? (layer - 1) / (count - 1) : 0;
  return { colour: css(sequential(theme)(place)), width: 1.8, dash: DASH_NAMES[(layer - 1) % DASH_NAMES.length] };
}

/** The same for a Plotly trace. */
export function plotlyLine({ colour, width, dash }) {
  return { color: colour, width, dash };
}
