/** What is left of the test accuracy when every point may be moved by up to ε: attacked, and proved. */
import { NORMS } from "../page/choices.mjs";
import { css, mix, pixel } from "../plot/colour.mjs";
import { keyTraces, RUNS } from "../plot/compared.mjs";
import { shares } from "../plot/curves.mjs";
import { testWord, unitOf, usualReach } from "../plot/data.mjs";
import { annotations, apart, writeLabels } from "../plot/labels.mjs";
import { legendAbove } from "../plot/legend.mjs";
import { line, stroke } from "../plot/lines.mjs";
import { MarkLayer, markOf } from "../plot/marks.mjs";
import * as asked from "../robustness/asked.mjs";
import { ATTACKS, METHODS } from "../robustness/attacks.mjs";
import { bringKeptToLife, showKept } from "../robustness/compare.mjs";
import { kept, networkLabel } from "../robustness/kept.mjs";
import { limitLayout, paintLimits, roomFor } from "../robustness/limits.mjs";
import { inShort } from "../plot/words.mjs";
import { rightShare } from "../robustness/radii.mjs";
import { isMoving } from "../stream/state.mjs";

/**
 * @typedef {import("../page/panel.mjs").Arrays} Arrays
 * @typedef {import("../page/panel.mjs").Options} Options
 * @typedef {import("../page/panel.mjs").Panel} Panel
 * @typedef {import("../page/panel.mjs").View} View
 * @typedef {import("../plot/frame.mjs").Area} Area
 * @typedef {import("../plot/frame.mjs").Frame} Frame
 * @typedef {import("../plot/theme.mjs").Theme} Theme
 * @typedef {import("../robustness/kept.mjs").Kept} Kept
 * @typedef {import("../stream/state.mjs").Status} Status
 */

const RADIUS = 3.2;
const KEPT_ALPHA = [0.34, 0.56, 0.78];
const KEPT_DASH = ["solid", "dash", "dashdot"];
/** What was measured so many epochs ago, or this share of all epochs, is paler. */
const BEHIND = { epochs: 5, share: 0.05, alpha: 0.35 };
const LOWEST = -0.02;

/** Nothing here waits for anything else. */
export const slow = new Set([...METHODS, "estimate", "exact", "bound", "separation"]);
export const concerns = () => ["test"];
export const long = { part: "exact", name: "Proof", callOff: { exact: "off" } };

/** @param {Options} options @param {string} name */
const chosen = ({ curves }, name) => curves.includes(name);

/** @param {Options} options @param {Status} status */
const reachOf = (options, status) => asked.reachOf(options.reach, usualReach(status.geometry), status);

/** @param {Options} options @param {unknown} _ @param {unknown} __ @param {Status} status */
export function watch(options, _, __, status) {
  const { norm } = options;
  const { dimension } = status.geometry;
  const { reach } = reachOf(options, status);
  const proves = asked.provesNow(options.exact, status);
  /** @type {Record<string, import("../page/panel.mjs").Asking>} */
  const parts = {};
  for (const method of METHODS) {
    if (chosen(options, method)) parts[method] = asked.attackPart(method, norm, reach, options);
  }
  if (proves) parts.exact = asked.proofPart(norm, reach);
  if (proves && options.whole && dimension > 2) parts.bound = asked.boundPart(norm, reach);
  // A radius that the others refuse need not be refused twice.
  const isRefused = !(Number(reach) > 0) && Object.keys(parts).length > 0;
  if (chosen(options, "estimate") && dimension === 2 && !isRefused) parts.estimate = asked.estimatePart(norm, reach);
  return { ...parts, separation: asked.separationPart(norm) };
}

/**
 * @typedef {object} Curve
 * @property {string} name
 * @property {ArrayLike<number>} xs
 * @property {ArrayLike<number>} ys
 * @property {import("../plot/colour.mjs").Rgb} colour
 * @property {number} width
 * @property {string} dash
 * @property {string} [symbol]
 * @property {number} [alpha]
 * @property {ArrayLike<number>} [upper] end of the band above it
 * @property {boolean} [legend]
 * @property {boolean} [steps] whether a value holds up to the next: what lies between is not known
 * @property {string} [tag] written at its end
 * @property {string} [group] as the legend names it together with that of another run
 */

/**
 * @returns {Curve[]} everything that is drawn, from the back to the front
 * @param {View} view
 */
