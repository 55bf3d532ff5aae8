/** The panels whose cards are on the page: each is there once Dash has filled its card. */
import { all } from "../shell/elements.mjs";
import { IDS } from "../shell/ids.mjs";
import { Panel } from "./panel.mjs";

const RETRY_MS = 50;

export class Deck {
  /** @param {import("./page.mjs").Page} page */
  constructor(page) {
    this.page = page;
    /** @type {Map<string, Panel|{card: HTMLElement, dispose: () => void}>} */
    this.byName = new Map();
    this.empty = new WeakSet();
    /** @type {HTMLElement|null} */
    this.container = null;
  }

  /** Take hold of the cards on the page, and let go of those that are gone. */
  find() {
    const container = document.getElementById(IDS.PANELS);
    if (!container) return void setTimeout(() => this.find(), RETRY_MS);
    if (container !== this.container) {
      this.container = container;
      this.page.cards.adopt(container);
      new MutationObserver(() => this.find()).observe(container, { childList: true });
    }
    const cards = new Set(all(container, "[data-panel]"));
    for (const [name, panel] of this.byName) {
      if (cards.has(panel.card)) continue;
      panel.dispose();
      this.byName.delete(name);
    }
    for (const card of cards) {
      if (this.byName.has(card.dataset.panel)) continue;
      if (card.firstElementChild) this.#adopt(card);
      else this.#adoptLater(card);
    }
  }

  /**
   * Cards are filled when they are first opened.
   * @param {HTMLElement} card
   */
  #adoptLater(card) {
    if (this.empty.has(card)) return;
    this.empty.add(card);
    new MutationObserver((_, observer) => {
      observer.disconnect();
      this.find();
    }).observe(card, { childList: true });
  }

  /** @param {HTMLElement} card */
  async #adopt(card) {
    const { panel: name } = card.dataset;
    this.byName.set(name, { card, dispose() {} });
    const painter = await import(new URL(`panels/${name}.mjs`, this.page.assets).href);
    if (this.byName.get(name)?.card !== card) return;
    const panel = new Panel(card, painter, this.page, this.page.run);
    panel.options = this.#optionsOf(panel);
    this.byName.set(name, panel);
    this.page.watchChanged();
  }

  /**
   * The values of a panel's options, null until Dash has told them.
   * @param {Panel} panel
   */
  #optionsOf({ name, card }) {
    const values = this.page.choices.of(name);
    return values ?? (card.querySelector(".panel-option") ? null : {});
  }

  get #all() {
    return [...this.byName.values()].flatMap((panel) => (panel instanceof Panel ? [panel] : []));
  }

  /** Dash has told the values of options. */
  optionsTold() {
    for (const panel of this.#all) panel.options = this.#optionsOf(panel);
  }

  /** Have all show a run. @param {import("../run/run.mjs").RunView} run */
  show(run) {
    for (const panel of this.#all) panel.run = run;
  }

  /** Those that can be painted. */
  get ready() {
    return this.#all.filter((panel) => panel.options);
  }

  /** The open ones in their order. */
  get shown() {
    const cards = all(document, "[data-panel]");
    return this.ready.filter(({ card }) => !card.hidden).sort((one, other) => cards.indexOf(one.card) - cards.indexOf(other.card));
  }
}
