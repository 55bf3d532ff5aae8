/** The options of all panels: what they are, and what an address asks them to be. */
import { element, IDS } from "../shell/ids.mjs";

/** @typedef {Record<string, Record<string, unknown>>} Values by panel and option */

/** @param {unknown} one @param {unknown} other */
const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);

export class Options {
  constructor() {
    /** What Dash holds of the cards that are filled. @type {Values} */
    this.values = {};
    /** What is asked for, of cards that are not filled, too. @type {Values} */
    this.asked = {};
    /** @type {Values|null} */
    this.known = null;
  }

  /** What each is until somebody chooses. @returns {Values} */
  get usual() {
    return (this.known ??= JSON.parse(element(IDS.GALLERY).dataset.options ?? "{}"));
  }

  /**
   * The options of a panel, undefined until Dash has told them.
   * @param {string} panel
   */
  of(panel) {
    return this.values[panel];
  }

  /**
   * @param {unknown[]} values
   * @param {{panel: string, option: string}[]} ids
   */
  told(values, ids) {
    this.values = {};
    ids.forEach(({ panel, option }, index) => {
      (this.values[panel] ??= {})[option] = values[index];
    });
    for (const [panel, options] of Object.entries(this.values)) this.asked[panel] = { ...options };
  }

  /**
   * Take note of what is asked for; those of filled cards that Dash has to be told of come back.
   * @param {Values} options
   * @param {boolean} whole whether all others are to be as usual
   * @returns {[string, string, unknown][]}
   */
  ask(options, whole) {
    /** @type {[string, string, unknown][]} */
    const changes = [];
    for (const [panel, usual] of Object.entries(this.usual)) {
      for (const option of Object.keys(usual)) {
        const value = options[panel]?.[option] ?? (whole ? usual[option] : this.asked[panel]?.[option]);
        if (value === undefined) continue;
        (this.asked[panel] ??= {})[option] = value;
        const now = this.values[panel];
        if (now && option in now && !same(now[option], value)) changes.push([panel, option, value]);
      }
    }
    return changes;
  }

  /** Those that are not as usual. @returns {Values} */
  get changed() {
    /** @type {Values} */
    const changed = {};
    for (const [panel, values] of Object.entries(this.asked)) {
      const others = Object.entries(values).filter(([option, value]) => !same(value, this.usual[panel]?.[option]));
      if (others.length > 0) changed[panel] = Object.fromEntries(others);
    }
    return changed;
  }
}