function curvesOf(view) {
  const { options, theme, other } = view;
  const before = kept()
    .map((curve, index) => keptCurve(curve, index, theme))
    .filter((_, index) => kept()[index].norm === options.norm);
  const measured = other ? [view, other].flatMap((each, index) => measuredCurves(each).map((curve) => ofRun(curve, index))) : measuredCurves(view);
  return [...before, ...measured];
}

/** @param {Curve} curve @param {number} index of the run @returns {Curve} */
const ofRun = (curve, index) => ({ ...curve, name: `${curve.name}, ${RUNS[index].name}`, group: curve.name, dash: RUNS[index].dash, legend: index === 0 });

/** @param {View} view */
function measuredCurves(view) {
  const { options, geometry } = view;
  /** @type {Curve[]} */
  const curves = [];
  if (chosen(options, "clean")) curves.push(cleanCurve(view));
  curves.push(...METHODS.filter((method) => chosen(options, method)).map((method) => attackCurve(view, method)));
  if (showsEstimate(view)) curves.push(estimateCurve(view));
  if (options.whole && geometry.dimension > 2) curves.push(boundCurve(view));
  if (options.exact !== "off") curves.push(exactCurve(view));
  return curves;
}

/** @param {Kept} kept @param {number} index @param {Theme} theme @returns {Curve} */
function keptCurve({ epsilons, accuracy, kind }, index, theme) {
  // By turns darker and dashed otherwise, so that two are told apart where they cross.
  const alpha = KEPT_ALPHA[index % KEPT_ALPHA.length];
  const dash = kind === "exact" ? KEPT_DASH[Math.floor(index / KEPT_ALPHA.length) % KEPT_DASH.length] : "dot";
  const look = { colour: theme.ink, alpha, width: 1.4, dash };
  return { name: `kept ${index + 1}`, xs: epsilons, ys: accuracy, ...look, legend: false, tag: String(index + 1) };
}

/** @param {View} view @returns {Curve} */
function cleanCurve(view) {
  const value = cleanOf(view);
  const ends = value === null ? [] : [0, reachNow(view)];
  return { name: "clean", xs: ends, ys: ends.map(() => value ?? 0), colour: view.theme.muted, width: 1.2, dash: "dot" };
}

/**
 * As an attack or the estimate found it, with the same weights as its curve.
 * @param {View} view
 */
function cleanOf({ parts, measuredAt }) {
  const [newest] = METHODS.filter((method) => parts[method]).sort((a, b) => measuredAt[b] - measuredAt[a]);
  if (newest) return shares(/** @type {Arrays} */ (parts[newest]).clean).data[0];
  return parts.estimate?.accuracy.data[0] ?? null;
}

/**
 * How opaque the curve of a measurement is: one that lags behind the network shown is paler.
 * @param {View} view
 * @param {string} part
 */
function freshness({ measuredAt, status }, part) {
  const behind = status.shown_epoch - (measuredAt[part] ?? status.shown_epoch);
  return behind > Math.max(BEHIND.epochs, BEHIND.share * status.shown_epoch) ? BEHIND.alpha : 1;
}

/**
 * What is drawn pale, with its epoch.
 * @param {View} view
 */
const behindNow = (view) =>
  [...METHODS, "exact"]
    .filter((part) => view.parts[part] && freshness(view, part) < 1)
    .map((part) => `${part === "exact" ? part : ATTACKS[part].name} ${view.measuredAt[part]}`);

/** @param {View} view @param {string} method @returns {Curve} */
function attackCurve(view, method) {
  const { parts, theme } = view;
  const { name, symbol, dash, series } = ATTACKS[method];
  const part = parts[method];
  const start = part ? [shares(part.clean).data[0]] : [];
  return {
    name,
    alpha: freshness(view, method),
    xs: part ? [0, ...part.epsilons.data] : [],
    ys: part ? [...start, ...shares(part.accuracy).data] : [],
    colour: theme.series[series],
    width: 1.7,
    dash,
    symbol,
    // What broke a point within one radius breaks it within every larger one.
    steps: true,
  };
}

/**
 * It stands in for the proof, and beside one that lags behind.
 * @param {View} view
 */
function showsEstimate({ options, parts, status, geometry }) {
  return chosen(options, "estimate") && geometry.dimension === 2 && (isMoving(status) || !parts.exact);
}

