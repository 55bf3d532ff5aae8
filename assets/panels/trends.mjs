/** Norms, eigenvalues and singular values of every layer's matrix over the epochs. */
import { TRENDS } from "../page/choices.mjs";
import { overEpochs, strided } from "../plot/curves.mjs";
import { rowShown } from "../plot/epoch.mjs";
import { layerColour, layerDash } from "../plot/layers.mjs";
import { inShort, inWords } from "../plot/words.mjs";

/** @typedef {import("../plot/curves.mjs").Plot} Plot */

/**
 * @typedef {import("../page/panel.mjs").Options} Options
 * @typedef {import("../page/panel.mjs").View} View
 * @typedef {import("../plot/curves.mjs").Curve} Curve
 */

/** @param {Options} options */
const chosen = ({ quantity }) => TRENDS[quantity] ?? TRENDS.frobenius;

/** @param {Options} options */
export function watch(options) {
  return { trend: { probe: chosen(options).probe, over_time: true } };
}

/** @param {number[]} sizes */
const squareLayers = (sizes) => sizes.slice(1).flatMap((units, index) => (units === sizes[index] ? [index + 1] : []));

/**
 * The layers that the columns of the probe's arrays belong to.
 * @param {string} probe
 * @param {number[]} sizes
 */
function layersOf(probe, sizes) {
  return probe === "eigenvalues" ? squareLayers(sizes) : sizes.slice(1).map((_, index) => index + 1);
}

/** @param {View} view @returns {Plot|null} */
function describe({ options, parts: { trend }, sizes, theme }) {
  const { probe, array, title, scale } = chosen(options);
  if (!trend?.[array]) return null;
  const layers = layersOf(probe, sizes);
  const epochs = trend.epochs.data;
  /** @param {string} name @param {number} place */
  const column = (name, place) => strided(trend[name], place, layers.length, epochs.length);
  const curves = layers.map((layer, place) => ({
    name: `layer ${layer}`,
    label: String(layer),
    ys: column(array, place),
    colour: layerColour(theme, layer, sizes.length - 1),
    dash: layerDash(layer),
  }));
  const lost = trend.collapsed ? layers.flatMap((_, place) => onsets(epochs, column("collapsed", place), curves[place])) : [];
  return { key: options.quantity, title: `${title} by layer`, scale, xs: epochs, curves: [...curves, ...lost] };
}

/**
 * Marks where a matrix loses rank: at each epoch at which it has, and had not before.
 * @param {ArrayLike<number>} epochs
 * @param {number[]} collapsed
 * @param {Curve} curve
 */
function onsets(epochs, collapsed, { name, ys, colour }) {
  const at = [...collapsed.keys()].filter((index) => collapsed[index] && !collapsed[index - 1]);
  if (at.length === 0) return [];
  return [{ name: `${name} loses rank`, xs: at.map((index) => epochs[index]), ys: at.map((index) => ys[index]), colour, symbol: "diamond", bare: true }];
}

/** @type {import("../page/panel.mjs").Painter["graphs"]} */
export const graphs = { main: overEpochs(describe) };

/** @param {View} view */
export function says({ options, parts: { trend }, sizes, status }) {
  const { probe, array } = chosen(options);
  if (!trend?.[array]) return "";
  const layers = layersOf(probe, sizes);
  const row = rowShown(trend.epochs.data, status.shown_epoch);
  const told = layers.map((layer, index) => `layer ${layer} ${inShort(trend[array].data[row * layers.length + index])}`);
  return layers.length > 0 ? `${told.join(", ")}.` : "";
}

/** @param {View} view */
export function note({ options, parts: { trend }, sizes, status }) {
  const { probe, array } = chosen(options);
  if (probe === "eigenvalues" && squareLayers(sizes).length === 0) {
    return "No layer is square, so none has eigenvalues.";
  }
  if (!trend?.[array]) return "";
  const row = rowShown(trend.epochs.data, status.shown_epoch);
  const layers = layersOf(probe, sizes);
  /** @param {string} name */
  const here = (name) => trend[name].data.slice(row * layers.length, (row + 1) * layers.length);
  if (probe === "singular_values") return rankInWords(trend.epochs.data[row], layers, here("rank"), here("collapsed"), sizes);
  const left = probe === "eigenvalues" ? sizes.slice(1).flatMap((units, index) => (units === sizes[index] ? [] : [index + 1])) : [];
  if (left.length > 0) return `Without ${inWords("layer", left)}: not square, so no eigenvalues. ${infiniteOf(layers, here(array))}`.trim();
  return infiniteOf(layers, here(array));
}

/**
 * Layers whose value has no place on the axis.
 * @param {number[]} layers
 * @param {ArrayLike<number>} values
 */
function infiniteOf(layers, values) {
  const infinite = layers.filter((_, place) => values[place] === Infinity);
  return infinite.length > 0 ? `Infinite, and not drawn, for ${inWords("layer", infinite)}: |λ|min is 0.` : "";
}

/**
 * @param {number} epoch
 * @param {number[]} layers
 * @param {ArrayLike<number>} ranks
 * @param {ArrayLike<number>} collapsed
 * @param {number[]} sizes
 */
function rankInWords(epoch, layers, ranks, collapsed, sizes) {
  /** @param {number} layer */
  const full = (layer) => Math.min(sizes[layer], sizes[layer - 1]);
  const lost = layers.filter((_, place) => collapsed[place]);
  if (lost.length === 0) return `Every matrix has full rank at epoch ${epoch}.`;
  const list = lost.map((layer) => `layer ${layer} (${ranks[layers.indexOf(layer)]} of ${full(layer)})`);
  return `Rank lost at epoch ${epoch}: ${list.join(", ")}.`;
}
