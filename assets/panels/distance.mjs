/** How far a layer moves each training point, against how far out the point lies. */
import { css } from "../plot/colour.mjs";
import { MAPPED, PLOTLY_POINTS_MAX, plotlyMarker, rowsOf, stampOf } from "../plot/classes.mjs";
import { thinned } from "../plot/figure.mjs";
import { DASH_NAMES, line } from "../plot/lines.mjs";
import { MarkLayer } from "../plot/marks.mjs";
import { layerChoices, layerOf, layerOption, named } from "../plot/naming.mjs";
import { extent } from "../plot/range.mjs";

/**
 * @typedef {import("../page/panel.mjs").Arrays} Arrays
 * @typedef {import("../page/panel.mjs").Options} Options
 * @typedef {import("../page/panel.mjs").View} View
 * @typedef {import("../plot/frame.mjs").Frame} Frame
 * @typedef {import("../plot/theme.mjs").Theme} Theme
 */

const LINE_WIDTH = 2.2;

export const showsPoints = true;

/** @param {Options} options */
export function watch(options) {
  return { distance: { probe: "distance", options: layerOption(options) } };
}

/** @param {View} view */
export const choices = ({ sizes }) => ({ layer: layerChoices(sizes, 1) });

/** @param {View} view */
export function note(view) {
  const { distance } = view.parts;
  if (!distance) return "";
  const slopes = Array.from(distance.slope.data, (slope) => (Number.isFinite(slope) ? slope.toFixed(2).replace("-", "−") : "no line"));
  return `${place(view)} Per unit of radius, moved ${slopes.join(" | ")} further (class 0 to ${slopes.length - 1}).`;
}

/**
 * Where the distances are taken, in words.
 * @param {View} view
 */
function place(view) {
  const layer = layerOf(view);
  if (!view.parts.distance?.raw.data[0]) return `PCA plane of ${named(layer, view.sizes)}, turned onto the data.`;
  return `Raw ${named(layer, view.sizes)}${view.sizes[layer] === 1 ? ", second coordinate 0" : ""}.`;
}

/** @type {import("../page/panel.mjs").Painter["graphs"]} */
export const graphs = { main: { structure: ({ geometry }) => geometry.classes, paint, figure } };

/** @param {Theme} theme @param {number} label */
const lineLook = (theme, label) => ({
  colour: css(theme.classes[label]),
  width: LINE_WIDTH,
  dash: DASH_NAMES[label % DASH_NAMES.length],
});

/**
 * The least-squares line of a class, over the radii of all points.
 * @param {Arrays} arrays
 * @param {number} label
 */
function fitted({ radius, slope, intercept }, label) {
  const ends = extent(radius.data);
  return { ends, at: ends.map((end) => intercept.data[label] + slope.data[label] * end) };
}

/** @param {Frame} frame @param {View} view */
function paint(frame, { geometry, parts: { distance }, points, theme }) {
  /** @type {{marks: MarkLayer, positions: Float32Array}} */
  const memory = (frame.memory ??= { marks: new MarkLayer(), positions: new Float32Array(0) });
  if (!distance) return;
  const { radius, moved } = distance;
  frame.fit("xaxis", 0, extent(radius.data)[1]);
  frame.fit("yaxis", 0, extent(moved.data)[1]);
  if (memory.positions.length !== 2 * radius.data.length) memory.positions = new Float32Array(2 * radius.data.length);
  radius.data.forEach((value, index) => {
    memory.positions[2 * index] = value;
    memory.positions[2 * index + 1] = moved.data[index];
  });
  const labels = points.trainLabel.data;
  frame.inside((context, area) => {
    const stamps = Array.from({ length: geometry.classes }, (_, label) =>
      frame.shows(label) ? stampOf(theme, label, MAPPED, area.scale) : null,
    );
    memory.marks.begin(area);
    memory.marks.write(memory.positions, (index) => stamps[labels[index]]);
    memory.marks.end(context);
    stamps.forEach((stamp, label) => {
      if (!stamp) return;
      const { ends, at } = fitted(distance, label);
      const look = lineLook(theme, label);
      line(context, area, ends, at, { colour: css(theme.surface), width: LINE_WIDTH + 2 });
      line(context, area, ends, at, look);
    });
  });
}

/** @param {View} view */
function figure({ geometry, parts: { distance }, points, theme }) {
  const { classes } = geometry;
  const many = classes > 3;
  const clouds = rowsOf(points.trainLabel.data, classes).map((rows, label) => {
    const kept = thinned(rows.length, Math.ceil(PLOTLY_POINTS_MAX / classes)).map((at) => rows[at]);
    return {
      type: "scatter",
      mode: "markers",
      name: many ? String(label) : `class ${label}`,
      legendgroup: String(label),
      x: distance ? kept.map((index) => distance.radius.data[index]) : [],
      y: distance ? kept.map((index) => distance.moved.data[index]) : [],
      customdata: kept.map((index) => points.trainAlong.data[index]),
      marker: plotlyMarker(theme, label, MAPPED),
      hovertemplate: `class ${label}, φ %{customdata:.2f} rad<br>radius %{x:.3f}, moved %{y:.3f}<extra></extra>`,
    };
  });
  const lines = clouds.flatMap((_, label) => {
    const { ends, at } = distance ? fitted(distance, label) : { ends: [], at: [] };
    const { colour, width, dash } = lineLook(theme, label);
    const common = { type: "scatter", mode: "lines", x: ends, y: at, legendgroup: String(label), showlegend: false };
    const slope = distance?.slope.data[label].toFixed(3);
    return [
      { ...common, line: { color: css(theme.surface), width: width + 2 }, hoverinfo: "skip" },
      { ...common, line: { color: colour, width, dash }, hovertemplate: `class ${label}: slope ${slope}<extra></extra>` },
    ];
  });
  return { traces: [...clouds, ...lines], layout: { legend: { title: { text: many ? "class" : "", side: "left" } } } };
}
