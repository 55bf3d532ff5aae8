/** The runs of the page: one, or two that are compared. */
import { lesson } from "../lesson/opening.mjs";
import { room } from "../room/opening.mjs";
import { recall, remember } from "../shell/storage.mjs";
import { Lockstep } from "./lockstep.mjs";
import { RunView } from "./run.mjs";

/**
 * @typedef {import("./run.mjs").Follower} Follower
 * @typedef {import("./run.mjs").Opened} Opened
 */

/** A lesson has sessions of its own beside those of the laboratory. */
const OF_LESSON = lesson ? `:${lesson.name}` : "";
const TOKEN = `spiral-dash-session${OF_LESSON}`;
const SECOND = `spiral-dash-second-session${OF_LESSON}`;

/**
 * Have the laboratory, or a lesson, find a session when it is opened next in this tab.
 * @param {string} token
 * @param {string} [name] of the lesson
 */
export function leaveTo(token, name = "") {
  remember(`spiral-dash-session${name && `:${name}`}`, token, "sessionStorage");
}

export class Runs {
  /**
   * @param {URL} base of the server's routes
   * @param {Follower} follower of each
   */
  constructor(base, follower) {
    this.base = base;
    this.follower = follower;
    this.first = new RunView(base, follower);
    /** @type {RunView|null} */
    this.second = null;
    /** @type {Lockstep|null} */
    this.lockstep = null;
    /** Why the page does not ask something of them. @type {RunView["guard"]} */
    this.guard = () => "";
    this.first.guard = (command) => this.guard(command);
    /** Which of them the dials turn. @type {"a"|"b"|"both"} */
    this.turned = "a";
    /** So many second runs are on their way. */
    this.opening = 0;
    /** Counts the wishes for a second run, or for none: the newest holds. */
    this.wish = 0;
  }

  /** @returns {RunView[]} */
  get all() {
    return this.second ? [this.first, this.second] : [this.first];
  }

  /** The run that the dials show. */
  get chosen() {
    return this.turned === "b" && this.second ? this.second : this.first;
  }

  /** The run that is turned together with the chosen one, if any. */
  get along() {
    return this.turned === "both" ? this.second : null;
  }

  /** Allow these a frame. @param {RunView[]} runs */
  credit(runs) {
    if (this.lockstep) this.lockstep.credit(runs);
    else for (const run of runs) run.credit();
  }

  /** @param {RunView} run */
  isSecond(run) {
    return run === this.second;
  }

  /**
   * Open the first run's session.
   * @param {string} search
   * @param {string|null} token
   * @param {boolean} ended
   * @param {string|null} ticket of the place in the queue
   */
  async open(search, token, ended, ticket = null) {
    const opened = await this.first.open(search, token, ended, null, ticket);
    if ("token" in opened && opened.token) remember(TOKEN, opened.token, "sessionStorage");
    return opened;
  }

  /** The session that a reload of this tab finds again. */
  get kept() {
    return recall(TOKEN, "sessionStorage");
  }

  /**
   * Compare with the run of an address; what is said of that.
   * @param {string} settings
   * @param {number|null} epoch that both are to come to
   * @returns {Promise<import("./run.mjs").Notice[]>}
   */
  async compare(settings, epoch = null) {
    const search = epoch === null ? settings : [settings, `epoch=${epoch}`].filter(Boolean).join("&");
    if (this.second) {
      const answer = await this.second.visit(search);
      if (answer.event === "reply") return [{ level: "danger", text: answer.error }];
      return answer.event === "visit" ? answer.problems.map((text) => ({ level: "warning", text })) : [];
    }
    const second = new RunView(this.base, this.follower);
    second.guard = this.first.guard;
    const wish = ++this.wish;
    this.opening += 1;
    try {
      const token = recall(SECOND, "sessionStorage");
      const answer = await second.open(search, token, false, this.first.token);
      // Nobody waits beside another run: a full server refuses.
      const { token: got, notices } = /** @type {Opened} */ (answer);
      if (wish !== this.wish) {
        second.close();
        return [];
      }
      if (got) this.#pair(second);
      return notices.filter(({ level }) => level !== "info");
    } finally {
      this.opening -= 1;
    }
  }

  /** @param {RunView} second */
  #pair(second) {
    this.second = second;
    this.lockstep = new Lockstep(this.first, second);
    this.#remember();
  }

  /**
   * Show a second run of somebody else beside the first, or none.
   * @param {string|null} key to it
   */
  lookBeside(key) {
    const { second } = this;
    if ((second?.token ?? null) === key) return;
    this.second = this.lockstep = null;
    second?.close();
    if (key === null) return;
    this.second = new RunView(this.base, this.follower);
    this.second.guard = this.first.guard;
    this.second.look(key, null);
  }

  /**
   * The other run becomes what this one is; sentences on what went wrong.
   * @param {RunView} run
   * @param {string} search what it is to become
   */
  async copy(run, search) {
    const other = run === this.first ? this.second : this.first;
    if (!other) return [];
    this.lockstep?.spare(run);
    const answer = await other.visit(search);
    if (answer.event === "reply") return [answer.error];
    return answer.event === "visit" ? answer.problems : [];
  }

  /** Go on with the first alone. */
  end() {
    this.wish += 1;
    const { second, lockstep } = this;
    if (!second) return;
    // Gone first: the page is told of its connection while it closes.
    this.second = this.lockstep = null;
    this.turned = "a";
    lockstep?.end();
    if (!second.looking) second.send({ type: "command", id: 0, command: { do: "pause" } });
    second.close();
    this.#remember();
  }

  /** The second becomes the first, and the other way round. */
  swap() {
    if (!this.second) return;
    [this.first, this.second] = [this.second, this.first];
    if (this.turned !== "both") this.turned = this.turned === "a" ? "b" : "a";
    this.#remember();
  }

  #remember() {
    // A room keeps what is one's own there by itself.
    if (room) return;
    remember(TOKEN, this.first.token, "sessionStorage");
    remember(SECOND, this.second?.token ?? "", "sessionStorage");
  }
}
