/** The data plane: which class the network gives every place, how surely, and the points on it. */
import { stampOf, TEST, TRAIN } from "./classes.mjs";
import { certainty, table } from "./colour.mjs";
import { MarkLayer } from "./marks.mjs";
import { Raster } from "./raster.mjs";

/**
 * @typedef {import("../page/panel.mjs").Arrays} Arrays
 * @typedef {import("../page/panel.mjs").View} View
 * @typedef {import("../stream/safetensors.mjs").NumberList} NumberList
 * @typedef {import("../stream/safetensors.mjs").Tensor} Tensor
 * @typedef {import("./classes.mjs").PointLook} PointLook
 * @typedef {import("./frame.mjs").Area} Area
 * @typedef {Pick<View, "options"|"geometry"|"points"|"pointsSerial"|"theme">} Shown what of a view is looked at
 *
 * @typedef {object} PointSet the points of one set
 * @property {ArrayLike<number>} positions x1 and x2 by turns
 * @property {NumberList} labels
 * @property {ArrayLike<number>} along where each lies along its class
 * @property {PointLook} look
 * @property {string} part
 */

/** Pixels in a cell of the grid, each way, where the boundary between two classes is drawn sharp. */
const FINER = 4;
/** Cells of the grid, each way. */
const RESOLUTION = 100;

/** What is measured for it. */
export const PLANE = { probe: "boundary", options: { resolution: RESOLUTION } };

export class Plane {
  constructor() {
    this.raster = new Raster();
    this.marks = new MarkLayer();
    /** What the points looked like when they were stamped. */
    this.key = "";
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {Area} area
   * @param {Arrays|undefined} grid
   * @param {Shown} shown
   */
  paintClasses(context, area, grid, shown) {
    if (!grid) return;
    const corners = colour(this.raster, grid, shown);
    this.raster.draw(context, area, corners, true);
  }

  /**
   * The points stay where they are: they are stamped again only when something about them changes.
   * @param {CanvasRenderingContext2D} context
   * @param {Area} area
   * @param {Shown} shown
   * @param {(index: number) => boolean} [isShown] whether a class of a set is, counted through
   */
  paintPoints(context, area, shown, isShown = () => true) {
    const { classes } = shown.geometry;
    const sets = pointSets(shown);
    const visible = sets.map((_, set) => Array.from({ length: classes }, (_, label) => isShown(set * classes + label)));
    const key = JSON.stringify([area, visible, shown.options.test, shown.theme.key, shown.pointsSerial]);
    if (key !== this.key) {
      this.key = key;
      this.marks.begin(area);
      sets.forEach(({ positions, labels, look }, set) => {
        const stamps = Array.from({ length: classes }, (_, label) =>
          visible[set][label] ? stampOf(shown.theme, label, look, area.scale) : null,
        );
        this.marks.write(positions, (index) => stamps[labels[index]]);
      });
    }
    this.marks.end(context);
  }
}

/**
 * The points shown: training ones, and test ones where asked for.
 * @param {Shown} shown
 * @returns {PointSet[]}
 */
export function pointSets({ options, points, geometry }) {
  const train = { positions: points.train.data, labels: points.trainLabel.data, along: points.trainAlong.data, look: TRAIN, part: "" };
  const test = { positions: points.test.data, labels: points.testLabel.data, along: points.testAlong.data, look: TEST, part: ", test" };
  return options.test && geometry.has_test ? [train, test] : [train];
}

/**
 * Colour the raster; returns the corners of the plane that it covers.
 * @param {Raster} raster
 * @param {Arrays} grid
 * @param {Shown} shown
 */
export function colour(raster, grid, { options, geometry, theme }) {
  const [size] = grid.confidence.shape;
  const looked = certainties(theme, geometry.classes);
  const [left, right, bottom, top] = [grid.x1, grid.x2].flatMap(({ data }) => [data[0], data[size - 1]]);
  const sharp = options.discretise && !grid.classes;
  const cells = sharp ? (size - 1) * FINER + 1 : size;
  raster.fill(cells, cells, (memory) => {
    if (sharp) divide(memory, grid.probability, size, looked);
    else if (grid.classes) winners(memory, grid, size, looked, options.discretise);
    else blend(memory, grid.probability, size, looked);
  });
  const half = (right - left) / (cells - 1) / 2;
  return { left: left - half, right: right + half, top: top + half, bottom: bottom - half };
}

/** The colours of each class, kept with the theme that they are of. @type {WeakMap<View["theme"], Uint32Array[]>} */
const tables = new WeakMap();

/** @param {View["theme"]} theme @param {number} classes */
function certainties(theme, classes) {
  const known = tables.get(theme);
  if (known?.length === classes) return known;
  const made = Array.from({ length: classes }, (_, label) => table(certainty(theme, label)));
  tables.set(theme, made);
  return made;
}

const surest = 255;

/** @param {Uint32Array} memory @param {Tensor} tensor @param {number} size @param {Uint32Array[]} looked */
function blend(memory, { data }, size, looked) {
  for (let row = 0; row < size; row++) {
    const to = (size - 1 - row) * size;
    for (let column = 0; column < size; column++) {
      const twice = 2 * data[row * size + column] - 255;
      memory[to + column] = twice < 0 ? looked[0][-twice] : looked[1][twice];
    }
  }
}

/**
 * Two classes without shades: the border runs between the nodes, where the probability is 1/2.
 * @param {Uint32Array} memory
 * @param {Tensor} tensor
 * @param {number} size
 * @param {Uint32Array[]} looked
 */
function divide(memory, { data }, size, looked) {
  const cells = (size - 1) * FINER + 1;
  const colours = [looked[0][surest], looked[1][surest]];
  for (let y = 0; y < cells; y++) {
    const low = Math.min(Math.floor(y / FINER), size - 2);
    const v = y / FINER - low;
    const to = (cells - 1 - y) * cells;
    for (let x = 0; x < cells; x++) {
      const left = Math.min((x / FINER) | 0, size - 2);
      const u = x / FINER - left;
      const at = low * size + left;
      const below = data[at] + u * (data[at + 1] - data[at]);
      const above = data[at + size] + u * (data[at + size + 1] - data[at + size]);
      memory[to + x] = colours[below + v * (above - below) > 127.5 ? 1 : 0];
    }
  }
}

/**
 * @param {Uint32Array} memory
 * @param {Arrays} arrays
 * @param {number} size
 * @param {Uint32Array[]} looked
 * @param {boolean} discretise
 */
function winners(memory, { classes, confidence }, size, looked, discretise) {
  const chance = 255 / looked.length;
  const rise = 255 / (255 - chance);
  for (let row = 0; row < size; row++) {
    const to = (size - 1 - row) * size;
    for (let column = 0; column < size; column++) {
      const at = row * size + column;
      const shade = discretise ? surest : Math.max(0, Math.round((confidence.data[at] - chance) * rise));
      memory[to + column] = looked[classes.data[at]][shade];
    }
  }
}
