/** Points that keep their class's marker and take their colour from a scale. */
import { pixel } from "./colour.mjs";
import { markOf, symbolOf } from "./marks.mjs";

const SHADES = 64;

/**
 * @param {ArrayLike<number>} labels class of each point
 * @param {boolean[]} visible of each class
 * @param {(index: number) => number} place of a point on the colour scale, 0 to 1
 * @param {(t: number) => import("./colour.mjs").Rgb} shade
 * @param {import("./classes.mjs").PointLook} look
 * @param {number} scale device pixels in a CSS pixel
 */
export function shadedStamps(labels, visible, place, shade, look, scale) {
  const stamps = visible.map((shown, label) => {
    const mark = markOf(symbolOf(label), { ...look, scale });
    return Array.from({ length: SHADES }, (_, step) => (shown ? { mark, fill: pixel(shade(step / (SHADES - 1))), line: 0 } : null));
  });
  return (/** @type {number} */ index) => {
    const step = Math.round(place(index) * (SHADES - 1));
    return stamps[labels[index]][step < 0 ? 0 : step >= SHADES ? SHADES - 1 : step];
  };
}
