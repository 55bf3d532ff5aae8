/** The network, every unit with the picture of what it computes, to look at and to touch. */
import { sliceNote } from "../plot/data.mjs";
import { roundUp } from "../plot/range.mjs";
import { layoutOf, linkAt } from "../network/layout.mjs";
import { Lens } from "../network/lens.mjs";
import { MOST, readNetwork, sentences } from "../network/model.mjs";
import { LINKS_EVERY, Picture } from "../network/picture.mjs";
import { Sheet } from "../network/sheet.mjs";
import { Shape } from "../network/shape.mjs";
import { write } from "../shell/making.mjs";
import { isLocked, lettersOf, Stage } from "../network/stage.mjs";
import { skipped } from "../network/words.mjs";
import { all, around, inside } from "../shell/elements.mjs";

/**
 * @typedef {import("../network/layout.mjs").Layout} Layout
 * @typedef {import("../network/lens.mjs").Spot} Spot
 * @typedef {import("../network/model.mjs").Network} Network
 * @typedef {import("../page/panel.mjs").Options} Options
 * @typedef {import("../page/panel.mjs").Panel} Panel
 * @typedef {import("../page/panel.mjs").View} View
 */

/** Letters of the picture, in CSS pixels, where they are not enlarged. */
const FONT_SIZE = 11;

/** It has none: its content is not drawn by Plotly. */
export const graphs = {};
export const concerns = () => ["plane"];

/** @param {Options} options @param {number[]} sizes */
export function watch(options, sizes) {
  const first = skipped(options.first).slice(0, sizes.length);
  return { units: { probe: "units", options: first.some((each) => each > 0) ? { first } : {} } };
}

/** @param {View} view */
export function note(view) {
  const { units } = view.parts;
  const network = units && readNetwork(units, view);
  if (!network) return "";
  return [...sentences(network, roundUp(Math.max(network.limit, view.other?.parts.units?.limit.data[0] ?? 0))), sliceNote(view.geometry)].filter(Boolean).join(" ");
}

/** @type {WeakMap<Panel, Sight>} */
const sights = new WeakMap();

/** @param {Panel} panel */
export function start(panel) {
  sights.set(panel, new Sight(panel));
}

/** @param {Panel} panel @param {View} view */
export function dress(panel, view) {
  sights.get(panel)?.show(view);
}

/** @param {Panel} panel */
export const sketch = (panel) => sights.get(panel)?.sketch() ?? null;

/** What one panel shows, and how it answers. */
class Sight {
  /** @param {Panel} panel */
  constructor(panel) {
    const content = /** @type {HTMLElement} */ (panel.content);
    this.panel = panel;
    this.content = content;
    this.most = { layers: Number(content.dataset.layersMost), units: Number(content.dataset.unitsMost) };
    this.shape = new Shape(panel);
    this.stage = new Stage(content);
    this.picture = new Picture(this.stage.element);
    this.lens = new Lens(this.stage.element);
    this.sheet = new Sheet(content, panel, this.shape);
    this.box = { width: 0, height: 0, scale: 1 };
    /** @type {Network|null} */
    this.network = null;
    /** @type {Layout|null} */
    this.layout = null;
    /** What the arrays and the settings of the last picture were. @type {unknown[]} */
    this.shown = [];
    /** @type {ReturnType<typeof setTimeout>|undefined} */
    this.timer = undefined;
    new ResizeObserver(([{ contentRect }]) => this.#resized(contentRect)).observe(content);
    content.addEventListener("scroll", () => this.lens.leave(), { passive: true });
    this.#listen();
  }

  /** The picture with what is written on it, null before there is one. */
  sketch() {
    if (!this.network) return null;
    const place = this.stage.element.getBoundingClientRect();
    return { canvas: this.picture.context.canvas, words: this.stage.words(place), place };
  }

  /** @param {{width: number, height: number}} box */
  #resized({ width, height }) {
    const size = Number.parseFloat(getComputedStyle(this.content).fontSize);
    this.box = { width, height, scale: size / FONT_SIZE };
    this.panel.page.repaint();
  }

