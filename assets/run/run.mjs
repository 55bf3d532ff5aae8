/**
 * One run on the page: its session at the server, the newest state, and all that is asked of it.
 */
import { recall, remember } from "../shell/storage.mjs";
import { Connection } from "../stream/connection.mjs";
import { decode } from "../stream/safetensors.mjs";
import { State } from "../stream/state.mjs";

/** Milliseconds after which an epoch that was asked for is no longer waited for. */
const PATIENCE_MS = 3000;
/** Statuses of a proxy that does not reach the server. */
const AWAY = new Set([502, 503, 504]);
const ASLEEP = "The run sleeps. Wake it first.";
const UNREACHED = "The server cannot be reached. The run goes on as soon as it can.";

/**
 * @typedef {import("../stream/messages.d.ts").BrowserMessage} BrowserMessage
 * @typedef {import("../stream/messages.d.ts").ConfigEvent} ConfigEvent
 * @typedef {import("../stream/messages.d.ts").FormEvent} FormEvent
 * @typedef {import("../stream/messages.d.ts").PageCommand} PageCommand
 * @typedef {import("../stream/messages.d.ts").PageState} PageState
 * @typedef {import("../stream/messages.d.ts").ReplyEvent} ReplyEvent
 * @typedef {import("../stream/messages.d.ts").VisitEvent} VisitEvent
 * @typedef {{level: string, text: string}} Notice
 * @typedef {ReplyEvent|FormEvent|VisitEvent} Answer
 * @typedef {ReturnType<typeof decode>} Decoded a frame
 */

/**
 * What the server says to a page that opens.
 * @typedef {{token: string|null, config: ConfigEvent, page: PageState, notices: Notice[]}} Opened
 */

/**
 * What it says while it is full: the place in the queue, from 1; an estimate of the seconds, null where
 * there is none; and after how many to ask again.
 * @typedef {{ticket: string, place: number, seconds: number|null, again: number}} Waiting
 */

/**
 * Who is told what happens to a run.
 *
 * @typedef {object} Follower
 * @property {(run: RunView, took: number) => void} onFrame a frame has been taken in, in so many milliseconds
 * @property {(run: RunView) => void} onConfig the server has said what the run is
 * @property {(run: RunView, connected: boolean) => void} onConnected
 * @property {(run: RunView, notice: Notice) => void} onNotice
 * @property {(run: RunView, text: string, wakes: boolean) => void} onAsleep the session sleeps, until
 *   somebody asks for it, or looks at the page where it wakes by that
 * @property {(run: RunView, text: string) => void} onEnded the session is gone
 * @property {(run: RunView) => void} onOther another session follows
 */

const BROWSER = "spiral-dash-browser";

/** What this browser calls itself, so that it has its share of the seats and no more. */
function browserName() {
  const name = recall(BROWSER) ?? crypto.getRandomValues(new Uint32Array(4)).join("-");
  remember(BROWSER, name);
  return name;
}

export class RunView {
  /**
   * @param {URL} base of the server's routes
   * @param {Follower} follower
   */
  constructor(base, follower) {
    this.base = base;
    this.follower = follower;
    this.state = new State();
    /** @type {ConfigEvent|null} */
    this.config = null;
    /** @type {Connection|null} */
    this.connection = null;
    this.bytesBefore = 0;
    this.soughtAt = -Infinity;
    this.asked = 0;
    /** The first connection of a session is there, or has failed. @type {Promise<unknown>} */
    this.met = Promise.resolve();
    this.meet = () => {};
    /** Why the page does not ask something, "" where it may; null where it does something else. @type {(command: PageCommand) => string|null} */
    this.guard = () => "";
    /** Who waits for the answer to a message, by its number. @type {Map<number, (answer: Answer) => void>} */
    this.waiting = new Map();
    /** What keeps it in step with another run. @type {import("./lockstep.mjs").Lockstep|null} */
    this.lockstep = null;
    /** Whether it is somebody else's, of which nothing can be asked. */
    this.looking = false;
    /** Milliseconds that reading the last frame took. */
    this.decoding = 0;
  }

