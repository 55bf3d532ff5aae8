/**
 * The page's live part: its run, or two that are compared, and the panels that show them.
 *
 * A frame is taken in when it arrives and painted with the browser's next picture, which is when
 * another one is asked for: nothing queues, and a page in the background asks for nothing.
 */
import { all, around } from "../shell/elements.mjs";
import { IDS } from "../shell/ids.mjs";
import { readTheme, watchTheme } from "../plot/theme.mjs";
import { askedBy } from "../lesson/opening.mjs";
import { room } from "../room/opening.mjs";
import { Runs } from "../run/runs.mjs";
import { Access } from "./access.mjs";
import { Address } from "./address.mjs";
import { Cards } from "./cards.mjs";
import { startDownloads } from "./downloads.mjs";
import { Form } from "./form.mjs";
import { Mirrors } from "./mirrors.mjs";
import { Opening } from "./opening.mjs";
import { Options } from "./options.mjs";
import { Panel } from "./panel.mjs";
import { writeReadouts } from "./readouts.mjs";
import { Seat } from "./seat.mjs";

/**
 * @typedef {import("../stream/messages.d.ts").PageState} PageState
 * @typedef {import("../run/run.mjs").Notice} Notice
 * @typedef {import("../run/run.mjs").RunView} RunView
 */

