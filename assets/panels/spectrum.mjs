/** Eigenvalues of the square weight matrices, singular values of the others, norms over epochs. */
import { css, pixel } from "../plot/colour.mjs";
import { annotations, apart, writeLabels } from "../plot/labels.mjs";
import { layerLook, plotlyLine } from "../plot/layers.mjs";
import { epochAxis, epochLine, epochShape, epochStep, onEpoch, onEpochs, rowShown, setEpochs, textOnEpochs } from "../plot/epoch.mjs";
import { line, stroke } from "../plot/lines.mjs";
import { MarkLayer, markOf } from "../plot/marks.mjs";
import { COARSE, extent, roundUp } from "../plot/range.mjs";
import { inShort, inWords } from "../plot/words.mjs";

/**
 * @typedef {import("../page/panel.mjs").Arrays} Arrays
 * @typedef {import("../page/panel.mjs").Options} Options
 * @typedef {import("../page/panel.mjs").View} View
 * @typedef {import("../plot/frame.mjs").Area} Area
 * @typedef {import("../plot/frame.mjs").Frame} Frame
 * @typedef {import("../plot/theme.mjs").Theme} Theme
 * @typedef {import("../stream/safetensors.mjs").Tensor} Tensor
 */

const EIGENVALUE = { radius: 3, line: 0, hollow: false };
/** @typedef {{values: ArrayLike<number>, what: string}} Moduli of one layer, or its singular values */

const CIRCLE_STEPS = 180;
/** Ranks with a number, at most. */
const RANKS_MOST = 6;
/** Share of the axis of epochs kept free for the names at the ends of the curves. */
const LABEL_ROOM = 0.06;

/** @param {Options} options @param {number[]} sizes @param {Set<string>} shown */
export function watch({ layer }, sizes, shown) {
  const spectrum = { probe: "eigenvalues", options: layer === "last" ? {} : { layer: Number(layer) } };
  const norms = { probe: "norms", over_time: true };
  return {
    ...(shown.has("plane") || shown.has("modulus") ? { spectrum } : {}),
    ...(shown.has("norms") ? { norms } : {}),
  };
}

/** @param {View} view */
export function choices({ sizes }) {
  const layers = sizes.slice(1).map((units, index) => ({
    label: `layer ${index + 1} (${units} × ${sizes[index]})`,
    value: String(index + 1),
  }));
  return { layer: [{ label: "auto", value: "last" }, ...layers] };
}

/** @param {View} view */
export function note({ parts: { spectrum }, sizes }) {
  if (!spectrum) return "";
  const layer = spectrum.layer.data[0];
  const shape = `${sizes[layer]} × ${sizes[layer - 1]}`;
  const others = sizes.slice(1).flatMap((units, index) => (units === sizes[index] ? [] : [index + 1]));
  const first = spectrum.square.data[0]
    ? `Eigenvalues of layer ${layer} (${shape}).`
    : `Layer ${layer} (${shape}) is not square: singular values instead.`;
  return others.length > 0 ? `${first} By layer: |λ|; σ where not square (${inWords("layer", others)}).` : first;
}

/** @param {View} view */
export function says({ parts: { spectrum, norms }, sizes, status }) {
  const sentences = [];
  if (spectrum) {
    const sizesOfThem = Array.from(spectrum.real.data, (real, index) => Math.hypot(real, spectrum.imag.data[index]));
    const outside = sizesOfThem.filter((size) => size > 1).length;
    sentences.push(`${outside} of ${sizesOfThem.length} lie outside the unit circle; the largest has the size ${inShort(Math.max(...sizesOfThem))}.`);
  }
  if (norms?.frobenius) {
    const layers = sizes.length - 1;
    const row = rowShown(norms.epochs.data, status.shown_epoch);
    const told = Array.from(norms.frobenius.data.slice(row * layers, (row + 1) * layers), inShort);
    sentences.push(`Frobenius norms from the first layer to the last: ${told.join(", ")}.`);
  }
  return sentences.join(" ");
}

/** @type {import("../page/panel.mjs").Painter["graphs"]} */
export const graphs = {
  plane: { structure: () => [], paint: paintPlane, figure: planeFigure },
  modulus: { structure: ({ sizes }) => sizes, paint: paintModulus, figure: modulusFigure },
  norms: { structure: ({ sizes, options, parts: { norms } }) => [sizes, options.epoch_axis, epochStep(options, lastOf(norms))], paint: paintNorms, figure: normsFigure },
};

