/** Every layer's weight matrix as a picture, its biases as a strip beside it. */
import { diverging, plotlyScale, table } from "../plot/colour.mjs";
import { barTrace } from "../plot/figure.mjs";
import { Raster } from "../plot/raster.mjs";
import { ceiling } from "../plot/range.mjs";

/** Width of the strip of biases and of the gap before it, as shares of the matrix' width. */
const STRIP = 0.07;
const GAP = 0.035;
const LAYERS_A_ROW = 5;
const FONT_SIZE = 11;
/** Share of the room between two pictures, across and down. */
const BETWEEN = [0.12, 0.22];
/** Places on the colour bar that have a number, from one end to the other. */
const BAR = [-1, -0.5, 0, 0.5, 1];
const FORMAT = new Intl.NumberFormat("en-GB", { maximumSignificantDigits: 3 });
/** As Plotly writes it, with a true minus sign. */
const number = (value) => FORMAT.format(value).replace("-", "−");

export function watch({ layer }) {
  return { weights: { probe: "weights", options: layer === "all" ? {} : { layer: Number(layer) } } };
}

export function choices({ sizes }) {
  const layers = sizes.slice(1).map((units, index) => ({
    label: `layer ${index + 1} (${units} × ${sizes[index]})`,
    value: String(index + 1),
  }));
  return { layer: [{ label: "all layers", value: "all" }, ...layers] };
}

function layersOf({ options, sizes }) {
  return options.layer === "all" ? sizes.slice(1).map((_, index) => index + 1) : [Number(options.layer)];
}

/** Axes are numbered by their place: xaxis, xaxis2, ... */
const axis = (letter, place) => `${letter}axis${place === 0 ? "" : place + 1}`;
const reference = (letter, place) => `${letter}${place === 0 ? "" : place + 1}`;

/** Edges of the picture of an (out, in) matrix: inputs across from 1, units down from 1. */
function edges(units, inputs) {
  const right = inputs + 0.5;
  const stripLeft = right + Math.max(0.3, GAP * inputs);
  return { units, inputs, right, stripLeft, stripRight: stripLeft + Math.max(0.6, STRIP * inputs) };
}

export const graphs = { main: { structure, paint, figure } };

/** The end of the colour scale, one of few values, so that it seldom changes. */
function limitOf(view, frame) {
  const now = view.parts.weights?.limit.data[0];
  if (now !== undefined) frame.limit = ceiling(frame.limit ?? null, now);
  return frame.limit ?? 1;
}

function structure(view) {
  return [view.options.layer, view.sizes];
}

function paint(frame, view) {
  const { weights } = view.parts;
  const rasters = (frame.memory ??= []);
  if (!weights) return;
  const limit = limitOf(view, frame);
  frame.setBarTicks(BAR.map((place) => number(place * limit)));
  const colours = table(diverging(view.theme));
  layersOf(view).forEach((layer, place) => {
    const { data: weight, shape } = weights[`weight_${layer}`];
    const { right, stripLeft, stripRight, units } = edges(...shape);
    const [matrix, strip] = (rasters[place] ??= [new Raster(), new Raster()]);
    shade(matrix, weight, shape[1], units, limit, colours);
    shade(strip, weights[`bias_${layer}`].data, 1, units, limit, colours);
    const between = { top: 0.5, bottom: units + 0.5 };
    frame.inside(
      (context, area) => {
        matrix.draw(context, area, { left: 0.5, right, ...between }, false);
        strip.draw(context, area, { left: stripLeft, right: stripRight, ...between }, false);
      },
      axis("x", place),
      axis("y", place),
    );
  });
}

function shade(raster, values, width, height, limit, colours) {
  const rate = 255 / (2 * limit);
  raster.fill(width, height, (memory) => {
    for (let index = 0; index < values.length; index++) {
      memory[index] = colours[Math.max(0, Math.min(255, Math.round((values[index] + limit) * rate)))];
    }
  });
}