const PAINTS_AVERAGED = 60;
const RETRY_MS = 50;
/** Milliseconds of a picture after which no further call of Plotly is begun. */
const PLOTLY_MS = 8;
/** While something moves, so many times as long as Plotly was called it is not. */
const PLOTLY_REST = 3;
const AGAIN_MS = 5000;
const POSTPONED_MS = 150;
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
    /** @type {Map<string, Panel|{card: HTMLElement, dispose: () => void}>} */
    this.panelsByName = new Map();
    this.empty = new WeakSet();
    /** The open panels in their order, null for the usual ones. @type {string[]|null} */
    this.panels = null;
    /** The speed as an address writes it, "" for the usual one. */
    this.speed = "";
    this.projector = false;
    this.choices = new Options();
    this.access = new Access(() => this.runs.chosen);
    this.runs.guard = (command) => this.access.refusal(command);
    /** When Plotly may be called again, in milliseconds. */
    this.plotlyAt = 0;
    /** What is done once the next picture is there. @type {(() => void)|null} */
    this.postponed = null;
    this.form = new Form(this.runs, this.access, (action) => this.#afterPicture(action));
    this.address = new Address(this);
    this.opening = new Opening();
    this.seat = new Seat(this);
    /** What the page does in a room that it was opened for. @type {import("../room/visitor.mjs").Visitor|null} */
    this.visitor = null;
    /** The lesson beside the laboratory. @type {import("../lesson/lesson.mjs").Lesson|null} */
    this.lesson = null;
    /** What is to be seen of what others in a room have answered at a step. @type {(place: number, question: import("../lesson/data.d.ts").LessonQuestion) => HTMLElement|null} */
    this.votesOf = () => null;
    this.framesPainted = 0;
    /** @type {number[]} */
    this.paintTimes = [];
    this.scheduled = false;
    /** Milliseconds that taking in a frame has taken, by the run whose frame is to be painted. @type {Map<RunView, number>} */
    this.fresh = new Map();
    /** Whose next frame is allowed with the next picture. @type {Set<RunView>} */
    this.owed = new Set();
    this.touchedAt = -Infinity;
    /** What each run was last told to measure. @type {Map<RunView, string>} */
    this.watched = new Map();
    /** @type {import("../stream/state.mjs").Status|null} */
    this.painted = null;
    /** The same of the second run. @type {import("../stream/state.mjs").Status|null} */
    this.paintedBeside = null;
    /** @type {import("../plot/theme.mjs").Theme|null} */
    this.theme = null;
    /** @type {HTMLElement|null} */
    this.container = null;
    this.pointsPainted = 0;
    this.openedAt = -Infinity;
    /** @type {() => void} called once the shell is there */
    this.begin = () => {};
    this.drawn = new Promise((resolve) => (this.begin = () => resolve(undefined)));
    this.shellIsThere = false;
    this.drawn.then(() => (this.shellIsThere = true));
    this.cards = new Cards(() => this.watchChanged());
    startDownloads((name) => this.#ready.find((panel) => panel.name === name));
    watchTheme(() => this.#themeChanged());
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
    this.drawn.then(() => this.findPanels());
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
    for (const panel of this.panelsByName.values()) if (panel instanceof Panel) panel.run = first;
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

  /** Take hold of the cards on the page, and let go of those that are gone. */
  findPanels() {
    const container = document.getElementById(IDS.PANELS);
    if (!container) return void setTimeout(() => this.findPanels(), RETRY_MS);
    if (container !== this.container) {
      this.container = container;
      this.cards.adopt(container);
      new MutationObserver(() => this.findPanels()).observe(container, { childList: true });
    }
    const cards = new Set(all(container, "[data-panel]"));
    for (const [name, panel] of this.panelsByName) {
      if (cards.has(panel.card)) continue;
      panel.dispose();
      this.panelsByName.delete(name);
    }
    for (const card of cards) {
      if (this.panelsByName.has(card.dataset.panel)) continue;
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
      this.findPanels();
    }).observe(card, { childList: true });
  }

  /** @param {HTMLElement} card */
  async #adopt(card) {
    const { panel: name } = card.dataset;
    this.panelsByName.set(name, { card, dispose() {} });
    const painter = await import(new URL(`panels/${name}.mjs`, this.assets).href);
    if (this.panelsByName.get(name)?.card !== card) return;
    const panel = new Panel(card, painter, this, this.run);
    panel.options = this.#optionsOf(panel);
    this.panelsByName.set(name, panel);
    this.watchChanged();
  }

  /**
   * The values of a panel's options, null until Dash has told them.
   * @param {Panel} panel
   */
  #optionsOf({ name, card }) {
    const values = this.choices.of(name);
    return values ?? (card.querySelector(".panel-option") ? null : {});
  }

  /** The panels that can be painted, those of the second run after the others. */
  get paintable() {
    return [...this.#ready, ...this.mirrors.panels];
  }

  /** The open panels in their order. */
  get shown() {
    const cards = all(document, "[data-panel]");
    return this.#ready.filter(({ card }) => !card.hidden).sort((one, other) => cards.indexOf(one.card) - cards.indexOf(other.card));
  }

  get #ready() {
    return [...this.panelsByName.values()].flatMap((panel) => (panel instanceof Panel && panel.options ? [panel] : []));
  }

  /**
   * Take in the values of every panel's options.
   * @param {unknown[]} values
   * @param {{panel: string, option: string}[]} ids
   */
  panelOptions(values, ids) {
    this.choices.told(values, ids);
    for (const panel of this.panelsByName.values()) if (panel instanceof Panel) panel.options = this.#optionsOf(panel);
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
    this.fresh.delete(run);
    this.watched.delete(run);
    if (run === this.run) this.painted = this.address.before = null;
  }

  /** What is on screen, or an option, may have changed: ask for what is needed now. */
  watchChanged() {
    this.mirrors.update(this.#ready, this.runs.second);
    const panels = this.paintable;
    for (const run of this.runs.all) this.#watch(run, panels.filter((panel) => panel.run === run));
    this.repaint();
  }

  /** @param {RunView} run @param {Panel[]} panels that show it */
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
    // The next one is made while this one waits for the browser's picture, and no more than that.
    if (this.fresh.has(run) || this.runs.lockstep) this.owed.add(run);
    else run.credit();
    this.fresh.set(run, took);
    if (run === this.run) this.visitor?.seen();
    this.watchChanged();
  }

  /**
   * Do something that would keep the browser from its next picture, after it, or soon where none comes.
   * @param {() => void} action in place of one that is still to be done
   */
  #afterPicture(action) {
    if (!this.postponed) setTimeout(() => this.#catchUp(), POSTPONED_MS);
    this.postponed = action;
  }

  #catchUp() {
    const action = this.postponed;
    this.postponed = null;
    action?.();
  }

  /** Paint with the browser's next picture. */
  repaint() {
    if (this.scheduled) return;
    this.scheduled = true;
    requestAnimationFrame(() => this.#paint());
  }

  #paint() {
    this.scheduled = false;
    const started = performance.now();
    // The next ones are made while these are painted.
    if (this.owed.size > 0) this.runs.credit([...this.owed]);
    this.owed.clear();
    this.theme ??= readTheme();
    const panels = this.paintable;
    for (const panel of panels) panel.prepare(this.theme);
    this.#payDebts(panels);
    for (const panel of panels) panel.paint();
    this.opening.paint(this.run.state, this.theme);
    this.opening.follow(panels);
    this.#painted(started);
    if (panels.some((panel) => panel.debtors.length > 0)) this.repaint();
    // Plotly draws a graph some time after its card appears.
    else if (panels.some((panel) => panel.waiting)) setTimeout(() => this.repaint(), RETRY_MS);
  }

  /**
   * Call Plotly where it is needed, a few graphs with each picture: all at once would be felt as a
   * halt. The picture of other data does not wait for any, and while something moves Plotly rests
   * between its calls.
   * @param {Panel[]} panels
   */
  #payDebts(panels) {
    const { pointsSerial } = this.run.state;
    const others = pointsSerial !== this.pointsPainted;
    this.pointsPainted = pointsSerial;
    if (others && panels.some((panel) => panel.isDrawn)) return;
    const begun = performance.now();
    if (begun < this.plotlyAt && panels.some(({ playing }) => playing)) return;
    for (const panel of panels) {
      for (const frame of panel.debtors) {
        panel.pay(frame);
        const now = performance.now();
        this.plotlyAt = now + PLOTLY_REST * (now - begun);
        if (now - begun >= PLOTLY_MS) return;
      }
    }
  }

  /** @param {number} started */
  #painted(started) {
    const { status, geometry } = this.run.state;
    if (this.fresh.size === 0 || !status) return;
    const took = [...this.fresh.values()].reduce((sum, each) => sum + each);
    this.paintTimes.push(took + performance.now() - started);
    if (this.paintTimes.length > PAINTS_AVERAGED) this.paintTimes.shift();
    const isFirst = this.fresh.has(this.run);
    this.fresh.clear();
    this.paintedBeside = this.runs.second?.state.status ?? null;
    if (isFirst) this.#tell({ ...status, geometry });
    dispatch("painted", {});
    // The picture is on the screen when this task is over.
    if (this.postponed) setTimeout(() => this.#catchUp());
  }

  /** @param {import("../stream/state.mjs").Status} status of what has been painted */
  #tell(status) {
    writeReadouts(status);
    this.framesPainted += 1;
    this.painted = status;
    dispatch("status", status);
    this.address.follow(status);
  }

  #themeChanged() {
    this.theme = readTheme();
    this.repaint();
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
        return page.painted?.state ?? "";
      },
      get epoch() {
        return page.painted?.epoch ?? 0;
      },
      get shownEpoch() {
        return page.painted?.shown_epoch ?? 0;
      },
      /** None as long as nothing can be done with the page. */
      get framesPainted() {
        return page.shellIsThere ? page.framesPainted : 0;
      },
      get bytesReceived() {
        return page.run.bytesReceived;
      },
      get paintMs() {
        const times = page.paintTimes;
        return times.length > 0 ? times.reduce((sum, time) => sum + time, 0) / times.length : 0;
      },
      get session() {
        return page.run.token;
      },
      get second() {
        const { second } = page.runs;
        const status = page.paintedBeside;
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

/** @param {string} name @param {object} detail */
function dispatch(name, detail) {
  window.dispatchEvent(new CustomEvent(`spiral-dash:${name}`, { detail }));
}

/** @param {Notice} notice */
function tell({ level, text }) {
  dispatch("notice", { level, text });
}

/** The page of this document. */
export const page = new Page(new URL("..", import.meta.url));
Object.defineProperty(window, "spiralDash", { value: page.report, enumerable: true });
page.start();
