/**
 * Where everything of the network lies, in CSS pixels of its picture. Rooms for letters are those of
 * letters of usual size.
 */

/** @typedef {import("./model.mjs").Layer} Layer */

/**
 * @typedef {object} Column
 * @property {number} x middle
 * @property {number} width
 * @property {number[]} ys middles of its units
 *
 * @typedef {object} Layout
 * @property {number} width
 * @property {number} height
 * @property {number} tile side of a unit's picture
 * @property {boolean} narrow whether layers have no room for buttons of their own
 * @property {Column[]} columns
 * @property {string} key differs when anything of it does
 */

/** Room above the units for a layer's name and buttons, with a row more where it has others to show. */
const HEAD = { plain: 46, paged: 72 };
const FOOT = 6;
/** Beside the inputs and the outputs, for their names: at least, and for each letter. */
const ASIDE = { least: 16, letter: 7 };
/** From one layer to the next, at least: without buttons, where they change a layer, and where they show others too. */
const STEP_LEAST = { narrow: 46, plain: 62, paged: 70 };
const PITCH_LEAST = 24;
const GAP = 6;
const TILE = { least: 18, most: 120, share: 0.52 };
/** Middles of units lie no further apart than so many of their sides. */
const APART_MOST = 1.5;

/**
 * @param {Layer[]} layers
 * @param {{width: number, height: number, scale: number}} box what is visible at once, and how many
 *   times as large as usual letters are
 * @param {boolean} paired whether another stands beside it, so that to see all of it is worth its buttons
 * @param {[number, number]} letters of the longest name of an input, and of an output
 * @returns {Layout}
 */
export function layoutOf(layers, box, paired, letters) {
  const { scale } = box;
  const isPaged = layers.some(({ size, count }) => size > count);
  const head = scale * (isPaged ? HEAD.paged : HEAD.plain);
  const rows = Math.max(...layers.map(({ count }) => count));
  const [before, after] = letters.map((count) => scale * (ASIDE.least + ASIDE.letter * count) + TILE.least / 2);
  const steps = layers.length - 1;
  const least = steps * scale * (isPaged ? STEP_LEAST.paged : STEP_LEAST.plain) + before + after;
  const narrow = paired && !isPaged && least > box.width;
  const width = Math.max(Math.floor(box.width), narrow ? steps * scale * STEP_LEAST.narrow + before + after : least);
  const height = Math.max(Math.floor(box.height), head + rows * PITCH_LEAST + FOOT);
  const room = height - head - FOOT;
  const free = width - before - after;
  // Even, so that its edges lie on whole pixels.
  const tile = 2 * Math.floor(Math.min(Math.max(Math.min(room / rows - GAP, (free / steps) * TILE.share), TILE.least), TILE.most) / 2);
  // The wider the pictures, the further in the ends.
  const inset = (tile - TILE.least) / 2;
  const step = (free - 2 * inset) / steps;
  const columns = layers.map(({ index, count }) => {
    const pitch = Math.min(room / count, APART_MOST * tile);
    const first = head + (room - pitch * (count - 1)) / 2;
    const x = Math.round(before + inset + step * index);
    // What stands above a layer stays within the picture.
    return { x, width: Math.min(step, 2 * x, 2 * (width - x)), ys: Array.from({ length: count }, (_, slot) => Math.round(first + pitch * slot)) };
  });
  return { width, height, tile, narrow, columns, key: JSON.stringify([width, height, letters, scale, narrow, layers.map(({ size, count }) => [size, count])]) };
}

/**
 * The ends of the links into a layer, across.
 * @param {Layout} layout
 * @param {number} layer from 1
 */
export function gap({ columns, tile }, layer) {
  return { left: columns[layer - 1].x + tile / 2, right: columns[layer].x - tile / 2 };
}

/** Pixels from a link within which it is met. */
const NEAR = 7;

/**
 * The link that lies nearest to a place, null where none is near.
 * @param {Layout} layout
 * @param {number} x
 * @param {number} y
 * @returns {{layer: number, to: number, from: number}|null} slots in its layer and the one before
 */
export function linkAt(layout, x, y) {
  const layer = layout.columns.findIndex((_, index) => index > 0 && x > gap(layout, index).left && x < gap(layout, index).right);
  if (layer < 1) return null;
  const { left, right } = gap(layout, layer);
  const share = rise((x - left) / (right - left));
  let nearest = null;
  let least = NEAR;
  layout.columns[layer].ys.forEach((end, to) => {
    layout.columns[layer - 1].ys.forEach((begin, from) => {
      const away = Math.abs(begin + (end - begin) * share - y);
      if (away >= least) return;
      least = away;
      nearest = { layer, to, from };
    });
  });
  return nearest;
}

/**
 * How far up a link is at a share of its way across: a cubic curve with level ends, whose control
 * points lie at half of the way.
 * @param {number} across
 */
function rise(across) {
  let [low, high] = [0, 1];
  for (let step = 0; step < 20; step++) {
    const t = (low + high) / 2;
    // x(t) of the curve: 3 t (1 - t)^2 / 2 + 3 t^2 (1 - t) / 2 + t^3.
    if (1.5 * t * (1 - t) + t ** 3 < across) low = t;
    else high = t;
  }
  const t = (low + high) / 2;
  return t * t * (3 - 2 * t);
}
