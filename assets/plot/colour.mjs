/** @typedef {[number, number, number]} Rgb red, green and blue, 0 to 255 */

/** Viridis (van der Walt and Smith, 2015) at nine equal steps: even to the eye, in grey too. */
const VIRIDIS = ["#440154", "#472d7b", "#3b528b", "#2c728e", "#21918c", "#28ae80", "#5ec962", "#addc30", "#fde725"].map(hex);

/** Orange below, blue above: a pair that every common kind of colour vision tells apart. */
const BELOW = { light: ["#6f2c02", "#d9741a", "#f3c08a"], dark: ["#ffe2bd", "#e08a35", "#7a4413"] };
const ABOVE = { light: ["#9cc7ea", "#2f7fc1", "#08366b"], dark: ["#20507c", "#4a9fe3", "#c5e3ff"] };

/**
 * @param {string} text such as #0072b2
 * @returns {Rgb}
 */
export function hex(text) {
  const value = Number.parseInt(text.slice(1), 16);
  return [value >> 16, (value >> 8) & 255, value & 255];
}

/**
 * @param {Rgb} a
 * @param {Rgb} b
 * @param {number} t 0 gives a, 1 gives b
 * @returns {Rgb}
 */
export function mix(a, b, t) {
  return /** @type {Rgb} */ ([0, 1, 2].map((channel) => Math.round(a[channel] + (b[channel] - a[channel]) * t)));
}

/** @param {Rgb} colour */
export function css([red, green, blue], alpha = 1) {
  return alpha === 1 ? `rgb(${red},${green},${blue})` : `rgba(${red},${green},${blue},${alpha})`;
}

/**
 * One pixel of an image's memory seen as little-endian 32-bit words.
 * @param {Rgb} colour
 */
export function pixel([red, green, blue], alpha = 255) {
  return ((alpha << 24) | (blue << 16) | (green << 8) | red) >>> 0;
}

/** @param {Rgb[]} stops @param {number} t */
function along(stops, t) {
  const place = Math.min(Math.max(t, 0), 1) * (stops.length - 1);
  const left = Math.min(Math.floor(place), stops.length - 2);
  return mix(stops[left], stops[left + 1], place - left);
}

/**
 * Low to high, without the end that drowns in the theme's own surface.
 * @param {{dark: boolean}} theme
 * @returns {(t: number) => Rgb}
 */
export function sequential(theme) {
  const [low, high] = theme.dark ? [0.34, 1] : [0, 0.88];
  return (t) => along(VIRIDIS, low + t * (high - low));
}

/** Below one: small values take on colour sooner than in proportion. */
const DIVERGING_POWER = 0.7;

/**
 * Negative to positive, 0.5 the surface itself: what is near zero recedes.
 * @param {{dark: boolean, surface: Rgb}} theme
 * @returns {(t: number) => Rgb}
 */
export function diverging(theme) {
  const kind = theme.dark ? "dark" : "light";
  const stops = [...BELOW[kind].map(hex), theme.surface, ...ABOVE[kind].map(hex)];
  return (t) => {
    const signed = 2 * t - 1;
    return along(stops, (1 + Math.sign(signed) * Math.abs(signed) ** DIVERGING_POWER) / 2);
  };
}

/**
 * A class's colour, paler the less sure the network is.
 * @param {{dark: boolean, surface: Rgb, classes: Rgb[]}} theme
 * @param {number} label
 * @returns {(confidence: number) => Rgb} of confidence above chance, 0 to 1
 */
export function certainty(theme, label) {
  const strongest = theme.dark ? 0.5 : 0.48;
  return (confidence) => mix(theme.surface, theme.classes[label], strongest * confidence);
}

/** @param {(t: number) => Rgb} scale */
export function table(scale, size = 256) {
  return Uint32Array.from({ length: size }, (_, index) => pixel(scale(index / (size - 1))));
}

/** @param {(t: number) => Rgb} scale */
export function plotlyScale(scale, steps = 32) {
  return Array.from({ length: steps + 1 }, (_, index) => [index / steps, css(scale(index / steps))]);
}
