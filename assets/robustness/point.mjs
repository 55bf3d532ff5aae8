/** One test point under attack: its ball, its exact radius, what each attack found, the way of BIM. */
import { css } from "../plot/colour.mjs";
import { classCalled, placeHover, testWord, usualEpsilon } from "../plot/data.mjs";
import { line, stroke } from "../plot/lines.mjs";
import { listed } from "../plot/words.mjs";
import { typed } from "./asked.mjs";
import { ATTACKS, METHODS } from "./attacks.mjs";
import { isApart, radiusText } from "./radii.mjs";

/** @typedef {import("../plot/data.mjs").Data} Data */

/** @typedef {import("../page/panel.mjs").View} View */

/**
 * @typedef {import("../page/panel.mjs").Arrays} Arrays
 * @typedef {import("../page/panel.mjs").Options} Options
 * @typedef {import("../plot/frame.mjs").Area} Area
 * @typedef {import("../plot/theme.mjs").Theme} Theme
 * @typedef {import("../stream/state.mjs").Points} Points
 */

const CIRCLE_STEPS = 72;
const HEAD = 7;
const DOT = 1.8;
const POINT = 4.5;
/** Arrows that met no other class. */
const HARMLESS = 0.45;

/**
 * @param {Options} options
 * @param {Data} geometry
 */
export function examplesPart({ point, epsilon, norm }, geometry) {
  return { probe: "examples", options: { point: typed(point, 0), epsilon: typed(epsilon, usualEpsilon(geometry)), norm } };
}

/**
 * Index of the test point nearest to a place of the plane, null where there is none.
 * @param {Points} points
 * @param {number} x
 * @param {number} y
 */
export function nearest({ test }, x, y) {
  let best = null;
  let least = Infinity;
  for (let index = 0; 2 * index < (test?.data.length ?? 0); index++) {
    const distance = Math.hypot(test.data[2 * index] - x, test.data[2 * index + 1] - y);
    if (distance < least) [best, least] = [index, distance];
  }
  return best;
}

/**
 * Outline of the ball of a radius, closed.
 * @param {number[]} middle
 * @param {number} radius
 * @param {string} norm
 */
function outline([x, y], radius, norm) {
  if (norm === "linf") {
    const corners = [[-1, -1], [1, -1], [1, 1], [-1, 1], [-1, -1]];
    return { xs: corners.map(([dx]) => x + radius * dx), ys: corners.map(([, dy]) => y + radius * dy) };
  }
  const angles = Array.from({ length: CIRCLE_STEPS + 1 }, (_, step) => (2 * Math.PI * step) / CIRCLE_STEPS);
  return { xs: angles.map((angle) => x + radius * Math.cos(angle)), ys: angles.map((angle) => y + radius * Math.sin(angle)) };
}

/**
 * @typedef {object} Line
 * @property {string} name
 * @property {number[]} xs
 * @property {number[]} ys
 * @property {import("../plot/colour.mjs").Rgb} colour
 * @property {number} [alpha]
 * @property {number} width
 * @property {string} dash
 * @property {boolean} [arrow]
 * @property {boolean} [dots]
 * @property {boolean} [filled]
 * @property {boolean} [legend]
 */

/**
 * Lines that are drawn, from the back to the front; the attacks' are arrows.
 * @param {Arrays|undefined} found
 * @param {Options} options
 * @param {number} epsilon
 * @param {Theme} theme
 * @returns {Line[]}
 */
export function linesOf(found, { norm }, epsilon, theme) {
  const [x, y] = found ? found.point.data : [];
  const place = found ? [x, y] : null;
  /** @param {string} name @param {number} radius @param {Pick<Line, "width"|"dash"|"filled">} look */
  const ball = (name, radius, look) => {
    const isDrawn = place && radius > 0 && Number.isFinite(radius);
    return { name, colour: theme.ink, ...(isDrawn ? outline(place, radius, norm) : { xs: [], ys: [] }), ...look };
  };
  const [lower, upper] = found ? [found.radius_lower.data[0], found.radius_upper.data[0]] : [NaN, NaN];
  const path = found ? Array.from(found.path.data) : [];
  return [
    ball("ball", epsilon, { width: 1.4, dash: "solid", filled: true }),
    ball("exact radius", lower, { width: 1.6, dash: "dash" }),
    ball("not robust from here on", isApart(lower, upper) ? upper : NaN, { width: 1.2, dash: "dot" }),
    {
      name: "way of BIM",
      xs: path.filter((_, index) => index % 2 === 0),
      ys: path.filter((_, index) => index % 2 === 1),
      colour: theme.series[ATTACKS.bim.series],
      width: 1.2,
      dash: "dot",
      dots: true,
    },
    ...METHODS.map((method, index) => {
      const { name, series } = ATTACKS[method];
      const end = found?.[method].data;
      return {
        name,
        xs: end ? [x, end[0]] : [],
        ys: end ? [y, end[1]] : [],
        colour: theme.series[series],
        alpha: found?.broken.data[index] ? 1 : HARMLESS,
        width: 2,
        dash: "solid",
        arrow: true,
        legend: true,
      };
    }),
  ];
}

