/** How far a layer moves each training point, against how far out the point lies. */
import { css } from "../plot/colour.mjs";
import { classCalled, classEntry, classLegend, coordinateHover, cut, plain, unitOf } from "../plot/data.mjs";
import { MAPPED, PLOTLY_POINTS_MAX, plotlyMarker, rowsOf, stampOf } from "../plot/classes.mjs";
import { thinned } from "../plot/figure.mjs";
import { dashOf, line } from "../plot/lines.mjs";
import { MarkLayer } from "../plot/marks.mjs";
import { layerChoices, layerOf, layerOption, named } from "../plot/naming.mjs";
import { extent, rounded } from "../plot/range.mjs";

/**
 * @typedef {import("../plot/data.mjs").Data} Data
 * @typedef {import("../stream/safetensors.mjs").NumberList} NumberList
 */

/**
 * @typedef {import("../page/panel.mjs").Arrays} Arrays
 * @typedef {import("../page/panel.mjs").Options} Options
 * @typedef {import("../page/panel.mjs").View} View
 * @typedef {import("../plot/frame.mjs").Frame} Frame
 * @typedef {import("../plot/theme.mjs").Theme} Theme
 */

const LINE_WIDTH = 2.2;

export const showsPoints = true;

export const concerns = () => ["classes", "train"];

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
  return `${place(view)} ${slopesInWords(view.geometry, distance.slope.data)}`;
}

/** So many slopes are told one by one; of more, the least and the greatest. */
const TOLD = 4;

/** @param {Data} geometry @param {NumberList} slopes */
function slopesInWords(geometry, slopes) {
  const known = [...slopes.keys()].filter((label) => Number.isFinite(slopes[label])).sort((a, b) => slopes[a] - slopes[b]);
  if (known.length === 0) return "No class has a line.";
  /** @param {number} label */
  const told = (label) => `${slopes[label].toFixed(2).replace("-", "−")} (${cut(classCalled(geometry, label))})`;
  if (slopes.length > TOLD) return `Slopes of the lines from ${told(known[0])} to ${told(known[known.length - 1])}.`;
  const each = Array.from(slopes, (slope, label) => (Number.isFinite(slope) ? told(label) : `no line (${cut(classCalled(geometry, label))})`));
  return `Slopes of the lines: ${each.join(", ")}.`;
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
export const graphs = { main: { structure: ({ geometry }) => geometry.class_names, paint, figure } };

/** @param {Theme} theme @param {number} label */
const lineLook = (theme, label) => ({
  colour: css(theme.classes[label]),
  width: LINE_WIDTH,
  dash: dashOf(label),
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

/**
 * From the origin, unless the data lie far from it.
 * @param {Frame} frame
 * @param {NumberList} radius
 * @param {NumberList} moved
 */
function fitBoth(frame, radius, moved) {
  for (const [axis, values] of Object.entries({ xaxis: radius, yaxis: moved })) {
    const [low, high] = extent(values);
    const [from, to] = rounded(low > high / 2 ? low : 0, high);
    frame.glideTo(axis, low > high / 2 ? from : Math.max(from, 0), to);
  }
}

/** @param {Frame} frame @param {View} view */
function paint(frame, { geometry, parts: { distance }, points, theme }) {
  /** @type {{marks: MarkLayer, positions: Float32Array}} */
  const memory = (frame.memory ??= { marks: new MarkLayer(), positions: new Float32Array(0) });
  if (!distance) return;
  const { radius, moved } = distance;
  fitBoth(frame, radius.data, moved.data);
  frame.setTitle("xaxis", `radius ‖x‖ (${unitOf(geometry)})`);
  frame.setTitle("yaxis", `moved ‖h(x) − x‖ (${unitOf(geometry)})`);
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
  const clouds = rowsOf(points.trainLabel.data, classes).map((rows, label) => {
    const kept = thinned(rows.length, Math.ceil(PLOTLY_POINTS_MAX / classes)).map((at) => rows[at]);
    return {
      type: "scatter",
      mode: "markers",
      name: classEntry(geometry, label),
      legendgroup: String(label),
      x: distance ? kept.map((index) => distance.radius.data[index]) : [],
      y: distance ? kept.map((index) => distance.moved.data[index]) : [],
      customdata: kept.map((index) => points.trainAlong.data[index]),
      marker: plotlyMarker(theme, label, MAPPED),
      hovertemplate: `${plain(classCalled(geometry, label))}${coordinateHover(geometry, "customdata", ", ")}<br>radius %{x:.3f}, moved %{y:.3f}<extra></extra>`,
    };
  });
  const lines = clouds.flatMap((_, label) => {
    const { ends, at } = distance ? fitted(distance, label) : { ends: [], at: [] };
    const { colour, width, dash } = lineLook(theme, label);
    const common = { type: "scatter", mode: "lines", x: ends, y: at, legendgroup: String(label), showlegend: false };
    const slope = distance?.slope.data[label].toFixed(3);
    return [
      { ...common, line: { color: css(theme.surface), width: width + 2 }, hoverinfo: "skip" },
      { ...common, line: { color: colour, width, dash }, hovertemplate: `${plain(classCalled(geometry, label))}: slope ${slope}<extra></extra>` },
    ];
  });
  return { traces: [...clouds, ...lines], layout: classLegend(geometry) };
}
