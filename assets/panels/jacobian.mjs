/** Where the network stretches the data plane, and where it shrinks it. */
import { onPlane, placeHover } from "../plot/data.mjs";
import { diverging, plotlyScale } from "../plot/colour.mjs";
import { fieldTrace, paintField } from "../plot/field.mjs";
import { barTrace } from "../plot/figure.mjs";
import { layerChoices, layerOf, layerOption, named } from "../plot/naming.mjs";
import { Raster } from "../plot/raster.mjs";
import { lookAt, roundUp } from "../plot/range.mjs";

/**
 * @typedef {import("../page/panel.mjs").Arrays} Arrays
 * @typedef {import("../page/panel.mjs").Options} Options
 * @typedef {import("../page/panel.mjs").View} View
 * @typedef {import("../plot/frame.mjs").Frame} Frame
 * @typedef {import("../plot/theme.mjs").Theme} Theme
 */

/** The probe's logarithm of an area that is gone. */
const FLOOR = -40;
const BAR = [0, 0.25, 0.5, 0.75, 1];
/** Of all moduli, the share that the colour scale holds; the rest has the colour of its ends. */
const SHARE_WITHIN = 0.98;
const NUMBER = new Intl.NumberFormat("en-GB", { maximumSignificantDigits: 2 });
const FACTOR = new Intl.NumberFormat("en-GB", { maximumSignificantDigits: 2, notation: "scientific" });

/** @param {Options} options */
export function watch(options) {
  return { area: { probe: "jacobian", options: layerOption(options) } };
}

/** @param {View} view */
export const choices = ({ sizes }) => ({ layer: layerChoices(sizes, 1) });

/** @param {Arrays} area */
const valuesOf = (area) => (area.log_det ?? area.log_stretch).data;
/** @param {number} value */
const isGone = (value) => value <= FLOOR + 1e-3;

/** @param {View} view */
export function note(view) {
  const { area } = view.parts;
  if (!area) return "";
  const layer = layerOf(view);
  const what = area.log_det
    ? `log |det Dg| of ${named(layer, view.sizes)} alone`
    : `log √det(JᵀJ) from the plane to ${named(layer, view.sizes)}`;
  const values = valuesOf(area);
  const sorted = Float64Array.from(values).sort();
  const middle = sorted[sorted.length >> 1];
  const gone = sorted.filter(isGone).length / sorted.length;
  const flat = gone > 0 ? `; ${(100 * gone).toFixed(gone < 0.1 ? 1 : 0)} % of the plane is flattened to no area` : "";
  const slice = view.geometry.dimension > 2 ? `, ${onPlane(view.geometry)}` : "";
  return `${what}${slice}: ${isGone(middle) ? "at the median no area is left" : `area × ${factor(middle)} at the median`}${flat}.`;
}

/**
 * A factor in few digits, given its natural logarithm.
 * @param {number} logarithm
 */
function factor(logarithm) {
  const value = Math.exp(logarithm);
  return (value >= 1e-3 && value < 1e4 ? NUMBER : FACTOR).format(value);
}

/** @type {import("../page/panel.mjs").Painter["graphs"]} */
export const graphs = { main: { structure: ({ options }) => options.layer, paint, figure } };

/**
 * Both ends of the colour scale, one of few values; of two runs that are compared, that which suits both.
 * @param {View} view
 * @param {Frame} frame
 */
function limitOf(view, frame) {
  const limit = suitingLimit(view, frame.own);
  return view.other && frame.twin ? Math.max(limit, suitingLimit(view.other, frame.twin.own)) : limit;
}

/** @param {View} view @param {Frame["own"]} own what is kept of it */
function suitingLimit({ parts: { area } }, own) {
  if (!area) return own.limit ?? 1;
  const values = valuesOf(area);
  if (own.measured !== values) {
    own.measured = values;
    const moduli = Float64Array.from(values).filter((value) => !isGone(value)).map(Math.abs).sort();
    const within = moduli.length > 0 ? moduli[Math.round(SHARE_WITHIN * (moduli.length - 1))] : 1;
    own.limit = roundUp(Math.max(within, 0.1));
  }
  return own.limit;
}

/** @param {Arrays} area @param {number} limit @param {Theme} theme */
function fieldOf(area, limit, theme) {
  return {
    data: valuesOf(area),
    x1: area.x1.data,
    x2: area.x2.data,
    place: (/** @type {number} */ value) => 0.5 + Math.max(-0.5, Math.min(0.5, (0.5 * value) / limit)),
    scale: diverging(theme),
  };
}

/** @param {number} value */
const signed = (value) => (value > 0 ? "+" : "−") + NUMBER.format(Math.abs(value));

/** @param {Frame} frame @param {View} view */
function paint(frame, view) {
  const { geometry, parts, theme } = view;
  /** @type {Raster} */
  const raster = (frame.memory ??= new Raster());
  lookAt(frame, geometry);
  const { area: stretch } = parts;
  if (!stretch) return;
  const limit = limitOf(view, frame);
  frame.setBarTicks([`${signed(-limit)} shrunk`, signed(-limit / 2), "0 unchanged", signed(limit / 2), `${signed(limit)} stretched`]);
  frame.inside((context, area) => paintField(context, area, raster, fieldOf(stretch, limit, theme)));
}

/** @param {View} view @param {Frame} frame */
function figure(view, frame) {
  const { parts, theme } = view;
  const bar = { title: { text: "log of the<br>area's factor" }, tickmode: "array", tickvals: BAR, ticktext: BAR.map(() => "") };
  const layout = { coloraxis: { cmin: 0, cmax: 1, colorscale: plotlyScale(diverging(theme), 64), showscale: true, colorbar: bar } };
  const traces = [];
  if (parts.area) {
    const value = `${placeHover(view.geometry, 2)}<br>log of the area's factor %{customdata:.3f}<extra></extra>`;
    traces.push(fieldTrace(fieldOf(parts.area, limitOf(view, frame), theme), value));
  }
  return { traces: [...traces, barTrace("coloraxis")], layout };
}
