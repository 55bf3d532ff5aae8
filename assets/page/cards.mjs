/** What a panel's card does by itself: its explanation, filling the page, closing. */

const action = (name) => (element) => element.closest?.(`[data-action="${name}"]`);
const enlargeButton = action("enlarge");
const closeButton = action("close");
const POPOVERS = ".panel-about[open], .panel-more[open]";

export class Cards {
  /** @param {() => void} changed called when other panels are on screen than before */
  constructor(changed) {
    this.changed = changed;
    this.container = null;
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
    return [...(this.container?.querySelectorAll("[data-panel]") ?? [])];
  }

  /** Names of the open panels, in their order. */
  get open() {
    const order = (card) => Number(card.style.order);
    return this.#cards
      .filter((card) => !card.hidden)
      .sort((a, b) => order(a) - order(b))
      .map((card) => card.dataset.panel);
  }

  /** Show these panels, in this order. */
  arrange(names) {
    this.names = names;
    for (const card of this.#cards) {
      const place = names.indexOf(card.dataset.panel);
      card.hidden = place < 0;
      card.style.order = String(place);
      if (card.hidden) this.#enlarge(card, false);
    }
    this.changed();
  }

  #click(event) {
    for (const details of document.querySelectorAll(POPOVERS)) {
      if (!details.contains(event.target)) details.open = false;
    }
    const card = event.target.closest?.("[data-panel]");
    if (!card || !this.container?.contains(card)) return;
    if (enlargeButton(event.target)) this.#enlarge(card, !card.classList.contains("is-enlarged"));
    if (closeButton(event.target)) this.#close(card);
  }

  #key(event) {
    if (event.key !== "Escape" || event.defaultPrevented) return;
    const about = document.querySelector(POPOVERS);
    if (about) {
      about.open = false;
      about.querySelector("summary").focus();
      return;
    }
    const enlarged = this.#cards.find((card) => card.classList.contains("is-enlarged"));
    if (enlarged) this.#enlarge(enlarged, false);
  }

  #enlarge(card, large) {
    card.classList.toggle("is-enlarged", large);
    const button = card.querySelector('[data-action="enlarge"]');
    button.setAttribute("aria-pressed", String(large));
    button.title = large ? "Back to its place (Esc)" : "Fill the page";
    this.container.classList.toggle("has-enlarged", Boolean(this.container.querySelector(".is-enlarged")));
    this.changed();
  }

  #close(card) {
    const names = this.open.filter((name) => name !== card.dataset.panel);
    this.arrange(names);
    window.dispatchEvent(new CustomEvent("spiral-dash:arranged", { detail: { names } }));
  }
}
