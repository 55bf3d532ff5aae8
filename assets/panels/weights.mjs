/** Every layer's weights, or their change, or the covariance of a layer's units, as pictures. */
import { css, diverging, plotlyScale, table } from "../plot/colour.mjs";
import { barTrace } from "../plot/figure.mjs";
import { lastHidden } from "../plot/naming.mjs";
import { Raster } from "../plot/raster.mjs";
import { COARSE, extent, roundUp } from "../plot/range.mjs";
import { inShort } from "../plot/words.mjs";

/**
 * @typedef {import("../page/panel.mjs").Arrays} Arrays
 * @typedef {import("../page/panel.mjs").Options} Options
 * @typedef {import("../page/panel.mjs").View} View
 * @typedef {import("../plot/frame.mjs").Frame} Frame
 */

/** Width of the strip of biases and of the gap before it, as shares of the matrix' width. */
const STRIP = 0.07;
const GAP = 0.03;
const LAYERS_A_ROW = 5;
const FONT_SIZE = 11;
/** Units or inputs with a number, at most. */
const TICKS_MOST = 8;
/** Share of the room between two pictures, across and down. */
const BETWEEN = [0.16, 0.3];
/** Places on the colour bar that have a number, from one end to the other. */
const BAR = [-1, -0.5, 0, 0.5, 1];
/**
 * As Plotly writes it, with a true minus sign.
 * @param {number} value
 */
const number = (value) => inShort(value).replace("-", "−");

/** @param {Options} options @param {number[]} sizes */
export function watch({ layer, show }, sizes) {
  const one = layer === "all" ? {} : { layer: Number(layer) };
  if (show === "covariance") return { weights: { probe: "weights", options: { layer: lastHidden(sizes), ...one, covariance: true } } };
  return { weights: { probe: "weights", options: { ...one, ...(show === "change" ? { change: true } : {}) } } };
}

/** @param {View} view */
export function choices({ sizes }) {
  const layers = sizes.slice(1).map((units, index) => ({
    label: `layer ${index + 1} (${units} × ${sizes[index]})`,
    value: String(index + 1),
  }));
  return { layer: [{ label: "all layers", value: "all" }, ...layers] };
}

/**
 * @typedef {object} Picture one matrix
 * @property {string} array that holds it
 * @property {string} [strip] the array beside it
 * @property {number} units rows
 * @property {number} inputs columns
 * @property {string} caption
 * @property {string} hover
 */

/**
 * @returns {Picture[]}
 * @param {View} view
 */
function picturesOf({ options: { layer, show }, sizes }) {
  if (show === "covariance") {
    const chosen = layer === "all" ? lastHidden(sizes) : Number(layer);
    const units = sizes[chosen];
    const caption = `units of layer ${chosen}`;
    return [{ array: "covariance", units, inputs: units, caption, hover: `layer ${chosen}: units %{y} and %{x}<br>covariance %{z:.4f}` }];
  }
  const layers = layer === "all" ? sizes.slice(1).map((_, index) => index + 1) : [Number(layer)];
  const isChange = show === "change";
  // In a row of many, the name stands above the numbers.
  const narrow = layers.length > 2;
  return layers.map((each) => {
    const [units, inputs] = [sizes[each], sizes[each - 1]];
    return {
      array: `${isChange ? "change" : "weight"}_${each}`,
      strip: isChange ? undefined : `bias_${each}`,
      units,
      inputs,
      caption: `${isChange ? "Δ" : ""}W${subscript(each)}${narrow ? "<br>" : "  "}${units}×${inputs}`,
      hover: `layer ${each}: unit %{y} from input %{x}<br>${isChange ? "change" : "weight"} %{z:.4f}`,
    };
  });
}

/** @type {Record<string, string>} */
const WORDS = { weights: "weight", change: "change", covariance: "covariance" };

/** @param {View} view */
export function note({ options: { layer, show }, sizes }) {
  if (show === "change") return "Change of every weight since epoch 0.";
  if (show !== "covariance") return "";
  const chosen = layer === "all" ? lastHidden(sizes) : Number(layer);
  return `The ${sizes[chosen]} outputs of layer ${chosen}, over the training set.`;
}

/** @param {View} view */
export function says({ parts: { weights }, options }) {
  const size = weights && largest(weights, options.show);
  return size === null || size === undefined ? "" : `The largest ${WORDS[options.show] ?? WORDS.weights} has the size ${inShort(size)}.`;
}

/**
 * Axes are numbered by their place: xaxis, xaxis2, ...
 * @param {string} letter
 * @param {number} place
 */
const axis = (letter, place) => `${letter}axis${place === 0 ? "" : place + 1}`;
/** @param {string} letter @param {number} place */
const reference = (letter, place) => `${letter}${place === 0 ? "" : place + 1}`;

