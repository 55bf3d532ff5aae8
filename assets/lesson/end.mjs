/** What follows the last step: all questions with what was answered. */
import { page } from "../page/page.mjs";
import { chosen, isRight, rightOf } from "./judging.mjs";
import { report } from "../shell/recordings.mjs";
import { make } from "../shell/making.mjs";
import { written } from "./written.mjs";

/** @typedef {import("./lesson.mjs").Lesson} Lesson */

/** @param {Lesson} lesson */
export function drawEnd(lesson) {
  const asked = lesson.data.steps.flatMap((step, place) => (step.question ? [{ question: step.question, answer: lesson.answerOf(place) }] : []));
  const judged = asked.flatMap(({ question, answer }) => (answer ? (isRight(question, answer.text) ?? []) : []));
  const right = judged.filter(Boolean).length;
  const answered = asked.filter(({ answer }) => answer).length;
  return make(
    "article",
    { className: "lesson-step" },
    make("h2", { tabIndex: -1 }, "The end"),
    make("p", {}, `${answered} of ${asked.length} questions answered${judged.length ? `, ${right} of ${judged.length} as it came out` : ""}.`),
    make("ol", { className: "lesson-answers" }, ...asked.map(({ question, answer }) => drawRow(question, answer))),
    drawReport(lesson),
    make("p", {}, make("a", { href: page.at("lessons") }, "Other lessons"), " · ", make("a", { href: page.at("") }, "The laboratory, with every dial")),
    make("button", { type: "button", className: "btn btn-quiet", onclick: () => forget(lesson) }, "Forget my answers and begin again"),
  );
}

/** @param {Lesson} lesson */
function drawReport({ answers }) {
  const name = make("input", { type: "text", className: "form-control", id: "lesson-author", value: answers.author, maxLength: 100, autocomplete: "name" });
  name.addEventListener("input", () => {
    answers.author = name.value;
    answers.keep();
  });
  return make(
    "div",
    { className: "lesson-report" },
    make("label", { htmlFor: name.id }, "Your name, for the report"),
    name,
    make("button", { type: "button", className: "btn btn-accent", onclick: report }, "Download my report"),
    make("p", {}, "One HTML file with answers, pictures and figures; print it for a PDF."),
  );
}

/** @param {import("./data.d.ts").LessonQuestion} question @param {import("./answers.mjs").Answer|null} answer */
function drawRow(question, answer) {
  if (!answer) return make("li", {}, written("p", "lesson-ask", question.ask), make("p", { className: "lesson-none" }, "Not answered."));
  const html = chosen(question, answer.text);
  const own = html === null ? make("span", {}, answer.text) : written("span", "", html);
  return make(
    "li",
    {},
    written("p", "lesson-ask", question.ask),
    make("p", {}, answer.predicted ? "You predicted: " : "You answered: ", own),
    answer.shown ? make("p", {}, "The answer: ", written("span", "", rightOf(question))) : null,
  );
}

/** @param {Lesson} lesson */
function forget(lesson) {
  lesson.answers.forget();
  lesson.go(0);
}