/** @param {View} view @returns {Curve} */
function estimateCurve({ parts: { estimate }, theme }) {
  const look = { colour: theme.ink, width: 2, dash: "dot" };
  return { name: "estimate", xs: estimate?.epsilons.data ?? [], ys: estimate?.accuracy.data ?? [], ...look };
}

/** @param {View} view @returns {Curve} */
function boundCurve({ parts: { bound }, theme }) {
  const look = { colour: theme.accent, width: 1.7, dash: "dashdot" };
  return { name: "one-shot bound, whole space", ...proved(bound), ...look };
}

/** @param {View} view @returns {Curve} */
function exactCurve(view) {
  const { parts, theme, geometry } = view;
  const name = geometry.dimension > 2 ? "exact, in the plane" : "exact";
  const look = { colour: theme.ink, width: 2.4, dash: "solid", alpha: freshness(view, "exact") };
  return { name, ...proved(parts.exact), ...look };
}

/**
 * Certified below, not falsified above: the same where every point is decided.
 * @param {Arrays|undefined} part
 * @returns {{xs: number[], ys: number[], upper?: number[]}}
 */
function proved(part) {
  if (!part) return { xs: [], ys: [] };
  const clean = rightShare(part);
  const ys = [clean, ...part.accuracy.data];
  const upper = [clean, ...part.accuracy_upper.data];
  // A one-shot bound falsifies nothing, so there is no band to it.
  const isOpen = part.boxes && upper.some((value, index) => value > ys[index]);
  return { xs: [0, ...part.epsilons.data], ys, ...(isOpen ? { upper } : {}) };
}

/**
 * The largest radius drawn; the last that was one while another is being typed.
 * @param {View} view
 */
function reachNow({ options, status }) {
  const { reach } = reachOf(options, status);
  return typeof reach === "number" && reach > 0 ? reach : usualReach(status.geometry);
}

/** @param {View} view */
const structure = (view) => curvesOf(view).map(({ name, legend, upper }) => [name, legend, Boolean(upper)]);

/** @type {import("../page/panel.mjs").Painter["graphs"]} */
export const graphs = { main: { together: true, structure, paint, figure } };

/** @param {Frame} frame @param {View} view */
function setRanges(frame, view) {
  const reach = reachNow(view);
  frame.setTitle("xaxis", `ε (${unitOf(view.geometry)}, ${NORMS[view.options.norm]})`);
  frame.setTitle("yaxis", `${testWord(view.geometry)} accuracy`);
  frame.setRange("xaxis", -0.02 * reach, 1.03 * reach);
  // What is written at the limits lies above the line of 100 %.
  const share = Math.min(roomFor(limitsOf(view).length) / frame.room.height, 0.4);
  frame.setRange("yaxis", LOWEST, (1.01 - LOWEST * share) / (1 - share));
}

/**
 * Curves and traces are in the same order; a band adds the trace of its upper end before it.
 * @param {Curve[]} curves
 */
const traceNumbers = (curves) => {
  let next = 0;
  return curves.map(({ upper }) => (upper ? (next += 2) : (next += 1)) - 1);
};

/** @param {Frame} frame @param {View} view */
function paint(frame, view) {
  /** @type {MarkLayer} */
  const marks = (frame.memory ??= new MarkLayer());
  setRanges(frame, view);
  const curves = curvesOf(view);
  const numbers = traceNumbers(curves);
  frame.inside((context, area) => {
    paintLimits(context, area, limitsOf(view), view.theme);
    marks.begin(area);
    curves.forEach((curve, index) => {
      if (!frame.shows(numbers[index])) return;
      const { xs, ys, colour, alpha = 1, width, dash, upper, steps } = curve;
      if (upper) band(context, area, curve);
      const [across, up] = steps ? stepped(xs, ys) : [xs, ys];
      line(context, area, across, up, { colour: css(colour, alpha), width, dash });
      if (upper) line(context, area, xs, upper, { colour: css(colour), width: 1, dash: "solid" });
      writeMarks(marks, area, curve, view.theme);
    });
    marks.end(context);
    writeLabels(context, area, tagsOf(area, curves), "left");
  });
}

/**
 * The corners of a line of steps.
 * @param {ArrayLike<number>} xs
 * @param {ArrayLike<number>} ys
 */