  get token() {
    return this.connection?.token ?? "";
  }

  get connected() {
    return this.connection?.connected ?? false;
  }

  get bytesReceived() {
    return this.bytesBefore + (this.connection?.bytesReceived ?? 0);
  }

  /**
   * Get the session of a token again, or a new one with the settings of an address.
   * @param {string} search
   * @param {string|null} token
   * @param {boolean} ended whether the page has just lost one
   * @param {string|null} beside the session of the run that it is compared with
   * @param {string|null} ticket of the place in the queue
   * @returns {Promise<Opened|{waiting: Waiting}>}
   */
  async open(search, token, ended = false, beside = null, ticket = null) {
    return this.#obtain("session/open", { search, token, ended, beside, ticket });
  }

  /**
   * Go on from what a viewer's key shows, in a session of one's own.
   * @param {string} key
   * @param {string|null} ticket of the place in the queue
   */
  takeOver(key, ticket) {
    return this.#obtain("rooms/take", { key, ticket });
  }

  /**
   * @param {string} path
   * @param {object} asked
   * @returns {Promise<Opened|{waiting: Waiting}>}
   */
  async #obtain(path, asked) {
    const body = JSON.stringify({ ...asked, browser: browserName() });
    const headers = { "Content-Type": "application/json" };
    const response = await fetch(new URL(path, this.base), { method: "POST", headers, body });
    if (!response.ok) {
      const answer = await response.json().catch(() => ({}));
      if (answer.waiting) return answer;
      // What a proxy says of a server that is away is no other than a network that is.
      if (AWAY.has(response.status)) throw new TypeError(UNREACHED);
      throw new Error(answer.error ?? `The server answered with ${response.status}.`);
    }
    /** @type {Opened} */
    const opened = await response.json();
    this.looking = false;
    this.#told(opened.config);
    if (opened.token) this.#connect(opened.token);
    return opened;
  }

  /**
   * Look at a run that somebody else shows.
   * @param {string} key to it
   * @param {ConfigEvent|null} config what it is, null where that is still to be told
   */
  look(key, config) {
    this.looking = true;
    if (config) this.#told(config);
    this.#connect(key);
  }

  /** @param {string} token */
  #connect(token) {
    if (token === this.connection?.token && !this.connection.closed) return this.connection.wake();
    if (this.connection) {
      this.bytesBefore += this.connection.bytesReceived;
      this.connection.close();
      this.state.clear();
    }
    this.follower.onOther(this);
    this.meet();
    this.met = new Promise((resolve) => (this.meet = () => resolve(undefined)));
    this.connection = new Connection(token, new URL("stream", this.base), {
      onFrame: (blob) => this.#frame(blob),
      onEvent: (event) => this.#event(event),
      onConnected: (connected) => this.#connected(connected),
    });
  }

  close() {
    this.connection?.close();
  }

  /** The page is left: nothing is asked of the session. */
  rest() {
    this.connection?.rest();
  }

  /** Go on after a rest. */
  wake() {
    this.connection?.wake();
  }

  /** Try to connect at once, because the network or the person is back. */
  hurry() {
    this.connection?.hurry();
  }

  /** @param {BrowserMessage} message */
  send(message) {
    this.connection?.send(message);
  }

  /**
   * Allow one frame.
   * @param {number|null} hold the epoch at which the run waits from now on, null to leave that as it is
   */
  credit(hold = null) {
    this.send({ type: "credit", have: this.state.have, hold });
  }

  /**
   * Ask something of the session; the sentence that says why it was not done, "" where it was.
   * @param {PageCommand} command
   * @returns {Promise<string>}
   */
  async ask(command) {
    const refused = this.guard(command);
    if (refused !== "") return refused ?? "";
    return this.lockstep?.isShared(command) ? this.lockstep.ask(command) : this.askAlone(command);
  }

  /**
   * The same, of this run alone.
   * @param {PageCommand} command
   * @returns {Promise<string>}
   */
  async askAlone(command) {
    const answer = await this.#ask((id) => ({ type: "command", id, command }));
    return "error" in answer ? answer.error : "";
  }

  /**
   * Ask something of the session, and tell the person where it was not done.
   * @param {PageCommand} command
   */
  async command(command) {
    const text = await this.ask(command);
    if (text) this.follower.onNotice(this, { level: "warning", text });
  }

  /**
   * Bring the run to what the dials hold.
   * @param {Omit<import("../stream/messages.d.ts").FormMessage, "type"|"id">} form
   */
  turn(form) {
    return this.#ask((id) => ({ type: "form", id, ...form }));
  }

  /**
   * Bring the run to what an address says.
   * @param {string} search
   */
  visit(search) {
    return this.#ask((id) => ({ type: "visit", id, search }));
  }

  /** @param {number|null} epoch to show, null for the network as it is now */
  seek(epoch) {
    this.soughtAt = performance.now();
    return this.command({ do: "seek", epoch });
  }

  /** Whether an epoch that was asked for is still to come. */
  get seeks() {
    return performance.now() - this.soughtAt < PATIENCE_MS;
  }

  /** Units of every layer from input to output, null until the points of the run are there. */
  get sizes() {
    const { status, geometry } = this.state;
    if (!status || this.state.have !== status.run) return null;
    const { hidden, features } = status.config.network;
    // A plane's points are turned into features; of more numbers, each is one.
    const inputs = geometry.dimension === 2 ? features.length : geometry.dimension;
    return [inputs, ...hidden, geometry.classes];
  }

  /**
   * @param {(id: number) => BrowserMessage} message
   * @returns {Promise<Answer>}
   */
  async #ask(message) {
    const id = ++this.asked;
    if (!this.connected) await this.met;
    if (!this.connected) return { event: "reply", id, error: this.connection?.resting ? ASLEEP : UNREACHED };
    this.send(message(id));
    return new Promise((resolve) => this.waiting.set(id, resolve));
  }

  /** @param {ConfigEvent} config */
  #told(config) {
    this.config = config;
    this.follower.onConfig(this);
  }

  /** @param {boolean} connected */
  #connected(connected) {
    this.meet();
    if (!connected) {
      for (const [id, resolve] of this.waiting) resolve({ event: "reply", id, error: UNREACHED });
      this.waiting.clear();
    }
    if (connected) this.lockstep?.renew(this);
    this.follower.onConnected(this, connected);
  }

  /** @param {import("../stream/messages.d.ts").ServerEvent} event */
  #event(event) {
    switch (event.event) {
      case "reply":
      case "form":
      case "visit":
        this.waiting.get(event.id)?.(event);
        this.waiting.delete(event.id);
        break;
      case "config":
        this.#told(event);
        break;
      case "notice":
        this.follower.onNotice(this, event);
        break;
      case "error":
        this.follower.onNotice(this, { level: "danger", text: event.text });
        break;
      case "asleep":
        this.rest();
        this.follower.onAsleep(this, event.text, event.wakes);
        break;
      case "ended":
        this.close();
        this.follower.onEnded(this, event.text);
    }
  }

  /** @param {ArrayBuffer} blob */
  #frame(blob) {
    const started = performance.now();
    const frame = decode(blob);
    this.decoding = performance.now() - started;
    if (this.lockstep) this.lockstep.take(this, frame);
    else this.show(frame);
  }

  /** @param {Decoded} frame */
  show(frame) {
    const started = performance.now();
    const before = this.state.status?.seeking;
    this.state.accept(frame);
    if (this.state.status?.seeking !== before) this.soughtAt = -Infinity;
    this.follower.onFrame(this, this.decoding + performance.now() - started);
  }
}
