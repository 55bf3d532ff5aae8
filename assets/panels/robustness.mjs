/** What is left of the test accuracy when every point may be moved by up to ε. */
import { css, pixel } from "../plot/colour.mjs";
import { line } from "../plot/lines.mjs";
import { MarkLayer, markOf } from "../plot/marks.mjs";

const METHODS = ["fgsm", "bim"];
const SYMBOL = { fgsm: "circle", bim: "diamond" };
const DASH = { fgsm: "solid", bim: "dash" };
const RADIUS = 3.5;

export function watch() {
  return { attack: { probe: "attack", options: { methods: METHODS } } };
}

export function note({ parts: { attack }, measuredAt, status }) {
  if (!attack) return "Being measured for the first time …";
  const behind = status.shown_epoch - measuredAt.attack;
  return `Measured at epoch ${measuredAt.attack}${behind > 0 ? `, now at ${status.shown_epoch}` : ""}, on the test set.`;
}

export const graphs = { main: { structure: () => [], paint, figure } };

/** Every attack at ε = 0 leaves the accuracy as it is. */
function curve(attack, method) {
  const clean = attack.clean.data[0];
  return {
    epsilons: [0, ...attack.epsilons.data],
    accuracy: [clean, ...attack[`accuracy_${method}`].data],
    clean,
  };
}

const looks = (theme, index) => ({ colour: theme.series[index + 1], width: 2 });

function paint(frame, { parts: { attack }, theme }) {
  const marks = (frame.memory ??= new MarkLayer());
  frame.setRange("yaxis", -0.02, 1.04);
  if (!attack) return;
  const largest = Math.max(...attack.epsilons.data);
  frame.setRange("xaxis", -0.03 * largest, 1.03 * largest);
  frame.inside((context, area) => {
    const { clean } = curve(attack, METHODS[0]);
    if (frame.shows(0)) line(context, area, [0, largest], [clean, clean], { colour: css(theme.muted), width: 1.2, dash: "dot" });
    marks.begin(area);
    METHODS.forEach((method, index) => {
      if (!frame.shows(index + 1)) return;
      const { epsilons, accuracy } = curve(attack, method);
      const { colour, width } = looks(theme, index);
      line(context, area, epsilons, accuracy, { colour: css(colour), width, dash: DASH[method] });
      const stamp = { mark: markOf(SYMBOL[method], { radius: RADIUS, scale: area.scale }), fill: pixel(colour), line: 0 };
      const positions = Float32Array.from(epsilons.flatMap((epsilon, at) => [epsilon, accuracy[at]]));
      marks.write(positions, () => stamp);
    });
    marks.end(context);
  });
}

function figure({ parts: { attack }, theme }) {
  const largest = attack ? Math.max(...attack.epsilons.data) : 0;
  const clean = attack ? attack.clean.data[0] : 0;
  const traces = [
    {
      type: "scatter",
      mode: "lines",
      name: "no attack",
      x: attack ? [0, largest] : [],
      y: attack ? [clean, clean] : [],
      line: { color: css(theme.muted), width: 1.2, dash: "dot" },
      hovertemplate: "no attack: %{y:.1%}<extra></extra>",
    },
  ];
  METHODS.forEach((method, index) => {
    const { colour, width } = looks(theme, index);
    const { epsilons = [], accuracy = [] } = attack ? curve(attack, method) : {};
    traces.push({
      type: "scatter",
      mode: "lines+markers",
      name: method.toUpperCase(),
      x: epsilons,
      y: accuracy,
      line: { color: css(colour), width, dash: DASH[method] },
      marker: { symbol: SYMBOL[method], size: 2 * RADIUS, color: css(colour), opacity: 1 },
      hovertemplate: `${method.toUpperCase()}, ε = %{x}: %{y:.1%}<extra></extra>`,
    });
  });
  return { traces, layout: {} };
}
