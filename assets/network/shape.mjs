/** The network's layers and units, changed as the dials change them. */

/** @typedef {import("../run/run.mjs").RunView} RunView */

const HIDDEN = "network.hidden";

/** @param {string} path @returns {[string, string]} group and name */
function placeOf(path) {
  const dot = path.indexOf(".");
  return dot < 0 ? ["run", path] : [path.slice(0, dot), path.slice(dot + 1)];
}

export class Shape {
  /** @param {{run: RunView}} owner shows the run, which may come to be another */
  constructor(owner) {
    this.owner = owner;
    /** What was asked for and is not answered yet. @type {string[]|null} */
    this.asked = null;
  }

  get run() {
    return this.owner.run;
  }

  /** Units of every hidden layer, as asked for last. @returns {string[]} */
  get hidden() {
    return this.asked ?? (this.run.config?.config.network.hidden ?? []).map(String);
  }

  /**
   * Begin a run whose network has these hidden layers; a sentence that says why not, or "".
   * @param {(string|number)[]} hidden units of each
   * @returns {Promise<string>}
   */
  async change(hidden) {
    const { config } = this.run;
    if (!config) return "";
    const { texts } = config;
    const units = hidden.map(String);
    const refused = this.run.guard({ do: "configure", config: { ...config.config, network: { ...config.config.network, hidden: units.map(Number) } } });
    if (refused) return refused;
    this.asked = units;
    const answer = await this.run.turn({
      fields: Object.entries(texts).flatMap(([path, text]) => (path === HIDDEN ? [] : [[...placeOf(path), text]])),
      layers: String(units.length),
      units,
      kind: texts["data.kind"],
      told: Object.fromEntries(Object.entries(texts).filter(([path]) => path.startsWith("training."))),
    });
    if (this.asked === units) this.asked = null;
    if (answer.event === "form") return Object.values(answer.problems).join(" ");
    return "error" in answer ? answer.error : "";
  }

  /**
   * A layer more after the last, as wide as that, or one fewer.
   * @param {number} by 1 or -1
   */
  changeDepth(by) {
    const { hidden } = this;
    return this.change(by > 0 ? [...hidden, hidden.at(-1) ?? "8"] : hidden.slice(0, -1));
  }

  /** @param {number} layer from 1 @param {string|number} units */
  resize(layer, units) {
    return this.change(this.hidden.map((each, index) => (index === layer - 1 ? String(units) : each)));
  }

  /** @param {number} layer from 1 */
  remove(layer) {
    return this.change(this.hidden.filter((_, index) => index !== layer - 1));
  }
}
