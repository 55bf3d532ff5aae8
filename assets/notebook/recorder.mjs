/** Writes into the notebook what is trained on this page. */
import { Plane } from "../plot/plane.mjs";

/**
 * @typedef {import("../page/page.mjs").Page} Page
 * @typedef {import("../page/panel.mjs").View} View
 * @typedef {import("../run/run.mjs").RunView} RunView
 * @typedef {import("./book.mjs").Book} Book
 * @typedef {import("./book.mjs").Row} Row
 */

/** CSS pixels of a side of the picture. */
const SIDE = 56;
/** Milliseconds between two pictures of a run that plays. */
const PICTURE_MS = 2000;
/** Longer between two frames, in seconds, nobody looked on. */
const LOOKED_AWAY = 5;
const DIGITS = 5;

/** @param {RunView} run */
const idOf = (run) => `${run.token.slice(0, 16)}:${run.state.status?.run}`;

export class Recorder {
  /** @param {Page} page @param {Book} book @param {() => void} changed */
  constructor(page, book, changed) {
    this.page = page;
    this.book = book;
    this.changed = changed;
    this.plane = new Plane();
    this.canvas = Object.assign(document.createElement("canvas"), { width: SIDE, height: SIDE });
    /** When each row's run was seen training last, and when its picture was taken. @type {WeakMap<Row, {seenAt: number, takenAt: number}>} */
    this.times = new WeakMap();
    window.addEventListener("spiral-dash:painted", () => this.record());
  }

  record() {
    for (const run of this.page.runs.all) this.#record(run);
  }

  /** @param {RunView} run */
  #record(run) {
    const { status } = run.state;
    if (!status || !run.config || run.config.run !== status.run || !run.token) return;
    const row = this.#rowOf(run);
    if (!row || row.epochs > status.epoch) return;
    const times = this.times.get(row) ?? { seenAt: 0, takenAt: -Infinity };
    this.times.set(row, times);
    const now = performance.now();
    const trains = status.state === "playing";
    const passed = (now - times.seenAt) / 1000;
    const isNew = status.epoch > row.epochs;
    if (isNew && times.seenAt > 0 && passed < LOOKED_AWAY) row.seconds += passed;
    times.seenAt = trains ? now : 0;
    const { train_loss, test_loss, train_accuracy, test_accuracy } = status.metrics;
    if (status.seeking === null) Object.assign(row, { epochs: status.epoch, metrics: { train_loss, test_loss, train_accuracy, test_accuracy } });
    Object.assign(row, { search: run.config.query, fields: run.config.fields });
    if (status.seeking === null) this.#look(run, row, !trains || now - times.takenAt > PICTURE_MS, times);
    this.book.keep(row, trains);
    this.changed();
  }

  /** The run's row, also where it has come back; a new one once it has been trained. @param {RunView} run */
  #rowOf(run) {
    const id = idOf(run);
    const there = this.book.find(id);
    const epochs = run.state.status?.epoch ?? 0;
    if (there || epochs === 0 || !run.config) return there;
    const { query: search, fields } = run.config;
    // The same settings are the same run, to the last bit.
    const same = this.book.rows.find((row) => row.search === search);
    if (same) return Object.assign(same, { id });
    this.book.add({ id, search, fields, epochs: 0, seconds: 0, metrics: {}, proof: null, picture: "", note: "" });
    return this.book.find(id);
  }

  /**
   * Take what its panels have measured.
   * @param {RunView} run
   * @param {Row} row
   * @param {boolean} draws whether a picture is to be taken
   * @param {{takenAt: number}} times
   */
  #look(run, row, draws, times) {
    for (const { view } of this.page.paintable.filter((panel) => panel.run === run)) {
      for (const [name, { probe, options }] of Object.entries(view?.asked ?? {})) {
        const arrays = view?.parts[name];
        if (!view || !arrays || view.measuredAt[name] !== row.epochs) continue;
        if (probe === "boundary" && draws && arrays.x1) {
          row.picture = this.#picture(view, arrays);
          times.takenAt = performance.now();
        }
        if (probe === "exact_robustness" && options.proof !== "one-shot" && arrays.radius_lower && !arrays.cancelled?.data[0]) {
          const radii = Array.from(arrays.radius_lower.data, (radius) => Number(radius.toPrecision(DIGITS))).sort((a, b) => a - b);
          row.proof = { epoch: row.epochs, norm: options.norm ?? "linf", most: Math.max(...arrays.epsilons.data), radii };
        }
      }
    }
  }

  /** @param {View} view @param {import("../page/panel.mjs").Arrays} grid */
  #picture(view, grid) {
    const { centre: [x1, x2], extent: half } = view.geometry;
    const rate = SIDE / (2 * half);
    const [ax, bx, ay, by] = [rate, SIDE / 2 - rate * x1, -rate, SIDE / 2 + rate * x2];
    const area = { left: 0, top: 0, width: SIDE, height: SIDE, scale: 1, ax, bx, ay, by, x: (/** @type {number} */ x) => ax * x + bx, y: (/** @type {number} */ y) => ay * y + by };
    const context = /** @type {CanvasRenderingContext2D} */ (this.canvas.getContext("2d"));
    // Pictures of one notebook look alike, in whichever theme they were taken.
    context.fillStyle = "#fff";
    context.fillRect(0, 0, SIDE, SIDE);
    this.plane.paintClasses(context, area, grid, { ...view, options: {} });
    return this.canvas.toDataURL("image/jpeg", 0.8);
  }
}