function stepped(xs, ys) {
  const corners = Array.from(xs).flatMap((x, index) => (index === 0 ? [[x, ys[0]]] : [[x, ys[index - 1]], [x, ys[index]]]));
  return [corners.map(([x]) => x), corners.map(([, y]) => y)];
}

/** @param {CanvasRenderingContext2D} context @param {Area} area @param {Curve} curve */
function band(context, area, { xs, ys, upper = ys, colour }) {
  context.beginPath();
  for (let index = 0; index < xs.length; index++) context.lineTo(area.x(xs[index]), area.y(upper[index]));
  for (let index = xs.length - 1; index >= 0; index--) context.lineTo(area.x(xs[index]), area.y(ys[index]));
  context.fillStyle = css(colour, 0.2);
  context.fill();
}

/** @param {MarkLayer} marks @param {Area} area @param {Curve} curve @param {Theme} theme */
function writeMarks(marks, area, { symbol, xs, ys, colour, alpha = 1 }, { surface }) {
  if (!symbol) return;
  const fill = pixel(mix(surface, colour, alpha));
  const stamp = { mark: markOf(symbol, { radius: RADIUS, scale: area.scale }), fill, line: 0 };
  const positions = new Float32Array(2 * xs.length);
  Array.from(xs).forEach((x, index) => positions.set([x, ys[index]], 2 * index));
  marks.write(positions, () => stamp);
}

/**
 * Numbers of kept curves, at their right ends.
 * @param {Area} area
 * @param {Curve[]} curves
 */
function tagsOf(area, curves) {
  const right = (area.left + area.width - area.bx) / area.ax;
  const tagged = curves.filter(({ tag }) => tag).map(({ tag, xs, ys, colour }) => {
    const last = Math.max(0, Array.from(xs).filter((x) => x <= right).length - 1);
    return { text: String(tag), colour: css(colour, 0.75), x: xs[last], y: ys[last] };
  });
  return apart(area, tagged);
}

/**
 * Radii beyond which the data, not the network, set the limit.
 * @param {View} view
 */
function limitsOf({ parts: { separation }, geometry, options }) {
  const limits = [];
  const inSpace = geometry.dimension > 2 ? (options.whole ? `, in ${geometry.dimension} dimensions` : ", in the plane") : "";
  if (separation) {
    const least = (options.whole ? separation.radius : separation.radius_plane).data[0];
    if (Number.isFinite(least)) limits.push({ x: least, text: `a perfect classifier${inSpace}: up to ${inShort(least)}` });
  }
  const distance = geometry.known[`distance_${options.norm}`];
  if (distance) limits.push({ x: distance, text: `between the classes${geometry.dimension > 2 ? ", in the plane" : ""}: ${inShort(distance)}` });
  return limits;
}

/** @param {View} view @param {Frame} frame */
function figure(view, frame) {
  const curves = curvesOf(view);
  const traces = curves.flatMap(({ name, group = name, xs, ys, colour, alpha = 1, width, dash, symbol, upper, legend = true, steps, tag }) => {
    const common = { type: "scatter", x: Array.from(xs), showlegend: legend, legendgroup: group };
    /** @param {string} text */
    const hover = (text) => `${text}, ε = %{x:.3~f}: %{y:.2%}<extra></extra>`;
    const trace = {
      ...common,
      mode: symbol ? "lines+markers" : "lines",
      name: group,
      y: Array.from(ys),
      line: { color: css(colour, alpha), width, dash, shape: steps ? "hv" : "linear" },
      ...(symbol ? { marker: { symbol, size: 2 * RADIUS, color: css(colour), opacity: 1 } } : {}),
      hovertemplate: hover(tag ? keptName(name) : name),
    };
    if (!upper) return [trace];
    const above = { ...common, mode: "lines", y: upper, line: { color: css(colour), width: 1 }, showlegend: false };
    const filled = { fill: "tonexty", fillcolor: css(colour, 0.2) };
    return [{ ...above, hovertemplate: hover(`${name}, not falsified`) }, { ...trace, ...filled, hovertemplate: hover(`${name}, certified`) }];
  });
  const listed = curves.filter(({ legend = true }) => legend).map(({ name, group = name }) => group);
  const layout = legendAbove(frame, view.other ? [...listed, ...RUNS.map(({ name }) => name)] : listed);
  const whole = view.other ? [...traces, ...keyTraces(view.theme)] : traces;
  const area = frame.area();
  if (!area) return { traces: whole, layout };
  const { shapes, notes } = limitLayout(area, limitsOf(view), view.theme);
  return { traces: whole, layout, settled: { shapes, annotations: [...notes, ...annotations(tagsOf(area, curves), "left")] } };
}

