/** The painted part of the network: links and units, each only where something changed. */
import { css, diverging, pixel } from "../plot/colour.mjs";
import { make } from "./elements.mjs";
import { gap } from "./layout.mjs";
import { reach } from "./model.mjs";

/**
 * @typedef {import("../plot/theme.mjs").Theme} Theme
 * @typedef {import("../stream/safetensors.mjs").NumberList} NumberList
 * @typedef {import("./layout.mjs").Layout} Layout
 * @typedef {import("./model.mjs").Network} Network
 */

/** Widths that a link may have, each way from zero, and the widest in CSS pixels. */
const WIDTHS = 16;
const WIDEST = 4;
const HAIR = 0.4;
const DASH = [5, 3];
/** Side of the square that stands for a bias. */
const BIAS = 7;
/** While a link's width changes by no more than a step, links are painted anew so often, in milliseconds. */
export const LINKS_EVERY = 120;
/** What is left of a silent unit's picture. */
const FAINT = 0.25;

/** @param {number} value @param {number} limit */
const step = (value, limit) => Math.max(-WIDTHS, Math.min(WIDTHS, Math.round((WIDTHS * value) / limit)));

/**
 * The colours of a byte of a picture, of zero in the middle.
 * @param {Theme} theme
 */
export function byteColours(theme) {
  const scale = diverging(theme);
  return Uint32Array.from({ length: 256 }, (_, byte) => pixel(scale(Math.max(0, byte - 1) / 254)));
}

/**
 * Write a unit's picture into an image's memory, the greatest x2 at the top.
 * @param {Uint32Array} memory
 * @param {NumberList} bytes
 * @param {number} start of the unit's picture in them
 * @param {number} side
 * @param {Uint32Array} colours
 * @param {number} share of the colours that it uses
 */
function shade(memory, bytes, start, side, colours, share) {
  for (let row = 0; row < side; row++) {
    const from = start + (side - 1 - row) * side;
    const to = row * side;
    for (let column = 0; column < side; column++) {
      const byte = bytes[from + column];
      memory[to + column] = colours[share === 1 ? byte : 128 + Math.round((byte - 128) * share)];
    }
  }
}

/** A unit's picture on a canvas of its own: one pixel a node. */
export class Tile {
  /** @param {HTMLCanvasElement|OffscreenCanvas} canvas */
  constructor(canvas) {
    this.canvas = canvas;
    this.context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
    this.image = new ImageData(1, 1);
  }

  /**
   * @param {Network} network
   * @param {number} at place among all units that are shown
   * @param {Uint32Array} colours
   * @param {number} [share] of the colours that it uses
   */
  draw({ images, resolution }, at, colours, share = 1) {
    if (this.image.width !== resolution) {
      this.canvas.width = this.canvas.height = resolution;
      this.image = new ImageData(resolution, resolution);
    }
    shade(new Uint32Array(this.image.data.buffer), images, at * resolution ** 2, resolution, colours, share);
    this.context.putImageData(this.image, 0, 0);
  }
}

/** Many units' pictures on one canvas, one below the other: they are handed to the screen at once. */
class Strip {
  constructor() {
    this.canvas = new OffscreenCanvas(1, 1);
    this.context = /** @type {OffscreenCanvasRenderingContext2D} */ (this.canvas.getContext("2d"));
    this.image = new ImageData(1, 1);
  }

  /**
   * @param {Network} network
   * @param {{at: number, share: number}[]} units their places among all that are shown, and the share
   *   of the colours that each uses
   * @param {Uint32Array} colours
   */
  draw({ images, resolution }, units, colours) {
    const [width, height] = [resolution, resolution * Math.max(1, units.length)];
    if (this.image.width !== width || this.image.height < height) {
      Object.assign(this.canvas, { width, height });
      this.image = new ImageData(width, height);
    }
    const memory = new Uint32Array(this.image.data.buffer);
    units.forEach(({ at, share }, index) => {
      const part = memory.subarray(index * resolution ** 2, (index + 1) * resolution ** 2);
      shade(part, images, at * resolution ** 2, resolution, colours, share);
    });
    this.context.putImageData(this.image, 0, 0, 0, 0, width, height);
  }
}

