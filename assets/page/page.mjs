/**
 * The page's live part: its run, or two that are compared, and the panels that show them.
 *
 * A frame is taken in when it arrives and painted with the browser's next picture, which is when
 * another one is asked for: nothing queues, and a page in the background asks for nothing.
 */
import { around, dispatch } from "../shell/elements.mjs";
import { IDS } from "../shell/ids.mjs";
import { askedBy } from "../lesson/opening.mjs";
import { room } from "../room/opening.mjs";
import { Runs } from "../run/runs.mjs";
import { Access } from "./access.mjs";
import { Address } from "./address.mjs";
import { Cards } from "./cards.mjs";
import { Deck } from "./deck.mjs";
import { startDownloads } from "./downloads.mjs";
import { Form } from "./form.mjs";
import { Mirrors } from "./mirrors.mjs";
import { Opening } from "./opening.mjs";
import { Options } from "./options.mjs";
import { Painting } from "./painting.mjs";
import { Seat } from "./seat.mjs";

/**
 * @typedef {import("../stream/messages.d.ts").PageState} PageState
 * @typedef {import("../run/run.mjs").Notice} Notice
 * @typedef {import("../run/run.mjs").RunView} RunView
 */

const AGAIN_MS = 5000;
const UNREACHED = "The server cannot be reached. Reload the page when it is back.";

