/** Test points, what the network says of them, and what an attack made of them. */
import { testWord, usualEpsilon } from "../plot/data.mjs";
import { inShort } from "../plot/words.mjs";
import { typed } from "../robustness/asked.mjs";
import { around, inside } from "../shell/elements.mjs";
import { ATTACKS } from "../robustness/attacks.mjs";
import { imageList } from "../examples/images.mjs";
import { COLUMNS_MOST, examplesTable } from "../examples/table.mjs";
import { examplesOf, largestChange, make } from "../examples/words.mjs";

/**
 * @typedef {import("../page/panel.mjs").Options} Options
 * @typedef {import("../page/panel.mjs").Panel} Panel
 * @typedef {import("../page/panel.mjs").View} View
 * @typedef {import("../plot/data.mjs").Data} Data
 * @typedef {import("../stream/state.mjs").Status} Status
 */

/** Points on a page. */
const PAGE = 12;
/** Pages that a key goes on, and the ends. @type {Record<string, number>} */
const KEYS = { PageUp: -1, PageDown: 1, Home: -Infinity, End: Infinity };

export const slow = new Set(["found"]);
export const concerns = () => ["test"];
/** It has none: its content is not drawn by Plotly. */
export const graphs = {};

/** @param {Options} options @param {Data} geometry */
const epsilonOf = (options, geometry) => typed(options.epsilon, usualEpsilon(geometry));

/** @param {Options} options @param {unknown} _ @param {unknown} __ @param {Status} status */
export function watch(options, _, __, { geometry }) {
  const { show, method, norm } = options;
  /** @type {Options} */
  const asked = { first: typed(options.first, 0), count: PAGE, show, method, norm, epsilon: epsilonOf(options, geometry) };
  if (method !== "fgsm") Object.assign(asked, { iterations: typed(options.iterations, 10), alpha: typed(options.alpha, null) });
  if (method === "pgd") asked.restarts = typed(options.restarts, 10);
  return { found: { probe: "examples_table", options: asked } };
}

/** @param {Panel} panel */
const contentIn = (panel) => /** @type {HTMLElement} */ (panel.content);

/**
 * Where the pages lie: the first point of this one, and of the last.
 * @param {View|null} view
 */
function pagesOf(view) {
  const found = view?.parts.found;
  if (!found) return null;
  const [first, total] = [found.first.data[0], found.total.data[0]];
  return { first, total, last: Math.floor(Math.max(total - 1, 0) / PAGE) * PAGE };
}

/** @param {Panel} panel */
export function start(panel) {
  const content = contentIn(panel);
  /** @param {number} pages */
  const step = (pages) => {
    const place = pagesOf(panel.view);
    if (!place) return;
    const next = Math.min(Math.max(place.first + pages * PAGE, 0), place.last);
    panel.setOptions({ first: String(next) });
    content.scrollTop = 0;
  };
  panel.card.addEventListener("click", (event) => {
    if (around(event, '[data-action="earlier"]')) step(-1);
    else if (around(event, '[data-action="later"]')) step(1);
  });
  content.addEventListener("keydown", (event) => {
    const pages = KEYS[event.key];
    if (pages === undefined || event.target !== content) return;
    event.preventDefault();
    step(pages);
  });
}

/** @type {WeakMap<object, {found: object|null, key: string}>} what each panel shows */
const drawn = new WeakMap();

/** @param {Panel} panel @param {View} view */
export function dress(panel, view) {
  const { geometry, parts: { found }, theme, options } = view;
  panel.suggest({ epsilon: usualEpsilon(geometry) });
  const place = pagesOf(view);
  const [earlier, later] = ["earlier", "later"].map((name) => /** @type {HTMLButtonElement} */ (inside(panel.card, `[data-action="${name}"]`)));
  earlier.disabled = !place || place.first === 0;
  later.disabled = !place || place.first >= place.last;
  const shown = drawn.get(panel) ?? { found: null, key: "" };
  const key = `${theme.key} ${view.pointsSerial}`;
  if (!found) {
    // Those of other data are no answer.
    if (shown.found && shown.key !== key) contentIn(panel).replaceChildren();
    return;
  }
  if (shown.found === found && shown.key === key) return;
  // Results of the data before may still be here when those of others have come.
  if (found.points.shape[1] !== geometry.dimension) return;
  drawn.set(panel, { found, key });
  contentIn(panel).replaceChildren(contentOf(examplesOf(found), view, epsilonOf(options, geometry)));
}

/**
 * @param {import("../examples/words.mjs").Example[]} examples
 * @param {View} view
 * @param {import("../robustness/asked.mjs").Reach} epsilon
 */
function contentOf(examples, { geometry, options, parts: { found }, theme }, epsilon) {
  const of = testWord(geometry);
  if (examples.length === 0) {
    return make("p", "examples-none", options.show === "wrong" ? `No ${of} point is classified wrongly.` : `The attack breaks no ${of} point.`);
  }
  const look = { epsilon: Number(epsilon), theme };
  if (geometry.image && found) return imageList(examples, geometry, { ...look, range: found.range.data });
  return examplesTable(examples, geometry, look);
}

/** @param {View} view */
export function note(view) {
  const { geometry, options, parts: { found }, measuredAt, status } = view;
  if (!found) return "The points are being attacked …";
  const { first = 0, total = 0 } = pagesOf(view) ?? {};
  const count = found.index.data.length;
  const of = testWord(geometry);
  const behind = status.shown_epoch - measuredAt.found;
  const epsilon = epsilonOf(options, geometry);
  const sentences = [
    count > 0 ? `${first} to ${first + count - 1} of ${total}.` : "",
    `${ATTACKS[options.method].name} at ε ${typeof epsilon === "number" ? inShort(epsilon) : epsilon} breaks ${found.broken_count.data[0]} of the ${found.clean.data[0]} ${of} points classified correctly${behind > 0 ? `, at epoch ${measuredAt.found}` : ""}.`,
    geometry.image && count > 0 ? `Differences up to ±${inShort(largestChange(examplesOf(found)))}.` : "",
    !geometry.image && geometry.dimension > COLUMNS_MOST ? `The first ${COLUMNS_MOST} of ${geometry.dimension} columns.` : "",
  ];
  return sentences.filter(Boolean).join(" ");
}