/**
 * On the canvas. `shows` says of each line whether it is.
 * @param {CanvasRenderingContext2D} context
 * @param {Area} area
 * @param {Line[]} lines
 * @param {(index: number) => boolean} shows
 * @param {Arrays|undefined} found
 * @param {Theme} theme
 */
export function paintPoint(context, area, lines, shows, found, theme) {
  lines.forEach((each, index) => {
    if (!shows(index) || each.xs.length === 0) return;
    const { xs, ys, colour, alpha = 1, width, dash, arrow, dots, filled } = each;
    line(context, area, xs, ys, { colour: css(colour, alpha), width, dash });
    if (filled) {
      context.fillStyle = css(colour, 0.07);
      context.fill();
    }
    context.fillStyle = css(colour, alpha);
    if (arrow) head(context, area, xs, ys);
    if (dots) xs.forEach((x, step) => dot(context, area.x(x), area.y(ys[step]), DOT));
  });
  if (!found) return;
  const [x, y] = found.point.data;
  context.fillStyle = css(theme.classes[found.label.data[0]]);
  dot(context, area.x(x), area.y(y), POINT);
  stroke(context, css(theme.ink), 1.6);
}

/** @param {CanvasRenderingContext2D} context @param {number} x @param {number} y @param {number} radius */
function dot(context, x, y, radius) {
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.fill();
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Area} area
 * @param {number[]} values
 * @param {number[]} other
 */
function head(context, area, [x0, x1], [y0, y1]) {
  const [tipX, tipY] = [area.x(x1), area.y(y1)];
  const angle = Math.atan2(tipY - area.y(y0), tipX - area.x(x0));
  context.beginPath();
  context.moveTo(tipX, tipY);
  for (const side of [-1, 1]) {
    const back = angle + Math.PI + side * 0.42;
    context.lineTo(tipX + HEAD * Math.cos(back), tipY + HEAD * Math.sin(back));
  }
  context.closePath();
  context.fill();
}

/**
 * The same as Plotly's traces.
 * @param {Line[]} lines
 * @param {Arrays|undefined} found
 * @param {View["geometry"]} geometry
 * @param {Theme} theme
 */
export function pointTraces(lines, found, geometry, theme) {
  /** @type {import("../plot/figure.mjs").Plain[]} */
  const traces = lines.map(({ name, xs, ys, colour, alpha = 1, width, dash, arrow, dots, filled, legend = false }) => ({
    type: "scatter",
    mode: arrow || dots ? "lines+markers" : "lines",
    name,
    x: xs,
    y: ys,
    showlegend: legend,
    line: { color: css(colour, alpha), width, dash },
    ...(filled ? { fill: "toself", fillcolor: css(colour, 0.07), hoveron: "points" } : {}),
    ...(dots ? { marker: { size: 2 * DOT, color: css(colour) } } : {}),
    ...(arrow ? { marker: { symbol: "arrow", angleref: "previous", size: xs.length ? [0, 1.5 * HEAD] : 1.5 * HEAD, color: css(colour, alpha), opacity: 1, line: { width: 0 } } } : {}),
    hovertemplate: `${name}<br>${placeHover(geometry)}<extra></extra>`,
  }));
  const [x, y] = found ? found.point.data : [];
  traces.push({
    type: "scatter",
    mode: "markers",
    name: `${testWord(geometry)} point`,
    x: found ? [x] : [],
    y: found ? [y] : [],
    showlegend: false,
    marker: { size: 2 * POINT, color: found ? css(theme.classes[found.label.data[0]]) : "", line: { width: 1.6, color: css(theme.ink) } },
    hovertemplate: `${testWord(geometry)} point<br>${placeHover(geometry)}<extra></extra>`,
  });
  return traces;
}

/**
 * What was found, in words.
 * @param {Arrays|undefined} found
 * @param {Options} options
 * @param {Data} geometry
 */
export function pointNote(found, { point, epsilon }, geometry) {
  const of = testWord(geometry);
  if (!found) return `The ${of} point is being attacked …`;
  const [label, predicted] = [found.label.data[0], found.predicted.data[0]];
  const who = `${of === "test" ? "Test" : "Training"} point ${typed(point, 0)}, ${classCalled(geometry, label)}`;
  if (label !== predicted) return `${who}, is taken for ${classCalled(geometry, predicted)}: its exact radius is 0.`;
  const broken = METHODS.filter((_, index) => found.broken.data[index]).map((method) => ATTACKS[method].name);
  const attacks = broken.length > 0 ? `broken by ${listed(broken)}` : "no attack breaks it";
  return `${who}: ${radiusOf(found)}; at ε = ${typed(epsilon, usualEpsilon(geometry))} ${attacks}.`;
}

/** @param {Arrays} arrays */
function radiusOf({ radius_lower: { data: [lower] }, radius_upper: { data: [upper] } }) {
  return Number.isNaN(lower) ? "no proof is known for this activation" : `exact radius ${radiusText(lower, upper)}`;
}
