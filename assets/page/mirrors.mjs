/** The second run's half of each card: graphs like those of the first, on equal scales. */
import { all, inside } from "../shell/elements.mjs";
import { Panel } from "./panel.mjs";

/**
 * @typedef {import("../plot/frame.mjs").Frame} Frame
 * @typedef {import("../run/run.mjs").RunView} RunView
 */

const BADGE = "run-badge";
const COPIED = ".panel-options, .panel-body, .panel-progress, .panel-note";

export class Mirrors {
  /** @param {ConstructorParameters<typeof Panel>[2]} page */
  constructor(page) {
    this.page = page;
    /** @type {Map<Panel, Mirror>} by the panel of the first run */
    this.mirrors = new Map();
  }

  /**
   * Have one for each panel that Dash has drawn, none where there is no second run.
   * @param {Panel[]} panels
   * @param {RunView|null} second
   */
  update(panels, second) {
    for (const [panel, mirror] of this.mirrors) {
      if (second && panels.includes(panel)) continue;
      mirror.dispose();
      this.mirrors.delete(panel);
    }
    if (!second) return;
    for (const panel of panels) {
      if (this.mirrors.has(panel) || !panel.frames.every((frame) => frame.attach())) continue;
      this.mirrors.set(panel, new Mirror(panel, second, this.page));
    }
  }

  /** @returns {Panel[]} of the second run, with the options of the first's */
  get panels() {
    return [...this.mirrors].map(([original, { panel }]) => {
      panel.options = original.options;
      return panel;
    });
  }
}

class Mirror {
  /** @param {Panel} original @param {RunView} run @param {ConstructorParameters<typeof Panel>[2]} page */
  constructor(original, run, page) {
    this.original = original;
    const { card, painter, name } = original;
    this.half = document.createElement("div");
    this.half.className = "panel-mirror";
    this.half.dataset.mirror = name;
    this.half.setAttribute("role", "group");
    this.half.setAttribute("aria-label", "Run B");
    for (const part of card.querySelectorAll(COPIED)) this.half.append(copied(part));
    /** @type {Graph[]} */
    this.graphs = [];
    for (const wrapper of all(this.half, "[data-graph]")) {
      const frame = /** @type {Frame} */ (original.frames.find((each) => each.name === wrapper.dataset.graph));
      if (painter.graphs[frame.name].together) wrapper.remove();
      else this.graphs.push(new Graph(wrapper, frame));
    }
    this.panel = new Panel(this.half, painter, page, run);
    this.panel.original = original;
    original.mirror = this.panel;
    for (const frame of this.panel.frames) {
      const twin = /** @type {Frame} */ (original.frames.find((each) => each.name === frame.name));
      [frame.twin, twin.twin] = [twin, frame];
    }
    this.badges = [badge("A"), badge("B")];
    if (this.graphs.length > 0 || this.panel.content) {
      card.append(this.half);
      card.classList.add("is-paired");
      inside(card, ".panel-body").append(this.badges[0]);
      inside(this.half, ".panel-body").append(this.badges[1]);
    }
  }

  dispose() {
    const { original } = this;
    this.panel.dispose();
    for (const graph of this.graphs) graph.dispose();
    for (const frame of original.frames) frame.twin = null;
    original.mirror = null;
    original.card.classList.remove("is-paired");
    for (const each of [this.half, ...this.badges]) each.remove();
  }
}

/** @param {string} letter */
function badge(letter) {
  const element = document.createElement("span");
  element.className = BADGE;
  element.textContent = letter;
  element.dataset.run = letter;
  return element;
}

/** A part of a card without what is unique on the page. @param {Element} part */
function copied(part) {
  const copy = /** @type {HTMLElement} */ (part.cloneNode(true));
  for (const each of [copy, ...copy.querySelectorAll("[id], [for]")]) {
    each.removeAttribute("id");
    each.removeAttribute("for");
  }
  if (copy.classList.contains("panel-options")) copy.hidden = true;
  for (const content of copy.querySelectorAll(`[data-content], .${BADGE}`)) content.replaceChildren();
  return copy;
}

/** A Plotly graph like another one. */
class Graph {
  /** @param {HTMLElement} wrapper @param {Frame} frame the other one's */
  constructor(wrapper, frame) {
    const plot = document.createElement("div");
    plot.className = "panel-plot";
    this.gd = document.createElement("div");
    this.gd.className = "panel-plot";
    plot.append(this.gd);
    wrapper.className = frame.wrapper.className.replace(/\bis-\S+/g, "");
    wrapper.setAttribute("aria-label", `Run B, ${wrapper.getAttribute("aria-label")}`);
    wrapper.replaceChildren(plot);
    const { displaylogo, doubleClick, modeBarButtons } = frame.gd._context;
    window.Plotly.newPlot(this.gd, [], structuredClone(frame.base), { displaylogo, doubleClick, modeBarButtons });
    this.observer = new ResizeObserver(() => this.gd.offsetWidth > 0 && window.Plotly.Plots.resize(this.gd));
    this.observer.observe(wrapper);
  }

  dispose() {
    this.observer.disconnect();
    window.Plotly.purge(this.gd);
  }
}
