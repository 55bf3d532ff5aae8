/** What can be done to a unit, a link or a layer, on a sheet beside it. */
import { numberOrText } from "../shell/typed.mjs";
import { write } from "../shell/making.mjs";
import { make } from "./elements.mjs";
import { fieldLine, pressable } from "./fields.mjs";
import { placeBeside, Portrait } from "./lens.mjs";
import { capital, isOutput, layerName, placeOf, weightOf } from "./model.mjs";
import { sentence } from "./words.mjs";

/**
 * @typedef {import("../run/run.mjs").RunView} RunView
 * @typedef {import("../stream/messages.d.ts").PageCommand} PageCommand
 * @typedef {import("./lens.mjs").Spot} Spot
 * @typedef {import("./model.mjs").Network} Network
 * @typedef {{layer: number, unit?: number, input?: number}} Subject a layer, a unit of it, or the link to
 *   the unit from an input
 */

const DIGITS = 4;
const AN_INPUT = "What the network gets. To change its weights, click a link, or the unit that it leads to.";

/** @param {number|null} value as a field shows it */
const text = (value) => (value === null ? "" : String(Number(value.toPrecision(DIGITS))));

export class Sheet {
  /**
   * @param {HTMLElement} host
   * @param {{run: RunView}} owner shows the run, which may come to be another
   * @param {import("./shape.mjs").Shape} shape
   */
  constructor(host, owner, shape) {
    this.owner = owner;
    this.shape = shape;
    this.element = make("div", "network-sheet");
    this.element.popover = "auto";
    this.element.tabIndex = -1;
    this.element.setAttribute("role", "dialog");
    this.portrait = new Portrait();
    this.body = make("div", "network-fields");
    this.problem = make("p", "network-problem");
    this.problem.setAttribute("role", "alert");
    this.done = make("p", "network-done");
    this.done.setAttribute("role", "status");
    const close = pressable(() => this.element.hidePopover());
    close.className = "network-close";
    close.append(make("span", "panel-icon panel-icon-close"));
    close.setAttribute("aria-label", "Close");
    this.element.append(close, this.portrait.element, this.body, this.problem, this.done);
    host.append(this.element);
    /** @type {Subject|null} */
    this.subject = null;
    /** @type {Network|null} */
    this.network = null;
    /** Buttons whose words depend on what is so now. @type {[HTMLButtonElement, (network: Network) => string][]} */
    this.turning = [];
    this.element.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      // Only the sheet closes, and not the enlarged card with it.
      event.preventDefault();
      this.element.hidePopover();
    });
    this.element.addEventListener("toggle", (event) => {
      if (/** @type {ToggleEvent} */ (event).newState === "closed") this.subject = null;
    });
  }

  /**
   * @param {Subject} subject
   * @param {DOMRect} anchor
   * @param {Network} network
   * @param {Uint32Array} colours
   * @param {boolean} byKeyboard whether the first field is to have the focus
   */
  open(subject, anchor, network, colours, byKeyboard) {
    if (this.element.matches(":popover-open")) this.element.hidePopover();
    this.#fill(subject, network);
    this.subject = subject;
    this.#say("", "");
    this.update(network, colours);
    this.element.showPopover();
    placeBeside(this.element, anchor);
    const first = /** @type {HTMLElement|null} */ (this.body.querySelector("input, button"));
    (byKeyboard && first ? first : this.element).focus();
  }

  /** @param {Network} network @param {Uint32Array} colours */
  update(network, colours) {
    const { subject } = this;
    this.network = network;
    if (!subject) return;
    const { layer, unit } = subject;
    if (layer >= network.layers.length || (unit ?? 1) > network.layers[layer].size) return this.element.hidePopover();
    if (unit) this.portrait.show(network, /** @type {Spot} */ (subject), colours);
    else this.portrait.write(capital(layerName(network, layer)), network.layers[layer].isFrozen ? "Frozen: it does not learn." : "It learns.");
    for (const [button, words] of this.turning) write(button, words(network));
    this.element.setAttribute("aria-label", this.portrait.title.textContent ?? "");
  }

  /** @param {Subject} subject @param {Network} network */
  #fill(subject, network) {
    const { layer, unit, input } = subject;
    this.turning = [];
    if (!unit) return this.body.replaceChildren(...this.#layerFields(layer, network), this.#freeze(layer));
    if (layer === 0) return this.body.replaceChildren(make("p", "", {}, AN_INPUT));
    if (input) return this.body.replaceChildren(this.#weight({ layer, unit, input }, network), this.#freeze(layer));
    const silence = isOutput(network, layer) ? [] : [this.#silence(layer, unit)];
    const buttons = make("div", "network-buttons");
    buttons.append(...silence, this.#freeze(layer));
    this.body.replaceChildren(this.#bias(layer, unit, network), this.#anyWeight(layer, unit, network), buttons);
  }

  /** @param {number} layer @param {number} unit @param {Network} network */
  #bias(layer, unit, network) {
    const at = placeOf(network, layer, unit);
    const value = text(at < 0 ? null : network.bias[at]);
    return fieldLine([{ label: "Bias", value, mode: "decimal" }], "Set", ([typed]) => this.#edit({ change: "bias", layer, unit, value: numberOrText(typed) }, "Bias set")).form;
  }

  /** @param {{layer: number, unit: number, input: number}} link @param {Network} network */
  #weight({ layer, unit, input }, network) {
    const value = text(weightOf(network, layer, unit, input));
    const set = (/** @type {string} */ typed) => this.#edit({ change: "weight", layer, unit, input, value: numberOrText(typed) }, "Weight set");
    return fieldLine([{ label: "Weight", value, mode: "decimal" }], "Set", ([typed]) => set(typed)).form;
  }

  /**
   * The weight from an input that is named by its number: so every link can be reached by the keyboard.
   * @param {number} layer
   * @param {number} unit
   * @param {Network} network
   */
  #anyWeight(layer, unit, network) {
    const before = network.layers[layer - 1];
    const first = network.unit[before.from];
    const fields = /** @type {{label: string, value: string, mode: "decimal"|"numeric"}[]} */ ([
      { label: layer === 1 ? "Weight from input" : "Weight from unit", value: String(first), mode: "numeric" },
      { label: "is", value: text(weightOf(network, layer, unit, first)), mode: "decimal" },
    ]);
    const line = fieldLine(fields, "Set", ([from, typed]) =>
      this.#edit({ change: "weight", layer, unit, input: numberOrText(from), value: numberOrText(typed) }, "Weight set"),
    );
    const [from, value] = line.inputs;
    from.addEventListener("input", () => {
      const number = numberOrText(from.value);
      const isThere = this.network && typeof number === "number" && number >= 1 && number <= this.network.layers[layer - 1].size;
      if (isThere) value.value = text(weightOf(/** @type {Network} */ (this.network), layer, unit, number));
    });
    return line.form;
  }

  /** @param {number} layer */
  #freeze(layer) {
    const isFrozen = () => this.network?.layers[layer]?.isFrozen ?? false;
    const button = pressable(() =>
      this.#edit({ change: "layer", layer, value: isFrozen() ? "free" : "frozen" }, isFrozen() ? "It trains again" : "Frozen"),
    );
    this.turning.push([button, (network) => `${isFrozen() ? "Let" : "Freeze"} ${isOutput(network, layer) ? "the outputs" : `layer ${layer}`}${isFrozen() ? " train" : ""}`]);
    return button;
  }

  /** @param {number} layer @param {number} unit */
  #silence(layer, unit) {
    const isSilent = () => Boolean(this.network?.silent[placeOf(this.network, layer, unit)]);
    const button = pressable(() =>
      this.#edit({ change: "unit", layer, unit, value: isSilent() ? "active" : "silent" }, isSilent() ? "It is back" : "Silent"),
    );
    this.turning.push([button, () => (isSilent() ? "Bring it back" : "Silence it")]);
    return button;
  }

  /** @param {number} layer @param {Network} network */
  #layerFields(layer, network) {
    if (isOutput(network, layer)) return [];
    const units = fieldLine([{ label: "Units", value: String(network.layers[layer].size), mode: "numeric" }], "Set", ([typed]) =>
      this.#reshape(this.shape.resize(layer, typed.trim()), `A new run: layer ${layer} has ${typed.trim()} units`),
    );
    const remove = pressable(() => this.#reshape(this.shape.remove(layer), "A new run, without that layer"));
    write(remove, "Remove this layer");
    return [units.form, remove];
  }

  /**
   * @param {object} edit
   * @param {string} words what was done
   */
  async #edit(edit, words) {
    const { run } = this.owner;
    const error = await run.ask(/** @type {PageCommand} */ ({ do: "edit", edit }));
    this.#say(sentence(error), `${words}, at epoch ${run.state.status?.epoch ?? 0}.`);
  }

  /** @param {Promise<string>} asked @param {string} words */
  async #reshape(asked, words) {
    this.#say(sentence(await asked), `${words}.`);
  }

  /** @param {string} problem @param {string} words where there is no problem */
  #say(problem, words) {
    write(this.problem, problem);
    write(this.done, problem ? "" : words);
  }
}