/** @param {Frame} frame @param {View} view */
function paintPlane(frame, { parts: { spectrum }, theme }) {
  /** @type {MarkLayer} */
  const marks = (frame.memory ??= new MarkLayer());
  if (!spectrum) return;
  const { real, imag, square } = spectrum;
  const positions = new Float32Array(2 * real.data.length);
  let reach = 1;
  real.data.forEach((value, index) => {
    positions[2 * index] = value;
    positions[2 * index + 1] = imag.data[index];
    reach = Math.max(reach, Math.hypot(value, imag.data[index]));
  });
  const end = roundUp(1.08 * reach);
  frame.setRange("xaxis", -end, end);
  frame.setRange("yaxis", -end, end);
  frame.setTitle("xaxis", square.data[0] ? "Re λ" : "singular value σ");
  frame.setTitle("yaxis", square.data[0] ? "Im λ" : " ");
  frame.inside((context, area) => {
    context.beginPath();
    context.ellipse(area.x(0), area.y(0), Math.abs(area.ax), Math.abs(area.ay), 0, 0, 2 * Math.PI);
    stroke(context, css(theme.muted), 1);
    const stamp = { mark: markOf("circle", { ...EIGENVALUE, scale: area.scale }), fill: pixel(theme.accent), line: 0 };
    marks.begin(area);
    marks.write(positions, () => stamp);
    marks.end(context);
  });
}

/** @param {View} view */
function planeFigure({ parts: { spectrum }, theme }) {
  const angles = Array.from({ length: CIRCLE_STEPS + 1 }, (_, step) => (2 * Math.PI * step) / CIRCLE_STEPS);
  const circle = {
    type: "scatter",
    mode: "lines",
    name: "unit circle",
    x: angles.map(Math.cos),
    y: angles.map(Math.sin),
    line: { width: 1, color: css(theme.muted) },
    hoverinfo: "skip",
  };
  const values = {
    type: "scatter",
    mode: "markers",
    name: spectrum && !spectrum.square.data[0] ? "singular values" : "eigenvalues",
    x: spectrum?.real.data ?? [],
    y: spectrum?.imag.data ?? [],
    marker: { size: 2 * EIGENVALUE.radius, color: css(theme.accent), opacity: 1 },
    hovertemplate: "%{x:.4f} %{y:+.4f} i<extra></extra>",
  };
  return { traces: [circle, values], layout: {} };
}

/**
 * One curve a layer: moduli of its eigenvalues, or its singular values.
 * @param {Arrays} spectrum
 * @param {number[]} sizes
 */
function curves(spectrum, sizes) {
  const squares = [...spectrum.layers.data];
  /** @param {Tensor} tensor */
  const width = (tensor) => tensor.shape[1];
  return sizes.slice(1).map((_, index) => {
    const row = squares.indexOf(index + 1);
    const tensor = row < 0 ? spectrum.singular : spectrum.modulus;
    const from = (row < 0 ? index : row) * width(tensor);
    const values = tensor.data.subarray(from, from + width(tensor)).filter((/** @type {number} */ value) => !Number.isNaN(value));
    return { values, what: row < 0 ? "σ" : "|λ|" };
  });
}

/** @param {ArrayLike<number>} values */
const ranks = (values) => Array.from(values, (_, index) => index + 1);

/** @param {Frame} frame @param {View} view */
function paintModulus(frame, { parts, sizes, theme }) {
  if (!parts.spectrum) return;
  const all = curves(parts.spectrum, sizes);
  frame.setRange("yaxis", 0, roundUp(Math.max(...all.map(({ values }) => values[0])) * 1.04));
  const longest = Math.max(...all.map(({ values }) => values.length));
  frame.setRange("xaxis", 1 - 0.11 * longest, longest * 1.03);
  frame.inside((context, area) => {
    all.forEach(({ values }, index) => {
      line(context, area, ranks(values), values, layerLook(theme, index + 1, all.length));
    });
    writeLabels(context, area, modulusLabels(area, all, theme), "left");
  });
}

