/** A step's question: what is asked, the answer, and what is right once that may be shown. */
import { chosen, isRight, LENGTH_MAX, rightOf, wrongWith } from "./judging.mjs";
import { make } from "../shell/making.mjs";
import { written } from "./written.mjs";

/**
 * @typedef {import("./data.d.ts").LessonQuestion} LessonQuestion
 * @typedef {import("./answers.mjs").Answer} Answer
 */

/**
 * @param {LessonQuestion} question
 * @param {Answer|null} answer
 * @param {{answer: (text: string) => void, show: (() => void)|null}} act where there is nothing to `show`, somebody else does it
 */
export const drawQuestion = (question, answer, act) =>
  make("section", { className: "lesson-question", "aria-label": "Question" }, answer ? drawAnswered(question, answer, act.show) : drawAsked(question, act.answer));

/**
 * @param {LessonQuestion} question
 * @param {(text: string) => void} done
 */
function drawAsked(question, done) {
  const problem = make("p", { className: "lesson-problem", id: "lesson-problem", role: "alert" });
  const { fields, read } = FIELDS[question.kind](question);
  const set = make("fieldset", { "aria-describedby": problem.id }, written("legend", "lesson-ask", question.ask), fields);
  const form = make(
    "form",
    { noValidate: true },
    question.predict ? make("p", { className: "lesson-predict" }, "Predict before you play: the run waits for your answer.") : null,
    set,
    problem,
    make("button", { type: "submit", className: "btn btn-accent" }, question.predict ? "Commit my prediction" : "Answer"),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const text = read();
    problem.textContent = wrongWith(question, text);
    if (!problem.textContent) done(text);
    else set.querySelector(/** @type {"input"} */ ("input, textarea"))?.focus();
  });
  return form;
}

/** @type {Record<LessonQuestion["kind"], (question: LessonQuestion) => {fields: HTMLElement, read: () => string}>} */
const FIELDS = {
  choice({ choices }) {
    const boxes = choices.map((_, place) => make("input", { type: "radio", name: "lesson-answer", value: String(place) }));
    const rows = choices.map(({ text }, place) => make("label", { className: "lesson-choice" }, boxes[place], written("span", "", text)));
    return { fields: make("div", {}, ...rows), read: () => boxes.find((box) => box.checked)?.value ?? "" };
  },
  number() {
    const field = make("input", { type: "text", inputMode: "decimal", autocomplete: "off", className: "form-control lesson-number", "aria-label": "Your number", maxLength: 40 });
    return { fields: field, read: () => field.value };
  },
  text() {
    const field = make("textarea", { rows: 3, className: "form-control", "aria-label": "Your answer", maxLength: LENGTH_MAX });
    return { fields: field, read: () => field.value };
  },
};

/**
 * @param {LessonQuestion} question
 * @param {Answer} answer
 * @param {(() => void)|null} show
 */
function drawAnswered(question, answer, show) {
  /** @type {HTMLElement[]} */
  const parts = [
    written("p", "lesson-ask", question.ask),
    drawPair(answer.predicted ? "Your prediction" : "Your answer", chosen(question, answer.text), answer.text),
  ];
  if (answer.shown) {
    const right = isRight(question, answer.text);
    parts.push(
      drawPair("What the answer is", rightOf(question), ""),
      ...(right === null ? [] : [make("p", { className: right ? "lesson-verdict is-right" : "lesson-verdict" }, right ? "✓ As you said." : answer.predicted ? "✗ It came out otherwise." : "✗ Not quite.")]),
      written("p", "lesson-why", question.why),
    );
  } else if (!show) {
    parts.push(make("p", { className: "lesson-predict" }, "What the answer is comes when the presenter shows it."));
  } else if (answer.played) {
    parts.push(make("button", { type: "button", className: "btn btn-accent", onclick: show }, "Show what the answer is"));
  } else {
    parts.push(make("p", { className: "lesson-predict" }, "Now play, and watch. What the answer is comes once you pause."));
  }
  return make("div", { className: "lesson-answered", tabIndex: -1 }, ...parts);
}

/**
 * @param {string} name
 * @param {string|null} html
 * @param {string} text where there is no HTML
 */
function drawPair(name, html, text) {
  const value = html === null ? make("dd", {}, text) : written("dd", "", html);
  return make("dl", { className: "lesson-pair" }, make("dt", {}, name), value);
}
