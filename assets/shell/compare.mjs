/** The strip above two compared runs: what differs, the figures of both, and which of them the dials turn. */
import { loss, percent, whole } from "../page/readouts.mjs";
import { page } from "../page/page.mjs";
import { differences } from "../run/difference.mjs";
import { element, IDS } from "./ids.mjs";
import { make, named, write } from "./making.mjs";

/**
 * @typedef {import("../run/run.mjs").RunView} RunView
 * @typedef {import("../stream/state.mjs").Status} Status
 */

/** So many differences are named, the others counted. */
const NAMED = 3;
const NOTHING = "–";
const NAMES = ["A", "B"];

/** @type {Record<string, (status: Status) => string>} */
const FIGURES = {
  Epoch: ({ shown_epoch }) => whole(shown_epoch),
  "Train loss": ({ metrics }) => loss(metrics.train_loss),
  "Test loss": ({ metrics }) => loss(metrics.test_loss),
  "Train accuracy": ({ metrics }) => percent(metrics.train_accuracy),
  "Test accuracy": ({ metrics }) => percent(metrics.test_accuracy),
};

/** @param {RunView} one @param {RunView} other @returns {[string, string][]} what each of them is, setting by setting */
function told(one, other) {
  if (!one.config || !other.config) return [];
  return differences(one.config, other.config).map(({ path, one: before, other: after }) => [
    `${named(path)} ${before || NOTHING}`,
    `${named(path)} ${after || NOTHING}`,
  ]);
}

/** @param {string[]} words */
function inShort(words) {
  const more = words.length - NAMED;
  return words.slice(0, NAMED).join(", ") + (more > 0 ? `, and ${more} more` : "");
}

class Strip {
  constructor() {
    this.section = element(IDS.COMPARE);
    this.button = element(IDS.COMPARE_OPEN);
    /** @type {Record<string, HTMLInputElement>} */
    this.radios = {};
    /** @type {{words: HTMLElement, figures: HTMLElement[]}[]} */
    this.rows = [];
    /** The configurations whose differences are named. @type {unknown[]} */
    this.named = [];
    this.section.append(this.#turned(), this.#table(), this.#actions());
    this.button.addEventListener("click", () => this.toggle());
    window.addEventListener("spiral-dash:compared", () => this.show());
    window.addEventListener("spiral-dash:painted", () => this.#follow());
    this.show();
  }

  #turned() {
    const choices = Object.entries({ a: "A", b: "B", both: "both" }).map(([value, text]) => {
      const radio = make("input", { type: "radio", name: "turned", value, className: "form-check-input" });
      radio.addEventListener("change", () => this.turn(/** @type {"a"|"b"|"both"} */ (value)));
      this.radios[value] = radio;
      return make("label", { className: "compare-choice" }, radio, text);
    });
    return make("fieldset", { className: "compare-turned" }, make("legend", { textContent: "Dials turn" }), ...choices);
  }

  #table() {
    const heads = ["Run", "What differs", ...Object.keys(FIGURES)].map((textContent) => make("th", { textContent, scope: "col" }));
    const body = NAMES.map((name) => {
      const words = make("td", { className: "compare-words" });
      const figures = Object.keys(FIGURES).map(() => make("td", { textContent: NOTHING }));
      this.rows.push({ words, figures });
      const badge = make("span", { className: "run-badge", textContent: name });
      badge.dataset.run = name;
      return make("tr", {}, make("th", { scope: "row" }, badge), words, ...figures);
    });
    return make("table", { className: "compare-figures" }, make("thead", {}, make("tr", {}, ...heads)), make("tbody", {}, ...body));
  }

  #actions() {
    /** @type {[string, string, () => unknown][]} */
    const actions = [
      ["Swap", "Run A becomes B, and B becomes A", () => page.swap()],
      ["Copy A to B", "Run B becomes what A is", () => page.copy(page.runs.first)],
      ["Copy B to A", "Run A becomes what B is", () => page.copy(/** @type {RunView} */ (page.runs.second))],
      ["End", "Go on with run A alone", () => this.toggle()],
    ];
    const buttons = actions.map(([textContent, title, act]) => {
      const button = make("button", { type: "button", className: "btn btn-quiet btn-small", textContent, title });
      button.addEventListener("click", act);
      return button;
    });
    return make("div", { className: "compare-actions" }, ...buttons);
  }

  /** Begin to compare, with a copy of the run that the dials turn from now on; or end it. */
  async toggle() {
    const { first, second } = page.runs;
    if (second) {
      page.endComparison();
      this.button.focus();
    } else if (first.config) {
      await page.compare(first.config.query);
      if (page.runs.second) this.turn("b");
    }
  }

  /** @param {"a"|"b"|"both"} which run the dials turn */
  turn(which) {
    page.runs.turned = which;
    page.form.clear();
    page.form.follow();
    this.show();
  }

  show() {
    const { second, turned } = page.runs;
    this.button.setAttribute("aria-pressed", String(second !== null));
    document.documentElement.toggleAttribute("data-compared", second !== null);
    if (this.section.hidden !== !second) this.section.hidden = !second;
    if (second) this.radios[turned].checked = true;
    this.#follow();
  }

  #follow() {
    const { first, second, all } = page.runs;
    if (!second) return;
    this.#name(first, second);
    all.forEach(({ state: { status } }, index) => {
      const { figures } = this.rows[index];
      Object.values(FIGURES).forEach((figure, place) => write(figures[place], status ? figure(status) : NOTHING));
    });
  }

  /** Name what differs. @param {RunView} first @param {RunView} second */
  #name(first, second) {
    const configs = [first.config, second.config];
    if (configs.every((config, index) => config === this.named[index])) return;
    this.named = configs;
    const words = told(first, second);
    this.rows.forEach((row, index) => {
      const mine = words.map((pair) => pair[index]);
      write(row.words, mine.length > 0 ? inShort(mine) : "nothing differs yet: turn a dial");
      row.words.title = mine.join("\n");
    });
  }
}

export function startCompare() {
  new Strip();
}
