/**
 * The page's address: what the run is and what the page shows, so that a link or a reload shows the same.
 *
 * Each run that another one followed is a step back.
 */

import { versus } from "../run/difference.mjs";

/** Runs that follow each other within so many milliseconds are one step. */
const ONE_STEP_MS = 1500;

/**
 * @typedef {Record<string, Record<string, unknown>>} OptionValues by panel and option
 * @typedef {import("./page.mjs").Page} Page
 */

/** @param {unknown} value of a panel's option, as an address writes it */
const written = (value) => (typeof value === "boolean" ? (value ? "on" : "off") : Array.isArray(value) ? value.join(",") : String(value ?? ""));

export class Address {
  /** @param {Page} page */
  constructor(page) {
    this.page = page;
    /** Which runs the address is of. */
    this.number = "";
    this.steppedAt = -Infinity;
    /** The browser has gone to another address of its history: until the page is there, or shows it. */
    this.returning = /** @type {"no"|"under way"|"there"} */ ("no");
  }

  /** What the address would say now. */
  get search() {
    const { runs, panels, options, speed, access } = this.page;
    const [one, other] = runs.all.map(({ config }) => config);
    const parts = [one?.query ?? "", one && other ? versus(one, other) : ""];
    if (panels) parts.push(`panels=${panels.join(",")}`);
    for (const [panel, values] of Object.entries(options)) {
      for (const [option, value] of Object.entries(values)) parts.push(`panel.${panel}.${option}=${encodeURIComponent(written(value))}`);
    }
    if (speed) parts.push(`speed=${encodeURIComponent(speed)}`);
    if (access.hide.length > 0) parts.push(`hide=${access.hide.join(",")}`);
    if (access.lock.length > 0) parts.push(`lock=${access.lock.join(",")}`);
    const text = parts.filter(Boolean).join("&");
    return text ? `?${text}` : "";
  }

  /** Write it, as a step of its own where the run is another one. */
  show() {
    const { run, runs } = this.page;
    const { status } = run.state;
    // Between a configuration and its first frame, the rest is that of the run before.
    if (run.config?.run !== status?.run || !status || runs.opening || this.returning === "under way") return;
    const { pathname, hash, search } = location;
    const wanted = this.search;
    const number = [status.run, runs.second?.config?.run].join(":");
    const now = performance.now();
    const isStep = this.number !== "" && number !== this.number && this.returning === "no" && now - this.steppedAt > ONE_STEP_MS;
    if (number !== this.number && this.number !== "") this.steppedAt = now;
    this.number = number;
    this.returning = "no";
    const state = { ...history.state, run: number };
    if (isStep && wanted !== search) history.pushState(state, "", pathname + wanted + hash);
    else if (wanted !== search || history.state?.run !== number) history.replaceState(state, "", pathname + wanted + hash);
  }
}
