/** The notebook as the person sees it: a row for every run, to go back to, to compare, to take along. */
import { save } from "../page/files.mjs";
import { page } from "../page/page.mjs";
import { loss, percent, whole } from "../page/readouts.mjs";
import { versus } from "../run/difference.mjs";
import { named, make, write } from "../shell/making.mjs";
import { inside } from "../shell/elements.mjs";
import { element, IDS } from "../shell/ids.mjs";
import { tell } from "../shell/notices.mjs";
import { numberIn } from "../shell/typed.mjs";
import { Book, NOTE_MOST, robustAccuracy } from "./book.mjs";
import { Recorder } from "./recorder.mjs";
import { tableOf } from "./table.mjs";

/** @typedef {import("./book.mjs").Row} Row */

const NAMED = 4;
const NOTHING = "–";
const SHOW_MS = 500;
/** @type {Record<string, (row: Row) => string>} */
const FIGURES = {
  Epochs: ({ epochs }) => whole(epochs),
  "Training, s": ({ seconds }) => seconds.toFixed(1),
  "Train loss": ({ metrics }) => loss(metrics.train_loss),
  "Test loss": ({ metrics }) => loss(metrics.test_loss),
  "Train accuracy": ({ metrics }) => percent(metrics.train_accuracy),
  "Test accuracy": ({ metrics }) => percent(metrics.test_accuracy),
};

/**
 * What differs from the row before, in words.
 * @param {Row} row
 * @param {Row|undefined} before
 */
function differs(row, before) {
  if (!before) return "the first";
  const paths = Object.keys(row.fields).filter((path) => (row.fields[path] ?? "") !== (before.fields[path] ?? ""));
  const words = paths.slice(0, NAMED).map((path) => `${named(path)} ${row.fields[path] || NOTHING}`);
  const more = paths.length - NAMED;
  return words.length > 0 ? words.join(", ") + (more > 0 ? `, and ${more} more` : "") : "the same settings";
}

class Notebook {
  constructor() {
    this.dialog = /** @type {HTMLDialogElement} */ (element(IDS.NOTEBOOK));
    this.body = inside(this.dialog, "tbody");
    this.epsilon = /** @type {HTMLInputElement} */ (element(IDS.NOTEBOOK_EPSILON));
    this.norm = /** @type {HTMLSelectElement} */ (element(IDS.NOTEBOOK_NORM));
    this.compareButton = /** @type {HTMLButtonElement} */ (element(IDS.NOTEBOOK_COMPARE));
    this.book = new Book(
      (text) => tell("warning", text),
      () => this.#soon(),
    );
    new Recorder(page, this.book, () => this.#soon());
    /** @type {Set<Row>} */
    this.marked = new Set();
    /** The elements of each row. @type {Map<Row, Line>} */
    this.lines = new Map();
    this.timer = 0;
    element(IDS.NOTEBOOK_OPEN).addEventListener("click", () => this.open());
    element(IDS.NOTEBOOK_CLOSE).addEventListener("click", () => this.dialog.close());
    element(IDS.NOTEBOOK_CSV).addEventListener("click", () => this.#save());
    this.compareButton.addEventListener("click", () => this.#compare());
    this.epsilon.addEventListener("input", () => this.show());
    this.norm.addEventListener("change", () => this.show());
    this.dialog.addEventListener("click", (event) => event.target === this.dialog && this.dialog.close());
  }

  open() {
    this.show();
    this.dialog.showModal();
  }

  /** The radius that was typed, NaN where it is none. */
  get radius() {
    const value = numberIn(this.epsilon.value);
    return value > 0 ? value : NaN;
  }

  #soon() {
    if (!this.dialog.open || this.timer) return;
    this.timer = setTimeout(() => {
      this.timer = 0;
      this.show();
    }, SHOW_MS);
  }

  show() {
    const { rows } = this.book;
    for (const [row, line] of this.lines) {
      if (rows.includes(row)) continue;
      line.element.remove();
      this.lines.delete(row);
      this.marked.delete(row);
    }
    rows.forEach((row, index) => {
      const line = this.lines.get(row) ?? this.#add(row);
      line.show(index, rows[index - 1], this.radius, this.norm.value);
    });
    this.dialog.toggleAttribute("data-empty", rows.length === 0);
    const wrong = Number.isNaN(this.radius);
    this.epsilon.setAttribute("aria-invalid", String(wrong));
    write(element(IDS.NOTEBOOK_WRONG), wrong ? `ε: expected a number above 0 such as 0.5, got "${this.epsilon.value}".` : "");
    this.compareButton.disabled = this.marked.size !== 2;
  }

  /** @param {Row} row */
  #add(row) {
    const line = new Line(row, {
      back: () => this.#back(row),
      mark: (marked) => this.#mark(row, marked),
      note: (text) => {
        row.note = text;
        this.book.keep(row);
      },
      remove: () => {
        this.book.remove(row);
        this.show();
        this.dialog.focus();
      },
    });
    this.lines.set(row, line);
    this.body.append(line.element);
    return line;
  }

  /** @param {Row} row @param {boolean} marked */
  #mark(row, marked) {
    if (marked) this.marked.add(row);
    else this.marked.delete(row);
    this.show();
  }

