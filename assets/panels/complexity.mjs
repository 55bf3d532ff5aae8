/** How long, how many and how winding the curves of the decision boundary are, over the epochs. */
import { css } from "../plot/colour.mjs";
import { keyTraces, RUNS } from "../plot/compared.mjs";
import { unitOf } from "../plot/data.mjs";
import { epochAxis, epochLine, epochShape, epochStep, onEpochs, setEpochs } from "../plot/epoch.mjs";
import { line } from "../plot/lines.mjs";
import { extent, roundUp } from "../plot/range.mjs";
import { inShort } from "../plot/words.mjs";

/**
 * @typedef {import("../page/panel.mjs").Arrays} Arrays
 * @typedef {import("../page/panel.mjs").View} View
 * @typedef {import("../plot/frame.mjs").Frame} Frame
 * @typedef {import("../plot/theme.mjs").Theme} Theme
 * @typedef {import("../stream/state.mjs").Status} Status
 */

/** From the bottom: the bottom one has the axis of epochs. */
const CURVES = [
  { name: "turning", axis: "yaxis", reference: "y", format: ".1f", unit: " rad" },
  { name: "curves", axis: "yaxis2", reference: "y2", format: ".0f", unit: "" },
  { name: "length_ratio", axis: "yaxis3", reference: "y3", format: ".3f", unit: " × ideal" },
];
/** In place of the ratio, where the kind of data names no boundary of a perfect classifier. */
const LENGTH = { name: "length", axis: "yaxis3", reference: "y3", format: ".4~g", unit: "" };
/** So long is the ideal boundary itself. */
const IDEAL = 1;
/** From before the first epoch to beyond the last that an axis shows. */
const EVERYWHERE = [1e-3, 1e9];

export function watch() {
  return { complexity: { probe: "boundary_complexity", over_time: true } };
}

/** The curves follow at their own pace: those of a run before are no answer. */
export const slow = new Set(["complexity"]);

/** @param {Arrays} complexity */
const knowsIdeal = (complexity) => Array.from(complexity.length_ratio.data).some((ratio) => !Number.isNaN(ratio));

/** @typedef {{complexity: Arrays, run: string, dash: string}} Measured of one run */

/**
 * What is known of the run, and of the one that is compared with it.
 * @param {View} view
 * @returns {Measured[]}
 */
function measuredOf(view) {
  const views = view.other ? [view, view.other] : [view];
  return views.flatMap(({ parts: { complexity } }, index) => (complexity?.length_ratio ? [{ complexity, run: view.other ? `, ${RUNS[index].name}` : "", dash: RUNS[index].dash }] : []));
}

/** @param {Measured[]} measured */
const curvesOf = (measured) => (measured.every(({ complexity }) => knowsIdeal(complexity)) ? CURVES : [...CURVES.slice(0, 2), LENGTH]);

/**
 * Place of the last epoch measured that is not after the one shown.
 * @param {Arrays} arrays
 * @param {Status} status
 */
function newest({ epochs }, { shown_epoch }) {
  const after = epochs.data.findIndex((epoch) => epoch > shown_epoch);
  return after < 0 ? epochs.data.length - 1 : Math.max(after - 1, 0);
}

/** @param {number} count @param {string} one @param {string} more */
const plural = (count, one, more) => (count === 1 ? one : `${count} ${more}`);

/** @param {View} view */
export function note(view) {
  const { other } = view;
  return other ? [view, other].map((each, index) => `Run ${RUNS[index].name}: ${told(each)}`).join(" ") : told(view);
}

