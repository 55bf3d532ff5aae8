/** A page that presents in a room: what it shows, everyone there sees. */
import { lesson } from "../lesson/opening.mjs";
import { page } from "../page/page.mjs";
import { leaveTo } from "../run/runs.mjs";
import { make } from "../shell/making.mjs";
import { tell } from "../shell/notices.mjs";
import { recall, remember } from "../shell/storage.mjs";
import { clearBar, drawBar } from "./bar.mjs";
import { Board } from "./board.mjs";
import { Line } from "./line.mjs";
import { Pointing } from "./pointer.mjs";
import { drawVotes } from "./votes.mjs";

/**
 * @typedef {import("./messages.d.ts").Made} Made
 * @typedef {import("./messages.d.ts").PeopleEvent} PeopleEvent
 * @typedef {import("./messages.d.ts").RoomEvent} RoomEvent
 */

/** A reload of this tab presents on. */
const KEPT = "spiral-dash-presents";
/** The rooms that this browser may present in, also after their tab was closed. */
const ROOMS = "spiral-dash-rooms";
const ROOMS_MAX = 8;
/** @typedef {Made & {session?: string, lesson?: string, search?: string}} Presented a room, and what was presented there last */

/** Milliseconds after which the others are told of a change, and of all that follow it at once. */
const SOON_MS = 100;

export class Lead {
  /**
   * @param {Made} made
   * @param {{open: (lead: Lead) => void, changed: (lead: Lead) => void, over: () => void}} follower who
   *   opens its dialog, and is told when people come and go, and when it is over
   */
  constructor(made, follower) {
    this.made = made;
    this.follower = follower;
    /** @type {PeopleEvent|null} */
    this.people = null;
    this.board = new Board(this);
    this.pointing = new Pointing((place) => this.line.say({ type: "point", ...place }));
    /** What was answered at the steps whose answers everyone has been shown. @type {Map<number, import("./messages.d.ts").VotesEvent>} */
    this.revealed = new Map();
    page.votesOf = (place, question) => this.#votes(place, question);
    this.said = "";
    this.timer = 0;
    this.soon = () => {
      this.timer ||= setTimeout(() => this.#say(), SOON_MS);
    };
    for (const event of ["spiral-dash:arrangement", "spiral-dash:compared"]) window.addEventListener(event, this.soon);
    this.line = new Line(page.runs.base, made.key, {
      onEvent: (event) => this.#told(event),
      onPicture: (blob) => this.board.take(blob),
      onConnected: (connected) => {
        this.said = "";
        if (!connected) return;
        this.soon();
        this.board.renew();
      },
    });
    Lead.keep(made);
    this.draw();
  }

  /** Have this tab present when it is loaded again. @param {Made} made */
  static keep(made) {
    remember(KEPT, JSON.stringify(made), "sessionStorage");
    Lead.note(made);
  }

  /** Have this browser find a room again. @param {Presented} made */
  static note(made) {
    const others = Lead.rooms().filter(({ name }) => name !== made.name);
    remember(ROOMS, JSON.stringify([made, ...others].slice(0, ROOMS_MAX)));
  }

  /** The rooms that this browser may present in, the newest first. @returns {Presented[]} */
  static rooms() {
    try {
      /** @type {Presented[]} */
      const rooms = JSON.parse(recall(ROOMS) || "[]");
      return rooms.filter(({ name, key, ends_at }) => typeof name === "string" && typeof key === "string" && !(ends_at && 1000 * ends_at < Date.now()));
    } catch {
      return [];
    }
  }

  /** Present again, in this tab, with the run of before. @param {Presented} room */
  static again({ name, key, ends_at, session = "", lesson: of = "", search = "" }) {
    Lead.keep({ name, key, ends_at });
    if (session) leaveTo(session, of);
    const address = new URL(page.at(of ? `lesson/${encodeURIComponent(of)}` : ""), location.href);
    address.search = search;
    location.assign(address);
  }

  /** The room that this tab presented in before it was loaded again. @returns {Made|null} */
  static kept() {
    try {
      const kept = JSON.parse(recall(KEPT, "sessionStorage") || "null");
      return typeof kept?.name === "string" && typeof kept?.key === "string" ? kept : null;
    } catch {
      return null;
    }
  }

  /** The address that others open. */
  get link() {
    return page.at(`room/${encodeURIComponent(this.made.name)}`);
  }

  /** Tell the others what this page shows, if that has changed. */
  #say() {
    this.timer = 0;
    const runs = page.runs.all.map(({ token }) => token).filter(Boolean);
    const step = lesson ? Math.max(0, Number(new URLSearchParams(page.address.prefix).get("step")) - 1) : 0;
    const scene = { search: page.address.ofPage.join("&"), lesson: lesson?.name ?? "", step, enlarged: page.cards.enlarged };
    const said = JSON.stringify([scene, runs]);
    if (said === this.said || !this.line.connection.connected) return;
    this.said = said;
    this.line.say({ type: "scene", scene, runs });
    Lead.note({ ...this.made, session: runs[0] ?? "", lesson: lesson?.name ?? "", search: location.search });
  }

