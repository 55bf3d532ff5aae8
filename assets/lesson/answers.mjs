/** What a person answered in a lesson, which the browser keeps. */
import { recall, remember } from "../shell/storage.mjs";

const LENGTH_MAX = 4000;

/**
 * What was on screen with an answer.
 *
 * @typedef {object} Seen
 * @property {number} epoch
 * @property {string} state
 * @property {(number|null)[]} metrics loss and accuracy in training and test, as the page orders them
 * @property {string} address
 */

/**
 * @typedef {object} Answer
 * @property {string} kind of the question
 * @property {string} text a choice by its place, a number as it was typed, or a text
 * @property {boolean} predicted whether it was given before the run was played
 * @property {boolean} played whether it has been played since
 * @property {boolean} shown whether what is right has been shown
 * @property {Seen|null} seen
 */

/** @param {unknown} value @returns {value is Record<string, unknown>} */
const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

/** @param {unknown} found @returns {found is Answer} */
function isAnswer(found) {
  return (
    isObject(found) &&
    typeof found.kind === "string" &&
    typeof found.text === "string" &&
    found.text.length <= LENGTH_MAX &&
    [found.predicted, found.played, found.shown].every((each) => typeof each === "boolean") &&
    (found.seen === null || isSeen(found.seen))
  );
}

/** @param {unknown} found @returns {found is Seen} */
function isSeen(found) {
  return (
    isObject(found) &&
    typeof found.epoch === "number" &&
    typeof found.state === "string" &&
    typeof found.address === "string" &&
    Array.isArray(found.metrics) &&
    found.metrics.every((each) => each === null || typeof each === "number")
  );
}

/** @param {unknown} found @returns {found is number} */
const isPlace = (found) => Number.isInteger(found) && Number(found) >= 0;

/** The answers of one lesson, by the titles of their steps, and the way that was taken. */
export class Answers {
  /** @param {string} name of the lesson */
  constructor(name) {
    this.key = `spiral-dash-lesson:${name}`;
    /** @type {Map<string, Answer>} */
    this.byStep = new Map();
    /** The places of the steps that were gone through before this one. @type {number[]} */
    this.way = [];
    this.author = "";
    this.#read();
  }

  /** Take what is kept, and of that only what is of use. */
  #read() {
    /** @type {unknown} */
    let kept;
    try {
      kept = JSON.parse(recall(this.key) ?? "{}");
    } catch {
      return;
    }
    if (!isObject(kept)) return;
    if (isObject(kept.answers)) for (const [title, answer] of Object.entries(kept.answers)) if (isAnswer(answer)) this.byStep.set(title, answer);
    if (Array.isArray(kept.way)) this.way = kept.way.filter(isPlace);
    if (typeof kept.author === "string") this.author = kept.author.slice(0, LENGTH_MAX);
  }

  /** @param {string} title of a step */
  of(title) {
    return this.byStep.get(title) ?? null;
  }

  /** @param {string} title @param {Answer} answer */
  set(title, answer) {
    this.byStep.set(title, { ...answer, text: answer.text.slice(0, LENGTH_MAX) });
    this.keep();
  }

  keep() {
    const { way, author } = this;
    remember(this.key, JSON.stringify({ answers: Object.fromEntries(this.byStep), way, author }));
  }

  forget() {
    this.byStep.clear();
    this.way = [];
    this.keep();
  }
}