function figure(view, frame) {
  const colours = plotlyScale(diverging(view.theme), 64);
  const limit = limitOf(view, frame);
  const layers = layersOf(view);
  const layout = {
    coloraxis: {
      cmin: -1,
      cmax: 1,
      colorscale: colours,
      colorbar: { title: { text: "weight" }, tickmode: "array", tickvals: BAR, ticktext: BAR.map(number) },
    },
    annotations: [],
  };
  const traces = [barTrace("coloraxis")];
  layers.forEach((layer, place) => {
    const { units, inputs, ...edge } = edges(view.sizes[layer], view.sizes[layer - 1]);
    Object.assign(layout, axesOf(place, layers.length, { units, inputs, ...edge }));
    layout.annotations.push(caption(`W${subscript(layer)}  ${units} × ${inputs}`, place), strapline(edge, place));
    traces.push(...heatmaps(view.parts.weights, layer, place, edge, { colorscale: colours, zmin: -limit, zmax: limit }));
  });
  return { traces, layout };
}

/** The matrix and the strip of biases; without data as long as there are none, to hold the place. */
function heatmaps(weights, layer, place, { stripLeft, stripRight }, scale) {
  const matrix = weights?.[`weight_${layer}`];
  const [units, inputs] = matrix?.shape ?? [0, 0];
  const row = (index) => matrix.data.subarray(index * inputs, (index + 1) * inputs);
  const biases = matrix ? Array.from(weights[`bias_${layer}`].data, (bias) => [bias]) : [[null]];
  const axes = { xaxis: reference("x", place), yaxis: reference("y", place) };
  const common = { type: "heatmap", ...scale, showscale: false, ...axes, y0: 1 };
  return [
    {
      ...common,
      x0: 1,
      z: matrix ? Array.from({ length: units }, (_, index) => row(index)) : [[null]],
      hovertemplate: `layer ${layer}: unit %{y} from input %{x}<br>weight %{z:.4f}<extra></extra>`,
    },
    {
      ...common,
      x: [stripLeft, stripRight],
      z: biases,
      hovertemplate: `layer ${layer}: unit %{y}<br>bias %{z:.4f}<extra></extra>`,
    },
  ];
}

const subscript = (number) => [...String(number)].map((digit) => "₀₁₂₃₄₅₆₇₈₉"[digit]).join("");

function axesOf(place, count, { units, stripRight }) {
  const rows = Math.ceil(count / LAYERS_A_ROW);
  const columns = Math.ceil(count / rows);
  const [column, row] = [place % columns, Math.floor(place / columns)];
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
    nticks: 8,
  };
  const title = (text, standoff) => ({ text, standoff, font: { size: FONT_SIZE } });
  const across = { domain: domain(column, columns, BETWEEN[0]), anchor: reference("y", place), range: [0.5, stripRight] };
  const down = { domain: domain(rows - 1 - row, rows, BETWEEN[1]), anchor: reference("x", place), range: [units + 0.5, 0.5] };
  const first = column === 0 && row === rows - 1;
  return {
    [axis("x", place)]: { ...common, ...across, title: title(first ? "input" : "", 6) },
    [axis("y", place)]: { ...common, ...down, title: title(first ? "unit" : "", 4) },
  };
}

function caption(text, place) {
  const position = { xref: `${reference("x", place)} domain`, yref: `${reference("y", place)} domain`, x: 0, y: 1 };
  return { ...position, text, xanchor: "left", yanchor: "bottom", showarrow: false, font: { size: FONT_SIZE } };
}

/** The word below the strip of biases. */
function strapline({ stripLeft, stripRight }, place) {
  const position = { xref: reference("x", place), yref: `${reference("y", place)} domain`, x: (stripLeft + stripRight) / 2, y: 0 };
  return { ...position, text: "b", xanchor: "center", yanchor: "top", showarrow: false, font: { size: FONT_SIZE } };
}
