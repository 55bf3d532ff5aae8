/** What of the network is operated: a button for every unit, name and buttons above every layer. */
import { cut } from "../plot/data.mjs";
import { all } from "../shell/elements.mjs";
import { write } from "../shell/making.mjs";
import { make } from "./elements.mjs";
import { bareName, capital, figures, fullName, isOutput, layerName, MOST, shortName } from "./model.mjs";

/**
 * @typedef {import("./layout.mjs").Layout} Layout
 * @typedef {import("./model.mjs").Network} Network
 */

/**
 * @typedef {object} Head what stands above a layer
 * @property {HTMLElement} box
 * @property {HTMLElement} name
 * @property {HTMLElement} size
 * @property {HTMLElement} range
 * @property {HTMLElement[]} buttons
 */

/** Letters of a name beside an input or output, at most. */
const LETTERS = 6;

/** @param {Network} network @param {number} layer @param {number} unit from 1 */
const beside = (network, layer, unit) => cut(bareName(network, layer, unit), LETTERS);

/**
 * The letters of the longest name beside the inputs, and beside the outputs.
 * @param {Network} network
 * @returns {[number, number]}
 */
export function lettersOf(network) {
  const { layers, unit } = network;
  const [first, last] = [layers[0], layers[layers.length - 1]].map(({ index, from, count }) =>
    Math.max(...Array.from({ length: count }, (_, slot) => [...beside(network, index, unit[from + slot])].length)),
  );
  return [first, last];
}

const WRITTEN = ".network-name, .network-size, .network-label";
const LOCKED = "aria-disabled";

/** @param {HTMLElement} element @param {string} text */
function call(element, text) {
  if (element.getAttribute("aria-label") !== text) element.setAttribute("aria-label", text);
}

/** @param {HTMLElement} button whether it may be pressed */
export const isLocked = (button) => button.getAttribute(LOCKED) === "true";

export class Stage {
  /** @param {HTMLElement} content */
  constructor(content) {
    this.element = make("div", "network-stage");
    content.append(this.element);
    /** @type {Head[]} */
    this.heads = [];
    /** Buttons of the units of every layer. @type {HTMLElement[][]} */
    this.units = [];
    this.key = "";
    /** @type {Network|null} */
    this.network = null;
    this.element.addEventListener("keydown", (event) => this.#step(event));
    this.element.addEventListener("focusin", ({ target }) => this.#find(/** @type {HTMLElement} */ (target)));
  }

  /**
   * @param {Network} network
   * @param {Layout} layout
   * @param {{layers: number, units: number}} most
   */
  update(network, layout, most) {
    this.network = network;
    const key = `${layout.key} ${network.data.class_names} ${network.config.features}`;
    if (key !== this.key) {
      this.key = key;
      this.#place(network, layout);
    }
    network.layers.forEach((layer, index) => {
      this.#describe(network, index, most);
      for (let slot = 0; slot < layer.count; slot++) this.#name(network, index, slot);
    });
  }

  /**
   * As many heads and buttons as there are to be, those kept that were there: the focus stays.
   * @param {Network} network
   * @param {Layout} layout
   */
  #place(network, layout) {
    const { element } = this;
    const { columns, tile } = layout;
    Object.assign(element.style, { width: `${layout.width}px`, height: `${layout.height}px` });
    element.style.setProperty("--tile", `${tile}px`);
    for (const { box } of this.heads.splice(columns.length)) box.remove();
    for (const units of this.units.splice(columns.length)) for (const button of units) button.remove();
    columns.forEach(({ x, width, ys }, index) => {
      this.heads[index] ??= this.#head(index);
      Object.assign(this.heads[index].box.style, { left: `${x - width / 2}px`, width: `${width}px` });
      const units = (this.units[index] ??= []);
      for (const button of units.splice(ys.length)) button.remove();
      ys.forEach((y, slot) => {
        units[slot] ??= this.#unit(index, slot);
        Object.assign(units[slot].style, { left: `${x - tile / 2}px`, top: `${y - tile / 2}px` });
      });
    });
    this.#order(network, layout);
  }

  /** @param {number} layer */
  #head(layer) {
    const box = make("div", "network-head");
    box.setAttribute("role", "group");
    const data = { layer: String(layer) };
    const name = make(layer === 0 ? "span" : "button", "network-name", { ...data, part: "layer" });
    const [fewer, more] = [make("button", "network-button", { ...data, part: "fewer" }, "−"), make("button", "network-button", { ...data, part: "more" }, "+")];
    const [before, after] = [make("button", "network-button", { ...data, part: "before" }, "▲"), make("button", "network-button", { ...data, part: "after" }, "▼")];
    const [size, range] = [make("span", "network-size"), make("span", "network-size")];
    const [count, pages] = [make("div", "network-count"), make("div", "network-pages")];
    count.append(fewer, size, more);
    pages.append(before, range, after);
    box.append(name, count, pages);
    this.element.append(box);
    return { box, name, size, range, buttons: [name, fewer, more, before, after] };
  }

