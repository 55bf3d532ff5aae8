/** The lesson that a page holds, and what its address asks of it. */

/**
 * @typedef {import("./data.d.ts").LessonData} LessonData
 * @typedef {import("./data.d.ts").LessonStep} LessonStep
 */

const STEP = "step";

const held = document.getElementById("lesson-data")?.textContent;
/** The lesson of this page, null in the plain laboratory. @type {LessonData|null} */
export const lesson = held ? JSON.parse(held) : null;

/**
 * The place of the step that an address names, that of the first where it names none.
 * @param {string} search
 */
export function placeIn(search) {
  const number = Number(new URLSearchParams(search).get(STEP));
  return lesson && Number.isInteger(number) && number >= 1 && number <= lesson.steps.length ? number - 1 : 0;
}

/** What an address begins with at a step. @param {number} place */
export const prefixOf = (place) => `${STEP}=${place + 1}`;

/**
 * The address that brings the page to a run as a step wants it, whose dials no address shows.
 * @param {LessonStep} step
 * @param {string} search of the run and of what the page shows of it
 */
export function within({ hide }, search) {
  const names = hide.join(",");
  return hide.length > 0 ? `${search}&hide=${names}&lock=${names}` : search;
}

/**
 * What an address says of run and page: in a lesson what its step says, until it says that itself.
 * @param {string} search
 */
export function askedBy(search) {
  if (!lesson) return search;
  const step = lesson.steps[placeIn(search)];
  return within(step, withoutStep(search) || step.search);
}

/** @param {string} search */
function withoutStep(search) {
  const parts = search.replace(/^\?/, "").split("&");
  return parts.filter((part) => part && !part.startsWith(`${STEP}=`)).join("&");
}

/** Whether this page was opened as its lesson says, with no changes of a person's own. */
export const untouched = withoutStep(location.search) === "";
