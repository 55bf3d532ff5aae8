/** What layers are called, and the choice between them. */

/**
 * @typedef {import("../page/panel.mjs").Options} Options
 * @typedef {import("../page/panel.mjs").View} View
 */

/**
 * Unless another is chosen, the last hidden layer is shown, the output where there is none.
 * @param {number[]} sizes
 */
export const lastHidden = (sizes) => Math.max(sizes.length - 2, 1);

/**
 * The layer that the option `layer` stands for.
 * @param {Pick<View, "options"|"sizes">} values
 */
export function layerOf({ options, sizes }) {
  return options.layer === "last" ? lastHidden(sizes) : Number(options.layer);
}

/**
 * The same option, as a probe takes it.
 * @param {Options} options
 */
export const layerOption = ({ layer }) => (layer === "last" ? {} : { layer: Number(layer) });

/** @param {number} layer @param {number[]} sizes */
export function named(layer, sizes) {
  const count = sizes[layer];
  if (layer === 0) return `input (${count} coordinates)`;
  if (layer === sizes.length - 1) return `output (${count} logits)`;
  return `layer ${layer} (${count} ${count === 1 ? "unit" : "units"})`;
}

/**
 * Choices of a layer, those before `first` left out.
 * @param {number[]} sizes
 * @param {number} first
 */
export function layerChoices(sizes, first) {
  const layers = sizes.map((_, layer) => ({ label: named(layer, sizes), value: String(layer) })).slice(first);
  return [{ label: sizes.length > 2 ? "last hidden" : "output", value: "last" }, ...layers];
}
