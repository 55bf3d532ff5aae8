/** Where a layer sends the training points, and how it bends the plane. */
import { css, plotlyScale, sequential } from "../plot/colour.mjs";
import { classCalled, classChoices, classEntry, classLegend, coordinateHover, coordinateTitle, cut, inputName, plain } from "../plot/data.mjs";
import { MAPPED, PLOTLY_POINTS_MAX, plotlyMarker, rowsOf, stampOf } from "../plot/classes.mjs";
import { barTrace, thinned } from "../plot/figure.mjs";
import { line } from "../plot/lines.mjs";
import { MarkLayer } from "../plot/marks.mjs";
import { layerChoices, layerOf, layerOption, named } from "../plot/naming.mjs";
import { extent, rounded } from "../plot/range.mjs";
import { shadedStamps } from "../plot/shades.mjs";
import { axesAnnotations, byDepth, drawAxes, View3D } from "../plot/space.mjs";
import { makeTurnable, setTurnable } from "../plot/turning.mjs";

/** @typedef {import("../page/panel.mjs").Panel} Panel */

/**
 * @typedef {import("../page/panel.mjs").Arrays} Arrays
 * @typedef {import("../page/panel.mjs").Options} Options
 * @typedef {import("../page/panel.mjs").View} View
 * @typedef {import("../plot/frame.mjs").Area} Area
 * @typedef {import("../plot/frame.mjs").Frame} Frame
 * @typedef {import("../plot/marks.mjs").Stamp} Stamp
 * @typedef {import("../stream/safetensors.mjs").Tensor} Tensor
 */

/**
 * @typedef {{marks: MarkLayer, view: View3D, space: boolean}} Memory the canvas' tools, where the eye stands, and
 *   whether there are three dimensions
 */

const THREAD = 0.35;
/** Without axes around it, a picture needs less room for them. */
const SPACE_MARGIN = { l: 8, r: 8, t: 22, b: 4 };
/** Lines of the grid each way, and how those look that were horizontal, and vertical. */
const GRID = 12;
const FAMILIES = [
  { series: 0, dash: "solid", width: 1 },
  { series: 2, dash: "dot", width: 1 },
];

export const showsPoints = true;

/** @param {Options} options */
export const concerns = ({ show }) => (show === "grid" ? [] : ["classes", "train"]);

/** @param {Options} options */
export function watch({ layer, dimension, show }) {
  const options = {
    ...layerOption({ layer }),
    ...(dimension === "3" && { dimension: 3 }),
    ...(show !== "points" && { grid: GRID }),
  };
  return { map: { probe: "mapping", options } };
}

/** @param {View} view */
export function choices({ sizes, geometry }) {
  const along = geometry.coordinate;
  const colours = along ? [{ label: `${along.symbol} (${along.name})`, value: "along" }] : [];
  return {
    layer: layerChoices(sizes, 0),
    classes: [{ label: "all classes", value: "all" }, ...classChoices(geometry)],
    colour: [{ label: "class", value: "class" }, ...colours],
  };
}

/**
 * Where points lie along their class is known of some data only.
 * @param {Pick<View, "options"|"geometry">} values
 */
const byCoordinate = ({ options, geometry }) => options.colour === "along" && Boolean(geometry.coordinate);
/** @param {Pick<View, "options"|"geometry">} values */
const joins = ({ options, geometry }) => Boolean(options.order && geometry.coordinate);

/** @param {Panel} panel @param {View} view */
export function dress({ card }, { geometry }) {
  card.toggleAttribute("data-coordinate", Boolean(geometry.coordinate));
}

/** @param {View} view */
export function note(view) {
  const { map } = view.parts;
  if (!map) return "";
  const turn = isSpace(map) ? " Each axis has its own scale. Drag or arrow keys: turn." : "";
  const name = named(layerOf(view), view.sizes);
  if (map.raw.data[0]) return `Raw values of ${name}.${turn}`;
  const shown = Array.from(map.explained.data).reduce((sum, value) => sum + value, 0);
  return `PCA of ${name}: ${share(shown)} of the variance is shown.${turn}`;
}

/** @param {number} value */
const share = (value) => `${Math.round(100 * value)} %`;

/**
 * The lines of the grid are drawn first, so that the points lie on them.
 * @param {View} view
 * @param {number} label
 */
const placeOf = ({ options }, label) => label + (options.show === "points" ? 0 : FAMILIES.length);

/**
 * Whether a result has three coordinates.
 * @param {Arrays} map
 */
const isSpace = (map) => map.train.shape[1] === 3;

