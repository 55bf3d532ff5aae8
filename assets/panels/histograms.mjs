/** The distribution of one layer's weights, now and through training. */
import { css, plotlyScale, sequential, table } from "../plot/colour.mjs";
import { epochAxis, epochLine, epochShape, epochStep, onEpoch, onEpochs, setEpochs } from "../plot/epoch.mjs";
import { barTrace } from "../plot/figure.mjs";
import { lastHidden } from "../plot/naming.mjs";
import { roundUp } from "../plot/range.mjs";
import { Raster } from "../plot/raster.mjs";
import { inShort } from "../plot/words.mjs";

/**
 * @typedef {import("../page/panel.mjs").Options} Options
 * @typedef {import("../page/panel.mjs").View} View
 * @typedef {import("../plot/frame.mjs").Area} Area
 * @typedef {import("../plot/frame.mjs").Frame} Frame
 * @typedef {import("../plot/theme.mjs").Theme} Theme
 * @typedef {import("../stream/safetensors.mjs").NumberList} NumberList
 */

const BINS = 61;
/** The picture has so many columns at most. */
const COLUMNS_MAX = 400;
/** Places on the colour bar that have a number. */
const BAR = [0, 0.5, 1];
const PERCENT = new Intl.NumberFormat("en-GB", { style: "percent", maximumSignificantDigits: 2 });

/** @param {Options} options @param {number[]} sizes */
const layerOf = ({ layer }, sizes) => (Number(layer) > 0 ? Number(layer) : lastHidden(sizes));
/** @param {Options} options */
const rangeOf = ({ range }) => Number(range ?? 2);

/** @param {Options} options @param {number[]} sizes */
export function watch(options, sizes) {
  const histogram = { probe: "weights", options: { layer: layerOf(options, sizes), bins: BINS, range: rangeOf(options) } };
  return { now: histogram, trend: { ...histogram, over_time: true } };
}

/** @param {View} view */
export function choices({ sizes }) {
  const layers = sizes.slice(1).map((units, index) => ({
    label: `layer ${index + 1} (${units} × ${sizes[index]})`,
    value: String(index + 1),
  }));
  return { layer: [{ label: sizes.length > 2 ? "last hidden" : "output", value: "last" }, ...layers] };
}

/** @type {import("../page/panel.mjs").Painter["graphs"]} */
export const graphs = { main: { structure: ({ options, parts: { trend } }) => [options, epochStep(options, trend?.epochs.data.at(-1) ?? 0)], paint, figure } };

/** @param {View} view */
export function note({ options, parts: { now }, sizes }) {
  if (!now) return "";
  const layer = layerOf(options, sizes);
  const weights = now[`weight_${layer}`].data;
  const range = rangeOf(options);
  let largest = 0;
  let beyond = 0;
  for (const weight of weights) {
    const size = Math.abs(weight);
    if (size > largest) largest = size;
    if (size > range) beyond++;
  }
  const outside = beyond > 0 ? `; ${beyond} beyond ±${range}, counted at the ends` : "";
  return `Layer ${layer}: ${weights.length} weights, the largest |w| ${inShort(largest)}${outside}.`;
}

/**
 * The largest share of a bin but the outer ones, which hold whatever lies beyond.
 * @param {ArrayLike<number>} counts
 * @param {number} from
 * @param {number} total
 */
function highest(counts, from, total) {
  let most = 0;
  for (let bin = 1; bin < BINS - 1; bin++) most = Math.max(most, counts[from + bin]);
  return most / total;
}

/** @param {import("../page/panel.mjs").Arrays} now */
const totalOf = (now) => Array.from(now.counts.data).reduce((sum, count) => sum + count, 0);

/** The largest share at any epoch. @param {import("../page/panel.mjs").Arrays} now @param {import("../page/panel.mjs").Arrays} trend */
function mostOf(now, { counts, epochs }) {
  const total = totalOf(now);
  return Math.max(0, ...Array.from(epochs.data, (_, row) => highest(counts.data, row * BINS, total)));
}

/**
 * How much of the layer the strongest colour and the longest bar stand for.
 * @param {Frame} frame
 * @param {{now: import("../page/panel.mjs").Arrays, trend: import("../page/panel.mjs").Arrays}} parts
 * @param {number} range
 * @param {Options} options
 * @param {View["parts"]} [other] those of a run that is compared with this one
 */
function setScales(frame, { now, trend }, range, options, other) {
  const total = totalOf(now);
  const epochs = trend.epochs.data;
  const most = Math.max(mostOf(now, trend), other?.now && other.trend ? mostOf(other.now, other.trend) : 0);
  const limit = roundUp(Math.max(most, 1 / total));
  setEpochs(frame, options, epochs.at(-1) ?? 0);
  frame.setRange("xaxis2", 0, roundUp(1.05 * Math.max(highest(now.counts.data, 0, total), 1 / total)));
  frame.setRange("yaxis", -range, range);
  frame.setBarTicks(BAR.map((place) => PERCENT.format(place * limit)));
  return { total, limit };
}

