/** The headline says what to do next, goes on when it has been done, and stays away once dismissed. */
import { page } from "../page/page.mjs";
import { element, IDS } from "./ids.mjs";
import { recall, remember } from "./storage.mjs";

const KEY = "spiral-dash-hints";
const GONE = "gone";
/** The step that a choice of ready-made settings brings. */
const WATCH_FOR = "watch-for";

/** The steps in their order: a name, and what it says. @type {[string, string][]} */
let steps = [];
let at = 0;
let run = 0;

/** Whether what a step asks for has been done. @type {Record<string, (status: import("../stream/state.mjs").Status) => boolean>} */
const DONE = {
  play: ({ state, epoch }) => state === "playing" || epoch > 0,
  watch: ({ state, epoch }) => state !== "playing" && epoch > 0,
  "look-back": ({ seeking }) => seeking !== null,
  turn: (status) => status.run !== run,
};

function show() {
  const step = steps[at];
  const line = element(IDS.HEADLINE);
  line.hidden = !step;
  if (!step) return;
  line.dataset.step = step[0];
  const text = element(IDS.HEADLINE_TEXT);
  if (text.textContent !== step[1]) text.textContent = step[1];
}

function dismiss() {
  if (steps[at]?.[0] !== WATCH_FOR) remember(KEY, GONE);
  at = steps.length;
  show();
  element(IDS.PLAY).focus();
}

/** @param {CustomEvent<import("../stream/state.mjs").Status>} event */
function follow({ detail }) {
  const name = steps[at]?.[0];
  if (!name) return;
  // A run that is replaced before it was watched begins again where it is.
  if (name !== "turn") run = detail.run;
  if (!DONE[name]?.(detail)) return;
  at += 1;
  show();
}

/** The last step is done when the page below has been seen. */
function scrolled() {
  if (steps[at]?.[0] !== "scroll") return;
  at = steps.length;
  remember(KEY, GONE);
  show();
}

/**
 * What to watch takes the place of the steps, for those as well who have dismissed them.
 * @param {string} text
 */
function say(text) {
  steps = [[WATCH_FOR, text]];
  at = 0;
  show();
}

export function startHeadline() {
  element(IDS.HEADLINE_CLOSE).addEventListener("click", dismiss);
  window.addEventListener("spiral-dash:headline", ({ detail }) => say(detail.text));
  if (recall(KEY) === GONE) return;
  steps = JSON.parse(String(element(IDS.HEADLINE).dataset.steps));
  show();
  window.addEventListener("spiral-dash:status", follow);
  const far = () => Math.max(element(IDS.MAIN).scrollTop, document.documentElement.scrollTop) > innerHeight / 4;
  for (const target of [element(IDS.MAIN), document]) target.addEventListener("scroll", () => far() && scrolled(), { passive: true });
  if (page.painting.status) follow(new CustomEvent("spiral-dash:status", { detail: page.painting.status }));
}