/** @typedef {ReturnType<typeof edges>} Edges */

/**
 * Edges of the picture of a matrix and its strip: inputs across from 1, units down from 1.
 * @param {{units: number, inputs: number, strip?: string}} values
 */
function edges({ units, inputs, strip }) {
  const right = inputs + 0.5;
  if (!strip) return { units, inputs, right, stripLeft: right, stripRight: right };
  const stripLeft = right + Math.max(0.3, GAP * inputs);
  return { units, inputs, right, stripLeft, stripRight: stripLeft + Math.max(0.6, STRIP * inputs) };
}

/** @type {import("../page/panel.mjs").Painter["graphs"]} */
export const graphs = { main: { structure, paint, figure } };

/**
 * The end of the colour scale, one of few values, so that it seldom changes; that which suits both
 * of two runs that are compared.
 * @param {View} view
 */
function limitOf({ parts, other, options: { show } }) {
  const sizes = [parts.weights, other?.parts.weights].map((weights) => (weights && largest(weights, show)) ?? 0);
  return roundUp(Math.max(...sizes) || 1);
}

/** @param {Arrays} arrays @param {string} show */
function largest({ limit, change_limit: change, covariance }, show) {
  if (show !== "covariance") return (show === "change" ? change : limit)?.data[0];
  return covariance && (Math.max(...extent(covariance.data).map(Math.abs)) || undefined);
}

/** @param {View} view */
function structure({ options: { layer, show }, sizes }) {
  return [layer, show, sizes];
}

/** @param {Frame} frame @param {View} view */
function paint(frame, view) {
  const { weights } = view.parts;
  /** @type {[Raster, Raster][]} of each matrix and its strip */
  const rasters = (frame.memory ??= []);
  if (!weights) return;
  const limit = limitOf(view);
  frame.setBarTicks(BAR.map((place) => number(place * limit)));
  const colours = table(diverging(view.theme));
  picturesOf(view).forEach((picture, place) => {
    const { data, shape } = weights[picture.array];
    const { right, stripLeft, stripRight, units } = edges({ units: shape[0], inputs: shape[1], strip: picture.strip });
    const [matrix, strip] = (rasters[place] ??= [new Raster(), new Raster()]);
    shade(matrix, data, shape[1], units, limit, colours);
    if (picture.strip) shade(strip, weights[picture.strip].data, 1, units, limit, colours);
    const between = { top: 0.5, bottom: units + 0.5 };
    frame.inside(
      (context, area) => {
        if (picture.strip) {
          // The card's own colour would look like weights of zero.
          context.fillStyle = css(view.theme.muted, 0.55);
          context.fillRect(area.x(right), area.top, area.x(stripLeft) - area.x(right), area.height);
        }
        matrix.draw(context, area, { left: 0.5, right, ...between }, false);
        if (picture.strip) strip.draw(context, area, { left: stripLeft, right: stripRight, ...between }, false);
      },
      axis("x", place),
      axis("y", place),
    );
  });
}

/**
 * @param {Raster} raster
 * @param {ArrayLike<number>} values
 * @param {number} width
 * @param {number} height
 * @param {number} limit
 * @param {Uint32Array} colours
 */
function shade(raster, values, width, height, limit, colours) {
  const rate = 255 / (2 * limit);
  raster.fill(width, height, (memory) => {
    for (let index = 0; index < values.length; index++) {
      memory[index] = colours[Math.max(0, Math.min(255, Math.round((values[index] + limit) * rate)))];
    }
  });
}

/** @param {View} view */
function figure(view) {
  const colours = plotlyScale(diverging(view.theme), 64);
  const limit = limitOf(view);
  const pictures = picturesOf(view);
  /** @type {import("../plot/figure.mjs").Plain} */
  const layout = {
    coloraxis: {
      cmin: -1,
      cmax: 1,
      colorscale: colours,
      colorbar: { title: { text: WORDS[view.options.show] ?? WORDS.weights }, tickmode: "array", tickvals: BAR, ticktext: BAR.map(number) },
    },
    annotations: [],
    shapes: [],
  };
  /** @type {import("../plot/figure.mjs").Plain[]} */
  const traces = [barTrace("coloraxis")];
  pictures.forEach((picture, place) => {
    const edge = edges(picture);
    Object.assign(layout, axesOf(place, pictures.length, edge, picture.array === "covariance"));
    layout.annotations.push(caption(picture.caption, place));
    if (picture.strip) {
      layout.annotations.push(strapline(edge, place));
      layout.shapes.push(gapShape(edge, place, css(view.theme.muted, 0.55)));
    }
    traces.push(...heatmaps(view.parts.weights, picture, place, edge, { colorscale: colours, zmin: -limit, zmax: limit }));
  });
  return { traces, layout };
}

