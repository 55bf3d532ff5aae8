/** How strongly, and which way, the loss changes with the place of a point. */
import { css, plotlyScale, sequential } from "../plot/colour.mjs";
import { classCalled, classEntry, placeHover, plain, sliceNote, unitOf } from "../plot/data.mjs";
import { MAPPED, PLOTLY_POINTS_MAX, plotlyMarker, rowsOf } from "../plot/classes.mjs";
import { barTicks, placeOn, scaleOf, united } from "../plot/decades.mjs";
import { fieldTrace, paintField } from "../plot/field.mjs";
import { barTrace, thinned } from "../plot/figure.mjs";
import { line } from "../plot/lines.mjs";
import { MarkLayer } from "../plot/marks.mjs";
import { extent } from "../plot/range.mjs";
import { Raster } from "../plot/raster.mjs";
import { shadedStamps } from "../plot/shades.mjs";
import { lookAt } from "../plot/range.mjs";

/**
 * @typedef {import("../page/panel.mjs").Options} Options
 * @typedef {import("../plot/data.mjs").Data} Data
 */

/**
 * @typedef {import("../page/panel.mjs").Arrays} Arrays
 * @typedef {import("../page/panel.mjs").View} View
 * @typedef {import("../plot/decades.mjs").Scale} Scale
 * @typedef {import("../plot/frame.mjs").Frame} Frame
 * @typedef {import("../plot/theme.mjs").Theme} Theme
 */

/** Length of an arrow and of its head, as shares of the distance between two arrows. */
const LENGTH = 0.66;
const HEAD = 0.3;
/** Of the largest, the magnitude below which there is no direction to speak of. */
const LEAST = 1e-12;
/** Bright on a dark edge, to be seen on every colour of the scale. */
const ARROW = [
  { colour: css([0, 0, 0], 0.55), width: 2.6 },
  { colour: css([255, 255, 255]), width: 1.1 },
];

export const showsPoints = true;

/** @param {Options} options */
export const concerns = ({ points }) => (points ? ["classes", "train"] : []);

export function watch() {
  return { gradient: { probe: "input_gradient", options: {} } };
}

/** @param {View} view */
export function note({ options, geometry, parts: { gradient } }) {
  if (!gradient) return "";
  if (options.points) return "Each training point's own loss; brighter points are easier to break.";
  const slice = geometry.dimension > 2 ? ` ${sliceNote(geometry)} Arrows show the part within it.` : "";
  return `Loss of the class given there; arrows point to where it grows.${slice}`;
}

/** @type {import("../page/panel.mjs").Painter["graphs"]} */
export const graphs = { main: { structure, paint, figure } };

/** @param {View} view */
const shownValues = ({ options, parts: { gradient } }) => /** @type {Arrays} */ (gradient)[options.points ? "points_train" : "grid"].data;

/**
 * The colour scale of the values; of two runs that are compared, one for both.
 * @param {View} view
 * @param {Frame} frame
 */
function scaleFor(view, frame) {
  const scale = suitingScale(view, frame.own);
  return view.other?.parts.gradient && frame.twin ? united(scale, suitingScale(view.other, frame.twin.own)) : scale;
}

/** The scale, worked out once for the values. @param {View} view @param {Frame["own"]} own what is kept of it @returns {Scale} */
function suitingScale(view, own) {
  if (!view.parts.gradient) return own.scale ?? { log: false, low: 0, high: 1 };
  const values = shownValues(view);
  if (own.measured !== values) Object.assign(own, { measured: values, scale: scaleOf(values) });
  return own.scale;
}

/** @param {View} view @param {Frame} frame */
function structure(view, frame) {
  return [view.options.points, view.geometry.class_names, scaleFor(view, frame)];
}

/** @param {Arrays} gradient @param {Scale} scale @param {Theme} theme */
const fieldOf = (gradient, scale, theme) => ({
  data: gradient.grid.data,
  x1: gradient.x1.data,
  x2: gradient.x2.data,
  place: placeOn(scale),
  scale: sequential(theme),
});

/** @param {Frame} frame @param {View} view */
function paint(frame, view) {
  const { geometry, options, parts, points, theme } = view;
  const { gradient } = parts;
  /** @type {{raster: Raster, marks: MarkLayer}} */
  const drawn = (frame.memory ??= { raster: new Raster(), marks: new MarkLayer() });
  lookAt(frame, geometry);
  if (!gradient) return;
  const scale = scaleFor(view, frame);
  frame.inside((context, area) => {
    if (options.points) {
      const place = placeOn(scale);
      /** @param {number} index */
      const at = (index) => place(gradient.points_train.data[index]);
      const look = shadedStamps(points.trainLabel.data, Array(geometry.classes).fill(true), at, sequential(theme), MAPPED, area.scale);
      drawn.marks.begin(area);
      drawn.marks.write(points.train.data, look);
      drawn.marks.end(context);
      return;
    }
    paintField(context, area, drawn.raster, fieldOf(gradient, scale, theme));
    const { xs, ys } = arrows(gradient);
    for (const look of ARROW) line(context, area, xs, ys, look);
  });
}

