/** Loss and accuracy over the epochs, of the training set and of the test set. */
import { css } from "../plot/colour.mjs";
import { epochLine, epochShape } from "../plot/epoch.mjs";
import { line } from "../plot/lines.mjs";
import { ceiling, extent } from "../plot/range.mjs";

const SETS = ["train", "test"];
const DASH = { train: "solid", test: "dash" };
/** Accuracy below, loss above, over one axis of epochs. */
const CURVES = [
  { name: "accuracy", axis: "yaxis", reference: "y", format: ".1%" },
  { name: "loss", axis: "yaxis2", reference: "y2", format: ".4f" },
];

export function watch() {
  return { history: { probe: "history", options: { points: 600 } } };
}

export const graphs = { main: { structure: ({ options }) => options.scale, paint, figure } };

function looks(theme, index) {
  return { colour: css(theme.series[index]), width: 1.8, dash: DASH[SETS[index]] };
}

function paint(frame, { parts: { history }, options, theme, status }) {
  if (!history) return;
  setRanges(frame, history, options.scale === "log");
  for (const { name, axis } of CURVES) {
    frame.inside(
      (context, area) => {
        SETS.forEach((set, index) => {
          const curve = `${set}_${name}`;
          if (!frame.shows(index)) return;
          line(context, area, history[`${curve}_epoch`].data, history[curve].data, looks(theme, index));
        });
        epochLine(context, area, status, theme);
      },
      "xaxis",
      axis,
    );
  }
}

function setRanges(frame, history, isLog) {
  const over = (name, of) => of(...SETS.map((set) => extent(history[`${set}_${name}`].data)[of === Math.min ? 0 : 1]));
  frame.last = ceiling(frame.last ?? null, Math.max(10, history.train_loss_epoch.data.at(-1)));
  frame.setRange("xaxis", 0, frame.last);
  const lowest = Math.floor(10 * over("accuracy", Math.min)) / 10;
  frame.setRange("yaxis", Math.max(0, lowest) - 0.02, 1.02);
  const [low, high] = [over("loss", Math.min), over("loss", Math.max)];
  if (isLog) {
    frame.setRange("yaxis2", Math.floor(2 * Math.log10(Math.max(low, 1e-12))) / 2, Math.ceil(2 * Math.log10(high)) / 2);
  } else {
    frame.top = ceiling(frame.top ?? null, 1.03 * high);
    frame.setRange("yaxis2", 0, frame.top);
  }
}

function figure({ parts: { history }, options, theme, status }) {
  const traces = CURVES.flatMap(({ name, reference, format }) =>
    SETS.map((set, index) => {
      const epochs = history?.[`${set}_${name}_epoch`].data ?? [];
      const { colour, width, dash } = looks(theme, index);
      return {
        type: "scatter",
        mode: epochs.length === 1 ? "markers" : "lines",
        name: set,
        legendgroup: set,
        showlegend: name === CURVES[0].name,
        x: epochs,
        y: history?.[`${set}_${name}`].data ?? [],
        yaxis: reference,
        line: { color: colour, width, dash },
        hovertemplate: `${set}, epoch %{x}: %{y:${format}}<extra></extra>`,
      };
    }),
  );
  return { traces, layout: { yaxis2: { type: options.scale } }, settled: epochShape(status, theme) };
}
