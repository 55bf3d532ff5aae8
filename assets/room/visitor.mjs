/** A page in a room: it follows the presenter, looks around, or goes on from there in a run of its own. */
import { dispatch } from "../shell/elements.mjs";
import { leaveTo } from "../run/runs.mjs";
import { element, IDS, rendered } from "../shell/ids.mjs";
import { make } from "../shell/making.mjs";
import { recall, remember } from "../shell/storage.mjs";
import { drawBar } from "./bar.mjs";
import { Lead } from "./lead.mjs";
import { askRoom, Line, RoomError } from "./line.mjs";
import { hidePointer, showPointer } from "./pointer.mjs";
import { drawVotes } from "./votes.mjs";

/**
 * @typedef {import("../page/page.mjs").Page} Page
 * @typedef {import("./bar.mjs").Choice} Choice
 * @typedef {import("./messages.d.ts").RoomEvent} RoomEvent
 * @typedef {import("./messages.d.ts").SceneEvent} SceneEvent
 * @typedef {import("./messages.d.ts").LedEvent} LedEvent
 * @typedef {import("./messages.d.ts").Entered} Entered
 */

const PRESENTER = "the presenter of this room";
const ALL_DIALS = ["data", "network", "training", "seed"];
/** Panels that are open where one member's run is looked at. */
const OF_A_MEMBER = ["boundary", "network", "metrics"];
/** Milliseconds in which the page becomes what it was told to be. */
const SETTLE_MS = 1500;
/** Milliseconds after which is asked again for what could not be, longer each time. */
const AGAIN_MS = 3000;
const AGAIN_LONGEST_MS = 30_000;
/** Milliseconds that a page which nobody sees leaves to one that somebody does. */
const UNSEEN_MS = 2000;
const FORBIDDEN = 403;

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
    /** The session of a run of one's own, "" for none. */
    this.own = recall(`${this.kept}:own`, "sessionStorage") ?? "";
    /** A key in the address shows one member's run, and nothing else of the room. */
    this.fixed = location.hash.slice(1);
    this.person = { name: "", on_board: true, shown: false };
    /** The id of the member whose run everyone sees, and the name. */
    this.shown = "";
    this.whose = "";
    /** What was answered at the steps whose answers are shown. @type {Map<number, import("./messages.d.ts").VotesEvent>} */
    this.votes = new Map();
    this.around = false;
    /** Why this page cannot come in as yet, and why it sees no run, both "" where that is not so. */
    this.waiting = "";
    this.sleeping = "";
    this.pause = AGAIN_MS;
    this.taking = false;
    /** The epoch that is to be looked at in a run of one's own. @type {number|null} */
    this.sought = null;
    this.led = true;
    /** @type {number|null} */
    this.count = null;
    this.shownAt = -Infinity;
    this.timer = 0;
    const { guard } = page.runs;
    page.runs.guard = (command) => (page.looking ? this.#refusal(command) : guard(command));
    page.votesOf = (place, question) => {
      const votes = this.votes.get(place);
      return votes ? drawVotes(question, votes, true) : null;
    };
    window.addEventListener("spiral-dash:arrangement", () => this.#compare());
    window.addEventListener("spiral-dash:answered", () => this.#sayAnswers());
    page.drawn.then(() => this.draw());
  }

  /**
   * Come in, with what is asked for that, and see what is shown.
   * @param {boolean} ended whether a run of one's own is over
   */
  async open(ended) {
    if (ended && !this.page.looking) this.#keep("");
    for (;;) {
      try {
        this.entered = await this.#enter();
        break;
      } catch (error) {
        await this.page.drawn;
        if (!(error instanceof RoomError) || error.status === 404) return this.#over(/** @type {Error} */ (error).message);
        if (error.status === FORBIDDEN && this.room.locked) await this.#askPassword(error.message);
        else await this.#wait(error.status ? error.message : "");
      }
    }
    const { key } = this.entered;
    this.waiting = "";
    if (this.fixed) return this.#look();
    remember(this.kept, key);
    this.line ??= new Line(this.page.runs.base, key, { onEvent: (event) => this.#told(event), onConnected: (connected) => connected && this.#introduce() });
    if (this.own) await this.mine();
    else await this.#look();
  }

  /** The presenter's run could not be woken: the server is full. @param {string} text */
  async asleep(text) {
    this.sleeping = `The presenter's run sleeps. ${text}`;
    await this.#wait("");
    if (this.page.looking) await this.open(false);
  }

  /** Leave the server alone for a while, which grows. @param {string} why */
  async #wait(why) {
    this.waiting = why;
    this.draw();
    await pause(this.pause * (0.75 + 0.5 * Math.random()));
    this.pause = Math.min(2 * this.pause, AGAIN_LONGEST_MS);
  }

  /** A picture of the run has come. */
  seen() {
    this.pause = AGAIN_MS;
    if (!this.sleeping) return;
    this.sleeping = "";
    this.draw();
  }

  #password = "";

  /** @returns {Promise<Entered>} */
  async #enter() {
    const key = this.fixed || (recall(this.kept) ?? "");
    if (this.room.locked && !key && !this.#password) throw new RoomError("", 403);
    return askRoom(this.page.runs.base, "enter", { room: this.room.name, key, password: this.#password });
  }

  /** Say who this page is: the server forgets that when the line breaks. */
  #introduce() {
    const { name, on_board } = this.person;
    if (name) this.line?.say({ type: "me", name, on_board });
    if (this.own) this.line?.say({ type: "run", session: this.own });
    this.page.drawn.then(() => this.#sayAnswers());
  }

  #sayAnswers() {
    const { lesson } = this.page;
    const answers = lesson?.data.steps.flatMap((_, place) => {
      const answer = lesson.answerOf(place);
      return answer ? [/** @type {[number, string]} */ ([place, answer.text])] : [];
    });
    if (answers?.length) this.line?.say({ type: "answers", answers });
  }

  /** See the presenter's run. */
  async #look() {
    const { page, entered } = this;
    if (!entered) return;
    if (entered.config) page.run.look(entered.key, entered.config);
    else {
      this.sleeping = "";
      page.opening.end();
    }
    await page.drawn;
    document.documentElement.dataset.looking = "true";
    page.access.set({ lock: ALL_DIALS, hide: [] }, PRESENTER);
    if (this.fixed) page.arrangeAs({ panels: OF_A_MEMBER, options: {}, speed: null }, true);
    this.show();
  }

  /** Leave a run of one's own where it is, and see the presenter's again. */
  async back() {
    const { page } = this;
    if (page.looking) return this.show();
    page.endComparison();
    // What the presenter's is may have changed meanwhile.
    this.entered = await this.#enter().catch(() => this.entered);
    return this.#look();
  }

  /** Have a run of one's own, which nobody else turns. @param {() => Promise<import("../run/run.mjs").Opened>} obtain */
  async #have(obtain) {
    const { page } = this;
    const { token, notices } = await obtain();
    for (const notice of notices) tell(notice);
    if (!token) return;
    this.#keep(token);
    await page.drawn;
    document.documentElement.dataset.looking = "false";
    page.access.set({});
    page.lookBeside(null);
    this.draw();
  }

  /** Go on with the run of one's own. */
  mine() {
    const { page } = this;
    return this.#have(() => page.seat.take((ticket) => page.run.open("", this.own, false, null, ticket)));
  }

  /** Go on from what is on screen, in a run of one's own. @param {number|null} epoch to look at there */
  async takeOver(epoch = null) {
    const { page, entered } = this;
    this.sought = epoch;
    if (!entered || this.taking) return;
    this.taking = true;
    try {
      await this.#have(() => page.seat.take((ticket) => page.run.takeOver(entered.key, ticket)));
      if (this.sought !== null) await page.run.seek(this.sought);
    } catch (error) {
      tell({ level: "warning", text: /** @type {Error} */ (error).message });
    }
    this.taking = false;
    this.sought = null;
    this.draw();
  }

  /** The run of one's own is no more. */
  forget() {
    this.#keep("");
  }

  /** @param {string} token of the session of one's own, "" for none */
  #keep(token) {
    this.own = token;
    remember(`${this.kept}:own`, token, "sessionStorage");
    this.line?.say({ type: "run", session: token });
  }

  /**
   * Whoever looks at another epoch does so in a run of their own.
   * @param {import("../stream/messages.d.ts").PageCommand} command
   */
  #refusal(command) {
    if (command.do !== "seek" || command.epoch === undefined || command.epoch === null) {
      return "This run is the presenter's: they alone play and change it. Take it over to go on with a copy.";
    }
    this.takeOver(command.epoch);
    return null;
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
        return this.#turnTo(event);
      case "me":
        if (event.shown && !this.person.shown) tell({ level: "info", text: "Everyone in the room sees your run now, with your name." });
        this.person = { name: event.name, on_board: event.on_board, shown: event.shown };
        return this.draw();
      case "votes":
        this.votes.set(event.step, event);
        return this.page.lesson?.revealAt(event.step);
      case "point":
        return this.page.looking && !this.around ? showPointer(event) : hidePointer();
      case "led":
        return this.#lead(event);
      case "closed":
        return this.#over(event.text);
      case "refused":
      case "wait":
        return tell({ level: "warning", text: event.text });
    }
  }

  /** The presenter's page shows something else. @param {SceneEvent} scene */
  #turn(scene) {
    // The text of another lesson comes with the page.
    if (scene.lesson !== this.room.lesson) return location.reload();
    this.scene = scene;
    if (this.page.looking && !this.page.run.connected && !this.entered?.config) this.open(false);
    else if (this.page.looking && !this.around) this.show();
    else this.draw();
  }

  /** Everyone is shown the run of a member, or again the presenter's. @param {import("./messages.d.ts").PeopleEvent} event */
  #turnTo({ shown, whose }) {
    const isOther = shown !== this.shown;
    this.shown = shown;
    this.whose = whose;
    if (isOther && this.page.looking && !this.around) this.show();
    else this.draw();
  }

  /** Show what the presenter does. */
  show() {
    this.around = false;
    const { scene, page, entered } = this;
    const { lesson } = page;
    this.draw();
    if (!scene || !entered) return;
    this.shownAt = performance.now();
    page.lookBeside(scene.compared && !this.shown ? entered.second : null);
    page.arrangeAs(scene.page, true);
    page.cards.enlarge(scene.enlarged);
    if (lesson && lesson.place !== scene.step) lesson.follow(scene.step);
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
    drawBar({ name: this.room.name, state: this.#state, count: this.count, choices: this.#choices });
  }

  get #state() {
    if (this.page.run.token && !this.page.looking) return this.person.shown ? "A run of your own, which everyone in the room sees now." : "A run of your own: play it, change it.";
    if (this.waiting || this.sleeping) return this.waiting || this.sleeping;
    if (this.fixed) return `You look at the run of ${this.entered?.whose ?? ""}.`;
    if (this.whose && !this.around) return `You follow the presenter, who shows the run of ${this.whose}.`;
    if (!this.led) return "The presenter is away: this is what they showed last.";
    return this.around ? "You look around by yourself: the run is the presenter's." : "You follow the presenter.";
  }

  /** @returns {Choice[]} */
  get #choices() {
    const { looking, run } = this.page;
    if (this.fixed) return [];
    const me = this.person.name ? [{ label: `${this.person.name} …`, act: () => this.#askPerson(), title: "Your name here, and whether your run may be on the presenter's board" }] : [];
    const back = { label: "Back to the presenter", act: () => void this.back(), accent: true };
    if (run.token && !looking) return [back, ...me];
    const take = { label: "Take it over", act: () => void this.takeOver(), title: "Go on from what is on screen, in a run of your own" };
    const mine = { label: "My run", act: () => void this.mine(), title: "The run of your own, where you left it" };
    return [...(this.around ? [back] : []), ...(this.own ? [mine] : []), take, ...me];
  }

  /** The room was handed on to this page, which presents from now on. @param {LedEvent} led */
  async #lead({ key, session, ends_at }) {
    const { page, room, scene } = this;
    // All pages of one person are told: one of them presents.
    if (document.hidden) await pause(UNSEEN_MS);
    if (Lead.rooms().some((each) => each.key === key)) return;
    remember(this.kept, "");
    this.#keep("");
    this.line?.close();
    const said = [page.lesson ? `step=${page.lesson.place + 1}` : "", page.run.config?.query ?? "", scene?.search ?? ""];
    Lead.again({ name: room.name, key, ends_at, session, lesson: room.lesson, search: said.filter(Boolean).join("&") });
  }

  /** The person says what they are called here. */
  #askPerson() {
    const { name, on_board } = this.person;
    const field = make("input", { type: "text", id: "room-person", className: "form-control", maxLength: 24, value: name, autocomplete: "off" });
    const box = make("input", { type: "checkbox", id: "room-on-board", className: "form-check-input", checked: on_board });
    const dialog = /** @type {HTMLDialogElement} */ (element(IDS.ROOM_DIALOG));
    const form = make(
      "form",
      { className: "room-form", noValidate: true },
      make("h2", {}, "You in this room"),
      make("div", { className: "room-field" }, make("label", { htmlFor: field.id }, "Name"), field, make("p", { className: "gallery-purpose" }, "The presenter sees it, and everyone while your run is shown to all; it need not be your own.")),
      make("label", { className: "room-check" }, box, "The presenter's board may show my own run, and from there everyone may be shown it"),
      make("button", { type: "submit", className: "btn btn-accent" }, "Done"),
    );
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.line?.say({ type: "me", name: field.value.trim() || name, on_board: box.checked });
      dialog.close();
    });
    dialog.replaceChildren(form);
    dialog.showModal();
    field.select();
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
    remember(this.kept, "");
    // A run of one's own goes on in the laboratory.
    if (this.own) leaveTo(this.own);
    this.#keep("");
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

/** @param {import("../run/run.mjs").Notice} notice */
function tell(notice) {
  dispatch("notice", notice);
}
