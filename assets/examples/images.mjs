/** Examples that are images: each as it is, as an attack left it, and the difference. */
import { diverging, mix, pixel } from "../plot/colour.mjs";
import { answer, largestChange, make, ofFound, ofPoint } from "./words.mjs";

/** @typedef {import("../plot/colour.mjs").Rgb} Rgb */

/**
 * @param {import("./words.mjs").Example[]} examples
 * @param {import("../plot/data.mjs").Data} data
 * @param {{epsilon: number, range: import("../stream/safetensors.mjs").NumberList, theme: import("../plot/theme.mjs").Theme}} look
 *   `range` holds the numbers that are shown as paper and as ink
 * @returns {HTMLElement} a list
 */
export function imageList(examples, data, { epsilon, range, theme }) {
  const list = make("ol", "examples-images");
  const [low, high] = range;
  /** @param {number} value */
  const shade = (value) => mix(theme.surface, theme.ink, Math.min(Math.max((value - low) / (high - low || 1), 0), 1));
  const limit = largestChange(examples);
  const signed = diverging(theme);
  /** @param {number} value */
  const change = (value) => signed(0.5 + value / limit / 2);
  for (const example of examples) {
    const { point, found, label, predicted, foundPredicted } = example;
    const item = make("li", "");
    item.append(make("span", "examples-name", `${example.index}`));
    const difference = Float32Array.from(point, (value, index) => found[index] - value);
    /** @type {[ArrayLike<number>, (value: number) => import("../plot/colour.mjs").Rgb, string, string, boolean][]} */
    const pictures = [
      [point, shade, ofPoint(data, example), answer(data, predicted, example.probability), label !== predicted],
      [found, shade, ofFound(data, example, epsilon), answer(data, foundPredicted, example.foundProbability), label !== foundPredicted],
      [difference, change, "the difference", "change", false],
    ];
    for (const [values, colour, words, caption, isWrong] of pictures) {
      const figure = make("figure", "");
      figure.append(picture(values, colour, data.image ?? [0, 0], words), make("figcaption", isWrong ? "is-wrong" : "", caption));
      item.append(figure);
    }
    list.append(item);
  }
  return list;
}

/**
 * @param {ArrayLike<number>} values
 * @param {(value: number) => Rgb} colour
 * @param {[number, number]} size
 * @param {string} words
 */
function picture(values, colour, [height, width], words) {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [width, height];
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", words);
  canvas.title = words;
  const image = new ImageData(width, height);
  const memory = new Uint32Array(image.data.buffer);
  for (let index = 0; index < values.length; index++) memory[index] = pixel(colour(values[index]));
  /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d")).putImageData(image, 0, 0);
  return canvas;
}