export class Picture {
  /** @param {HTMLElement} stage that the canvases are put into */
  constructor(stage) {
    const canvas = make("canvas", "network-picture");
    canvas.setAttribute("aria-hidden", "true");
    stage.append(canvas);
    // Nothing lies below it: a picture without holes is put on the page sooner.
    this.context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d", { alpha: false }));
    this.strip = new Strip();
    /** @type {Uint32Array} */
    this.colours = new Uint32Array();
    /** @type {string[]} colour of each width from the most negative on */
    this.shades = [];
    this.key = "";
    this.scale = 1;
    this.ground = "";
    /** Of links below zero. @type {number[]} */
    this.dash = [];
    /** What is on the canvas. @type {Int8Array|null} */
    this.linked = null;
    this.linkedAt = -Infinity;
    /** Whether links have changed by so little that they are painted later. */
    this.isBehind = false;
    /** @type {Network|null} */
    this.painted = null;
    /** @type {number[][]} links of each width from the most negative on: x, y, x, y by turns */
    this.buckets = Array.from({ length: 2 * WIDTHS + 1 }, () => []);
  }

  /**
   * @param {Network} network
   * @param {Layout} layout
   * @param {Theme} theme
   * @param {number} limit |weight| of the widest link
   * @param {boolean} byLayer whether the units of a layer share one scale of colours
   */
  paint(network, layout, theme, limit, byLayer) {
    const scale = window.devicePixelRatio;
    const key = JSON.stringify([layout.key, theme.key, byLayer, scale, limit, network.resolution]);
    if (key !== this.key) {
      this.key = key;
      this.scale = scale;
      this.#begin(layout, theme);
    }
    this.#paintLinks(network, layout, limit);
    this.#paintUnits(network, layout, theme, limit, byLayer);
    this.painted = network;
  }

  /** @param {Layout} layout @param {Theme} theme */
  #begin(layout, theme) {
    const { canvas } = this.context;
    canvas.width = Math.round(layout.width * this.scale);
    canvas.height = Math.round(layout.height * this.scale);
    Object.assign(canvas.style, { width: `${layout.width}px`, height: `${layout.height}px` });
    this.context.setTransform(this.scale, 0, 0, this.scale, 0, 0);
    this.ground = css(theme.surface);
    this.context.fillStyle = this.ground;
    this.context.fillRect(0, 0, layout.width, layout.height);
    this.colours = byteColours(theme);
    const signed = diverging(theme);
    this.shades = Array.from({ length: 2 * WIDTHS + 1 }, (_, index) => css(signed(index / (2 * WIDTHS))));
    this.linked = null;
    this.painted = null;
  }

  /** @param {Network} network @param {Layout} layout @param {number} limit */
  #paintLinks({ layers }, layout, limit) {
    const count = layers.reduce((sum, { weights }) => sum + weights.length, 0);
    const steps = new Int8Array(count);
    let place = 0;
    for (const { weights } of layers) for (const weight of weights) steps[place++] = step(weight, limit);
    const most = this.linked ? mostApart(steps, this.linked) : Infinity;
    const now = performance.now();
    this.isBehind = most === 1 && now - this.linkedAt < LINKS_EVERY;
    if (most === 0 || this.isBehind) return;
    this.linked = steps;
    this.linkedAt = now;
    for (const bucket of this.buckets) bucket.length = 0;
    place = 0;
    for (const { index, count: units } of layers.slice(1)) {
      const { left, right } = gap(layout, index);
      const begins = layout.columns[index - 1].ys;
      for (let unit = 0; unit < units; unit++) {
        for (const begin of begins) this.buckets[steps[place++] + WIDTHS].push(left, begin, right, layout.columns[index].ys[unit]);
      }
    }
    this.context.fillStyle = this.ground;
    for (let index = 1; index < layers.length; index++) {
      const { left, right } = gap(layout, index);
      this.context.fillRect(left, 0, right - left, layout.height);
    }
    // Where colours are the person's own, they may not tell the signs apart.
    this.dash = matchMedia("(forced-colors: active)").matches ? DASH : [];
    for (let size = 1; size <= WIDTHS; size++) for (const sign of [-1, 1]) this.#stroke(sign * size);
  }

  /** @param {number} size */
  #stroke(size) {
    const ends = this.buckets[size + WIDTHS];
    if (ends.length === 0) return;
    const { context } = this;
    context.strokeStyle = this.shades[size + WIDTHS];
    context.lineWidth = HAIR + ((WIDEST - HAIR) * Math.abs(size)) / WIDTHS;
    context.setLineDash(size < 0 ? this.dash : []);
    context.beginPath();
    for (let index = 0; index < ends.length; index += 4) trace(context, ends[index], ends[index + 1], ends[index + 2], ends[index + 3]);
    context.stroke();
  }

  /** @param {Network} network @param {Layout} layout @param {Theme} theme @param {number} limit @param {boolean} byLayer */
  #paintUnits(network, layout, theme, limit, byLayer) {
    const before = this.painted;
    const nodes = network.resolution ** 2;
    const units = network.layers.flatMap(({ index, from, count }) => {
      const most = byLayer ? Math.max(...Array.from({ length: count }, (_, slot) => reach(network, from + slot))) : 0;
      return Array.from({ length: count }, (_, slot) => {
        const at = from + slot;
        return { at, index, slot, share: byLayer && most > 0 ? reach(network, at) / most : 1 };
      });
    });
    const changed = units.filter(({ at }) => !before || byLayer || !isSame(network, before, at, nodes));
    if (changed.length === 0) return;
    this.strip.draw(network, changed, this.colours);
    changed.forEach(({ at, index, slot }, row) => {
      const bias = index > 0 ? step(network.bias[at], limit) : null;
      this.#paintUnit(layout, index, slot, { theme, bias, isSilent: network.silent[at] === 1, row, side: network.resolution });
    });
  }

  /**
   * @param {Layout} layout
   * @param {number} layer
   * @param {number} slot
   * @param {{theme: Theme, bias: number|null, isSilent: boolean, row: number, side: number}} unit its bias as a
   *   width, and where on the strip its picture is
   */
  #paintUnit({ columns, tile }, layer, slot, { theme, bias, isSilent, row, side }) {
    const { context } = this;
    context.setLineDash([]);
    const [left, top] = [columns[layer].x - tile / 2, columns[layer].ys[slot] - tile / 2];
    context.fillStyle = this.ground;
    context.fillRect(left, top, tile, tile);
    context.globalAlpha = isSilent ? FAINT : 1;
    context.imageSmoothingEnabled = true;
    context.drawImage(this.strip.canvas, 0, row * side, side, side, left, top, tile, tile);
    context.globalAlpha = 1;
    context.lineWidth = 1;
    context.strokeStyle = css(theme.muted);
    context.strokeRect(left + 0.5, top + 0.5, tile - 1, tile - 1);
    if (isSilent) cross(context, left, top, tile);
    if (bias === null) return;
    context.fillStyle = this.shades[bias + WIDTHS];
    context.fillRect(left, top + tile - BIAS, BIAS, BIAS);
    context.strokeRect(left + 0.5, top + tile - BIAS + 0.5, BIAS - 1, BIAS - 1);
  }
}

