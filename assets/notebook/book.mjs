/** The runs that were trained in this browser, a row of the notebook each, kept from visit to visit. */
import { recall } from "../shell/storage.mjs";

/**
 * Radii within which test points are proved to keep their class, ascending.
 * @typedef {{epoch: number, norm: string, most: number, radii: number[]}} Proof `most` is the largest radius tried
 *
 * @typedef {object} Row
 * @property {string} id of its session and run
 * @property {string} search its settings, as an address
 * @property {Record<string, string|null>} fields every setting as an address writes it
 * @property {number} epochs
 * @property {number} seconds of training that were watched
 * @property {Record<string, number|null>} metrics after the last epoch
 * @property {Proof|null} proof
 * @property {string} picture of its boundary, as a data URL, "" for none
 * @property {string} note
 */

const NAME = "spiral-dash-notebook";
/** Milliseconds until it is written down, and while a run trains. */
const SOON = 1000;
const TRAINING = 10_000;
export const ROWS_MOST = 100;
export const NOTE_MOST = 500;
const FULL = `The notebook holds ${ROWS_MOST} runs. The oldest without a note made room for this one.`;
const CROWDED = `The notebook holds ${ROWS_MOST} runs with notes of your own, so this run is not added. Delete some rows.`;
const NO_ROOM = "The browser has no room to keep the notebook: what is in it now is gone with this page. Delete some rows.";

/** @param {unknown} value @returns {value is Row} */
function isRow(value) {
  if (typeof value !== "object" || value === null) return false;
  const { id, search, fields, epochs, seconds, metrics, picture, note } = /** @type {Row} */ (value);
  const texts = [id, search, picture, note].every((text) => typeof text === "string");
  return texts && Number.isFinite(epochs) && Number.isFinite(seconds) && Boolean(fields) && Boolean(metrics) && /^(data:image\/|$)/.test(picture);
}

export class Book {
  /**
   * @param {(text: string) => void} say tells the person
   * @param {() => void} changed called when another tab has written
   */
  constructor(say, changed) {
    this.say = say;
    this.rows = read();
    this.said = "";
    this.timer = 0;
    this.writesAt = Infinity;
    /** What this tab has to write: rows that are others than those kept. @type {Set<Row>} */
    this.touched = new Set();
    /** Settings under which rows are kept that this tab has deleted. @type {Set<string>} */
    this.removed = new Set();
    /** Settings under which a row was read or written last: those of a run change as it trains. @type {WeakMap<Row, string>} */
    this.kept = new WeakMap();
    this.#know();
    window.addEventListener("pagehide", () => this.write());
    document.addEventListener("visibilitychange", () => document.hidden && this.write());
    window.addEventListener("storage", ({ key }) => {
      if (key !== NAME) return;
      this.#merge();
      changed();
    });
  }

  /** @param {string} id */
  find(id) {
    return this.rows.find((row) => row.id === id);
  }

  /** @param {Row} row */
  add(row) {
    if (this.rows.length >= ROWS_MOST) {
      const oldest = this.rows.findIndex(({ note }) => note === "");
      this.#once(oldest < 0 ? CROWDED : FULL);
      if (oldest < 0) return;
      this.rows.splice(oldest, 1);
    }
    this.rows.push(row);
    this.keep(row);
  }

  /** @param {Row} row */
  remove(row) {
    this.rows = this.rows.filter((each) => each !== row);
    this.removed.add(this.#nameOf(row));
    this.touched.delete(row);
    this.said = "";
    this.#writeIn(SOON);
  }

  /** Write a row down: soon, or while its run trains, less soon. @param {Row} row @param {boolean} [trains] */
  keep(row, trains = false) {
    this.touched.add(row);
    this.removed.delete(row.search);
    this.#writeIn(trains ? TRAINING : SOON);
  }

  /** @param {number} milliseconds */
  #writeIn(milliseconds) {
    const at = performance.now() + milliseconds;
    if (at >= this.writesAt) return;
    this.writesAt = at;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.write(), milliseconds);
  }

  write() {
    clearTimeout(this.timer);
    this.writesAt = Infinity;
    if (this.touched.size === 0 && this.removed.size === 0) return;
    this.#merge();
    try {
      localStorage.setItem(NAME, JSON.stringify(this.rows));
      this.#know();
      this.touched.clear();
      this.removed.clear();
    } catch {
      this.#once(NO_ROOM);
    }
  }

  /** @param {Row} row */
  #nameOf(row) {
    return this.kept.get(row) ?? row.search;
  }

  /** The rows are kept as they are. */
  #know() {
    for (const row of this.rows) this.kept.set(row, row.search);
  }

  /** Take over what other tabs have written: a row of the same settings is the same run. */
  #merge() {
    const mine = new Map(this.rows.map((row) => [this.#nameOf(row), row]));
    const rows = read()
      .filter(({ search }) => !this.removed.has(search))
      .map((theirs) => {
        const own = mine.get(theirs.search);
        mine.delete(theirs.search);
        if (own && this.touched.has(own)) return own;
        const row = own ? Object.assign(own, theirs) : theirs;
        this.kept.set(row, row.search);
        return row;
      });
    const added = [...mine.values()].filter((row) => this.touched.has(row));
    this.rows = [...rows, ...added].slice(-ROWS_MOST);
  }

  /** @param {string} text */
  #once(text) {
    if (text !== this.said) this.say(text);
    this.said = text;
  }
}

/** @returns {Row[]} */
function read() {
  try {
    const rows = JSON.parse(recall(NAME) ?? "[]");
    return Array.isArray(rows) ? rows.filter(isRow).slice(-ROWS_MOST) : [];
  } catch {
    return [];
  }
}

/**
 * The share of test points that are proved to keep their class within a radius, null where that is not known.
 * @param {Row} row
 * @param {number} epsilon
 * @param {string} norm
 */
export function robustAccuracy({ proof, epochs }, epsilon, norm) {
  if (!proof || proof.epoch !== epochs || proof.norm !== norm || !(epsilon > 0) || epsilon > proof.most) return null;
  return proof.radii.filter((radius) => radius >= epsilon).length / proof.radii.length;
}