  /** @param {RoomEvent} event */
  #told(event) {
    switch (event.event) {
      case "people":
        this.people = event;
        page.lesson?.showVotes();
        this.board.draw();
        this.follower.changed(this);
        return this.draw();
      case "votes":
        this.revealed.set(event.step, event);
        return page.lesson?.showVotes();
      case "handed":
        remember(`spiral-dash-room:${this.made.name}`, event.key);
        this.#end();
        return tell("info", `${event.to} presents in this room now; this run stays yours. Open ${this.link} to follow.`);
      case "refused":
      case "wait":
        return tell("warning", event.text);
      case "closed":
        this.#end();
        return tell("info", event.text);
    }
  }

  /** Make a member the presenter. @param {string} member */
  handOn(member) {
    this.line.say({ type: "hand", to: member });
  }

  /** Show everyone the run of a member, "" for that of this page. @param {string} member */
  spotlight(member) {
    this.line.say({ type: "spotlight", member });
  }

  #point() {
    this.pointing.toggle();
    this.draw();
  }

  /** @param {number} place of a step @param {import("../lesson/data.d.ts").LessonQuestion} question */
  #votes(place, question) {
    const now = this.people?.votes;
    const votes = this.revealed.get(place) ?? (now?.step === place ? now : { counts: {}, given: 0 });
    const reveal = make("button", { type: "button", className: "btn btn-accent btn-small" }, "Show everyone the answer");
    reveal.addEventListener("click", () => {
      this.line.say({ type: "reveal", step: place });
    });
    return drawVotes(question, votes, this.revealed.has(place), reveal);
  }

  /** End the room for everyone. */
  close() {
    this.line.say({ type: "close" });
  }

  #end() {
    this.line.close();
    clearTimeout(this.timer);
    for (const event of ["spiral-dash:arrangement", "spiral-dash:compared"]) window.removeEventListener(event, this.soon);
    remember(KEPT, "", "sessionStorage");
    remember(ROOMS, JSON.stringify(Lead.rooms().filter(({ key }) => key !== this.made.key)));
    this.pointing.stop();
    page.votesOf = () => null;
    page.lesson?.showVotes();
    this.board.dialog.close();
    clearBar();
    this.follower.over();
  }

  draw() {
    const whose = this.people?.whose ?? "";
    const point = { label: "Point", act: () => this.#point(), pressed: this.pointing.on, title: "Everyone sees where your pointer is on a panel" };
    const mine = { label: "Show mine again", act: () => this.spotlight(""), accent: true };
    drawBar({
      name: this.made.name,
      state: whose ? `Everyone here sees the run of ${whose}.` : "You present: everyone here sees this run, and follows what you show of it.",
      count: this.people?.count ?? null,
      choices: [...(whose ? [mine] : []), point, { label: "Board", act: () => this.board.open(), title: "Everyone's own run as a tile" }, { label: "Link and people", act: () => this.follower.open(this), title: "The link with its QR picture, who is here, and the end of the room" }],
    });
  }
}
