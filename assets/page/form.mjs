/** The dials: what they hold goes to the run, and what the run is comes back into them. */
import { all, dispatch, inside } from "../shell/elements.mjs";
import { IDS } from "../shell/ids.mjs";

/**
 * @typedef {import("../run/run.mjs").RunView} RunView
 * @typedef {import("../run/runs.mjs").Runs} Runs
 * @typedef {string|string[]} Value
 */

/**
 * What the dials hold, as a message says it.
 * @typedef {{fields: [string, string, Value][], layers: string, units: string[]}} Held
 */

/** @param {FieldId} id */
const pathOf = ({ group, name }) => (group === "run" ? name : `${group}.${name}`);
/** @param {Value} value */
const textOf = (value) => (Array.isArray(value) ? value.join(",") : String(value ?? ""));

/** Milliseconds without a touch after which a dial follows the run. */
const GRACE = 500;
const TOUCHED = "touched";
/** Milliseconds in which what a dial was given may come back from it, as if somebody had turned it. */
const ECHO_MS = 5000;

/**
 * What the dials hold, as a run is sent it.
 * @param {RunView} run
 * @param {Held} held
 * @param {string} kind
 */
const message = (run, held, kind) => ({
  ...held,
  kind,
  told: Object.fromEntries(Object.entries(run.config?.texts ?? {}).filter(([path]) => path.startsWith("training."))),
});

export class Form {
  /**
   * @param {Runs} runs of which the dials turn one, or both
   * @param {import("./access.mjs").Access} access
   * @param {(action: () => void) => void} afterPicture does something once a picture is there
   */
  constructor(runs, access, afterPicture) {
    this.runs = runs;
    this.access = access;
    this.afterPicture = afterPicture;
    /** The number of the last message with what the dials held. */
    this.sent = 0;
    /** What the dials were given of late, and when. @type {{at: number, texts: Record<string, string>}[]} */
    this.given = [];
    /** When somebody was at a dial last, by its path. @type {Map<string, number>} */
    this.touches = new Map();
    /** @type {Record<string, string>} */
    this.problems = {};
    /** @type {Record<string, string>} */
    this.reasons = {};
  }

  /**
   * A dial was turned, or has been given what it holds.
   * @param {unknown[]} fields
   * @param {string} layers
   * @param {string[]} units
   * @param {string} kind whose own dials are on the page
   * @param {FieldId[]} ids
   */
  async turn(fields, layers, units, kind, ids) {
    const run = this.runs.chosen;
    if (!run.config) return;
    const { texts } = run.config;
    const hidden = units.slice(0, Number(layers)).map(textOf).join(",");
    if (this.#isEcho("network.hidden", hidden)) {
      const list = texts["network.hidden"].split(",").filter(Boolean);
      [layers, units] = [String(list.length), units.map((unit, index) => list[index] ?? unit)];
    }
    const values = fields.map((value, index) => {
      const held = Array.isArray(value) ? value.map(String) : textOf(/** @type {Value} */ (value));
      const path = pathOf(ids[index]);
      return this.#isEcho(path, textOf(held)) ? texts[path] : held;
    });
    if (this.#asTold(values, layers, units, kind, ids)) return this.#show({});
    this.sent = run.asked + 1;
    const { sent } = this;
    /** @type {Held} */
    const held = { fields: ids.map(({ group, name }, index) => [group, name, values[index]]), layers: textOf(layers), units: units.map(textOf) };
    const form = this.access.held(held);
    const { along } = this.runs;
    if (along) this.#turnAlong(along, run, form, kind);
    const answer = await run.turn(message(run, form, kind));
    if (sent !== this.sent) return;
    if ("problems" in answer && answer.event === "form") this.#show(answer.problems);
    if ("error" in answer && answer.error) dispatch("notice", { level: "danger", text: answer.error });
    this.follow();
  }

  /**
   * Give another run what has been turned, and leave the rest of it as it is.
   * @param {RunView} along
   * @param {RunView} run that the dials show
   * @param {Held} held
   * @param {string} kind
   */
  async #turnAlong(along, run, held, kind) {
    if (!along.config || !run.config) return;
    const [texts, own] = [run.config.texts, along.config.texts];
    /** @type {Held["fields"]} */
    const fields = held.fields.map(([group, name, value]) => {
      const path = pathOf({ group, name });
      return [group, name, textOf(value) === texts[path] && path in own ? own[path] : value];
    });
    const list = own["network.hidden"].split(",").filter(Boolean);
    const isTurned = held.units.slice(0, Number(held.layers)).join(",") !== texts["network.hidden"];
    const layers = isTurned ? {} : { layers: String(list.length), units: held.units.map((unit, index) => list[index] ?? unit) };
    const answer = await along.turn(message(along, { ...held, fields, ...layers }, kind));
    const wrong = "problems" in answer && answer.event === "form" ? Object.values(answer.problems) : [];
    const text = "error" in answer ? answer.error : wrong.join(" ");
    if (text) dispatch("notice", { level: "warning", text: `Run B: ${text}` });
  }