export class Page {
  /** @param {URL} assets where they lie */
  constructor(assets) {
    this.assets = assets;
    this.runs = new Runs(new URL("..", assets), {
      onFrame: (run, took) => this.#frame(run, took),
      onConfig: () => this.#told(),
      onConnected: (run, connected) => this.#connected(run, connected),
      onNotice: (run, notice) => tell({ ...notice, text: this.runs.isSecond(run) ? `Run B: ${notice.text}` : notice.text }),
      onAsleep: (run, text, wakes) => this.#asleep(run, text, wakes),
      onEnded: (run, text) => this.#ended(run, text),
      onOther: (run) => this.#forget(run),
    });
    this.mirrors = new Mirrors(this);
    this.deck = new Deck(this);
    this.painting = new Painting(this);
    /** The open panels in their order, null for the usual ones. @type {string[]|null} */
    this.panels = null;
    /** The speed as an address writes it, "" for the usual one. */
    this.speed = "";
    this.projector = false;
    this.choices = new Options();
    this.access = new Access(() => this.runs.chosen);
    this.runs.guard = (command) => this.access.refusal(command);
    this.form = new Form(this.runs, this.access, (action) => this.painting.after(action));
    this.address = new Address(this);
    this.opening = new Opening();
    this.seat = new Seat(this);
    /** What the page does in a room that it was opened for. @type {import("../room/visitor.mjs").Visitor|null} */
    this.visitor = null;
    /** The lesson beside the laboratory. @type {import("../lesson/lesson.mjs").Lesson|null} */
    this.lesson = null;
    /** What is to be seen of what others in a room have answered at a step. @type {(place: number, question: import("../lesson/data.d.ts").LessonQuestion) => HTMLElement|null} */
    this.votesOf = () => null;
    this.touchedAt = -Infinity;
    /** What each run was last told to measure. @type {Map<RunView, string>} */
    this.watched = new Map();
    this.openedAt = -Infinity;
    /** @type {() => void} called once the shell is there */
    this.begin = () => {};
    this.drawn = new Promise((resolve) => (this.begin = () => resolve(undefined)));
    this.shellIsThere = false;
    this.drawn.then(() => (this.shellIsThere = true));
    this.cards = new Cards(() => this.watchChanged());
    startDownloads((name) => this.deck.ready.find((panel) => panel.name === name));
    document.addEventListener("visibilitychange", () => this.#woken());
    for (const kind of ["input", "keydown", "pointerdown"]) {
      window.addEventListener(kind, () => (this.touchedAt = performance.now()), { capture: true, passive: true });
    }
    for (const kind of ["input", "change", "keydown", "pointerdown"]) {
      document.addEventListener(kind, (event) => this.#touch(event), { capture: true, passive: true });
    }
    window.addEventListener("online", () => this.#hurry());
    window.addEventListener("popstate", () => this.#return());
  }

  /**
   * The address of something on this server, wherever the page lies.
   * @param {string} path without a slash before it
   */
  at(path) {
    return new URL(path, this.runs.base).href;
  }

  /** The run that is shown first. */
  get run() {
    return this.runs.first;
  }

  /** Open the session that a reload of this tab finds again, or a new one. */
  start() {
    this.drawn.then(() => this.deck.find());
    return this.open(this.runs.kept, false);
  }

  /**
   * Show the session of a token, or a new one, with the settings of the address.
   * @param {string|null} token
   * @param {boolean} ended whether the page has just lost one
   */
  async open(token, ended, search = askedBy(location.search)) {
    this.openedAt = performance.now();
    if (room) return this.#enter(room, ended);
    try {
      const opened = await this.seat.take((ticket) => this.runs.open(search, token, ended, ticket));
      this.opening.expect(opened);
      await this.drawn;
      this.apply(opened.page);
      for (const notice of opened.notices) tell(notice);
    } catch (error) {
      this.opening.end();
      await this.drawn;
      tell({ level: "danger", text: error instanceof TypeError ? UNREACHED : /** @type {Error} */ (error).message });
    }
  }

  /**
   * Come into the room that the page was opened for.
   * @param {import("../room/opening.mjs").RoomData} into
   * @param {boolean} ended whether the page has just lost a session
   */
  async #enter(into, ended) {
    this.visitor ??= new (await import("../room/visitor.mjs")).Visitor(this, into);
    await this.visitor.open(ended);
  }

  /** Whether it shows a run that is somebody else's. */
  get looking() {
    return this.run.looking;
  }

  /**
   * Bring the page to what an address says: the run, the panels with their options, the speed.
   * @param {string} search
   * @param {boolean} [whole] whether what it does not say of the page is to be as usual
   */
  async visit(search, whole = true) {
    this.form.clear();
    const answer = await this.run.visit(search);
    if (answer.event === "reply") return tell({ level: "danger", text: answer.error });
    if (answer.event !== "visit") return;
    this.apply(answer.page, whole);
    for (const text of answer.problems) tell({ level: "warning", text });
  }

  /**
   * Show what an address says of the page.
   * @param {PageState} said
   * @param {boolean} [whole] whether what it does not say is to be as usual
   */
  apply(said, whole = false) {
    if (said.vs !== null && said.vs !== undefined) this.compare(said.vs, said);
    else this.endComparison();
    this.arrangeAs(said, whole);
    if (whole || said.hide || said.lock) this.access.set(said);
    if (whole || said.speed) dispatch("speed", { speed: said.speed ?? "" });
  }

  /**
   * Show panels, their options and the size of letters as an address says.
   * @param {PageState} said
   * @param {boolean} whole whether what it does not say is to be as usual
   */
  arrangeAs(said, whole) {
    const asked = this.choices.ask(said.options, whole);
    for (const [panel, option, value] of asked) window.dash_clientside.set_props({ type: "panel-option", panel, option }, { value });
    if (said.panels || whole) dispatch("panels", { names: said.panels });
    else if (this.panels === null) dispatch("panels", { names: null });
    if (whole || said.projector !== null) dispatch("projector", { on: said.projector ?? false });
  }

  /** Show a second run of somebody else beside the first, or none. @param {string|null} key to it */
  lookBeside(key) {
    this.runs.lookBeside(key);
    this.#othersThere();
  }

  /**
   * Show another run beside the first.
   * @param {string} search what it is, as an address of its own
   * @param {{epoch?: number|null}} [at] the epoch to which both are to be trained
   */
  async compare(search, { epoch } = {}) {
    if (this.looking) return tell({ level: "warning", text: "This run is the presenter's: they alone compare it with another." });
    const said = await this.runs.compare(search, epoch ?? null).catch((error) => [{ level: "danger", text: `There is no second run. ${error.message}` }]);
    this.#othersThere();
    for (const notice of said) tell({ ...notice, text: `Run B: ${notice.text}` });
  }

  /** Go on with the first run alone. */
  endComparison() {
    this.seat.forgetBeside();
    this.runs.end();
    this.#othersThere();
  }

  /**
   * The other run becomes what this one is.
   * @param {RunView} run
   */
  async copy(run) {
    const problems = await this.runs.copy(run, this.access.kept(run.config?.query ?? ""));
    for (const text of problems) tell({ level: "warning", text });
    this.form.clear();
    this.form.follow();
  }

  /** The first run becomes the second, and the other way round. */
  swap() {
    this.runs.swap();
    // The same two runs: nothing to undo.
    this.address.before = null;
    this.#othersThere();
  }

  /** There is another run than before, or they have changed places. */
  #othersThere() {
    const { first, second } = this.runs;
    this.deck.show(first);
    for (const panel of this.mirrors.panels) if (second) panel.run = second;
    dispatch("compared", {});
    this.#tellConnection();
    this.form.follow();
    this.address.show();
    this.watchChanged();
  }

  /** @param {Event} event */
  #touch(event) {
    const dial = around(event, ".dial");
    if (dial) this.form.touch(dial);
  }

  /** The browser has gone back or forward to another address. */
  async #return() {
    this.address.returning = "under way";
    dispatch("returned", {});
    await this.visit(askedBy(location.search));
    this.address.returning = "there";
    this.address.show();
  }

  /** The values of options that are not the usual ones. */
  get options() {
    return this.choices.changed;
  }

  /** The panels that can be painted, those of the second run after the others. */
  get paintable() {
    return [...this.deck.ready, ...this.mirrors.panels];
  }

  /**
   * Take in the values of every panel's options.
   * @param {unknown[]} values
   * @param {{panel: string, option: string}[]} ids
   */
  panelOptions(values, ids) {
    this.choices.told(values, ids);
    this.deck.optionsTold();
    this.address.show();
    this.watchChanged();
  }

  /**
   * Whether the person has pressed or turned anything in the last milliseconds.
   * @param {number} milliseconds
   */
  restless(milliseconds) {
    return performance.now() - this.touchedAt < milliseconds;
  }