/** @param {Frame} frame @param {View} view */
function paint(frame, { parts, options, theme, status, other }) {
  /** @type {Raster} */
  const raster = (frame.memory ??= new Raster());
  const { now, trend } = parts;
  if (!now || !trend) return;
  const range = rangeOf(options);
  const { total, limit } = setScales(frame, { now, trend }, range, options, other?.parts);
  const epochs = trend.epochs.data;
  const ends = endsOf(epochs, options);
  const rows = columnsOf(epochs, ends, options);
  const colours = table(sequential(theme));
  raster.fill(rows.length, BINS, (memory) => shade(memory, trend.counts.data, rows, 255 / (total * limit), colours));
  frame.inside((context, area) => {
    raster.draw(context, area, { left: ends[0], right: ends[1], top: range, bottom: -range }, false);
    epochLine(context, area, status, options, theme);
  });
  frame.inside((context, area) => bars(context, area, now.counts.data, total, range, theme), "xaxis2");
}

/**
 * Where the picture begins and ends: each measurement stands for the epochs around it.
 * @param {NumberList} epochs
 * @param {Options} options
 */
function endsOf(epochs, options) {
  const [first, last] = [epochs[0] ?? 0, epochs.at(-1) ?? 0].map((epoch) => onEpoch(epoch, options));
  const half = last / (2 * Math.max(1, columnCount(epochs) - 1)) || 0.5;
  return options.epoch_axis === "log" ? [first / 1.1, last * 1.1] : [first - half, last + half];
}

/** @param {NumberList} epochs */
const columnCount = (epochs) => Math.min((epochs.at(-1) ?? 0) + 1, COLUMNS_MAX);

/**
 * For each column of the picture, the row of the newest measurement that is not after it.
 * @param {NumberList} epochs
 * @param {number[]} ends
 * @param {Options} options
 */
function columnsOf(epochs, [from, to], options) {
  const isLog = options.epoch_axis === "log";
  const count = isLog ? COLUMNS_MAX : columnCount(epochs);
  let row = 0;
  return Array.from({ length: count }, (_, column) => {
    const share = (column + 0.5) / count;
    const epoch = isLog ? from * (to / from) ** share : from + (to - from) * share;
    while (row + 1 < epochs.length && epochs[row + 1] <= epoch + 1e-9) row++;
    return row;
  });
}

/**
 * @param {Uint32Array} memory
 * @param {ArrayLike<number>} counts
 * @param {number[]} rows
 * @param {number} rate
 * @param {Uint32Array} colours
 */
function shade(memory, counts, rows, rate, colours) {
  for (let bin = 0; bin < BINS; bin++) {
    const line = (BINS - 1 - bin) * rows.length;
    for (let column = 0; column < rows.length; column++) {
      const count = counts[rows[column] * BINS + bin];
      memory[line + column] = count === 0 ? 0 : colours[Math.min(255, Math.round(count * rate))];
    }
  }
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Area} area
 * @param {ArrayLike<number>} counts
 * @param {number} total
 * @param {number} range
 * @param {Theme} theme
 */
function bars(context, area, counts, total, range, theme) {
  context.fillStyle = css(theme.series[1]);
  const left = area.x(0);
  const height = Math.abs(area.y(2 * range) - area.y(0)) / BINS;
  for (let bin = 0; bin < BINS; bin++) {
    const top = area.y(-range + (2 * range * (bin + 1)) / BINS);
    context.fillRect(left, top, area.x(counts[bin] / total) - left, height);
  }
}

/** @param {View} view @param {Frame} frame */
function figure({ parts, options, theme, status, other }, frame) {
  const { now, trend } = parts;
  const range = rangeOf(options);
  const colorscale = plotlyScale(sequential(theme));
  const colorbar = { tickmode: "array", tickvals: BAR, ticktext: BAR.map((place) => PERCENT.format(place)) };
  const layout = { coloraxis: { cmin: 0, cmax: 1, colorscale, colorbar }, xaxis: epochAxis(options, trend?.epochs.data.at(-1) ?? 0) };
  // Keeps the right pair of axes while there are no bars.
  const holder = { type: "scatter", x: [null], y: [null], xaxis: "x2", hoverinfo: "skip" };
  if (!now || !trend) return { traces: [barTrace("coloraxis"), holder], layout };
  const { total, limit } = setScales(frame, { now, trend }, range, options, other?.parts);
  const middles = Array.from({ length: BINS }, (_, bin) => -range + (2 * range * (bin + 0.5)) / BINS);
  const epochs = Array.from(trend.epochs.data);
  /** @param {number} row @param {number} bin */
  const share = (row, bin) => trend.counts.data[row * BINS + bin] / total || null;
  const heatmap = {
    type: "heatmap",
    x: onEpochs(epochs, options),
    y: middles,
    customdata: middles.map(() => epochs),
    z: middles.map((_, bin) => epochs.map((_, row) => share(row, bin))),
    colorscale,
    zmin: 0,
    zmax: limit,
    showscale: false,
    hoverongaps: false,
    hovertemplate: "epoch %{customdata}, weight %{y:.3f}: %{z:.2%}<extra></extra>",
  };
  const bar = {
    type: "bar",
    orientation: "h",
    x: middles.map((_, bin) => now.counts.data[bin] / total),
    y: middles,
    width: (2 * range) / BINS,
    xaxis: "x2",
    marker: { color: css(theme.series[1]), line: { width: 0 } },
    hovertemplate: "weight %{y:.3f}: %{x:.2%}<extra></extra>",
  };
  return { traces: [barTrace("coloraxis"), holder, heatmap, bar], layout, settled: epochShape(status, options, theme) };
}
