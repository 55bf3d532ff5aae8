/** What a panel's card does by itself: its explanation, filling the page, closing. */
import { all, around, dispatch, inside } from "../shell/elements.mjs";

/** @param {string} name */
const action = (name) => (/** @type {Event} */ event) => around(event, `[data-action="${name}"]`);
const enlargeButton = action("enlarge");
const closeButton = action("close");
const POPOVERS = ".panel-about[open], .panel-more[open], .panel-downloads[open]";

/** Panels that are first and third where there is a large picture. */
const [LARGE, BELOW] = ["boundary", "metrics"];
/** How many panels stand in a row, by how many there are; three else. @type {Record<number, number>} */
const ACROSS = { 1: 1, 2: 2, 4: 2 };

const openPopovers = () => /** @type {HTMLDetailsElement[]} */ (all(document, POPOVERS));

export class Cards {
  /** @param {() => void} changed called when other panels are on screen than before */
  constructor(changed) {
    this.changed = changed;
    /** @type {HTMLElement|null} */
    this.container = null;
    /** @type {string[]|null} */
    this.names = null;
    document.addEventListener("click", (event) => this.#click(event));
    document.addEventListener("keydown", (event) => this.#key(event));
  }

  /** @param {HTMLElement} container holds the cards */
  adopt(container) {
    this.container = container;
    if (this.names) this.arrange(this.names);
  }

  get #cards() {
    return this.container ? all(this.container, "[data-panel]") : [];
  }

  /** Names of the open panels, in their order. */
  get open() {
    return this.#cards.filter((card) => !card.hidden).map((card) => card.dataset.panel);
  }

  /**
   * Show these panels, in this order.
   * @param {string[]} names
   */
  arrange(names) {
    this.names = names;
    if (!this.container) return;
    const cards = this.#cards;
    for (const card of cards) {
      card.hidden = !names.includes(card.dataset.panel);
      if (card.hidden && card.classList.contains("is-enlarged")) this.#enlarge(card, false);
    }
    // Readers and the tab key follow the document's order, not that of the grid.
    if (this.open.join() !== names.join()) {
      const named = new Map(cards.map((card) => [card.dataset.panel, card]));
      this.container.append(...names.flatMap((name) => named.get(name) ?? []));
    }
    this.#place(names);
    this.changed();
  }

  /**
   * How many stand in a row, and whether the first three are the large picture and what is with it.
   * @param {string[]} names
   */
  #place(names) {
    const { container } = this;
    if (!container) return;
    for (const card of this.#cards) card.dataset.place = String(names.indexOf(card.dataset.panel));
    container.toggleAttribute("data-lead", names[0] === LARGE && names[2] === BELOW);
    container.dataset.across = String(ACROSS[names.length] ?? 3);
  }

  /** @param {MouseEvent} event */
  #click(event) {
    for (const details of openPopovers()) {
      if (!details.contains(/** @type {Node} */ (event.target))) details.open = false;
    }
    const card = around(event, "[data-panel]");
    if (!card || !this.container?.contains(card)) return;
    if (enlargeButton(event)) this.#enlarge(card, !card.classList.contains("is-enlarged"));
    if (closeButton(event)) this.#close(card);
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.key !== "Escape" || event.defaultPrevented) return;
    const [about] = openPopovers();
    if (about) {
      about.open = false;
      inside(about, "summary").focus();
      return;
    }
    const enlarged = this.#cards.find((card) => card.classList.contains("is-enlarged"));
    if (enlarged) this.#enlarge(enlarged, false);
  }

  /** The panel that fills the page, "" for none. */
  get enlarged() {
    return this.#cards.find((card) => card.classList.contains("is-enlarged"))?.dataset.panel ?? "";
  }

  /** Have a panel fill the page, "" for none. @param {string} name */
  enlarge(name) {
    for (const card of this.#cards) {
      const large = card.dataset.panel === name && !card.hidden && card.firstElementChild !== null;
      if (large !== card.classList.contains("is-enlarged")) this.#enlarge(card, large);
    }
  }

  /** @param {HTMLElement} card @param {boolean} large */
  #enlarge(card, large) {
    card.classList.toggle("is-enlarged", large);
    const button = inside(card, '[data-action="enlarge"]');
    button.setAttribute("aria-pressed", String(large));
    button.title = large ? "Back to its place (Esc)" : "Fill the page";
    this.container?.classList.toggle("has-enlarged", Boolean(this.container.querySelector(".is-enlarged")));
    this.changed();
    dispatch("arrangement", {});
  }

  /** @param {HTMLElement} card */
  #close(card) {
    const names = this.open.filter((name) => name !== card.dataset.panel);
    this.arrange(names);
    dispatch("arranged", { names });
  }
}
