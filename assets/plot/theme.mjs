/**
 * The page's colours and font, as its stylesheet has them now.
 *
 * @typedef {import("./colour.mjs").Rgb} Rgb
 * @typedef {object} Theme
 * @property {boolean} dark whether the surface is darker than the ink
 * @property {Rgb[]} classes one for each class there may be, the first ten of them different
 * @property {Rgb[]} series colours of curves that are no classes
 * @property {Rgb} surface of the cards
 * @property {Rgb} ink
 * @property {Rgb} muted
 * @property {Rgb} grid
 * @property {Rgb} accent
 * @property {string} font
 * @property {string} key differs when anything of it differs
 */
import { css } from "./colour.mjs";

/** Colours of classes, and how many classes there may be: beyond, colours come again. */
const COLOURS = 10;
const CLASSES = 26;
const SERIES = 4;

/** @returns {Theme} */
export function readTheme() {
  const style = getComputedStyle(document.documentElement);
  const context = /** @type {OffscreenCanvasRenderingContext2D} */ (new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true }));
  /** @param {string} name @returns {Rgb} */
  const colour = (name) => {
    context.fillStyle = style.getPropertyValue(name).trim();
    context.fillRect(0, 0, 1, 1);
    const [red, green, blue] = context.getImageData(0, 0, 1, 1).data;
    return [red, green, blue];
  };
  /** @param {string} name @param {number} count */
  const numbered = (name, count) => Array.from({ length: count }, (_, index) => colour(`${name}-${index}`));
  /** @param {Rgb[]} list @param {number} count */
  const repeated = (list, count) => Array.from({ length: count }, (_, index) => list[index % list.length]);
  const theme = {
    classes: repeated(numbered("--class", COLOURS), CLASSES),
    series: numbered("--series", SERIES),
    surface: colour("--card"),
    ink: colour("--ink"),
    muted: colour("--ink-muted"),
    grid: colour("--grid"),
    accent: colour("--accent"),
    font: getComputedStyle(document.body).fontFamily,
  };
  const themed = { ...theme, dark: luminance(theme.surface) < luminance(theme.ink) };
  return { ...themed, key: JSON.stringify(themed) };
}

/** @param {Rgb} colour */
function luminance([red, green, blue]) {
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/**
 * Call `onChange` whenever the page or the system changes between light and dark.
 * @param {() => void} onChange
 */
export function watchTheme(onChange) {
  new MutationObserver(onChange).observe(document.documentElement, {
    attributeFilter: ["data-bs-theme", "data-theme", "class"],
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", onChange);
}

/**
 * The theme in the words of a Plotly layout; `axes` are the layout's names of its axes.
 * @param {Theme} theme
 * @param {string[]} axes
 */
export function themedLayout(theme, axes) {
  const axis = {
    gridcolor: css(theme.grid),
    zerolinecolor: css(theme.grid),
    linecolor: css(theme.grid),
    tickcolor: css(theme.grid),
    tickfont: { color: css(theme.muted) },
    title: { font: { color: css(theme.muted) } },
  };
  return {
    paper_bgcolor: css(theme.surface),
    plot_bgcolor: css(theme.surface),
    font: { family: theme.font, color: css(theme.ink) },
    hoverlabel: { bgcolor: css(theme.surface), bordercolor: css(theme.muted), font: { family: theme.font, color: css(theme.ink) } },
    legend: { font: { color: css(theme.muted) } },
    ...Object.fromEntries(axes.map((name) => [name, axis])),
  };
}