/** @param {Area} area @param {Moduli[]} all @param {Theme} theme */
function modulusLabels(area, all, theme) {
  const labels = all.map(({ values }, index) => {
    const { colour } = layerLook(theme, index + 1, all.length);
    return { text: String(index + 1), colour, x: 1, y: values[0] };
  });
  return apart(area, labels);
}

/** @param {View} view @param {Frame} frame */
function modulusFigure({ parts, sizes, theme }, frame) {
  const widest = Math.max(...sizes.slice(1).map((units, index) => Math.min(units, sizes[index])));
  const layout = { xaxis: { tickmode: "linear", tick0: 0, dtick: Math.max(1, roundUp(widest / RANKS_MOST, COARSE)) } };
  const all = parts.spectrum ? curves(parts.spectrum, sizes) : sizes.slice(1).map(() => ({ values: [], what: "" }));
  /** @param {number} index */
  const square = (index) => sizes[index] === sizes[index + 1];
  const traces = all.map(({ values }, index) => ({
    type: "scatter",
    mode: "lines",
    name: `layer ${index + 1}${square(index) ? "" : " (σ)"}`,
    x: ranks(values),
    y: values,
    line: plotlyLine(layerLook(theme, index + 1, all.length)),
    hovertemplate: `layer ${index + 1}, ${square(index) ? "|λ|" : "σ"} number %{x}: %{y:.4f}<extra></extra>`,
  }));
  const area = frame.area();
  if (!parts.spectrum || !area) return { traces, layout };
  const labels = modulusLabels(area, all, theme);
  return { traces, layout, settled: { annotations: annotations(labels, "left") } };
}

/**
 * The column of one layer in an (epochs, layers) array.
 * @param {Tensor} tensor
 * @param {number} index
 */
function column({ data, shape: [rows, columns] }, index) {
  return Array.from({ length: rows }, (_, row) => data[row * columns + index]);
}

/** @param {Arrays|undefined} norms */
const lastOf = (norms) => norms?.epochs.data.at(-1) ?? 0;

/** @param {Frame} frame @param {View} view */
function paintNorms(frame, { parts: { norms }, sizes, theme, status, options }) {
  if (!norms) return;
  const epochs = onEpochs(norms.epochs.data, options);
  const layers = sizes.length - 1;
  setEpochs(frame, options, lastOf(norms), LABEL_ROOM);
  frame.setRange("yaxis", 0, roundUp(extent(norms.frobenius.data)[1] * 1.04));
  frame.inside((context, area) => {
    for (let index = 0; index < layers; index++) {
      line(context, area, epochs, norms.frobenius.data, { ...layerLook(theme, index + 1, layers), start: index, step: layers });
    }
    writeLabels(context, area, normLabels(area, norms, options, theme), "right");
    epochLine(context, area, status, options, theme);
  });
}

/** @param {Area} area @param {Arrays} arrays @param {Options} options @param {Theme} theme */
function normLabels(area, { epochs, frobenius }, options, theme) {
  const x = onEpoch(epochs.data.at(-1) ?? 0, options);
  const [count, layers] = frobenius.shape;
  const labels = Array.from({ length: layers }, (_, index) => {
    const { colour } = layerLook(theme, index + 1, layers);
    return { text: String(index + 1), colour, x, y: frobenius.data[(count - 1) * layers + index] };
  });
  return apart(area, labels);
}

/** @param {View} view @param {Frame} frame */
function normsFigure({ parts: { norms }, sizes, theme, status, options }, frame) {
  const layers = sizes.length - 1;
  const traces = Array.from({ length: layers }, (_, index) => ({
    type: "scatter",
    mode: norms?.epochs.data.length === 1 ? "markers" : "lines",
    name: `layer ${index + 1}`,
    x: norms ? onEpochs(norms.epochs.data, options) : [],
    customdata: Array.from(norms?.epochs.data ?? []),
    y: norms ? column(norms.frobenius, index) : [],
    line: plotlyLine(layerLook(theme, index + 1, layers)),
    hovertemplate: `layer ${index + 1}, epoch %{customdata}: %{y:.4g}<extra></extra>`,
  }));
  const area = frame.area();
  const layout = { xaxis: epochAxis(options, lastOf(norms)) };
  if (!norms || !area) return { traces, layout };
  const labels = textOnEpochs(annotations(normLabels(area, norms, options, theme), "right"), options);
  return { traces, layout, settled: { ...epochShape(status, options, theme), annotations: labels } };
}