  /**
   * Show these panels, in this order.
   * @param {string[]} names
   */
  arrange(names) {
    window.dash_clientside.set_props(IDS.OPEN_PANELS, { data: { names, options: this.choices.asked } });
    this.cards.arrange(names);
  }

  /** Another session follows, of which nothing has been painted. @param {RunView} run */
  #forget(run) {
    this.painting.forget(run);
    this.watched.delete(run);
    if (run === this.run) this.address.before = null;
  }

  /** What is on screen, or an option, may have changed: ask for what is needed now. */
  watchChanged() {
    this.mirrors.update(this.deck.ready, this.runs.second);
    const panels = this.paintable;
    for (const run of this.runs.all) this.#watch(run, panels.filter((panel) => panel.run === run));
    this.repaint();
  }

  /** @param {RunView} run @param {import("./panel.mjs").Panel[]} panels that show it */
  #watch(run, panels) {
    const parts = new Map(run === this.run ? this.opening.parts.map((part) => [part.key, part]) : []);
    for (const panel of panels) {
      for (const part of Object.values(panel.wanted(run.sizes, run.state.status))) parts.set(part.key, part);
    }
    const message = JSON.stringify([...parts.values()]);
    if (message === this.watched.get(run) || !run.connected || (!run.sizes && parts.size === 0)) return;
    this.watched.set(run, message);
    run.state.keepOnly(parts);
    run.send({ type: "watch", parts: [...parts.values()] });
  }

  /** @param {RunView} run @param {boolean} connected */
  #connected(run, connected) {
    this.watched.delete(run);
    if (connected) {
      this.watchChanged();
      run.credit();
      this.seat.connected(run);
    }
    this.#tellConnection();
  }

  #tellConnection() {
    dispatch("connection", { connected: this.runs.all.every((each) => each.connected || each === this.seat.beside) });
  }

  /** The run's configuration is another, or has come to another training. */
  #told() {
    this.drawn.then(() => this.form.followAfterPicture());
    this.address.show();
  }

  /** @param {RunView} run @param {string} text @param {boolean} wakes */
  #asleep(run, text, wakes) {
    if (this.runs.isSecond(run)) {
      this.seat.asleepBeside(run, text);
      return this.#tellConnection();
    }
    if (run !== this.run) return;
    if (wakes && this.visitor && this.looking) return void this.visitor.asleep(text);
    const wake = () => this.open(run.token, false);
    if (!wakes || document.hidden) this.seat.asleep(text, wake);
    if (wakes) whenSeen(wake);
  }

  /** @param {RunView} run @param {string} text */
  #ended(run, text) {
    if (this.seat.given && run === this.run) {
      this.visitor?.forget();
      return this.seat.ended();
    }
    if (run !== this.run) {
      if (this.runs.isSecond(run)) this.endComparison();
      if (this.seat.given) return;
      return tell({ level: "warning", text: `Run B: ${text}` });
    }
    const wait = Math.max(0, this.openedAt + AGAIN_MS - performance.now());
    setTimeout(() => {
      whenSeen(() => {
        if (text) tell({ level: "warning", text });
        this.open(null, true);
      });
    }, wait);
  }

  /** @param {RunView} run @param {number} took */
  #frame(run, took) {
    this.painting.take(run, took);
    if (run === this.run) this.visitor?.seen();
    this.watchChanged();
  }

  /** Paint with the browser's next picture. */
  repaint() {
    this.painting.repaint();
  }

  #woken() {
    if (document.hidden) return;
    this.#hurry();
    this.repaint();
  }

  #hurry() {
    for (const run of this.runs.all) run.hurry();
  }

  /** Figures for tests and benchmarks, of what has been painted. */
  get report() {
    const page = this;
    return Object.freeze({
      get connected() {
        return page.run.connected;
      },
      get state() {
        return page.painting.status?.state ?? "";
      },
      get epoch() {
        return page.painting.status?.epoch ?? 0;
      },
      get shownEpoch() {
        return page.painting.status?.shown_epoch ?? 0;
      },
      /** None as long as nothing can be done with the page. */
      get framesPainted() {
        return page.shellIsThere ? page.painting.frames : 0;
      },
      get bytesReceived() {
        return page.run.bytesReceived;
      },
      get paintMs() {
        return page.painting.milliseconds;
      },
      get session() {
        return page.run.token;
      },
      get second() {
        const { second } = page.runs;
        const status = page.painting.beside;
        return second && { session: second.token, state: status?.state ?? "", epoch: status?.epoch ?? 0, shownEpoch: status?.shown_epoch ?? 0 };
      },
    });
  }
}

/**
 * A session that ended is followed by another only while somebody looks at the page.
 * @param {() => void} action
 */
function whenSeen(action) {
  if (!document.hidden) return action();
  document.addEventListener("visibilitychange", () => whenSeen(action), { once: true });
}

/** @param {Notice} notice */
function tell({ level, text }) {
  dispatch("notice", { level, text });
}

/** The page of this document. */
export const page = new Page(new URL("..", import.meta.url));
Object.defineProperty(window, "spiralDash", { value: page.report, enumerable: true });
page.start();
