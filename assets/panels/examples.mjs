/** Test points, what the network says of them, and what an attack made of them. */
import { testWord, usualEpsilon } from "../plot/data.mjs";
import { inShort } from "../plot/words.mjs";
import { typed } from "../robustness/asked.mjs";
import { ATTACKS } from "../robustness/attacks.mjs";
import { imageList } from "../examples/images.mjs";
import { COLUMNS_MOST, examplesTable } from "../examples/table.mjs";
import { examplesOf, largestChange, make } from "../examples/words.mjs";

/** Points on a page. */
const PAGE = 12;
/** Pages that a key goes on, and the ends. */
const KEYS = { PageUp: -1, PageDown: 1, Home: -Infinity, End: Infinity };

export const slow = new Set(["found"]);
export const concerns = () => ["test"];
/** It has none: its content is not drawn by Plotly. */
export const graphs = {};

const epsilonOf = (options, geometry) => typed(options.epsilon, usualEpsilon(geometry));

export function watch(options, _, __, { geometry }) {
  const { show, method, norm } = options;
  const asked = { first: typed(options.first, 0), count: PAGE, show, method, norm, epsilon: epsilonOf(options, geometry) };
  if (method !== "fgsm") Object.assign(asked, { iterations: typed(options.iterations, 10), alpha: typed(options.alpha) });
  if (method === "pgd") asked.restarts = typed(options.restarts, 10);
  return { found: { probe: "examples_table", options: asked } };
}

/** Where the pages lie: the first point of this one, and of the last. */
function pagesOf(view) {
  const found = view?.parts.found;
  if (!found) return null;
  const [first, total] = [found.first.data[0], found.total.data[0]];
  return { first, total, last: Math.floor(Math.max(total - 1, 0) / PAGE) * PAGE };
}

export function start(panel) {
  const step = (pages) => {
    const place = pagesOf(panel.view);
    if (!place) return;
    const next = Math.min(Math.max(place.first + pages * PAGE, 0), place.last);
    panel.setOptions({ first: String(next) });
    panel.content.scrollTop = 0;
  };
  panel.card.addEventListener("click", ({ target }) => {
    if (target.closest?.('[data-action="earlier"]')) step(-1);
    else if (target.closest?.('[data-action="later"]')) step(1);
  });
  panel.content.addEventListener("keydown", (event) => {
    const pages = KEYS[event.key];
    if (pages === undefined || event.target !== panel.content) return;
    event.preventDefault();
    step(pages);
  });
}

/** @type {WeakMap<object, {found: object|null, key: string}>} what each panel shows */
const drawn = new WeakMap();

export function dress(panel, view) {
  const { geometry, parts: { found }, theme, options } = view;
  panel.suggest({ epsilon: usualEpsilon(geometry) });
  const place = pagesOf(view);
  const [earlier, later] = ["earlier", "later"].map((name) => panel.card.querySelector(`[data-action="${name}"]`));
  earlier.disabled = !place || place.first === 0;
  later.disabled = !place || place.first >= place.last;
  const shown = drawn.get(panel) ?? { found: null, key: "" };
  const key = `${theme.key} ${view.pointsSerial}`;
  if (!found) {
    // Those of other data are no answer.
    if (shown.found && shown.key !== key) panel.content.replaceChildren();
    return;
  }
  if (shown.found === found && shown.key === key) return;
  // Results of the data before may still be here when those of others have come.
  if (found.points.shape[1] !== geometry.dimension) return;
  drawn.set(panel, { found, key });
  panel.content.replaceChildren(contentOf(examplesOf(found), view, epsilonOf(options, geometry)));
}

function contentOf(examples, { geometry, options, parts: { found }, theme }, epsilon) {
  const of = testWord(geometry);
  if (examples.length === 0) {
    return make("p", "examples-none", options.show === "wrong" ? `No ${of} point is classified wrongly.` : `The attack breaks no ${of} point.`);
  }
  if (geometry.image) return imageList(examples, geometry, { epsilon, range: found.range.data, theme });
  return examplesTable(examples, geometry, { epsilon, theme });
}

export function note(view) {
  const { geometry, options, parts: { found }, measuredAt, status } = view;
  if (!found) return "The points are being attacked …";
  const { first, total } = pagesOf(view);
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
