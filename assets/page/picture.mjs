/** A panel's graphs as one picture, drawn by Plotly beside the page, which it leaves as it is. */
import { css } from "../plot/colour.mjs";

const NAMESPACE = "http://www.w3.org/2000/svg";
/** Pixels of a PNG for each of the page's. */
const SHARPNESS = 2;
const MARGIN = 8;
/** Letters of the title above the graphs, and the room of its line, in CSS pixels. */
const HEADING = { size: 14, line: 22 };

/**
 * @typedef {{data: object[], layout: object}} Figure of Plotly
 * @typedef {{text: string, x: number, y: number, size: number}} Word around the middle of a place, in CSS pixels
 * @typedef {{canvas: HTMLCanvasElement, words: Word[], place: DOMRect}} Sketch what is drawn without Plotly
 * @typedef {{figure: Figure, place: DOMRect}|Sketch} Graph with its place on the page
 */

/**
 * @param {Graph[]} graphs
 * @param {string} title
 * @param {import("../plot/theme.mjs").Theme} theme
 * @returns {Promise<{text: string, width: number, height: number}>} a whole SVG document
 */
export async function drawSvg(graphs, title, theme) {
  const left = Math.min(...graphs.map(({ place }) => place.left)) - MARGIN;
  const top = Math.min(...graphs.map(({ place }) => place.top)) - MARGIN;
  const width = Math.ceil(Math.max(...graphs.map(({ place }) => place.right)) - left + MARGIN);
  const above = HEADING.line;
  const height = Math.ceil(Math.max(...graphs.map(({ place }) => place.bottom)) - top + MARGIN) + above;
  const whole = document.implementation.createDocument(NAMESPACE, "svg");
  /** @param {string} name @param {Record<string, string|number>} attributes */
  const make = (name, attributes) => {
    const element = whole.createElementNS(NAMESPACE, name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
    return element;
  };
  const root = whole.documentElement;
  for (const [key, value] of Object.entries({ width, height, viewBox: `0 0 ${width} ${height}` })) root.setAttribute(key, String(value));
  const named = make("title", {});
  named.textContent = title;
  const heading = make("text", { x: MARGIN + 4, y: MARGIN + HEADING.size, fill: css(theme.ink), "font-family": theme.font, "font-size": HEADING.size, "font-weight": 600 });
  heading.textContent = title;
  root.append(named, make("rect", { width, height, fill: css(theme.surface) }), heading);
  for (const graph of graphs) {
    const { place } = graph;
    const drawn = "canvas" in graph ? sketched(graph, make, theme) : whole.importNode(await drawOne(graph.figure, place), true);
    drawn.setAttribute("x", String(place.left - left));
    drawn.setAttribute("y", String(place.top - top + above));
    root.append(drawn);
  }
  return { text: new XMLSerializer().serializeToString(whole), width, height };
}

/**
 * @param {Sketch} sketch
 * @param {(name: string, attributes: Record<string, string|number>) => Element} make
 * @param {import("../plot/theme.mjs").Theme} theme
 */
function sketched({ canvas, words, place: { width, height } }, make, theme) {
  const group = make("svg", { width, height });
  group.append(make("image", { href: canvas.toDataURL(), width, height }));
  for (const { text, x, y, size } of words) {
    const word = make("text", { x, y, fill: css(theme.ink), "font-family": theme.font, "font-size": size, "text-anchor": "middle", "dominant-baseline": "central" });
    word.textContent = text;
    group.append(word);
  }
  return group;
}

/** @param {Figure} figure @param {DOMRect} values */
async function drawOne(figure, { width, height }) {
  const size = { width: Math.round(width), height: Math.round(height) };
  const address = await window.Plotly.toImage(figure, { format: "svg", ...size });
  const text = decodeURIComponent(address.slice(address.indexOf(",") + 1));
  return new DOMParser().parseFromString(text, "image/svg+xml").documentElement;
}

/**
 * @returns {Promise<Blob>} a picture of `SHARPNESS` times as many pixels a side
 * @param {Awaited<ReturnType<typeof drawSvg>>} picture
 */
export async function pngOf({ text, width, height }) {
  const image = new Image();
  const address = URL.createObjectURL(new Blob([text], { type: "image/svg+xml" }));
  try {
    await new Promise((resolve, reject) => {
      image.onload = resolve;
      image.onerror = () => reject(new Error("The picture could not be drawn."));
      image.src = address;
    });
    const canvas = new OffscreenCanvas(SHARPNESS * width, SHARPNESS * height);
    /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext("2d")).drawImage(image, 0, 0, canvas.width, canvas.height);
    return await canvas.convertToBlob({ type: "image/png" });
  } finally {
    URL.revokeObjectURL(address);
  }
}