/** @param {string} name */
const keptName = (name) => kept()[Number(name.split(" ")[1]) - 1]?.label ?? name;

/** @param {View} view */
export function says(view) {
  const { other } = view;
  return other ? [view, other].map((each, index) => `Run ${RUNS[index].name}: ${ends(each)}`).join(" ") : ends(view);
}

/** @param {View} view */
function ends({ options, parts }) {
  const told = METHODS.flatMap((method) => {
    const part = chosen(options, method) ? parts[method] : undefined;
    return part ? [endOf(ATTACKS[method].name, part.epsilons.data, shares(part.accuracy).data)] : [];
  });
  if (parts.exact) {
    const { xs, ys } = proved(parts.exact);
    told.push(endOf("exact", xs, ys));
  }
  return told.length > 0 ? `Accuracy at the largest ε: ${told.join("; ")}.` : "";
}

/**
 * @param {string} name
 * @param {ArrayLike<number>} epsilons
 * @param {ArrayLike<number>} accuracies
 */
const endOf = (name, epsilons, accuracies) =>
  `${name} ${(100 * accuracies[accuracies.length - 1]).toFixed(1)} % at ${inShort(epsilons[epsilons.length - 1])}`;

/** @param {View} view */
export function note(view) {
  const { options, parts: { exact, bound }, status, geometry, other } = view;
  const { reach, isCapped } = reachOf(options, status);
  const sentences = [];
  if (isCapped) sentences.push(`ε ends at ${reach}: the data are no wider.`);
  const pale = behindNow(view);
  if (pale.length > 0) sentences.push(`Pale: of an earlier epoch (${pale.join(", ")}).`);
  if (exact) sentences.push(decided(exact, view));
  if (other?.parts.exact) sentences.push(`Run B: ${decided(other.parts.exact, other)}`);
  else if (options.exact === "pause" && isMoving(status)) sentences.push("Exact on pause.");
  if (showsEstimate(view)) sentences.push("Dotted: estimated from the boundary.");
  if (geometry.dimension > 2) {
    const places = geometry.explained === null ? "in the data plane" : "of the points' places in the plane of largest variance";
    sentences.push(`Proved ${places}; attacks use all ${geometry.dimension} dimensions.`);
    if (chosen(options, "estimate")) sentences.push("No estimate: the boundary can be traced in the plane only.");
    if (bound) sentences.push("The one-shot bound holds in the whole space, and is loose.");
  }
  return sentences.join(" ");
}

/** @param {Arrays} arrays @param {View} view */
function decided({ decided: { data }, radius_lower: { data: radii }, capped }, { measuredAt, status }) {
  const least = Math.min(...data);
  const behind = status.shown_epoch - measuredAt.exact;
  const at = behind > 0 ? `, at epoch ${measuredAt.exact}` : "";
  const why = capped.data[0] ? ": the limit on squares was reached, and the band is open" : "";
  return `${least} of ${radii.length} points decided at every ε${at}${why}.`;
}

/**
 * The curve that "keep" would keep now: the exact one, the estimate in its place, or null.
 * @param {View} view
 */
function keepable({ parts: { exact, estimate }, options: { norm }, status }) {
  const part = exact ?? estimate;
  if (!part) return null;
  const kind = exact ? "exact" : "estimate";
  const { xs, ys } = exact ? proved(exact) : { xs: part.epsilons.data, ys: part.accuracy.data };
  return { label: networkLabel(status), norm, kind, epsilons: Array.from(xs), accuracy: Array.from(ys) };
}

/** @param {Panel} panel */
export function start(panel) {
  bringKeptToLife(panel, keepable);
}

/** @param {Panel} panel @param {View} view */
export function dress(panel, view) {
  panel.card.toggleAttribute("data-ambient", view.geometry.dimension > 2);
  panel.suggest({ reach: usualReach(view.geometry) });
  showKept(panel, view.theme, keepable(view) !== null);
}
