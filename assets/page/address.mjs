/**
 * The page's address: what the run is and what the page shows, so that a link or a reload shows the same.
 *
 * Each run that another one followed is a step back, and so is what was cut off or changed of a run.
 */
import { dispatch } from "../shell/elements.mjs";
import { lesson, prefixOf } from "../lesson/opening.mjs";
import { room } from "../room/opening.mjs";
import { versus } from "../run/difference.mjs";
import { isMoving } from "../stream/state.mjs";
import { changeOf } from "./undo.mjs";

/** What follows within so many milliseconds is one step. */
const ONE_STEP_MS = 1500;
/** An epoch is written once the slider rests: browsers bound how often an address may change. */
const EPOCH_MS = 400;
const EPOCH = /(^|&)epoch=\d*/;

/**
 * @typedef {Record<string, Record<string, unknown>>} OptionValues by panel and option
 * @typedef {import("./page.mjs").Page} Page
 * @typedef {object} Place where the run is
 * @property {string} prefix the step of a lesson
 * @property {number} run
 * @property {number|null} second the run that it is compared with
 * @property {string} query what an address says of both
 * @property {Record<string, string>} texts what the dials show
 * @property {Record<string, string>} otherTexts what they show of the second run
 * @property {number} epoch trained to
 */

/** @param {unknown} value of a panel's option, as an address writes it */
const written = (value) => (typeof value === "boolean" ? (value ? "on" : "off") : Array.isArray(value) ? value.join(",") : String(value ?? ""));

/**
 * An address with another epoch, or with none.
 * @param {string} search
 * @param {number} epoch
 */
function atEpoch(search, epoch) {
  const rest = search.replace(/^\?/, "").replace(EPOCH, "").replace(/^&/, "");
  const text = [rest, epoch > 0 ? `epoch=${epoch}` : ""].filter(Boolean).join("&");
  return text ? `?${text}` : "";
}

export class Address {
  /** @param {Page} page */
  constructor(page) {
    this.page = page;
    /** What stands before all else: the step of a lesson. */
    this.prefix = lesson ? prefixOf(lesson.place) : "";
    /** Whether the page is on its way to another step, and the address waits for it. */
    this.held = false;
    /** @type {Place|null} */
    this.before = null;
    this.steppedAt = -Infinity;
    this.timer = 0;
    /** What the runs were when the address of a moving run was written. @type {unknown[]} */
    this.moving = [];
    /** The browser has gone to another address of its history: until the page is there, or shows it. */
    this.returning = /** @type {"no"|"under way"|"there"} */ ("no");
  }

  /** What the address would say now. */
  get search() {
    const { runs, speed, access } = this.page;
    const [one, other] = runs.all.map(({ config }) => config);
    const parts = [this.prefix, one?.query ?? "", one && other ? versus(one, other) : "", ...this.ofPage];
    if (speed) parts.push(`speed=${encodeURIComponent(speed)}`);
    // In a lesson its step says them.
    if (!lesson && access.hide.length > 0) parts.push(`hide=${access.hide.join(",")}`);
    if (!lesson && access.lock.length > 0) parts.push(`lock=${access.lock.join(",")}`);
    const { status } = runs.first.state;
    return atEpoch(parts.filter(Boolean).join("&"), status && !isMoving(status) ? status.shown_epoch : 0);
  }

  /** What it would say of panels, their options and the size of letters. */
  get ofPage() {
    const { panels, options, projector } = this.page;
    const parts = panels ? [`panels=${panels.join(",")}`] : [];
    for (const [panel, values] of Object.entries(options)) {
      for (const [option, value] of Object.entries(values)) parts.push(`panel.${panel}.${option}=${encodeURIComponent(written(value))}`);
    }
    if (projector) parts.push("projector=on");
    return parts;
  }

  /** A frame has been painted. @param {import("../stream/state.mjs").Status} status */
  follow(status) {
    const { run, runs } = this.page;
    const now = isMoving(status) && this.returning === "no" ? [run.config, runs.second?.config ?? null] : [];
    const same = now.length > 0 && now.every((config, index) => config === this.moving[index]);
    this.moving = now;
    // It names no epoch as long as the run moves.
    if (same && this.before && status.epoch >= this.before.epoch) this.before.epoch = status.epoch;
    else this.show();
  }

  /** Write it, as a step of its own where the run is another one, or no longer goes as far. */
  show() {
    dispatch("arrangement", {});
    // A room has an address of its own, whatever is shown in it.
    if (room) return;
    const { run, runs } = this.page;
    const { status } = run.state;
    // Between a configuration and its first frame, the rest is that of the run before.
    if (!run.config || !status || run.config.run !== status.run || runs.opening || this.held || this.returning === "under way") return;
    const { before } = this;
    const place = this.#place(run.config, status.epoch);
    this.before = place;
    const isOther = before !== null && (place.run !== before.run || place.second !== before.second || place.query !== before.query || place.epoch < before.epoch);
    const now = performance.now();
    const isTurned = before !== null && place.prefix !== before.prefix;
    const isStep = this.returning === "no" && (isTurned || (isOther && now - this.steppedAt > ONE_STEP_MS));
    if (this.returning !== "no") this.steppedAt = -Infinity;
    else if (isOther || isTurned) this.steppedAt = now;
    this.returning = "no";
    if (isStep && before) this.#step(before, place);
    else this.#write();
  }

  /**
   * Where the runs are.
   * @param {import("../stream/messages.d.ts").ConfigEvent} one
   * @param {number} epoch
   * @returns {Place}
   */
  #place(one, epoch) {
    const other = this.page.runs.second?.config ?? null;
    const query = [one.query, other ? versus(one, other) : ""].join("&");
    return { prefix: this.prefix, run: one.run, second: other?.run ?? null, query, texts: one.texts, otherTexts: other?.texts ?? {}, epoch };
  }

  /**
   * Leave the former run as a step back, at the epoch that it was trained to.
   * @param {Place} before
   * @param {Place} place
   */
  #step(before, place) {
    const { search } = this;
    const former = atEpoch(location.search, before.epoch);
    if (search === former) return this.#write();
    const { pathname, hash } = location;
    history.replaceState({ ...history.state, run: before.run }, "", pathname + former + hash);
    history.pushState({ run: place.run }, "", pathname + search + hash);
    if (place.prefix !== before.prefix) return;
    const text = changeOf(before, place);
    const action = { label: "Undo", act: () => history.back() };
    dispatch("notice", { level: "info", text, topic: "undo", action });
  }

  #write() {
    clearTimeout(this.timer);
    const wanted = this.search;
    if (wanted !== location.search && atEpoch(wanted, 0) === atEpoch(location.search, 0)) {
      this.timer = setTimeout(() => this.#replace(this.search), EPOCH_MS);
    } else {
      this.#replace(wanted);
    }
  }

  /** @param {string} wanted */
  #replace(wanted) {
    if (this.returning !== "no") return;
    const { pathname, hash, search } = location;
    const run = this.before?.run;
    if (wanted === search && history.state?.run === run) return;
    history.replaceState({ ...history.state, run }, "", pathname + wanted + hash);
  }
}
