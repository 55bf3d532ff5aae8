/** A lesson on the page: its steps beside the laboratory, which each step sets up. */
import { page } from "../page/page.mjs";
import { all, dispatch } from "../shell/elements.mjs";
import { element, IDS } from "../shell/ids.mjs";
import { tell } from "../shell/notices.mjs";
import { reportOn } from "../shell/recordings.mjs";
import { percent, loss, whole } from "../page/readouts.mjs";
import { Answers } from "./answers.mjs";
import { drawEnd } from "./end.mjs";
import { chosen, following, isRight, rightOf, wrongWith } from "./judging.mjs";
import { lockPlay, startLock } from "./lock.mjs";
import { make } from "../shell/making.mjs";
import { written } from "./written.mjs";
import { placeIn, prefixOf, untouched, within } from "./opening.mjs";
import { drawQuestion } from "./question.mjs";

/**
 * @typedef {import("./data.d.ts").LessonData} LessonData
 * @typedef {import("./answers.mjs").Seen} Seen
 * @typedef {import("../stream/state.mjs").Status} Status
 */

/** So many dials are open at once. */
const DIALS_SHOWN = 4;

/** Whether an address has settings of a run that are not the usual ones. @param {string} search */
const hasRun = (search) => search.split("&").some((part) => /^(seed|data|network|training)\b/.test(part));

export class Lesson {
  /** @param {LessonData} data */
  constructor(data) {
    this.data = data;
    this.root = element("lesson");
    this.answers = new Answers(data.name);
    this.place = data.place;
    /** Counts the ways to another step: the newest one ends there. */
    this.going = 0;
    /** The address that the page was last brought to. */
    this.setUp = this.step.search;
    /** Whether Dash has drawn the page. */
    this.begun = false;
    this.draw();
  }

  get step() {
    return this.data.steps[Math.min(this.place, this.data.steps.length - 1)];
  }

  get atEnd() {
    return this.place >= this.data.steps.length;
  }

  /** The answer to this step's question, null where there is none that fits it. */
  get answer() {
    return this.answerOf(this.place);
  }

  /** @param {number} place */
  answerOf(place) {
    const step = this.data.steps[place];
    const answer = step && this.answers.of(step.title);
    if (!step?.question || !answer || answer.kind !== step.question.kind) return null;
    return wrongWith(step.question, answer.text) ? null : answer;
  }

