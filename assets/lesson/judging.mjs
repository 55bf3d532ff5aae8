/** What an answer has to be, and whether it is right. */
import { numberIn } from "../shell/typed.mjs";

/**
 * @typedef {import("./data.d.ts").LessonQuestion} LessonQuestion
 * @typedef {import("./data.d.ts").LessonStep} LessonStep
 * @typedef {import("./answers.mjs").Answer} Answer
 */

export const LENGTH_MAX = 2000;

/** The number that was typed, in per cent, too; NaN for none. @param {string} text */
function shareIn(text) {
  const share = /^(.*\d)\s*%$/.exec(text.trim());
  return share ? numberIn(share[1]) / 100 : numberIn(text);
}

/**
 * What is wrong with what was typed or chosen, "" where nothing is.
 * @param {LessonQuestion} question
 * @param {string} text
 */
export function wrongWith({ kind, choices }, text) {
  switch (kind) {
    case "choice":
      return /^\d$/.test(text) && Number(text) < choices.length ? "" : "Choose one of the answers first.";
    case "number":
      return Number.isNaN(shareIn(text)) ? `Expected a number such as 0.95 or 95 %, got ${text.trim() ? `“${text.trim().slice(0, 30)}”` : "nothing"}.` : "";
    default:
      if (text.trim() === "") return "Write a few words first.";
      return text.length <= LENGTH_MAX ? "" : `Expected at most ${LENGTH_MAX} characters, got ${text.length}.`;
  }
}

/**
 * Whether an answer is right; null where a person has to judge that.
 * @param {LessonQuestion} question
 * @param {string} text
 */
export function isRight({ kind, choices, right, tolerance }, text) {
  if (kind === "choice") return choices[Number(text)].right;
  if (kind === "number") return Math.abs(shareIn(text) - Number(right)) <= tolerance + 1e-12;
  return null;
}

/**
 * The place of the step that follows, null where that depends on an answer that is not there.
 * @param {LessonStep} step
 * @param {Answer|null} answer
 */
export function following({ next, question }, answer) {
  const parts = question?.choices.some((choice) => choice.next !== null) ?? false;
  if (!question || !parts) return next;
  return answer ? (question.choices[Number(answer.text)].next ?? next) : null;
}

/** What is right, as HTML of the lesson. @param {LessonQuestion} question */
export function rightOf({ kind, choices, right, tolerance, model }) {
  if (kind === "text") return model;
  if (kind === "number") return tolerance > 0 ? `${right} (± ${tolerance})` : String(right);
  return choices.filter((choice) => choice.right).map(({ text }) => text).join(" – or: ");
}

/** What was answered, as HTML of the lesson or null where it is a person's own text. @param {LessonQuestion} question @param {string} text */
export const chosen = ({ kind, choices }, text) => (kind === "choice" ? choices[Number(text)].text : null);