/**
 * The matrix and its strip; without data as long as there are none, to hold the place.
 * @param {Arrays|undefined} weights
 * @param {Picture} picture
 * @param {number} place
 * @param {Edges} edges
 * @param {object} scale
 */
function heatmaps(weights, { array, strip, hover }, place, { stripLeft, stripRight }, scale) {
  const matrix = weights?.[array];
  const [units, inputs] = matrix?.shape ?? [0, 0];
  /** @param {number} index */
  const row = (index) => matrix?.data.subarray(index * inputs, (index + 1) * inputs);
  const axes = { xaxis: reference("x", place), yaxis: reference("y", place) };
  const common = { type: "heatmap", ...scale, showscale: false, ...axes, y0: 1 };
  const picture = {
    ...common,
    x0: 1,
    z: matrix ? Array.from({ length: units }, (_, index) => row(index)) : [[null]],
    hovertemplate: `${hover}<extra></extra>`,
  };
  if (!strip) return [picture];
  const biases = {
    ...common,
    x: [stripLeft, stripRight],
    z: matrix ? Array.from(/** @type {Arrays} */ (weights)[strip].data, (bias) => [bias]) : [[null]],
    hovertemplate: `unit %{y}<br>bias %{z:.4f}<extra></extra>`,
  };
  return [picture, biases];
}

/** @param {number} number */
const subscript = (number) => [...String(number)].map((digit) => "₀₁₂₃₄₅₆₇₈₉"[Number(digit)]).join("");

/** @param {number} place @param {number} count @param {Edges} edges @param {boolean} ofUnits */
function axesOf(place, count, { units, inputs, stripRight }, ofUnits) {
  const rows = Math.ceil(count / LAYERS_A_ROW);
  const columns = Math.ceil(count / rows);
  const [column, row] = [place % columns, Math.floor(place / columns)];
  /** @param {number} index @param {number} number @param {number} between */
  const domain = (index, number, between) => {
    const size = 1 / (number + (number - 1) * between);
    return [index * size * (1 + between), index * size * (1 + between) + size].map((end) => Math.min(end, 1));
  };
  const single = count === 1;
  const common = {
    showgrid: false,
    zeroline: false,
    showticklabels: single,
    ticks: single ? "outside" : "",
    tickfont: { size: FONT_SIZE - 1 },
    tickmode: "array",
  };
  /** @param {string} text @param {number} standoff */
  const title = (text, standoff) => ({ text, standoff, font: { size: FONT_SIZE } });
  const across = { tickvals: wholes(inputs), domain: domain(column, columns, BETWEEN[0]), anchor: reference("y", place), range: [0.5, stripRight] };
  const down = { tickvals: wholes(units), domain: domain(rows - 1 - row, rows, BETWEEN[1]), anchor: reference("x", place), range: [units + 0.5, 0.5] };
  const first = column === 0 && row === rows - 1;
  return {
    [axis("x", place)]: { ...common, ...across, title: title(first ? (ofUnits ? "unit" : "input") : "", 6) },
    [axis("y", place)]: { ...common, ...down, title: title(first ? "unit" : "", 4) },
  };
}

/**
 * The first, and every so many-th.
 * @param {number} count of units or inputs
 */
function wholes(count) {
  const step = roundUp(count / TICKS_MOST, COARSE);
  return count <= TICKS_MOST
    ? Array.from({ length: count }, (_, index) => index + 1)
    : [1, ...Array.from({ length: Math.floor(count / step) }, (_, index) => (index + 1) * step).filter((tick) => tick > 1)];
}

/**
 * What parts a matrix from its biases.
 * @param {Edges} edges
 * @param {number} place
 * @param {string} fillcolor
 */
function gapShape({ right, stripLeft }, place, fillcolor) {
  const where = { xref: reference("x", place), yref: `${reference("y", place)} domain`, x0: right, x1: stripLeft, y0: 0, y1: 1 };
  return { type: "rect", ...where, fillcolor, line: { width: 0 } };
}

/** @param {string} text @param {number} place */
function caption(text, place) {
  const position = { xref: `${reference("x", place)} domain`, yref: `${reference("y", place)} domain`, x: 0, y: 1 };
  return { ...position, text, xanchor: "left", yanchor: "bottom", showarrow: false, font: { size: FONT_SIZE } };
}

/**
 * The word below the strip of biases.
 * @param {Edges} edges
 * @param {number} place
 */
function strapline({ stripLeft, stripRight }, place) {
  const position = { xref: reference("x", place), yref: `${reference("y", place)} domain`, x: (stripLeft + stripRight) / 2, y: 0 };
  return { ...position, text: "b", xanchor: "center", yanchor: "top", showarrow: false, font: { size: FONT_SIZE } };
}