  /** Take hold of the page, once Dash has drawn it. */
  begin() {
    const place = /** @type {HTMLElement} */ (document.querySelector(".workspace"));
    place.prepend(this.root);
    startLock(() => this.#refuse());
    window.addEventListener("spiral-dash:status", ({ detail }) => this.#follow(detail));
    window.addEventListener("spiral-dash:returned", () => this.#returned());
    this.begun = true;
    this.#arrange();
    reportOn(() => this.report(), `spiral-report-${this.data.name}`);
    if (this.data.problem) tell("warning", this.data.problem);
    page.address.show();
    window.addEventListener("spiral-dash:status", () => this.#opened(), { once: true });
  }

  /** A session that is found again may hold what this step does not begin with. */
  async #opened() {
    if (page.looking) return;
    if (untouched && !hasRun(this.setUp)) await page.visit(within(this.step, this.setUp));
    await this.#beforePlay();
  }

  draw() {
    page.address.prefix = prefixOf(Math.min(this.place, this.data.steps.length - 1));
    const { root, data } = this;
    const hadFocus = root.contains(document.activeElement);
    root.replaceChildren(
      make(
        "header",
        { className: "lesson-head" },
        make("a", { href: page.at("lessons"), className: "lesson-way" }, "Lessons"),
        make("p", { className: "lesson-title" }, data.title),
        this.#progress(),
      ),
      this.atEnd ? drawEnd(this) : this.#drawStep(),
      this.#drawWays(),
    );
    this.showVotes();
    if (this.begun) this.#arrange();
    // Whoever goes on with the keyboard goes on from here.
    if (hadFocus) /** @type {HTMLElement|null} */ (root.querySelector(".lesson-answered, h2"))?.focus({ preventScroll: true });
  }

  #progress() {
    const { length } = this.data.steps;
    const done = Math.min(this.place + 1, length);
    return make(
      "p",
      { className: "lesson-progress" },
      make("progress", { value: this.atEnd ? length : this.place, max: length, "aria-label": "Steps done" }),
      this.atEnd ? `All ${length} steps` : `Step ${done} of ${length}`,
    );
  }

  #drawStep() {
    const { step, answer } = this;
    const question = step.question && drawQuestion(step.question, answer, { answer: (text) => this.#commit(text), show: page.looking ? null : () => this.#reveal() });
    return make(
      "article",
      { className: "lesson-step" },
      make("h2", { tabIndex: -1 }, step.title),
      written("div", "lesson-text", step.body),
      question,
      make("div", { className: "lesson-votes-place" }),
    );
  }

  /** Show what the others in a room have answered, where that is to be seen. */
  showVotes() {
    const { question } = this.step;
    const votes = !this.atEnd && question ? page.votesOf(this.place, question) : null;
    this.root.querySelector(".lesson-votes-place")?.replaceChildren(...(votes ? [votes] : []));
  }

  /** The presenter of a room shows what the answer is. @param {number} place of the step */
  revealAt(place) {
    const answer = this.answerOf(place);
    if (answer) this.answers.set(this.data.steps[place].title, { ...answer, played: true, shown: true });
    if (place === this.place) this.draw();
  }

  #drawWays() {
    const next = this.atEnd ? null : following(this.step, this.answer);
    const last = next !== null && next >= this.data.steps.length;
    const back = make("button", { type: "button", className: "btn btn-quiet", disabled: this.place === 0, onclick: () => this.back() }, "Back");
    const onward = make("button", { type: "button", className: "btn btn-accent lesson-next", onclick: () => this.next() }, last ? "Finish" : "Next");
    onward.disabled = next === null;
    if (!this.atEnd && next === null) onward.title = "Answer first: the way on depends on it.";
    const play = make("button", { type: "button", className: "btn btn-play lesson-play", onclick: () => element(IDS.PLAY).click() });
    play.append(
      make("span", { className: "when-stopped" }, make("span", { className: "icon icon-play", "aria-hidden": "true" }), "Play"),
      make("span", { className: "when-playing" }, make("span", { className: "icon icon-pause", "aria-hidden": "true" }), "Pause"),
    );
    return make("nav", { className: "lesson-ways", "aria-label": "Steps" }, back, play, onward);
  }

  next() {
    const next = following(this.step, this.answer);
    if (next === null) return;
    this.answers.way = [...this.answers.way.filter((place) => place < this.place), this.place];
    this.#keepSeen();
    return this.go(next);
  }

  back() {
    const way = this.answers.way.filter((place) => place < this.place);
    return this.go(way.at(-1) ?? this.place - 1);
  }

  /** @param {number} place */
  async go(place) {
    const going = ++this.going;
    this.place = place;
    this.answers.keep();
    this.draw();
    this.#head();
    if (this.atEnd) {
      page.address.held = false;
      return page.address.show();
    }
    if (page.looking) return;
    const { status } = page.run.state;
    page.address.held = true;
    if (status?.state === "playing") await page.run.command({ do: "pause" });
    if (!this.step.keeps || this.setUp !== this.step.search) await page.visit(within(this.step, this.step.search));
    this.setUp = this.step.search;
    if (going !== this.going) return;
    await this.#beforePlay();
    if (going !== this.going) return;
    page.address.held = false;
    page.address.show();
  }

  /** Show the step that the presenter of a room shows. @param {number} place */
  follow(place) {
    this.place = Math.min(place, this.data.steps.length);
    this.draw();
    this.#head();
  }

  /** What is to be predicted is not on screen already, but for an epoch that the step itself shows. */
  async #beforePlay() {
    const { status } = page.run.state;
    if (/\bepoch=/.test(this.setUp) || !this.#waits || status?.run !== page.run.config?.run || !status?.epoch) return;
    await page.run.command({ do: "reset" });
  }

  /** Whether the run waits for a prediction. */
  get #waits() {
    return Boolean(!this.atEnd && this.step.question?.predict && !this.answer);
  }

  /** The browser has gone back or forward; the page follows the address by itself. */
  #returned() {
    this.place = placeIn(location.search);
    this.setUp = this.step.search;
    this.draw();
  }