  #listen() {
    const { element } = this.stage;
    element.addEventListener("pointermove", (event) => event.pointerType !== "touch" && this.#point(event));
    element.addEventListener("pointerleave", () => this.lens.leave());
    element.addEventListener("focusin", ({ target }) => {
      const button = /** @type {HTMLElement} */ (target);
      if (button.dataset.part === "unit" && button.matches(":focus-visible")) this.#look(spotOf(button), button.getBoundingClientRect());
      else this.lens.leave();
    });
    element.addEventListener("focusout", () => this.lens.leave());
    element.addEventListener("keydown", ({ key }) => key === "Escape" && this.lens.leave());
    element.addEventListener("click", (event) => this.#click(event));
    for (const button of all(this.panel.card, "[data-layers]")) {
      button.addEventListener("click", () => !isLocked(button) && this.#change(this.shape.changeDepth(Number(button.dataset.layers))));
    }
  }

  /** @param {View} view */
  show(view) {
    const { units } = view.parts;
    const { theme, options } = view;
    const arrays = units ?? null;
    const limit = Math.max(units?.limit.data[0] ?? 0, view.other?.parts.units?.limit.data[0] ?? 0);
    const paired = Boolean(this.panel.mirror ?? this.panel.original);
    const settings = [arrays, roundUp(limit), theme.key, options.scale, paired, this.box.width, this.box.height, window.devicePixelRatio];
    if (!arrays || this.box.width === 0 || settings.every((each, index) => each === this.shown[index])) return;
    const network = readNetwork(arrays, view);
    if (!network) return;
    this.shown = settings;
    this.network = network;
    this.layout = layoutOf(network.layers, this.box, paired, lettersOf(network));
    this.stage.update(network, this.layout, this.most);
    this.picture.paint(network, this.layout, theme, roundUp(limit), options.scale === "layer");
    if (this.picture.isBehind) this.#catchUp();
    this.lens.update(network, this.layout, this.picture.colours);
    this.sheet.update(network, this.picture.colours);
    this.#countLayers(network);
  }

  /** Unless another frame comes soon, paint what was left for it. */
  #catchUp() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.shown = [];
      this.panel.page.repaint();
    }, LINKS_EVERY);
  }

  /** @param {Network} network */
  #countLayers({ layers }) {
    const hidden = layers.length - 2;
    write(inside(this.panel.card, ".network-layers"), `${hidden} hidden ${hidden === 1 ? "layer" : "layers"}`);
    for (const button of all(this.panel.card, "[data-layers]")) {
      const isEnd = button.dataset.layers === "1" ? hidden >= this.most.layers : hidden === 0;
      button.setAttribute("aria-disabled", String(isEnd));
    }
  }

  /** @param {PointerEvent} event */
  #point(event) {
    const button = around(event, ".network-unit");
    if (button) return this.#look(spotOf(button), button.getBoundingClientRect());
    const spot = this.#linkAt(event);
    if (spot) this.#look(spot, new DOMRect(event.clientX, event.clientY, 0, 0));
    else this.lens.leave();
  }

  /** @param {Spot} spot @param {DOMRect} anchor */
  #look(spot, anchor) {
    if (this.sheet.subject) return;
    if (this.network && this.layout) this.lens.look(spot, anchor, this.network, this.layout, this.picture.colours);
  }

  /**
   * The link that the pointer is on.
   * @param {MouseEvent} event
   * @returns {Spot|null}
   */
  #linkAt({ clientX, clientY, target }) {
    const { network, layout } = this;
    if (!network || !layout || target !== this.stage.element) return null;
    const { left, top } = this.stage.element.getBoundingClientRect();
    const link = linkAt(layout, clientX - left, clientY - top);
    if (!link) return null;
    const { layer, to, from } = link;
    return { layer, unit: network.unit[network.layers[layer].from + to], input: network.unit[network.layers[layer - 1].from + from] };
  }

  /** @param {MouseEvent} event */
  #click(event) {
    const button = around(event, "[data-part]");
    if (!button) {
      const link = this.#linkAt(event);
      return link && this.#open(link, new DOMRect(event.clientX, event.clientY, 0, 0), event);
    }
    if (isLocked(button) || !this.network) return;
    const layer = Number(button.dataset.layer);
    const { part } = button.dataset;
    if (part === "unit") this.#open(spotOf(button), button.getBoundingClientRect(), event);
    else if (part === "layer") this.#open({ layer }, button.getBoundingClientRect(), event);
    else if (part === "fewer" || part === "more") this.#change(this.shape.resize(layer, Number(this.shape.hidden[layer - 1]) + (part === "more" ? 1 : -1)));
    else if (part === "before" || part === "after") this.#turn(layer, part === "after" ? MOST : -MOST);
  }

  /**
   * @param {import("../network/sheet.mjs").Subject} subject
   * @param {DOMRect} anchor
   * @param {MouseEvent} event a click, of the keyboard where it counts none
   */
  #open(subject, anchor, { detail }) {
    if (!this.network || (subject.layer === 0 && !subject.unit)) return;
    this.lens.leave();
    this.sheet.open(subject, anchor, this.network, this.picture.colours, detail === 0);
  }

  /**
   * Show other units of a layer.
   * @param {number} layer
   * @param {number} by
   */
  #turn(layer, by) {
    const { layers } = /** @type {Network} */ (this.network);
    const first = layers.map(({ start, index, size }) => (index === layer ? Math.min(Math.max(start + by, 0), size - MOST) : start));
    while (first.at(-1) === 0) first.pop();
    this.panel.setOptions({ first: first.join(",") });
  }

  /** @param {Promise<string>} done */
  async #change(done) {
    const problem = await done;
    if (problem) this.panel.run.follower.onNotice(this.panel.run, { level: "warning", text: problem });
  }
}

/** @param {HTMLElement} button of a unit @returns {Spot} */
const spotOf = ({ dataset }) => ({ layer: Number(dataset.layer), unit: Number(dataset.unit) });
