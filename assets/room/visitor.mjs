/** A page in a room: it follows the presenter, or looks around, and asks nothing of their run. */
import { element, IDS, rendered } from "../shell/ids.mjs";
import { make } from "../shell/making.mjs";
import { recall, remember } from "../shell/storage.mjs";
import { drawBar } from "./bar.mjs";
import { askRoom, Line, RoomError } from "./line.mjs";

/**
 * @typedef {import("../page/page.mjs").Page} Page
 * @typedef {import("./messages.d.ts").RoomEvent} RoomEvent
 * @typedef {import("./messages.d.ts").SceneEvent} SceneEvent
 * @typedef {import("./messages.d.ts").Entered} Entered
 * @typedef {{place: number, data: {steps: unknown[]}, follow: (place: number) => void}} FollowedLesson
 */

const PRESENTER = "the presenter of this room";
const ALL_DIALS = ["data", "network", "training", "seed"];
/** Milliseconds in which the page becomes what it was told to be. */
const SETTLE_MS = 1500;
const AGAIN_MS = 3000;

/** What two addresses say, whatever its order. @param {string} search */
const inOrder = (search) => search.split("&").filter(Boolean).sort().join("&");

export class Visitor {
  /** @param {Page} page @param {import("./opening.mjs").RoomData} room */
  constructor(page, room) {
    this.page = page;
    this.room = room;
    this.kept = `spiral-dash-room:${room.name}`;
    /** @type {Entered|null} */
    this.entered = null;
    /** @type {Line|null} */
    this.line = null;
    /** @type {SceneEvent|null} */
    this.scene = null;
    this.around = false;
    this.led = true;
    /** @type {number|null} */
    this.count = null;
    this.shownAt = -Infinity;
    this.timer = 0;
    const { guard } = page.runs;
    page.runs.guard = (command) => (page.looking ? "This run is the presenter's: they alone play and change it." : guard(command));
    window.addEventListener("spiral-dash:arrangement", () => this.#compare());
    page.drawn.then(() => this.draw());
  }

  /** Come in, with what is asked for that, and see what is shown. */
  async open() {
    for (;;) {
      try {
        this.entered = await this.#enter();
        break;
      } catch (error) {
        await this.page.drawn;
        if (!(error instanceof RoomError) || error.status === 404) return this.#over(/** @type {Error} */ (error).message);
        if (error.status === 0 || error.status === 422) await pause(AGAIN_MS);
        else await this.#askPassword(error.message);
      }
    }
    const { key, config } = this.entered;
    remember(this.kept, key, "sessionStorage");
    this.line ??= new Line(this.page.runs.base, key, { onEvent: (event) => this.#told(event), onConnected: () => {} });
    if (config) this.page.run.look(key, config);
    else this.page.opening.end();
    await this.page.drawn;
    document.documentElement.dataset.looking = "true";
    this.page.access.set({ lock: ALL_DIALS, hide: [] }, PRESENTER);
    this.draw();
  }

  #password = "";

  /** @returns {Promise<Entered>} */
  #enter() {
    const key = recall(this.kept, "sessionStorage") ?? "";
    if (this.room.locked && !key && !this.#password) throw new RoomError("", 403);
    return askRoom(this.page.runs.base, "enter", { room: this.room.name, key, password: this.#password });
  }

  /** @param {RoomEvent} event */
  async #told(event) {
    await this.page.drawn;
    switch (event.event) {
      case "scene":
        return this.#turn(event);
      case "people":
        this.count = event.count;
        this.led = event.led;
        return this.draw();
      case "closed":
        return this.#over(event.text);
      case "refused":
        window.dispatchEvent(new CustomEvent("spiral-dash:notice", { detail: { level: "warning", text: event.text } }));
    }
  }

  /** The presenter's page shows something else. @param {SceneEvent} scene */
  #turn(scene) {
    // The text of another lesson comes with the page.
    if (scene.lesson !== this.room.lesson) return location.reload();
    this.scene = scene;
    if (!this.page.run.connected && !this.entered?.config) this.open();
    if (!this.around) this.show();
    else this.draw();
  }

  /** Show what the presenter does. */
  show() {
    this.around = false;
    const { scene, page, entered } = this;
    const { lesson } = page;
    if (!scene || !entered) return;
    this.shownAt = performance.now();
    page.lookBeside(scene.compared ? entered.second : null);
    page.arrangeAs(scene.page, true);
    if (lesson && lesson.place !== scene.step) lesson.follow(scene.step);
    this.draw();
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.#compare(), SETTLE_MS);
  }

  /** Whether the page still shows what the presenter's does. */
  #compare() {
    const { scene, page } = this;
    const { lesson } = page;
    if (!scene || this.around || !page.looking || performance.now() - this.shownAt < SETTLE_MS) return;
    const same = inOrder(page.address.ofPage.join("&")) === inOrder(scene.search) && (!lesson || lesson.place === scene.step);
    if (same) return;
    this.around = true;
    this.draw();
  }

  draw() {
    if (!this.page.shellIsThere) return;
    const { name } = this.room;
    drawBar({ name, state: this.#state, count: this.count, choices: this.around ? [{ label: "Back to the presenter", act: () => this.show(), accent: true }] : [] });
  }

  get #state() {
    if (!this.led) return "The presenter is away; this is what they showed last.";
    return this.around ? "You look around by yourself; the run is the presenter's." : "You follow the presenter.";
  }

  /** @param {string} refusal */
  async #askPassword(refusal) {
    await rendered(IDS.SEAT);
    const field = make("input", { type: "password", className: "form-control", id: "room-password", maxLength: 500, autocomplete: "off", required: true });
    const said = make("p", { className: "room-refusal", role: "alert" }, refusal);
    const form = make("form", { className: "room-enter", noValidate: true }, make("label", { htmlFor: field.id }, "Password"), field, said, make("button", { type: "submit", className: "btn btn-accent" }, "Come in"));
    const dialog = this.#say(`Room ${this.room.name}`, "This room has a password. Whoever presents knows it.", form);
    field.focus();
    await new Promise((resolve) =>
      form.addEventListener("submit", (event) => {
        event.preventDefault();
        if (!field.value) said.textContent = "Type the password first.";
        else resolve((this.#password = field.value));
      }),
    );
    dialog.close();
  }

  /** The room is no more. @param {string} text */
  #over(text) {
    this.line?.close();
    this.page.run.close();
    remember(this.kept, "", "sessionStorage");
    this.#say("This room is over", text, make("a", { href: this.page.at(""), className: "btn btn-accent" }, "To the laboratory"));
  }

  /** @param {string} title @param {string} text @param {HTMLElement} choice */
  #say(title, text, choice) {
    const dialog = /** @type {HTMLDialogElement} */ (element(IDS.SEAT));
    element(IDS.SEAT_TITLE).textContent = title;
    element(IDS.SEAT_TEXT).textContent = text;
    element(IDS.SEAT_CHOICES).replaceChildren(choice);
    dialog.oncancel = (event) => event.preventDefault();
    if (!dialog.open) dialog.showModal();
    return dialog;
  }
}

/** @param {number} milliseconds */
const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
