/** The board: every member's own run as a tile, for the presenter. */
import { percent, whole } from "../page/readouts.mjs";
import { page } from "../page/page.mjs";
import { readTheme } from "../plot/theme.mjs";
import { lesson } from "../lesson/opening.mjs";
import { isRight, wrongWith } from "../lesson/judging.mjs";
import { element, IDS } from "../shell/ids.mjs";
import { make, write } from "../shell/making.mjs";
import { paintTile, readTile } from "./tile.mjs";

/**
 * @typedef {import("./lead.mjs").Lead} Lead
 * @typedef {import("./messages.d.ts").Person} Person
 * @typedef {import("./tile.mjs").Tile} Tile
 */

const PIXELS = 160;
const NOTHING = "–";

/** How tiles are ordered; of equal ones, by name. @type {Record<string, {label: string, of: (person: Person, tile: Tile|undefined) => number}>} */
const ORDERS = {
  name: { label: "Name", of: () => 0 },
  epoch: { label: "Epoch", of: (_, tile) => -(tile?.epoch ?? -1) },
  train: { label: "Train accuracy", of: (_, tile) => -(tile?.trainAccuracy ?? -1) },
  test: { label: "Test accuracy", of: (_, tile) => -(tile?.testAccuracy ?? -1) },
  answers: { label: "Right answers", of: (person) => -answered(person).right - answered(person).given / 1000 },
};

/** How many questions of the lesson somebody has answered, and how many of these rightly. @param {Person} person */
function answered({ answers }) {
  const given = Object.entries(answers).flatMap(([step, text]) => {
    const question = lesson?.steps[Number(step)]?.question;
    return question && !wrongWith(question, text) ? [isRight(question, text)] : [];
  });
  return { given: given.length, right: given.filter(Boolean).length };
}

const asked = () => lesson?.steps.filter(({ question }) => question).length ?? 0;

export class Board {
  /** @param {Lead} lead */
  constructor(lead) {
    this.lead = lead;
    /** @type {Map<string, Tile>} */
    this.tiles = new Map();
    /** @type {Map<string, ReturnType<Board["make"]>>} */
    this.shown = new Map();
    this.order = "name";
    this.scheduled = false;
    this.list = make("ul", { className: "board-tiles" });
    this.empty = make("p", { className: "board-empty" }, "Nobody here has a run of their own yet. Whoever takes yours over appears on this board, unless they stay off it.");
    this.dialog = /** @type {HTMLDialogElement} */ (element(IDS.ROOM_BOARD));
    this.dialog.onclose = () => this.lead.line.say({ type: "board", open: false });
  }

  open() {
    const order = make("select", { id: "board-order", className: "form-select form-select-sm" }, ...Object.entries(ORDERS).filter(([name]) => name !== "answers" || lesson).map(([name, { label }]) => new Option(label, name)));
    order.value = this.order;
    order.addEventListener("change", () => {
      this.order = order.value;
      this.draw();
    });
    const close = make("button", { type: "button", className: "btn btn-quiet btn-icon", title: "Close (Esc)", "aria-label": "Close the board", onclick: () => this.dialog.close() }, make("span", { className: "icon icon-close", "aria-hidden": "true" }));
    this.dialog.replaceChildren(
      make("div", { className: "gallery-header" }, make("h2", {}, `Room ${this.lead.made.name}: everyone's runs`), make("div", { className: "board-order" }, make("label", { htmlFor: order.id }, "Sorted by"), order), close),
      this.empty,
      this.list,
    );
    if (!this.dialog.open) this.dialog.showModal();
    this.lead.line.say({ type: "board", open: true });
    this.draw();
  }

  /** The line is there again, whose other end forgets what was looked at. */
  renew() {
    if (this.dialog.open) this.lead.line.say({ type: "board", open: true });
  }

  /** @param {ArrayBuffer} blob */
  take(blob) {
    const [member, tile] = readTile(blob);
    this.tiles.set(member, tile);
    this.draw();
  }

  /** Draw with the browser's next picture. */
  draw() {
    if (this.scheduled || !this.dialog.open) return;
    this.scheduled = true;
    requestAnimationFrame(() => {
      this.scheduled = false;
      this.#draw();
    });
  }

  #draw() {
    const people = (this.lead.people?.people ?? []).filter(({ key }) => key);
    const { of } = ORDERS[this.order];
    people.sort((one, other) => of(one, this.tiles.get(one.id)) - of(other, this.tiles.get(other.id)) || one.name.localeCompare(other.name));
    this.empty.hidden = people.length > 0;
    for (const [member, { item }] of this.shown) {
      if (people.some(({ id }) => id === member)) continue;
      item.remove();
      this.shown.delete(member);
      this.tiles.delete(member);
    }
    const theme = readTheme();
    people.forEach((person, place) => {
      const made = this.shown.get(person.id) ?? this.make(person);
      this.#write(made, person, theme);
      if (this.list.children[place] !== made.item) this.list.insertBefore(made.item, this.list.children[place] ?? null);
    });
  }

  /** @param {Person} person */
  make(person) {
    const canvas = make("canvas", { width: PIXELS, height: PIXELS, "aria-hidden": "true" });
    const name = make("span", { className: "board-name" });
    const figures = make("span", { className: "board-figures" });
    const link = make("a", { className: "board-open", target: "_blank", title: "Opens this run, to look at, in a tab of its own" }, canvas, name, figures);
    const everyone = make("button", { type: "button", className: "btn btn-quiet btn-small" });
    everyone.addEventListener("click", () => this.lead.spotlight(this.lead.people?.shown === person.id ? "" : person.id));
    const item = make("li", { className: "board-tile" }, link, everyone);
    const made = { item, canvas, name, figures, link, everyone, painted: /** @type {Tile|null} */ (null), theme: "" };
    this.shown.set(person.id, made);
    return made;
  }

  /** @param {ReturnType<Board["make"]>} made @param {Person} person @param {import("../plot/theme.mjs").Theme} theme */
  #write(made, person, theme) {
    const tile = this.tiles.get(person.id);
    const answers = answered(person);
    const isShown = this.lead.people?.shown === person.id;
    write(made.name, person.name);
    write(made.figures, wordsOf(tile, lesson ? answers : null));
    write(made.everyone, isShown ? "Everyone sees it" : "Show everyone");
    made.everyone.setAttribute("aria-pressed", String(isShown));
    const address = `${page.at(`room/${encodeURIComponent(this.lead.made.name)}`)}#${person.key}`;
    if (made.link.href !== address) made.link.href = address;
    if (!tile?.grid || (made.painted === tile && made.theme === theme.key)) return;
    made.painted = tile;
    made.theme = theme.key;
    paintTile(made.canvas, tile.grid, theme);
  }
}

/** @param {Tile|undefined} tile @param {{given: number, right: number}|null} answers */
function wordsOf(tile, answers) {
  const share = (/** @type {number|null|undefined} */ value) => (value === null || value === undefined ? NOTHING : percent(value));
  const run = tile ? `epoch ${whole(tile.epoch)} · train ${share(tile.trainAccuracy)} · test ${share(tile.testAccuracy)}` : "not seen yet";
  return answers ? `${run} · ${answers.right} right, ${answers.given} of ${asked()} answered` : run;
}