  /**
   * The person is at a dial: what is on its way to it may be older than what they do.
   * @param {HTMLElement} dial
   */
  touch(dial) {
    clearTimeout(Number(dial.dataset[TOUCHED]));
    this.touches.set(pathOf({ group: dial.dataset.group ?? "", name: dial.dataset.name ?? "" }), performance.now());
    dial.dataset[TOUCHED] = String(
      setTimeout(() => {
        delete dial.dataset[TOUCHED];
        this.follow();
      }, GRACE),
    );
  }

  /**
   * Whether the dials hold what the page was told of the run.
   * @param {Value[]} values
   * @param {string} layers
   * @param {string[]} units
   * @param {string} kind
   * @param {FieldId[]} ids
   */
  #asTold(values, layers, units, kind, ids) {
    const texts = this.runs.chosen.config?.texts ?? {};
    if (kind !== texts["data.kind"]) return false;
    const hidden = units.slice(0, Number(layers)).map(textOf).join(",");
    if (hidden !== texts["network.hidden"]) return false;
    return ids.every((id, index) => !(pathOf(id) in texts) || textOf(values[index]) === texts[pathOf(id)]);
  }

  /**
   * Whether a dial says what it was given before the run came to something else, and not what somebody turned it to.
   * @param {string} path
   * @param {string} text that the dial holds
   */
  #isEcho(path, text) {
    const texts = this.runs.chosen.config?.texts ?? {};
    if (!(path in texts) || text === texts[path]) return false;
    const touched = this.touches.get(path) ?? -Infinity;
    return this.given.some((each) => each.at > touched && each.texts[path] === text);
  }

  /** Forget what is wrong and what was touched: everything is about to be replaced. */
  clear() {
    this.#show({});
    for (const dial of all(document, `.dial[data-${TOUCHED}]`)) delete dial.dataset[TOUCHED];
  }

  /** Bring the dials to what the run is once the next picture is there: Dash keeps the browser from it. */
  followAfterPicture() {
    this.afterPicture(() => this.follow());
  }

  /** Bring the dials to what the run is, but for one that is being turned. */
  follow() {
    const { config, waiting } = this.runs.chosen;
    if (!config || waiting.has(this.sent)) return;
    const at = performance.now();
    this.given = [...this.given.filter((each) => at - each.at < ECHO_MS), { at, texts: config.texts }];
    document.documentElement.dataset.linkNeedsFile = String(config.needs_file);
    window.dash_clientside.set_props(IDS.CONFIG, { data: config });
    this.#reason(config.reasons);
  }

  /** @param {Record<string, string>} problems */
  #show(problems) {
    this.problems = problems;
    for (const dial of all(document, ".dial")) {
      const said = problems[pathOf({ group: dial.dataset.group ?? "", name: dial.dataset.name ?? "" })] ?? "";
      const place = inside(dial, ".dial-problem");
      if (place.textContent !== said) place.textContent = said;
    }
  }

  /** Say of what has no effect now why, and take it out of use. @param {Record<string, string>} reasons */
  #reason(reasons) {
    for (const path of new Set([...Object.keys(reasons), ...Object.keys(this.reasons)])) {
      if (reasons[path] === this.reasons[path]) continue;
      const [group, name] = path.split(".");
      window.dash_clientside.set_props({ type: "field", group, name }, { disabled: path in reasons });
      const place = document.getElementById(`reason-${group}-${name}`);
      if (place) place.textContent = reasons[path] ?? "";
    }
    this.reasons = reasons;
  }
}