/**
 * All arrows as one path, a gap after each; of one length, for the colours tell the magnitude.
 * @param {Arrays} arrays
 */
function arrows({ direction, arrow_x1, arrow_x2, grid }) {
  const [across, up] = [arrow_x1.data, arrow_x2.data];
  const cell = across[1] - across[0];
  const least = LEAST * Math.max(0, extent(grid.data)[1]);
  /** @type {[number[], number[]]} */
  const [xs, ys] = [[], []];
  for (let row = 0; row < up.length; row++) {
    for (let column = 0; column < across.length; column++) {
      const at = 2 * (row * across.length + column);
      const [dx, dy] = [direction.data[at], direction.data[at + 1]];
      const magnitude = Math.hypot(dx, dy);
      if (!(magnitude > least)) continue;
      const [ux, uy] = [(dx / magnitude) * cell, (dy / magnitude) * cell];
      const [tipX, tipY] = [across[column] + (LENGTH / 2) * ux, up[row] + (LENGTH / 2) * uy];
      // Both barbs lie at 45° to the shaft.
      xs.push(tipX - LENGTH * ux, tipX, tipX - HEAD * (ux - uy) * Math.SQRT1_2, tipX, tipX - HEAD * (ux + uy) * Math.SQRT1_2, NaN);
      ys.push(tipY - LENGTH * uy, tipY, tipY - HEAD * (uy + ux) * Math.SQRT1_2, tipY, tipY - HEAD * (uy - ux) * Math.SQRT1_2, NaN);
    }
  }
  return { xs, ys };
}

/** @param {View} view @param {Frame} frame */
function figure(view, frame) {
  const { options, geometry, parts, theme } = view;
  const scale = scaleFor(view, frame);
  const colours = plotlyScale(sequential(theme));
  const bar = { title: { text: "‖∇J‖<br>nats / unit" }, ...barTicks(scale) };
  const layout = { coloraxis: { cmin: 0, cmax: 1, colorscale: colours, showscale: true, colorbar: bar } };
  /** @type {import("../plot/figure.mjs").Plain[]} */
  const traces = options.points ? pointTraces(view, scale, colours) : [];
  if (!options.points && parts.gradient) {
    const value = `${placeHover(geometry, 2)}<br>${sizeHover(geometry)}<extra></extra>`;
    traces.push(fieldTrace(fieldOf(parts.gradient, scale, theme), value), ...arrowTraces(parts.gradient));
  }
  return { traces: [...traces, barTrace("coloraxis")], layout };
}

/** @param {Data} geometry */
const sizeHover = (geometry) => (unitOf(geometry) === "plane units" ? "‖∇J‖ %{customdata:.3g} nats per plane unit" : "‖∇J‖ %{customdata:.3g} nats per unit");

/** @param {Arrays} gradient */
function arrowTraces(gradient) {
  const { xs, ys } = arrows(gradient);
  const common = { type: "scatter", mode: "lines", x: xs, y: ys, connectgaps: false, hoverinfo: "skip", showlegend: false };
  return ARROW.map(({ colour, width }) => ({ ...common, line: { color: colour, width } }));
}

/** @param {View} view @param {Scale} scale @param {ReturnType<typeof plotlyScale>} colorscale */
function pointTraces({ geometry, parts: { gradient }, points, theme }, scale, colorscale) {
  const place = placeOn(scale);
  return rowsOf(points.trainLabel.data, geometry.classes).map((rows, label) => {
    const kept = thinned(rows.length, Math.ceil(PLOTLY_POINTS_MAX / geometry.classes)).map((at) => rows[at]);
    const values = gradient ? kept.map((index) => gradient.points_train.data[index]) : [];
    return {
      type: "scatter",
      mode: "markers",
      name: classEntry(geometry, label),
      x: kept.map((index) => points.train.data[2 * index]),
      y: kept.map((index) => points.train.data[2 * index + 1]),
      customdata: values,
      marker: { ...plotlyMarker(theme, label, MAPPED), color: values.map(place), cmin: 0, cmax: 1, colorscale },
      hovertemplate: `${plain(classCalled(geometry, label))}<br>${placeHover(geometry)}<br>${sizeHover(geometry)}<extra></extra>`,
    };
  });
}
