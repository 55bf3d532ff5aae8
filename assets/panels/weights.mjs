/** Every layer's weight matrix as a picture, its biases as a strip beside it. */
import { diverging, plotlyScale, table } from "../plot/colour.mjs";
import { barTrace } from "../plot/figure.mjs";
import { Raster } from "../plot/raster.mjs";
import { ceiling } from "../plot/range.mjs";

/** Width of the strip of biases and of the gap before it, as shares of the matrix' width. */
const STRIP = 0.07;
const GAP = 0.035;
const LAYERS_A_ROW = 5;
/** Share of the room between two pictures, across and down. */
const BETWEEN = [0.12, 0.22];

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

/** The limit of the colour scale, one of few values, so that the colour bar seldom changes. */
function limitOf(view, frame) {
  const now = view.parts.weights?.limit.data[0];
  if (now !== undefined) frame.limit = ceiling(frame.limit ?? null, now);
  return frame.limit ?? 1;
}

function structure(view, frame) {
  return [view.options.layer, view.sizes, limitOf(view, frame)];
}

function paint(frame, view) {
  const { weights } = view.parts;
  const rasters = (frame.memory ??= []);
  if (!weights) return;
  const limit = limitOf(view, frame);
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
  const limit = limitOf(view, frame);
  const layers = layersOf(view);
  const layout = {
    coloraxis: {
      cmin: -limit,
      cmax: limit,
      colorscale: plotlyScale(diverging(view.theme), 64),
      colorbar: { title: { text: "weight" } },
    },
    annotations: [],
  };
  const traces = [barTrace("coloraxis")];
  layers.forEach((layer, place) => {
    const { units, inputs, ...edge } = edges(view.sizes[layer], view.sizes[layer - 1]);
    Object.assign(layout, axes(place, layers.length, { units, inputs, ...edge }));
    layout.annotations.push(caption(`W${subscript(layer)}  ${units} × ${inputs}`, place), strapline(edge, place));
    const matrix = view.parts.weights?.[`weight_${layer}`];
    if (!matrix) return;
    const biases = view.parts.weights[`bias_${layer}`].data;
    const common = { type: "heatmap", coloraxis: "coloraxis", xaxis: reference("x", place), yaxis: reference("y", place) };
    traces.push(
      {
        ...common,
        x0: 1,
        y0: 1,
        z: Array.from({ length: units }, (_, row) => matrix.data.subarray(row * inputs, (row + 1) * inputs)),
        hovertemplate: `layer ${layer}: unit %{y} from input %{x}<br>weight %{z:.4f}<extra></extra>`,
      },
      {
        ...common,
        x: [edge.stripLeft, edge.stripRight],
        y0: 1,
        z: Array.from(biases, (bias) => [bias]),
        hovertemplate: `layer ${layer}: unit %{y}<br>bias %{z:.4f}<extra></extra>`,
      },
    );
  });
  return { traces, layout };
}

const subscript = (number) => [...String(number)].map((digit) => "₀₁₂₃₄₅₆₇₈₉"[digit]).join("");

function axes(place, count, { units, stripRight }) {
  const rows = Math.ceil(count / LAYERS_A_ROW);
  const columns = Math.ceil(count / rows);
  const [column, row] = [place % columns, Math.floor(place / columns)];
  const domain = (index, number, between) => {
    const size = 1 / (number + (number - 1) * between);
    return [index * size * (1 + between), index * size * (1 + between) + size].map((end) => Math.min(end, 1));
  };
  const single = count === 1;
  const common = { showgrid: false, zeroline: false, showticklabels: single, ticks: single ? "outside" : "" };
  const across = { domain: domain(column, columns, BETWEEN[0]), anchor: reference("y", place), range: [0.5, stripRight] };
  const down = { domain: domain(rows - 1 - row, rows, BETWEEN[1]), anchor: reference("x", place), range: [units + 0.5, 0.5] };
  const first = column === 0 && row === rows - 1;
  return {
    [axis("x", place)]: { ...common, ...across, title: { text: first ? "input" : "", standoff: 6 } },
    [axis("y", place)]: { ...common, ...down, title: { text: first ? "unit" : "", standoff: 4 } },
  };
}

function caption(text, place) {
  const position = { xref: `${reference("x", place)} domain`, yref: `${reference("y", place)} domain`, x: 0, y: 1 };
  return { ...position, text, xanchor: "left", yanchor: "bottom", showarrow: false, font: { size: 11 } };
}

/** The word below the strip of biases. */
function strapline({ stripLeft, stripRight }, place) {
  const position = { xref: reference("x", place), yref: `${reference("y", place)} domain`, x: (stripLeft + stripRight) / 2, y: 0 };
  return { ...position, text: "b", xanchor: "center", yanchor: "top", showarrow: false, font: { size: 11 } };
}
