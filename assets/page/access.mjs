/**
 * Which dials a link, or a lesson, hides or locks: what is locked is shown, cannot be turned, and says why.
 *
 * Whatever would change a locked dial from within the page is refused with a sentence, or leaves it as it is.
 */
import { lesson } from "../lesson/opening.mjs";
import { all, inside } from "../shell/elements.mjs";

/**
 * @typedef {import("../run/run.mjs").RunView} RunView
 * @typedef {import("../stream/messages.d.ts").PageCommand} PageCommand
 */

const LOCKER = lesson ? "this step of the lesson" : "the link that opened this page";
const USUAL_KIND = "spiral";
const KIND = "data.kind";

/** @param {string} path @param {string[]} names a dial's path, or the group that it is in */
const named = (path, names) => names.some((name) => path === name || path.startsWith(`${name}.`));

/** @param {Element} dial */
function pathOf(dial) {
  const { group, name } = /** @type {HTMLElement} */ (dial).dataset;
  return group === "run" ? String(name) : `${group}.${name}`;
}

/**
 * The fields of a configuration by their paths.
 * @param {Record<string, any>} config
 * @returns {Map<string, string>}
 */
function fieldsOf(config) {
  const fields = new Map();
  for (const [name, value] of Object.entries(config)) {
    const isGroup = value !== null && typeof value === "object" && !Array.isArray(value);
    if (!isGroup) fields.set(name, JSON.stringify(value));
    else for (const [inner, each] of Object.entries(value)) fields.set(`${name}.${inner}`, JSON.stringify(each));
  }
  return fields;
}

export class Access {
  /** @param {() => RunView} run whose dials they are */
  constructor(run) {
    this.run = run;
    /** @type {string[]} */
    this.hide = [];
    /** @type {string[]} */
    this.lock = [];
    /** Who locks them, in words. */
    this.locker = LOCKER;
  }

  get #why() {
    return `Locked by ${this.locker}.`;
  }

  get #fileLocked() {
    return `The data are locked by ${this.locker}: a file or a drawing would replace them.`;
  }

  /**
   * Hide and lock these dials and no others, each named by its path or its group.
   * @param {{hide?: string[]|null, lock?: string[]|null}} names
   * @param {string} [locker] who locks them, in words
   */
  set({ hide, lock }, locker = LOCKER) {
    this.locker = locker;
    this.hide = hide ?? [];
    this.lock = lock ?? [];
    this.apply();
  }

  /** @param {string} path */
  isHidden(path) {
    return named(path, this.hide);
  }

  /** @param {string} path */
  isLocked(path) {
    return named(path, this.lock);
  }

  /** Whether anything of the data is locked, so that other data cannot take their place. */
  get locksData() {
    return this.lock.some((name) => name === "data" || name.startsWith("data."));
  }

  /** Bring the dials on the page up to date, those that have just come to it, too. */
  apply() {
    for (const dial of all(document, ".dial")) {
      const path = pathOf(dial);
      dial.toggleAttribute("data-hidden", this.isHidden(path));
      const locked = this.isLocked(path);
      dial.toggleAttribute("data-locked", locked);
      const fields = /** @type {HTMLFieldSetElement} */ (inside(dial, ".dial-control"));
      if (fields.disabled !== locked) fields.disabled = locked;
      this.#explain(dial, locked);
    }
    const seed = document.getElementById("new-seed");
    if (seed) {
      seed.toggleAttribute("disabled", this.isLocked("seed"));
      seed.dataset.title ??= seed.title;
      seed.title = this.isLocked("seed") ? `${seed.dataset.title}. ${this.#why}` : seed.dataset.title;
    }
  }

  /** @param {HTMLElement} dial @param {boolean} locked */
  #explain(dial, locked) {
    const there = dial.querySelector(".dial-locked");
    if (!locked) return there?.remove();
    const reason = there ?? document.createElement("p");
    reason.className = "dial-reason dial-locked";
    // Writing it again would be a change, which those who watch the dials answer with another one.
    if (reason.textContent !== this.#why) reason.textContent = this.#why;
    reason.id = `locked-${dial.dataset.group}-${dial.dataset.name}`;
    if (!there) inside(dial, ".dial-control").after(reason);
    for (const field of all(dial, ".dial-control :is(input, select)")) {
      const described = field.getAttribute("aria-describedby") ?? "";
      if (!described.includes(reason.id)) field.setAttribute("aria-describedby", `${described} ${reason.id}`.trim());
    }
  }

  /**
   * Why the page does not ask this, "" where it may.
   * @param {PageCommand} command
   */
  refusal(command) {
    if (command.do === "draw" || command.do === "undraw") return this.locksData ? this.#fileLocked : "";
    const { config } = this.run();
    if (this.lock.length === 0 || command.do !== "configure" || !config) return "";
    const before = fieldsOf(config.config);
    const after = fieldsOf(/** @type {Record<string, any>} */ (command.config));
    const changed = [...new Set([...before.keys(), ...after.keys()])].filter((path) => this.isLocked(path) && before.get(path) !== after.get(path));
    return changed.length > 0 ? `${changed.join(", ")}: ${this.#why.toLowerCase()}` : "";
  }

  /** Why no file of a person's own is opened, "" where one may be. */
  get fileRefusal() {
    return this.locksData ? this.#fileLocked : this.lock.length > 0 ? this.#why : "";
  }

  /**
   * Settings as an address writes them, in which every locked dial is as it is now.
   * @param {string} search without its question mark
   */
  kept(search) {
    if (this.lock.length === 0) return search;
    const wanted = new URLSearchParams(search);
    const now = new URLSearchParams(this.run().config?.query ?? "");
    const otherKind = (wanted.get(KIND) ?? USUAL_KIND) !== (now.get(KIND) ?? USUAL_KIND);
    const keepsData = this.locksData && otherKind;
    const stays = (/** @type {string} */ path) => this.isLocked(path.replace(/^vs\./, "")) || (keepsData && path.startsWith("data."));
    const pairs = [...[...wanted].filter(([path]) => !stays(path)), ...[...now].filter(([path]) => stays(path))];
    return new URLSearchParams(pairs).toString();
  }

  /**
   * What the dials hold, with what a locked one would hold instead of another value.
   * @param {import("./form.mjs").Held} held
   * @returns {import("./form.mjs").Held}
   */
  held(held) {
    const texts = this.run().config?.texts;
    if (this.lock.length === 0 || !texts) return held;
    const fields = held.fields.map(([group, name, value]) => {
      const path = group === "run" ? name : `${group}.${name}`;
      const told = this.isLocked(path) ? texts[path] : undefined;
      if (told === undefined) return /** @type {[string, string, string|string[]]} */ ([group, name, value]);
      return /** @type {[string, string, string|string[]]} */ ([group, name, Array.isArray(value) ? told.split(",") : told]);
    });
    if (!this.isLocked("network.hidden")) return { ...held, fields };
    const hidden = texts["network.hidden"].split(",").filter(Boolean);
    return { ...held, fields, layers: String(hidden.length), units: held.units.map((now, index) => hidden[index] ?? now) };
  }
}
