/** How long, how many and how winding the curves of the decision boundary are, over the epochs. */
import { css } from "../plot/colour.mjs";
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

/** @param {Arrays|undefined} complexity */
const curvesOf = (complexity) => (!complexity?.length_ratio || knowsIdeal(complexity) ? CURVES : [...CURVES.slice(0, 2), LENGTH]);

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
export function note({ geometry, parts: { complexity }, status }) {
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
export const graphs = { main: { structure, paint, figure } };

/** @param {View} view */
function structure({ parts: { complexity }, options }) {
  return [curvesOf(complexity)[2].name, options.epoch_axis, epochStep(options, lastOf(complexity))];
}

/** @param {Arrays|undefined} complexity */
const lastOf = (complexity) => complexity?.epochs?.data.at(-1) ?? 0;

/**
 * Each curve has an axis of its own, so that its colour alone does not have to tell it.
 * @param {Theme} theme
 * @param {number} index
 */
const lookOf = (theme, index) => ({ colour: css(theme.series[index]), width: 1.8 });

/** @param {Frame} frame @param {View} view */
function paint(frame, { parts: { complexity }, status, options, theme }) {
  if (!complexity?.length_ratio) return;
  const epochs = onEpochs(complexity.epochs.data, options);
  setEpochs(frame, options, lastOf(complexity));
  frame.setTitle("yaxis3", knowsIdeal(complexity) ? "length / ideal" : "length");
  curvesOf(complexity).forEach(({ name, axis }, index) => {
    const values = complexity[name].data;
    const most = name === "length_ratio" ? Math.max(IDEAL, extent(values)[1]) : extent(values)[1];
    frame.setRange(axis, 0, roundUp(1.08 * most));
    frame.inside(
      (context, area) => {
        if (name === "length_ratio") {
          line(context, area, EVERYWHERE, [IDEAL, IDEAL], { colour: css(theme.muted), width: 1, dash: "dot" });
        }
        line(context, area, epochs, values, lookOf(theme, index));
        epochLine(context, area, status, options, theme);
      },
      "xaxis",
      axis,
    );
  });
}

/** @param {View} view */
function figure({ parts: { complexity }, status, options, theme }) {
  const epochs = complexity?.length_ratio ? complexity.epochs.data : [];
  const traces = curvesOf(complexity).map(({ name, reference, format, unit }, index) => {
    const { colour, width } = lookOf(theme, index);
    return {
      type: "scatter",
      mode: epochs.length === 1 ? "markers" : "lines",
      name,
      x: onEpochs(epochs, options),
      customdata: Array.from(epochs),
      y: complexity?.[name]?.data ?? [],
      yaxis: reference,
      line: { color: colour, width },
      hovertemplate: `epoch %{customdata}: %{y:${format}}${unit}<extra></extra>`,
    };
  });
  const ideal = {
    type: "scatter",
    mode: "lines",
    x: EVERYWHERE,
    y: [IDEAL, IDEAL],
    yaxis: "y3",
    line: { color: css(theme.muted), width: 1, dash: "dot" },
    hovertemplate: "as long as the ideal boundary<extra></extra>",
  };
  return { traces: traces[2].name === "length" ? traces : [...traces, ideal], layout: { xaxis: epochAxis(options, lastOf(complexity)) }, settled: epochShape(status, options, theme) };
}