/**
 * A link as a curve with level ends.
 * @param {CanvasRenderingContext2D} context
 * @param {number} left
 * @param {number} begin
 * @param {number} right
 * @param {number} end
 */
function trace(context, left, begin, right, end) {
  const middle = (left + right) / 2;
  context.moveTo(left, begin);
  context.bezierCurveTo(middle, begin, middle, end, right, end);
}

/** @param {CanvasRenderingContext2D} context @param {number} left @param {number} top @param {number} side */
function cross(context, left, top, side) {
  context.beginPath();
  context.moveTo(left, top);
  context.lineTo(left + side, top + side);
  context.moveTo(left + side, top);
  context.lineTo(left, top + side);
  context.stroke();
}

/**
 * @param {Network} now
 * @param {Network} before
 * @param {number} at
 * @param {number} nodes of a picture
 */
function isSame(now, before, at, nodes) {
  const [start, alike] = [at * nodes, now.silent[at] === before.silent[at] && now.bias[at] === before.bias[at]];
  return alike && same(now.images, start, before.images, start, nodes);
}

/** @param {Int8Array} one @param {Int8Array} other */
function mostApart(one, other) {
  if (one.length !== other.length) return Infinity;
  let most = 0;
  for (let index = 0; index < one.length; index++) most = Math.max(most, Math.abs(one[index] - other[index]));
  return most;
}

/** @param {NumberList} one @param {number} from @param {NumberList} other @param {number} start @param {number} count */
function same(one, from, other, start, count) {
  if (one === other) return true;
  if (one.length !== other.length) return false;
  for (let index = 0; index < count; index++) if (one[from + index] !== other[start + index]) return false;
  return true;
}
