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
  /** @param {(text: string) => void} say tells the person */
  constructor(say) {
    this.say = say;
    this.rows = read();
    this.said = "";
    this.timer = 0;
    window.addEventListener("pagehide", () => this.write());
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
    this.keep();
  }

  /** @param {Row} row */
  remove(row) {
    this.rows = this.rows.filter((each) => each !== row);
    this.said = "";
    this.keep();
  }

  /** Write it down soon. */
  keep() {
    this.timer ||= setTimeout(() => this.write(), 1000);
  }

  write() {
    clearTimeout(this.timer);
    this.timer = 0;
    try {
      localStorage.setItem(NAME, JSON.stringify(this.rows));
    } catch {
      this.#once(NO_ROOM);
    }
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
