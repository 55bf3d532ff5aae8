/** A quantity over a grid of the data plane as a picture, the same on the canvas and in Plotly. */
import { plotlyScale, table } from "./colour.mjs";

/** Steps of a colour scale in Plotly. */
const STEPS = 64;

/**
 * @typedef {object} Field
 * @property {import("../stream/safetensors.mjs").NumberList} data row by row, upwards
 * @property {ArrayLike<number>} x1 of the columns
 * @property {ArrayLike<number>} x2 of the rows
 * @property {(value: number) => number} place on the colour scale, 0 to 1
 * @property {(t: number) => import("./colour.mjs").Rgb} scale
 */

/**
 * @param {CanvasRenderingContext2D} context
 * @param {import("./frame.mjs").Area} area
 * @param {import("./raster.mjs").Raster} raster
 * @param {Field} field
 */
export function paintField(context, area, raster, { data, x1, x2, place, scale }) {
  const [columns, rows] = [x1.length, x2.length];
  const colours = table(scale);
  const last = colours.length - 1;
  raster.fill(columns, rows, (memory) => {
    for (let row = 0; row < rows; row++) {
      const from = row * columns;
      const to = (rows - 1 - row) * columns;
      for (let column = 0; column < columns; column++) {
        const step = Math.round(last * place(data[from + column]));
        memory[to + column] = colours[step < 0 ? 0 : step > last ? last : step];
      }
    }
  });
  const half = (x1[columns - 1] - x1[0]) / (columns - 1) / 2;
  const corners = { left: x1[0] - half, right: x1[columns - 1] + half, top: x2[rows - 1] + half, bottom: x2[0] - half };
  raster.draw(context, area, corners, true);
}

/**
 * @param {Field} field
 * @param {string} hovertemplate in which %{customdata} is the value
 */
export function fieldTrace({ data, x1, x2, place, scale }, hovertemplate) {
  const columns = x1.length;
  const rows = Array.from(x2, (_, row) => Array.from(data.slice(row * columns, (row + 1) * columns)));
  return {
    type: "heatmap",
    x: x1,
    y: x2,
    z: rows.map((row) => row.map(place)),
    customdata: rows,
    zmin: 0,
    zmax: 1,
    zsmooth: "fast",
    colorscale: plotlyScale(scale, STEPS),
    showscale: false,
    hovertemplate,
  };
}