  /** @param {number} layer @param {number} slot */
  #unit(layer, slot) {
    const button = make("button", "network-unit", { layer: String(layer), slot: String(slot), part: "unit" });
    button.append(make("span", "network-label"));
    this.element.append(button);
    return button;
  }

  /**
   * The order of the tab key and of a reader: layer by layer, its buttons before its units.
   * @param {Network} network
   * @param {Layout} layout
   */
  #order({ layers }, { narrow }) {
    const { element } = this;
    const focus = document.activeElement;
    layers.forEach((layer, index) => {
      const { box, buttons } = this.heads[index];
      const isHidden = index > 0 && index < layers.length - 1;
      const [name, fewer, more, before, after] = buttons;
      name.hidden = false;
      fewer.hidden = more.hidden = !isHidden || narrow;
      before.hidden = after.hidden = this.heads[index].range.hidden = layer.size <= MOST;
      box.dataset.place = index === 0 ? "first" : isHidden ? "" : "last";
      element.append(box, ...this.units[index]);
      for (const unit of this.units[index]) unit.dataset.place = box.dataset.place;
    });
    if (focus instanceof HTMLElement && element.contains(focus) && document.activeElement !== focus) focus.focus();
    const now = this.#all.flat();
    if (!now.some((button) => button.tabIndex === 0)) this.#find(this.units[0][0]);
    else this.#find(now.find((button) => button === focus) ?? now.find((button) => button.tabIndex === 0) ?? now[0]);
  }

  /** What is written on it. @param {DOMRect} place of the stage @returns {import("../page/picture.mjs").Word[]} */
  words(place) {
    return all(this.element, WRITTEN).flatMap((element) => {
      const { left, top, width, height } = element.getBoundingClientRect();
      const text = element.textContent ?? "";
      const size = Number.parseFloat(getComputedStyle(element).fontSize);
      return width > 0 && text ? [{ text, x: left - place.left + width / 2, y: top - place.top + height / 2, size }] : [];
    });
  }

  /** Everything that can have the focus, layer by layer. */
  get #all() {
    return this.heads.map(({ buttons }, index) => [...buttons.filter((button) => button instanceof HTMLButtonElement && !button.hidden), ...this.units[index]]);
  }

  /** @param {Network} network @param {number} index @param {{layers: number, units: number}} most */
  #describe(network, index, most) {
    const { box, name, size, range, buttons } = this.heads[index];
    const layer = network.layers[index];
    const called = layerName(network, index);
    write(name, called);
    call(box, capital(called));
    write(size, String(layer.size));
    name.classList.toggle("is-frozen", layer.isFrozen);
    if (index > 0) call(name, `${capital(called)}, ${layer.size} ${layer.size === 1 ? "unit" : "units"}${layer.isFrozen ? ", frozen" : ""}: change`);
    const [, fewer, more, before, after] = buttons;
    if (!fewer.hidden) {
      call(fewer, `One unit fewer in ${called}`);
      call(more, `One unit more in ${called}`);
      fewer.setAttribute(LOCKED, String(layer.size <= 1));
      more.setAttribute(LOCKED, String(layer.size >= most.units));
    }
    if (before.hidden) return;
    const what = isOutput(network, index) ? "" : ", by outgoing weights";
    write(range, `${layer.start + 1}–${layer.start + layer.count}`);
    call(before, `Show the units before these of ${called}${what}`);
    call(after, `Show the units after these of ${called}${what}`);
    before.setAttribute(LOCKED, String(layer.start === 0));
    after.setAttribute(LOCKED, String(layer.start + layer.count >= layer.size));
  }

  /** @param {Network} network @param {number} index @param {number} slot */
  #name(network, index, slot) {
    const button = this.units[index][slot];
    const at = network.layers[index].from + slot;
    const unit = network.unit[at];
    const isNew = button.dataset.unit !== String(unit);
    if (isNew) {
      button.dataset.unit = String(unit);
      const label = /** @type {HTMLElement} */ (button.firstElementChild);
      const atEnd = index === 0 || isOutput(network, index);
      write(label, atEnd ? beside(network, index, unit) : "");
      label.title = atEnd ? shortName(network, index, unit) : "";
    }
    // Its numbers are read out when the focus comes to it; they change with every frame.
    const isRead = button === document.activeElement;
    if (isNew || isRead) call(button, `${capital(fullName(network, index, unit))}${isRead ? `. ${figures(network, index, at).join(" ")}` : ""}`);
  }

  /** @param {HTMLElement} chosen */
  #find(chosen) {
    if (!chosen.dataset.part) return;
    for (const button of this.#all.flat()) button.tabIndex = button === chosen ? 0 : -1;
    const { layer, slot, part } = chosen.dataset;
    if (this.network && part === "unit") this.#name(this.network, Number(layer), Number(slot));
  }

  /** @param {KeyboardEvent} event */
  #step(event) {
    const columns = this.#all;
    const focus = /** @type {HTMLElement} */ (event.target);
    const column = columns.findIndex((buttons) => buttons.includes(focus));
    if (column < 0 || event.altKey || event.ctrlKey || event.metaKey) return;
    const row = columns[column].indexOf(focus);
    const next = {
      ArrowUp: columns[column][row - 1],
      ArrowDown: columns[column][row + 1],
      ArrowLeft: counterpart(columns[column - 1], focus),
      ArrowRight: counterpart(columns[column + 1], focus),
      Home: counterpart(columns[0], focus),
      End: counterpart(columns.at(-1), focus),
    }[event.key];
    if (!(event.key.startsWith("Arrow") || event.key === "Home" || event.key === "End")) return;
    event.preventDefault();
    next?.focus();
  }
}

/**
 * The counterpart of a button in another layer.
 * @param {HTMLElement[]|undefined} buttons
 * @param {HTMLElement} focus
 */
function counterpart(buttons, focus) {
  if (!buttons) return undefined;
  const alike = buttons.filter(({ dataset }) => dataset.part === focus.dataset.part);
  if (focus.dataset.part !== "unit") return alike[0] ?? buttons[0];
  return alike[Math.min(Number(focus.dataset.slot), alike.length - 1)];
}
