/** What is known of the data on screen: a row a fact, each with its help, and what limits the run. */
import { short } from "../plot/short.mjs";
import { inside } from "./elements.mjs";
import { element, IDS } from "./ids.mjs";

/** Characters and significant digits of a fact. */
const [FACT_ROOM, FACT_DIGITS] = [9, 4];
const WHOLE = new Intl.NumberFormat("en-GB");
const PERCENT = new Intl.NumberFormat("en-GB", { style: "percent", maximumFractionDigits: 1 });
const NOTHING = "–";
const NO_TEST = "No test points: what is measured on the test set is measured on the training set.";

/**
 * @typedef {object} Row
 * @property {string} name
 * @property {string} label
 * @property {string} text the value
 * @property {string} [unit]
 * @property {string} about what it is, in a sentence
 * @property {string[]} [list] what belongs below the value
 */

/** @typedef {import("../stream/state.mjs").Geometry} Data what a frame says of the data */

/** What the page showed last. @type {Data|null} */
let shown = null;

/** @param {string} kind */
function make(kind, className = "", text = "") {
  const made = document.createElement(kind);
  made.className = className;
  made.textContent = text;
  return made;
}

/** Training and test points in all. @param {Data} data */
const totals = ({ counts }) => counts.reduce(([train, test], [more, others]) => [train + more, test + others], [0, 0]);

/** @param {Data} data @returns {Row} */
function pointsRow(data) {
  const [train, test] = totals(data).map((count) => WHOLE.format(count));
  return {
    name: "points",
    label: "Points",
    text: data.has_test ? `${train} + ${test}` : train,
    unit: data.has_test ? "train + test" : "all to train",
    about: data.has_test ? "Points to train on, and points that are only tested." : NO_TEST,
  };
}

/** @param {Data} data @returns {Row} */
function classesRow({ class_names: names, counts, has_test: hasTest }) {
  /** @param {[number, number]} values */
  const count = ([train, test]) => (hasTest ? `${WHOLE.format(train)} + ${WHOLE.format(test)}` : WHOLE.format(train));
  return {
    name: "classes",
    label: "Classes",
    text: String(names.length),
    about: `The names of the classes, each with its ${hasTest ? "training and test points" : "points"}.`,
    list: names.map((name, index) => `${name}: ${count(counts[index])}`),
  };
}

/** @param {Data} data @returns {Row[]} */
function planeRows({ dimension, explained, feature_names: names }) {
  const plane = { name: "plane", label: "Plane on screen" };
  if (dimension <= 2) {
    return [{ ...plane, text: names.join(", "), about: "The pictures show the numbers of a point as they are." }];
  }
  return [
    {
      name: "dimension",
      label: "Numbers a point",
      text: WHOLE.format(dimension),
      about: "How many numbers the network is given of each point.",
    },
    explained === null
      ? { ...plane, text: "exact", about: "The pictures show the plane that the points were drawn in; only noise leaves it." }
      : {
          ...plane,
          text: PERCENT.format(explained),
          unit: "of variance",
          about: `The pictures show the plane of largest variance through the mean of the training points. It holds ${PERCENT.format(explained)} of their variance.`,
        },
  ];
}

/** @param {Data} data @returns {Row[]} */
const rowsOf = (data) => [
  ...data.facts.map(({ name, label, value, unit, about }) => ({
    name,
    label,
    text: value === null ? NOTHING : short(value, FACT_ROOM, FACT_DIGITS),
    unit,
    about,
  })),
  pointsRow(data),
  classesRow(data),
  ...planeRows(data),
];

/** Sentences on what the pictures leave out and what cannot be reached. @param {Data} data */
function notesOf(data) {
  const words = ["training", "test"];
  const thinned = totals(data)
    .map((all, part) => ({ all, part, sent: data.shown[part] }))
    .filter(({ all, part, sent }) => sent < all && (part === 0 || data.has_test))
    .map(({ all, part, sent }) => `${WHOLE.format(sent)} of ${WHOLE.format(all)} ${words[part]} points`);
  const notes = [];
  if (thinned.length > 0) notes.push(`${thinned.join(" and ")} are shown: a sample, the same for the same seed.`);
  if (!data.has_test) notes.push(NO_TEST);
  if ((data.known.contradictions ?? 0) > 0) {
    notes.push("Some places carry more than one label: an accuracy of 100 % on all points is out of reach.");
  }
  return notes;
}

/** @param {Row} row */
function rowOf({ name, label, text, unit, about, list }) {
  const row = make("div", "fact");
  const term = make("dt", "", label);
  const value = make("dd");
  const number = make("span", "", text);
  number.id = `fact-${name}`;
  value.append(number);
  if (unit) value.append(make("span", "dial-unit", unit));
  if (about) {
    const help = make("span", "visually-hidden", about);
    help.id = `fact-help-${name}`;
    const button = make("button", "hint-button", "?");
    button.setAttribute("type", "button");
    button.dataset.hint = help.id;
    button.setAttribute("aria-label", `About ${label}`);
    button.setAttribute("aria-describedby", help.id);
    term.append(button, help);
  }
  row.append(term, value);
  if (list) {
    const items = make("ul", "fact-list");
    items.append(...list.map((each) => Object.assign(make("li", "", each), { title: each })));
    value.append(items);
  }
  return row;
}

/**
 * The readouts of the test set say which points they are measured on.
 * @param {boolean} hasTest
 */
function nameReadouts(hasTest) {
  for (const [id, what] of [
    [IDS.TEST_LOSS, "loss"],
    [IDS.TEST_ACCURACY, "accuracy"],
  ]) {
    const stat = /** @type {HTMLElement} */ (element(id).closest(".stat"));
    inside(stat, "dt button").textContent = hasTest ? `Test ${what}` : `Test = train ${what}`;
    stat.title = hasTest ? "" : NO_TEST;
  }
}

/** @param {Data} data the same object as long as it is the same */
export function showFacts(data) {
  if (!data?.facts || data === shown) return;
  shown = data;
  element(IDS.FACTS).replaceChildren(...rowsOf(data).map(rowOf));
  element(IDS.FACT_NOTES).replaceChildren(...notesOf(data).map((note) => make("li", "", note)));
  nameReadouts(data.has_test);
  // Features are functions of the plane: elsewhere there are none to choose.
  document.documentElement.dataset.plane = String(data.dimension === 2);
}