/** @param {View} view */
function told({ geometry, parts: { complexity }, status }) {
  if (!complexity?.length_ratio) return "Being measured for the first time …";
  const at = newest(complexity, status);
  const [ratio, length, curves, turning] = ["length_ratio", "length", "curves", "turning"].map((name) => complexity[name].data[at]);
  const where = geometry.dimension > 2 ? " on the plane" : "";
  const epoch = `Epoch ${complexity.epochs.data[at]}${where}: `;
  if (curves === 0) return `${epoch}there is no boundary; one class has the whole plane.`;
  const rounds = (turning / (2 * Math.PI)).toFixed(1);
  const long = Number.isNaN(ratio) ? `${inShort(length)} ${unitOf(geometry)} long` : `${ratio.toFixed(2)} times as long as the ideal`;
  const why = Number.isNaN(ratio) ? " No ideal boundary of these data is known, so the length itself is shown." : "";
  return `${epoch}${long}, in ${plural(curves, "one curve", "curves")}, turning ${rounds} times round.${why}`;
}

/** @type {import("../page/panel.mjs").Painter["graphs"]} */
export const graphs = { main: { together: true, structure, paint, figure } };

/** @param {View} view */
function structure(view) {
  const measured = measuredOf(view);
  return [curvesOf(measured)[2].name, measured.map(({ run }) => run), view.options.epoch_axis, epochStep(view.options, lastOf(measured))];
}

/** @param {Measured[]} measured */
const lastOf = (measured) => Math.max(0, ...measured.map(({ complexity }) => complexity.epochs.data.at(-1) ?? 0));

/**
 * Each curve has an axis of its own, so that its colour alone does not have to tell it.
 * @param {Theme} theme
 * @param {number} index
 */
const lookOf = (theme, index) => ({ colour: css(theme.series[index]), width: 1.8 });

/** @param {Frame} frame @param {View} view */
function paint(frame, view) {
  const { status, options, theme } = view;
  const measured = measuredOf(view);
  if (measured.length === 0) return;
  const curves = curvesOf(measured);
  setEpochs(frame, options, lastOf(measured));
  frame.setTitle("yaxis3", curves[2].name === "length" ? "length" : "length / ideal");
  curves.forEach(({ name, axis }, index) => {
    const most = Math.max(name === "length_ratio" ? IDEAL : 0, ...measured.map(({ complexity }) => extent(complexity[name].data)[1]));
    frame.setRange(axis, 0, roundUp(1.08 * most));
    frame.inside(
      (context, area) => {
        if (name === "length_ratio") {
          line(context, area, EVERYWHERE, [IDEAL, IDEAL], { colour: css(theme.muted), width: 1, dash: "dot" });
        }
        for (const { complexity, dash } of measured) {
          line(context, area, onEpochs(complexity.epochs.data, options), complexity[name].data, { ...lookOf(theme, index), dash });
        }
        epochLine(context, area, status, options, theme);
      },
      "xaxis",
      axis,
    );
  });
}

/** @param {View} view */
function figure(view) {
  const { status, options, theme, other } = view;
  const measured = measuredOf(view);
  const curves = curvesOf(measured);
  const traces = curves.flatMap(({ name, reference, format, unit }, index) => {
    const { colour, width } = lookOf(theme, index);
    return measured.map(({ complexity, run, dash }) => {
      const epochs = complexity.epochs.data;
      return {
        type: "scatter",
        mode: epochs.length === 1 ? "markers" : "lines",
        name: `${name}${run}`,
        showlegend: false,
        x: onEpochs(epochs, options),
        customdata: Array.from(epochs),
        y: complexity[name].data,
        yaxis: reference,
        line: { color: colour, width, dash },
        hovertemplate: `epoch %{customdata}${run}: %{y:${format}}${unit}<extra></extra>`,
      };
    });
  });
  const ideal = {
    type: "scatter",
    mode: "lines",
    x: EVERYWHERE,
    y: [IDEAL, IDEAL],
    yaxis: "y3",
    showlegend: false,
    line: { color: css(theme.muted), width: 1, dash: "dot" },
    hovertemplate: "as long as the ideal boundary<extra></extra>",
  };
  const shown = curves[2].name === "length" ? traces : [...traces, ideal];
  const keys = other ? keyTraces(theme) : [];
  return { traces: [...shown, ...keys], layout: { xaxis: epochAxis(options, lastOf(measured)), showlegend: Boolean(other) }, settled: epochShape(status, options, theme) };
}