  #arrange() {
    lockPlay(this.#waits, all(this.root, ".lesson-play"));
    const { free, hide } = this.step;
    const { dataset } = document.documentElement;
    dataset["lessonDials"] = hide.length === 0 ? "all" : free > 0 ? "some" : "none";
    dataset["lessonSeed"] = String(!hide.includes("seed"));
    if (free > 0 && free <= DIALS_SHOWN) dataset.dials = "open";
  }

  #head() {
    this.root.scrollTop = 0;
    const heading = this.root.querySelector("h2");
    heading?.focus({ preventScroll: true });
    heading?.scrollIntoView({ block: "nearest" });
  }

  /** Lead to the question that is to be answered first. */
  #refuse() {
    this.root.querySelector(/** @type {"input"} */ (".lesson-question input, .lesson-question textarea"))?.focus();
  }

  /** @param {string} text */
  #commit(text) {
    const { question, title } = this.step;
    if (!question) return;
    const predicted = question.predict;
    this.answers.set(title, { kind: question.kind, text, predicted, played: false, shown: !predicted && !page.looking, seen: this.seen() });
    this.draw();
    dispatch("answered", {});
  }

  #reveal() {
    const { answer } = this;
    if (!answer) return;
    this.answers.set(this.step.title, { ...answer, played: true, shown: true, seen: this.seen() });
    this.draw();
  }

  /** @param {Status} status */
  #follow({ state, epoch }) {
    const { answer } = this;
    if (!answer || answer.shown || page.looking) return;
    if (!answer.played && epoch > 0) {
      this.answers.set(this.step.title, { ...answer, played: true });
      this.draw();
    }
    if (answer.played && state !== "playing" && epoch > 0) this.#reveal();
  }

  #keepSeen() {
    const { answer } = this;
    if (answer && !this.atEnd) this.answers.set(this.step.title, { ...answer, seen: this.seen() ?? answer.seen });
  }

  /** What a report says of the lesson. */
  report() {
    this.#keepSeen();
    const answers = this.data.steps.flatMap(({ title, question }, place) => (question ? [asked(title, question, this.answerOf(place))] : []));
    return { title: this.data.title, author: this.answers.author, answers };
  }

  /** The figures on screen. @returns {Seen|null} */
  seen() {
    const { status } = page.run.state;
    if (!status) return null;
    const { train_loss, test_loss, train_accuracy, test_accuracy } = status.metrics;
    return { epoch: status.shown_epoch, state: status.state, metrics: [train_loss, test_loss, train_accuracy, test_accuracy], address: page.address.search };
  }
}

/**
 * A question and its answer, as a report has them.
 * @param {string} step
 * @param {import("./data.d.ts").LessonQuestion} question
 * @param {import("./answers.mjs").Answer|null} answer
 * @returns {import("../report/html.mjs").Asked}
 */
function asked(step, question, answer) {
  const given = { step, askHtml: question.ask, predicted: answer?.predicted ?? false };
  if (!answer) return { ...given, chosenHtml: null, text: "", rightHtml: "", whyHtml: "", verdict: "", seen: "" };
  const html = chosen(question, answer.text);
  const right = isRight(question, answer.text);
  return {
    ...given,
    chosenHtml: html,
    text: answer.text,
    rightHtml: answer.shown ? rightOf(question) : "",
    whyHtml: answer.shown ? question.why : "",
    verdict: right === null ? "" : right ? "(as answered)" : "(not as answered)",
    seen: answer.seen ? inWords(answer.seen) : "",
  };
}

/** @param {Seen} seen */
function inWords({ epoch, state, metrics: [trainLoss, testLoss, trainAccuracy, testAccuracy] }) {
  const figures = `loss ${loss(trainLoss)} in training and ${loss(testLoss)} in the test, accuracy ${percent(trainAccuracy)} and ${percent(testAccuracy)}`;
  return `epoch ${whole(epoch)}, ${figures}${state === "diverged" ? "; the run had diverged" : ""}.`;
}
