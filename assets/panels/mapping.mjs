/** Where a layer sends the training points, in their order. */
import { css, pixel, plotlyScale, sequential } from "../plot/colour.mjs";
import { MAPPED, PLOTLY_POINTS_MAX, plotlyMarker, rowsOf, stampOf } from "../plot/classes.mjs";
import { barTrace, thinned } from "../plot/figure.mjs";
import { line } from "../plot/lines.mjs";
import { MarkLayer, markOf, SYMBOLS } from "../plot/marks.mjs";
import { extent } from "../plot/range.mjs";

const SHADES = 64;
const THREAD = 0.35;

export function watch({ layer }) {
  return { map: { probe: "mapping", options: layer === "last" ? {} : { layer: Number(layer) } } };
}

const lastHidden = (sizes) => Math.max(sizes.length - 2, 1);

function layerOf({ options, sizes }) {
  return options.layer === "last" ? lastHidden(sizes) : Number(options.layer);
}

function named(layer, sizes) {
  const count = sizes[layer];
  if (layer === 0) return `input (${count} coordinates)`;
  if (layer === sizes.length - 1) return `output (${count} logits)`;
  return `layer ${layer} (${count} ${count === 1 ? "unit" : "units"})`;
}

export function choices({ sizes, geometry }) {
  const layers = sizes.map((_, layer) => ({ label: named(layer, sizes), value: String(layer) }));
  const hidden = sizes.length > 2;
  const labels = Array.from({ length: geometry.classes }, (_, label) => ({ label: `class ${label}`, value: String(label) }));
  return {
    layer: [{ label: hidden ? "last hidden" : "output", value: "last" }, ...layers],
    classes: [{ label: "all classes", value: "all" }, ...labels],
  };
}

export function note(view) {
  const { map } = view.parts;
  if (!map) return "";
  if (map.raw.data[0]) return `Raw values of ${named(layerOf(view), view.sizes)}.`;
  const [first, second] = map.explained.data;
  return `PCA of ${named(layerOf(view), view.sizes)}: ${share(first + second)} of the variance is shown.`;
}

const share = (value) => `${Math.round(100 * value)} %`;

/** Titles of the two axes. */
function titles(view) {
  const { map } = view.parts;
  const layer = layerOf(view);
  if (!map.raw.data[0]) return [0, 1].map((axis) => `PC ${axis + 1} (${share(map.explained.data[axis])})`);
  if (layer === 0) return ["x₁", "x₂"];
  const word = layer === view.sizes.length - 1 ? "logit of class" : "unit";
  const first = word === "unit" ? 1 : 0;
  return [0, 1].map((axis) => (axis < view.sizes[layer] ? `${word} ${axis + first}` : "(no second unit)"));
}

const isShown = (options, label) => options.classes === "all" || Number(options.classes) === label;

export const graphs = { main: { structure, paint, figure } };

function structure({ options, geometry, pointsSerial }) {
  const { classes, colour, order } = options;
  return [classes, colour, order, geometry.classes, colour === "phi" && pointsSerial];
}

function paint(frame, view) {
  const { map } = view.parts;
  const memory = (frame.memory ??= { marks: new MarkLayer() });
  if (!map) return;
  const { data } = map.train;
  frame.fit("xaxis", ...extent(data, 0, 2));
  frame.fit("yaxis", ...extent(data, 1, 2));
  titles(view).forEach((title, index) => frame.setTitle(index === 0 ? "xaxis" : "yaxis", title));
  frame.inside((context, area) => {
    if (view.options.order) threads(context, area, frame, view, data);
    memory.marks.begin(area);
    memory.marks.write(data, looks(frame, view, area.scale));
    memory.marks.end(context);
  });
}

/** A thin line along each class, in the order of φ. */
function threads(context, area, frame, { options, points, geometry, theme }, data) {
  for (let label = 0; label < geometry.classes; label++) {
    if (!isShown(options, label) || !frame.shows(label)) continue;
    const rows = rowsOfClass(points.trainLabel.data, label);
    const xs = rows.map((index) => data[2 * index]);
    const ys = rows.map((index) => data[2 * index + 1]);
    line(context, area, xs, ys, { colour: css(theme.classes[label], THREAD), width: 1 });
  }
}

function rowsOfClass(labels, label) {
  const rows = [];
  labels.forEach((value, index) => value === label && rows.push(index));
  return rows;
}

/** The look of each point: its class' marker, in its class' colour or that of its φ. */
function looks(frame, { options, points, geometry, theme }, scale) {
  const labels = points.trainLabel.data;
  const shown = Array.from({ length: geometry.classes }, (_, label) => isShown(options, label) && frame.shows(label));
  if (options.colour === "class") {
    const stamps = shown.map((visible, label) => (visible ? stampOf(theme, label, MAPPED, scale) : null));
    return (index) => stamps[labels[index]];
  }
  const phi = points.trainPhi.data;
  const [low, high] = extent(phi);
  const shade = sequential(theme);
  const stamps = shown.map((visible, label) => {
    const mark = markOf(SYMBOLS[label % SYMBOLS.length], { ...MAPPED, scale });
    return Array.from({ length: SHADES }, (_, step) => (visible ? { mark, fill: pixel(shade(step / (SHADES - 1))), line: 0 } : null));
  });
  const rate = (SHADES - 1) / (high - low || 1);
  return (index) => stamps[labels[index]][Math.round((phi[index] - low) * rate)];
}

function figure(view) {
  const { options, parts, points, geometry, theme } = view;
  const byPhi = options.colour === "phi";
  const [low, high] = extent(points.trainPhi.data);
  const rows = rowsOf(points.trainLabel.data, geometry.classes);
  const most = Math.ceil(PLOTLY_POINTS_MAX / geometry.classes);
  const many = geometry.classes > 3;
  const at = (index, axis) => parts.map?.train.data[2 * index + axis];
  const traces = rows.map((all, label) => {
    const kept = isShown(options, label) ? thinned(all.length, most).map((place) => all[place]) : [];
    const phi = kept.map((index) => points.trainPhi.data[index]);
    const marker = plotlyMarker(theme, label, MAPPED);
    return {
      type: "scatter",
      mode: options.order ? "lines+markers" : "markers",
      name: many ? String(label) : `class ${label}`,
      showlegend: isShown(options, label),
      x: kept.map((index) => at(index, 0)),
      y: kept.map((index) => at(index, 1)),
      customdata: phi,
      line: { width: 1, color: css(theme.classes[label], THREAD) },
      marker: byPhi ? { ...marker, color: phi, cmin: low, cmax: high, colorscale: plotlyScale(sequential(theme)) } : marker,
      hovertemplate: `class ${label}, φ %{customdata:.2f} rad<br>(%{x:.3f}, %{y:.3f})<extra></extra>`,
    };
  });
  const layout = { legend: { title: { text: many ? "class" : "", side: "left" } } };
  if (!byPhi) return { traces, layout };
  const scale = { cmin: low, cmax: high, colorscale: plotlyScale(sequential(theme)) };
  const bar = { ...scale, showscale: true, colorbar: { title: { text: "φ (rad)" } } };
  return { traces: [...traces, barTrace("coloraxis")], layout: { ...layout, coloraxis: bar } };
}
