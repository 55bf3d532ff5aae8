/** The picture of a member's run on the board. */
import { colour } from "../plot/plane.mjs";
import { Raster } from "../plot/raster.mjs";
import { decode } from "../stream/safetensors.mjs";

/** A grid with winners tells classes apart, of which there are at most so many; else there are two. */
const CLASSES_MOST = 10;

/**
 * @typedef {object} Tile what the board knows of a run
 * @property {number} epoch
 * @property {string} state
 * @property {number|null} trainAccuracy
 * @property {number|null} testAccuracy
 * @property {Record<string, import("../stream/safetensors.mjs").Tensor>|null} grid null where it cannot be measured
 */

/**
 * A message of the board: the id of a member, and their run.
 * @param {ArrayBuffer} blob
 * @returns {[string, Tile]}
 */
export function readTile(blob) {
  const [length] = new Uint8Array(blob, 0, 1);
  const member = new TextDecoder().decode(new Uint8Array(blob, 1, length));
  const { tensors, texts } = decode(blob.slice(1 + length));
  const metrics = JSON.parse(texts.metrics || "{}");
  const named = [...tensors].filter(([name]) => name.startsWith("tile/")).map(([name, tensor]) => [name.slice("tile/".length), tensor]);
  return [
    member,
    {
      epoch: Number(texts.shown_epoch),
      state: texts.state,
      trainAccuracy: metrics.train_accuracy ?? null,
      testAccuracy: metrics.test_accuracy ?? null,
      grid: named.length > 0 ? Object.fromEntries(named) : null,
    },
  ];
}

const raster = new Raster();

/**
 * @param {HTMLCanvasElement} canvas
 * @param {NonNullable<Tile["grid"]>} grid
 * @param {import("../plot/theme.mjs").Theme} theme
 */
export function paintTile(canvas, grid, theme) {
  const geometry = /** @type {any} */ ({ classes: grid.classes ? CLASSES_MOST : 2 });
  colour(raster, /** @type {any} */ (grid), /** @type {any} */ ({ options: {}, geometry, theme }));
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  context.imageSmoothingEnabled = true;
  context.drawImage(raster.canvas, 0, 0, canvas.width, canvas.height);
}
