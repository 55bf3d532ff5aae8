/** Votes on a lesson's question: bars that grow for the presenter, and for all once they are shown. */
import { isRight, rightOf, wrongWith } from "../lesson/judging.mjs";
import { written } from "../lesson/written.mjs";
import { make } from "../shell/making.mjs";

/** @typedef {import("../lesson/data.d.ts").LessonQuestion} LessonQuestion */

/**
 * @param {LessonQuestion} question
 * @param {{counts: Record<string, number>, given: number}} votes what is no answer to this question counts for nothing
 * @param {boolean} judged whether it is told which is right
 * @param {HTMLElement|null} [action] what the presenter may do
 */
export function drawVotes(question, votes, judged, action = null) {
  const listed = Object.entries(votes.counts);
  const counts = new Map(listed.filter(([answer]) => !wrongWith(question, answer)));
  const unlisted = listed.reduce((rest, [, count]) => rest - count, votes.given);
  const total = [...counts.values()].reduce((sum, count) => sum + count, unlisted);
  const rows = question.kind === "choice" ? question.choices.map(({ text }, place) => ({ html: text, answer: String(place) })) : [...counts.keys()].map((answer) => ({ html: null, answer }));
  return make(
    "section",
    { className: "lesson-votes", "aria-label": "Votes" },
    make("p", { className: "lesson-votes-count" }, total === 1 ? "1 answer in this room" : `${total} answers in this room`),
    make("ul", {}, ...rows.map(({ html, answer }) => drawBar(html, answer, counts.get(answer) ?? 0, total, judged ? isRight(question, answer) : null))),
    judged ? written("p", "lesson-why", `The answer: ${rightOf(question)}`) : action,
  );
}

/** @param {string|null} html @param {string} answer @param {number} count @param {number} total @param {boolean|null} right */
function drawBar(html, answer, count, total, right) {
  const share = total > 0 ? (100 * count) / total : 0;
  const bar = make("span", { className: "lesson-vote-bar", "aria-hidden": "true" });
  bar.style.setProperty("--share", `${share}%`);
  const words = html === null ? make("span", {}, answer) : written("span", "", html);
  return make("li", { className: right ? "is-right" : "" }, make("span", { className: "lesson-vote-words" }, right ? "✓ " : "", words), make("span", { className: "lesson-vote-count" }, `${count}`), bar);
}