/**
 * The newest result, for those that come after it.
 * @param {View} view
 */
const mapOf = ({ parts }) => /** @type {Arrays} */ (parts.map);

/**
 * Names of the axes.
 * @param {View} view
 */
function titles(view) {
  const map = mapOf(view);
  const layer = layerOf(view);
  const axes = isSpace(map) ? [0, 1, 2] : [0, 1];
  if (!map.raw.data[0]) return axes.map((axis) => `PC ${axis + 1} (${share(map.explained.data[axis])})`);
  if (layer === 0) return axes.map((axis) => (axis < view.sizes[0] ? cut(inputName(view.geometry, view.status.config.network, axis), 40) : "–"));
  const output = layer === view.sizes.length - 1;
  return axes.map((axis) => {
    if (axis >= view.sizes[layer]) return isSpace(map) ? "–" : "(no second unit)";
    return output ? `logit of ${cut(classCalled(view.geometry, axis), 40)}` : `unit ${axis + 1}`;
  });
}

/**
 * Short enough for the corner of a picture.
 * @param {View} view
 */
const shortTitles = (view) => titles(view).map((title) => title.replace(/ \(.*/, "").replace(/logit of (class )?/, "logit "));

/** @param {Options} options @param {number} label */
const isShown = (options, label) => options.show !== "grid" && (options.classes === "all" || Number(options.classes) === label);

/** @type {import("../page/panel.mjs").Painter["graphs"]} */
export const graphs = { main: { structure, paint, figure } };

/** @param {View} view */
function structure(view) {
  const { options, geometry, parts, pointsSerial } = view;
  const { classes, show } = options;
  const space = Boolean(parts.map && isSpace(parts.map));
  return [classes, joins(view), show, space, isEqual(view), geometry.class_names, byCoordinate(view) && pointsSerial];
}

/** @param {Frame} frame @returns {Memory} */
function memoryOf(frame) {
  if (!frame.memory) {
    const memory = { marks: new MarkLayer(), view: new View3D(), space: false };
    frame.memory = memory;
    makeTurnable(frame, memory.view, () => memory.space);
  }
  return frame.memory;
}

/**
 * Positions in the picture, x and y by turns, of points with two or three coordinates.
 * @param {Memory} memory
 * @param {Tensor} tensor
 * @returns {{positions: ArrayLike<number>, nearness: Float32Array|null}}
 */
function placed({ view, space }, { data }) {
  return space ? view.project(data) : { positions: data, nearness: null };
}

/** @param {Frame} frame @param {View} view */
function paint(frame, view) {
  const { map } = view.parts;
  const memory = memoryOf(frame);
  if (!map) return;
  enter(frame, memory, isSpace(map));
  const all = boundsOf(view);
  if (memory.space) memory.view.look(all);
  else {
    fitPlane(frame, all, isEqual(view));
    titles(view).forEach((title, index) => frame.setTitle(index === 0 ? "xaxis" : "yaxis", title));
  }
  frame.inside((context, area) => {
    if (memory.space) fitSpace(frame, area, memory.view.reach);
    if (map.grid) paintGrid(context, area, frame, view);
    const { positions, nearness } = placed(memory, map.train);
    if (joins(view)) threads(context, area, frame, view, positions);
    memory.marks.begin(area);
    const look = looks(frame, view, area.scale);
    if (nearness) fromAfar(memory.marks, positions, nearness, look);
    else memory.marks.write(positions, look);
    memory.marks.end(context);
    if (memory.space) drawAxes(context, area, memory.view, shortTitles(view), view.theme);
  });
}

/**
 * Change between two and three dimensions: neither knows the ranges of the other.
 * @param {Frame} frame
 * @param {Memory} memory
 * @param {boolean} space
 */
function enter(frame, memory, space) {
  if (memory.space === space) return;
  memory.space = space;
  frame.held.clear();
  frame.smooth.clear();
  frame.suiting = {};
  setTurnable(frame, space);
}

/** @param {View} view */
const isEqual = ({ options }) => options.scales !== "own";

/**
 * Ranges that hold the points; with equal scales the one that is too short is made longer.
 * @param {Frame} frame
 * @param {ArrayLike<number>} all
 * @param {boolean} equal
 */
function fitPlane(frame, all, equal) {
  const [across, up] = [rounded(...extent(all, 0, 2)), rounded(...extent(all, 1, 2))];
  const { width, height } = frame.room;
  /** @param {[number, number]} values */
  const span = ([low, high]) => high - low;
  const unit = equal ? Math.max(span(across) / width, span(up) / height) : 0;
  /** @param {[number, number]} values @param {number} pixels @returns {[number, number]} */
  const widened = ([low, high], pixels) => {
    const more = Math.max(0, unit * pixels - (high - low)) / 2;
    return [low - more, high + more];
  };
  frame.glideTo("xaxis", ...widened(across, width));
  frame.glideTo("yaxis", ...widened(up, height));
}

/**
 * All that has to find room: what is shown of the points and of the grid.
 * @param {View} view
 */
function boundsOf(view) {
  const { options } = view;
  const map = mapOf(view);
  if (options.show === "points" || !map.grid) return map.train.data;
  if (options.show === "grid") return map.grid.data;
  const both = new Float32Array(map.train.data.length + map.grid.data.length);
  both.set(map.train.data);
  both.set(map.grid.data, map.train.data.length);
  return both;
}

/**
 * One unit is as long across as it is down.
 * @param {Frame} frame
 * @param {Area} area
 * @param {number} reach
 */
function fitSpace(frame, { width, height }, reach) {
  const unit = reach / Math.min(width, height);
  frame.setRange("xaxis", -unit * width, unit * width);
  frame.setRange("yaxis", -unit * height, unit * height);
}

/**
 * Each family of lines as one path, a gap after each line.
 * @param {Memory} memory
 * @param {Arrays} arrays
 */
function gridPaths(memory, { grid }) {
  const [lines, nodes] = grid.shape;
  const { positions } = placed(memory, grid);
  return FAMILIES.map((_, family) => {
    /** @type {[number[], number[]]} */
    const [xs, ys] = [[], []];
    for (let index = (family * lines) / 2; index < ((family + 1) * lines) / 2; index++) {
      for (let node = index * nodes; node < (index + 1) * nodes; node++) {
        xs.push(positions[2 * node]);
        ys.push(positions[2 * node + 1]);
      }
      xs.push(NaN);
      ys.push(NaN);
    }
    return { xs, ys };
  });
}

/** @param {CanvasRenderingContext2D} context @param {Area} area @param {Frame} frame @param {View} view */
function paintGrid(context, area, frame, view) {
  const { theme } = view;
  gridPaths(frame.memory, mapOf(view)).forEach(({ xs, ys }, family) => {
    const { series, dash, width } = FAMILIES[family];
    line(context, area, xs, ys, { colour: css(theme.series[series]), width, dash });
  });
}

/** @param {Frame} frame @param {View} view @param {number} label */
const isVisible = (frame, view, label) => isShown(view.options, label) && frame.shows(placeOf(view, label));

/**
 * A thin line along each class, in the order of its coordinate.
 * @param {CanvasRenderingContext2D} context
 * @param {Area} area
 * @param {Frame} frame
 * @param {View} view
 * @param {ArrayLike<number>} positions
 */
function threads(context, area, frame, view, positions) {
  const { points, geometry, theme } = view;
  for (let label = 0; label < geometry.classes; label++) {
    if (!isVisible(frame, view, label)) continue;
    const rows = rowsOfClass(points.trainLabel.data, label);
    const xs = rows.map((index) => positions[2 * index]);
    const ys = rows.map((index) => positions[2 * index + 1]);
    line(context, area, xs, ys, { colour: css(theme.classes[label], THREAD), width: 1 });
  }
}

/** @param {ArrayLike<number>} labels @param {number} label */
function rowsOfClass(labels, label) {
  return Array.from(labels, (value, index) => (value === label ? index : -1)).filter((index) => index >= 0);
}

/**
 * Write the farthest points first, so that the nearer ones cover them.
 * @param {MarkLayer} marks
 * @param {ArrayLike<number>} positions
 * @param {Float32Array} nearness
 * @param {(index: number) => Stamp|null} look
 */
function fromAfar(marks, positions, nearness, look) {
  const order = byDepth(nearness);
  const sorted = new Float32Array(positions.length);
  order.forEach((index, place) => {
    sorted[2 * place] = positions[2 * index];
    sorted[2 * place + 1] = positions[2 * index + 1];
  });
  marks.write(sorted, (place) => look(order[place]));
}

/**
 * The look of each point: its class' marker, in its class' colour or that of its coordinate.
 * @param {Frame} frame
 * @param {View} view
 * @param {number} scale
 */
function looks(frame, view, scale) {
  const { points, geometry, theme } = view;
  const labels = points.trainLabel.data;
  const shown = Array.from({ length: geometry.classes }, (_, label) => isVisible(frame, view, label));
  if (!byCoordinate(view)) {
    const stamps = shown.map((visible, label) => (visible ? stampOf(theme, label, MAPPED, scale) : null));
    return (/** @type {number} */ index) => stamps[labels[index]];
  }
  const along = points.trainAlong.data;
  const [low, high] = extent(along);
  return shadedStamps(labels, shown, (index) => (along[index] - low) / (high - low || 1), sequential(theme), MAPPED, scale);
}

/** @param {View} view @param {Frame} frame */
function figure(view, frame) {
  const { options, parts, points, geometry, theme } = view;
  const memory = memoryOf(frame);
  const { map } = parts;
  const traces = [...(options.show === "points" ? [] : gridTraces(view, memory)), ...pointTraces(view, memory)];
  const layout = classLegend(geometry);
  const space = map && isSpace(map);
  const flat = { visible: false };
  if (isEqual(view) && !space) Object.assign(layout, { xaxis: { constrain: "domain" }, yaxis: { scaleanchor: "x", constrain: "domain" } });
  if (space) Object.assign(layout, { xaxis: flat, yaxis: flat, dragmode: false, margin: { ...SPACE_MARGIN, ...layout.margin } });
  // The first figure comes before the first picture, from which the view takes its box.
  const settled = space && memory.space ? { annotations: axesAnnotations(memory.view, shortTitles(view), theme) } : {};
  if (!byCoordinate(view) || options.show === "grid") return { traces, layout, settled };
  const [low, high] = extent(points.trainAlong.data);
  const scale = { cmin: low, cmax: high, colorscale: plotlyScale(sequential(theme)) };
  const bar = { ...scale, showscale: true, colorbar: { title: { text: plain(coordinateTitle(geometry)) } } };
  return { traces: [...traces, barTrace("coloraxis")], layout: { ...layout, coloraxis: bar }, settled };
}

/**
 * Traces of the classes, empty before the first result and its first picture.
 * @param {View} view
 * @param {Memory} memory
 */
function pointTraces(view, memory) {
  const { options, parts: { map }, points, geometry, theme } = view;
  const most = Math.ceil(PLOTLY_POINTS_MAX / geometry.classes);
  const ready = map && memory.space === isSpace(map);
  const { positions } = ready ? placed(memory, map.train) : { positions: [] };
  const dimension = map?.train.shape[1] ?? 2;
  const values = map?.train.data ?? new Float32Array();
  const [low, high] = extent(points.trainAlong.data);
  return rowsOf(points.trainLabel.data, geometry.classes).map((all, label) => {
    const kept = ready && isShown(options, label) ? thinned(all.length, most).map((place) => all[place]) : [];
    const along = kept.map((index) => points.trainAlong.data[index]);
    /** @param {number} index */
    const coordinates = (index) => Array.from(values.subarray(dimension * index, dimension * (index + 1)));
    const marker = plotlyMarker(theme, label, MAPPED);
    const colours = { color: along, cmin: low, cmax: high, colorscale: plotlyScale(sequential(theme)) };
    const place = Array.from({ length: dimension }, (_, axis) => `%{customdata[${axis + 1}]:.3f}`).join(", ");
    return {
      type: "scatter",
      mode: joins(view) ? "lines+markers" : "markers",
      name: classEntry(geometry, label),
      showlegend: isShown(options, label),
      x: kept.map((index) => positions[2 * index]),
      y: kept.map((index) => positions[2 * index + 1]),
      customdata: kept.map((index, at) => [along[at], ...coordinates(index)]),
      line: { width: 1, color: css(theme.classes[label], THREAD) },
      marker: byCoordinate(view) ? { ...marker, ...colours } : marker,
      hovertemplate: `${plain(classCalled(geometry, label))}${coordinateHover(geometry, "customdata[0]", ", ")}<br>(${place})<extra></extra>`,
    };
  });
}

/** @param {View} view @param {Memory} memory */
function gridTraces({ parts: { map }, theme }, memory) {
  const ready = map && map.grid && memory.space === isSpace(map);
  const paths = ready ? gridPaths(memory, map) : FAMILIES.map(() => ({ xs: [], ys: [] }));
  return paths.map(({ xs, ys }, family) => {
    const { series, dash, width } = FAMILIES[family];
    const look = { color: css(theme.series[series]), width, dash };
    const common = { type: "scatter", mode: "lines", connectgaps: false, hoverinfo: "skip", showlegend: false };
    return { ...common, x: xs, y: ys, line: look };
  });
}