  /** Bring a run back, trained as far as it was. @param {Row} row */
  #back(row) {
    this.dialog.close();
    page.visit(page.access.kept(withEpoch(row.search, row.epochs)), false);
  }

  #compare() {
    const [one, other] = this.book.rows.filter((row) => this.marked.has(row));
    const second = versus({ fields: one.fields, query: one.search }, { fields: other.fields, query: other.search });
    this.dialog.close();
    page.visit(withEpoch([one.search, second].filter(Boolean).join("&"), Math.min(one.epochs, other.epochs)), false);
  }

  #save() {
    const text = tableOf(this.book.rows, this.radius, this.norm.value);
    save(new Blob([text], { type: "text/csv" }), "spiral-notebook.csv");
  }
}

/** @param {string} search @param {number} epoch */
const withEpoch = (search, epoch) => [search, `epoch=${epoch}`].filter(Boolean).join("&");

/** One row on the page. */
class Line {
  /**
   * @param {Row} row
   * @param {{back: () => void, mark: (marked: boolean) => void, note: (text: string) => void, remove: () => void}} acts
   */
  constructor(row, acts) {
    this.row = row;
    this.box = make("input", { type: "checkbox", className: "form-check-input" });
    this.box.addEventListener("change", () => acts.mark(this.box.checked));
    this.picture = make("img", { width: 56, height: 56, alt: "" });
    this.back = make("button", { type: "button", className: "btn btn-quiet btn-small notebook-back", title: "Show this run again, trained as far as it was" });
    this.back.addEventListener("click", acts.back);
    this.figures = [...Object.keys(FIGURES), "robust"].map(() => make("td"));
    this.note = make("input", { type: "text", className: "form-control form-control-sm", maxLength: NOTE_MOST, value: row.note });
    this.note.addEventListener("input", () => acts.note(this.note.value));
    this.remove = make("button", { type: "button", className: "btn btn-quiet btn-small", textContent: "Delete" });
    this.remove.addEventListener("click", acts.remove);
    const cells = [this.box, this.picture].map((child) => make("td", {}, child));
    this.element = make("tr", {}, ...cells, make("th", { scope: "row" }, this.back), ...this.figures, make("td", {}, this.note), make("td", {}, this.remove));
  }

  /** @param {number} index @param {Row|undefined} before @param {number} radius @param {string} norm */
  show(index, before, radius, norm) {
    const { row } = this;
    const name = `run ${index + 1}`;
    write(this.back, `${index + 1}: ${differs(row, before)}`);
    this.box.setAttribute("aria-label", `Mark ${name}`);
    this.note.setAttribute("aria-label", `Note on ${name}`);
    this.remove.setAttribute("aria-label", `Delete ${name}`);
    this.picture.hidden = row.picture === "";
    this.picture.alt = `Decision boundary of ${name}`;
    if (row.picture && this.picture.src !== row.picture) this.picture.src = row.picture;
    Object.values(FIGURES).forEach((figure, place) => write(this.figures[place], figure(row)));
    write(/** @type {HTMLElement} */ (this.figures.at(-1)), percent(robustAccuracy(row, radius, norm)));
  }
}

export function startNotebook() {
  new Notebook();
}
