/** What is pointed at, enlarged, with its numbers; nothing of it can be operated. */
import { write } from "../shell/making.mjs";
import { make } from "./elements.mjs";
import { gap } from "./layout.mjs";
import { capital, figures, fullName, number, placeOf, weightOf } from "./model.mjs";
import { Tile } from "./picture.mjs";

/**
 * @typedef {import("./layout.mjs").Layout} Layout
 * @typedef {import("./model.mjs").Network} Network
 * @typedef {{layer: number, unit: number, input?: number}} Spot a unit, or the link from an input to it, by
 *   their numbers from 1
 */

const MARGIN = 8;
const NAMESPACE = "http://www.w3.org/2000/svg";

/**
 * Put a sheet beside what it speaks of, all of it in the window.
 * @param {HTMLElement} sheet
 * @param {DOMRect} anchor
 */
export function placeBeside(sheet, anchor) {
  const { width, height } = sheet.getBoundingClientRect();
  const right = anchor.right + MARGIN;
  const left = right + width <= innerWidth - MARGIN ? right : anchor.left - MARGIN - width;
  const top = (anchor.top + anchor.bottom - height) / 2;
  sheet.style.left = `${Math.max(MARGIN, Math.min(left, innerWidth - MARGIN - width))}px`;
  sheet.style.top = `${Math.max(MARGIN, Math.min(top, innerHeight - MARGIN - height))}px`;
}

/** The picture of a unit, its name and its numbers. */
export class Portrait {
  constructor() {
    this.element = make("div", "network-portrait");
    this.canvas = make("canvas", "");
    this.title = make("h3", "");
    this.lines = make("p", "");
    this.tile = new Tile(this.canvas);
    const words = make("div", "");
    words.append(this.title, this.lines);
    this.element.append(this.canvas, words);
    this.canvas.setAttribute("aria-hidden", "true");
  }

  /** @param {string} title @param {string} lines without a picture */
  write(title, lines) {
    this.canvas.hidden = true;
    write(this.title, title);
    write(this.lines, lines);
  }

  /**
   * @param {Network} network
   * @param {Spot} spot
   * @param {Uint32Array} colours
   */
  show(network, { layer, unit, input }, colours) {
    const at = placeOf(network, layer, unit);
    const name = fullName(network, layer, unit);
    const from = input ? fullName(network, layer - 1, input) : "";
    write(this.title, capital(from ? `${from} → ${name}` : name));
    const weight = input ? weightOf(network, layer, unit, input) : null;
    const hasPicture = !input && at >= 0;
    this.canvas.hidden = !hasPicture;
    if (hasPicture) this.tile.draw(network, at, colours);
    const isShown = input ? weight !== null : at >= 0;
    write(this.lines, isShown ? (weight === null ? figures(network, layer, at).join(" ") : weightWords(network, layer, weight)) : "Not among the units shown now.");
  }
}

/** @param {Network} network @param {number} layer @param {number} weight */
function weightWords({ layers }, layer, weight) {
  return `Weight ${number(weight)}.${layers[layer].isFrozen ? " Its layer is frozen." : ""}`;
}

export class Lens {
  /** @param {HTMLElement} stage */
  constructor(stage) {
    this.stage = stage;
    this.portrait = new Portrait();
    this.element = make("div", "network-lens");
    this.element.popover = "manual";
    this.element.setAttribute("aria-hidden", "true");
    this.element.append(this.portrait.element);
    this.marks = document.createElementNS(NAMESPACE, "svg");
    this.marks.setAttribute("class", "network-marks");
    this.marks.setAttribute("aria-hidden", "true");
    this.path = document.createElementNS(NAMESPACE, "path");
    this.marks.append(this.path);
    stage.append(this.marks);
    stage.after(this.element);
    /** @type {Spot|null} */
    this.spot = null;
  }

  /**
   * @param {Spot} spot
   * @param {DOMRect} anchor
   * @param {Network} network
   * @param {Layout} layout
   * @param {Uint32Array} colours
   */
  look(spot, anchor, network, layout, colours) {
    this.spot = spot;
    this.update(network, layout, colours);
    if (!this.element.matches(":popover-open")) this.element.showPopover();
    placeBeside(this.element, anchor);
  }

  leave() {
    if (!this.spot) return;
    this.spot = null;
    this.path.setAttribute("d", "");
    if (this.element.matches(":popover-open")) this.element.hidePopover();
  }

  /** @param {Network} network @param {Layout} layout @param {Uint32Array} colours */
  update(network, layout, colours) {
    const { spot } = this;
    if (!spot) return;
    if (spot.layer >= network.layers.length) return this.leave();
    this.portrait.show(network, spot, colours);
    this.path.setAttribute("d", pathOf(network, layout, spot));
  }
}

/**
 * The link, or those that lead to the unit.
 * @param {Network} network
 * @param {Layout} layout
 * @param {Spot} spot
 */
function pathOf(network, layout, { layer, unit, input }) {
  const to = placeOf(network, layer, unit) - network.layers[layer].from;
  if (layer === 0 || to < 0) return "";
  const before = network.layers[layer - 1];
  const { left, right } = gap(layout, layer);
  const middle = (left + right) / 2;
  const end = layout.columns[layer].ys[to];
  return layout.columns[layer - 1].ys
    .filter((_, from) => !input || network.unit[before.from + from] === input)
    .map((begin) => `M${left} ${begin}C${middle} ${begin} ${middle} ${end} ${right} ${end}`)
    .join("");
}
