/**
 * What is painted, and when: a frame with the browser's next picture, Plotly's part a little at a time.
 */
import { readTheme, watchTheme } from "../plot/theme.mjs";
import { dispatch } from "../shell/elements.mjs";
import { writeReadouts } from "./readouts.mjs";

/**
 * @typedef {import("../run/run.mjs").RunView} RunView
 * @typedef {import("../stream/state.mjs").Status} Status
 * @typedef {import("./panel.mjs").Panel} Panel
 */

const PAINTS_AVERAGED = 60;
const RETRY_MS = 50;
/** Milliseconds of a picture after which no further call of Plotly is begun. */
const PLOTLY_MS = 8;
/** While something moves, so many times as long as Plotly was called it is not. */
const PLOTLY_REST = 3;
const POSTPONED_MS = 150;

export class Painting {
  /** @param {import("./page.mjs").Page} page whose runs and panels are painted */
  constructor(page) {
    this.page = page;
    this.scheduled = false;
    /** Milliseconds that taking in a frame has taken, by the run whose frame is to be painted. @type {Map<RunView, number>} */
    this.fresh = new Map();
    /** Whose next frame is allowed with the next picture. @type {Set<RunView>} */
    this.owed = new Set();
    this.frames = 0;
    /** @type {number[]} */
    this.times = [];
    /** What has been painted of the first run. @type {Status|null} */
    this.status = null;
    /** The same of the second run. @type {Status|null} */
    this.beside = null;
    /** @type {import("../plot/theme.mjs").Theme|null} */
    this.theme = null;
    this.points = 0;
    /** When Plotly may be called again, in milliseconds. */
    this.plotlyAt = 0;
    /** What is done once the next picture is there. @type {(() => void)|null} */
    this.postponed = null;
    watchTheme(() => this.#themeChanged());
  }

  /**
   * A frame has arrived.
   * @param {RunView} run
   * @param {number} took milliseconds to take it in
   */
  take(run, took) {
    // The next one is made while this one waits for the browser's picture, and no more than that.
    if (this.fresh.has(run) || this.page.runs.lockstep) this.owed.add(run);
    else run.credit();
    this.fresh.set(run, took);
  }

  /** Another session follows, of which nothing has been painted. @param {RunView} run */
  forget(run) {
    this.fresh.delete(run);
    if (run === this.page.run) this.status = null;
  }

  /**
   * Do something that would keep the browser from its next picture, after it, or soon where none comes.
   * @param {() => void} action in place of one that is still to be done
   */
  after(action) {
    if (!this.postponed) setTimeout(() => this.#catchUp(), POSTPONED_MS);
    this.postponed = action;
  }

  #catchUp() {
    const action = this.postponed;
    this.postponed = null;
    action?.();
  }

  /** Paint with the browser's next picture. */
  repaint() {
    if (this.scheduled) return;
    this.scheduled = true;
    requestAnimationFrame(() => this.#paint());
  }

  #paint() {
    const { page } = this;
    this.scheduled = false;
    const started = performance.now();
    // The next ones are made while these are painted.
    if (this.owed.size > 0) page.runs.credit([...this.owed]);
    this.owed.clear();
    this.theme ??= readTheme();
    const panels = page.paintable;
    for (const panel of panels) panel.prepare(this.theme);
    this.#payDebts(panels);
    for (const panel of panels) panel.paint();
    page.opening.paint(page.run.state, this.theme);
    page.opening.follow(panels);
    this.#painted(started);
    if (panels.some((panel) => panel.debtors.length > 0)) this.repaint();
    // Plotly draws a graph some time after its card appears.
    else if (panels.some((panel) => panel.waiting)) setTimeout(() => this.repaint(), RETRY_MS);
  }

  /**
   * Call Plotly where it is needed, a few graphs with each picture: all at once would be felt as a
   * halt. The picture of other data does not wait for any, and while something moves Plotly rests
   * between its calls.
   * @param {Panel[]} panels
   */
  #payDebts(panels) {
    const { pointsSerial } = this.page.run.state;
    const others = pointsSerial !== this.points;
    this.points = pointsSerial;
    if (others && panels.some((panel) => panel.isDrawn)) return;
    const begun = performance.now();
    const rests = begun < this.plotlyAt && panels.some(({ playing }) => playing);
    for (const panel of panels) {
      for (const frame of panel.debtors) {
        // On another structure nothing can be painted before.
        if (rests && frame.structured) continue;
        panel.pay(frame);
        const now = performance.now();
        this.plotlyAt = now + PLOTLY_REST * (now - begun);
        if (now - begun >= PLOTLY_MS) return;
      }
    }
  }

  /** @param {number} started */
  #painted(started) {
    const { run, runs } = this.page;
    const { status, geometry } = run.state;
    if (this.fresh.size === 0 || !status) return;
    const took = [...this.fresh.values()].reduce((sum, each) => sum + each);
    this.times.push(took + performance.now() - started);
    if (this.times.length > PAINTS_AVERAGED) this.times.shift();
    const isFirst = this.fresh.has(run);
    this.fresh.clear();
    this.beside = runs.second?.state.status ?? null;
    if (isFirst) this.#tell({ ...status, geometry });
    dispatch("painted", {});
    // The picture is on the screen when this task is over.
    if (this.postponed) setTimeout(() => this.#catchUp());
  }

  /** @param {Status} status of what has been painted */
  #tell(status) {
    writeReadouts(status);
    this.frames += 1;
    this.status = status;
    dispatch("status", status);
    this.page.address.follow(status);
  }

  #themeChanged() {
    this.theme = readTheme();
    this.repaint();
  }

  /** Milliseconds that a picture takes, of late. */
  get milliseconds() {
    return this.times.length > 0 ? this.times.reduce((sum, time) => sum + time, 0) / this.times.length : 0;
  }
}
