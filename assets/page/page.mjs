/**
 * The page's live part: one connection, the newest state, and the panels that show it.
 *
 * A frame is taken in when it arrives and painted with the browser's next picture, which is when
 * another one is asked for: nothing queues, and a page in the background asks for nothing.
 */
import { Connection } from "../stream/connection.mjs";
import { decode } from "../stream/safetensors.mjs";
import { State } from "../stream/state.mjs";
import { all } from "../shell/elements.mjs";
import { IDS } from "../shell/ids.mjs";
import { readTheme, watchTheme } from "../plot/theme.mjs";
import { Cards } from "./cards.mjs";
import { startDownloads } from "./downloads.mjs";
import { Panel } from "./panel.mjs";
import { writeReadouts } from "./readouts.mjs";

const PAINTS_AVERAGED = 60;
const RETRY_MS = 50;
/** Milliseconds of a picture after which no further call of Plotly is begun. */
const PLOTLY_MS = 8;
const PATIENCE_MS = 3000;

export class Page {
  /** @param {URL} base where the assets lie */
  constructor(base) {
    this.base = base;
    this.state = new State();
    /** @type {Connection|null} */
    this.connection = null;
    /** @type {Map<string, Panel|{card: HTMLElement, dispose: () => void}>} */
    this.panels = new Map();
    this.empty = new WeakSet();
    /** @type {Map<string, [string, unknown][]>} */
    this.optionValues = new Map();
    this.framesPainted = 0;
    /** @type {number[]} */
    this.paintTimes = [];
    this.bytesBefore = 0;
    this.scheduled = false;
    /** @type {{took: number}|null} */
    this.fresh = null;
    /** What the readouts say. @type {import("../stream/state.mjs").Status|null} */
    this.painted = null;
    this.soughtAt = -Infinity;
    this.touchedAt = -Infinity;
    this.watched = "";
    /** @type {import("../plot/theme.mjs").Theme|null} */
    this.theme = null;
    /** @type {HTMLElement|null} */
    this.container = null;
    this.pointsPainted = 0;
    this.cards = new Cards(() => this.watchChanged());
    startDownloads((name) => this.#ready.find((panel) => panel.name === name));
    watchTheme(() => this.#themeChanged());
    document.addEventListener("visibilitychange", () => this.#woken());
    for (const kind of ["input", "keydown", "pointerdown"]) {
      window.addEventListener(kind, () => (this.touchedAt = performance.now()), { capture: true, passive: true });
    }
    window.addEventListener("online", () => this.connection?.hurry());
  }

  /**
   * Follow the session `token`, in place of the one before.
   * @param {string} token
   */
  connect(token) {
    if (!token || token === this.connection?.token) return;
    if (this.connection) {
      this.bytesBefore += this.connection.bytesReceived;
      this.connection.close();
      this.state.clear();
      this.fresh = this.painted = null;
    }
    this.watched = "";
    this.connection = new Connection(token, new URL("../stream", this.base), {
      onFrame: (blob) => this.#frame(blob),
      onEvent: (event) => this.#event(event),
      onConnected: (connected) => this.#connected(connected),
    });
    this.findPanels();
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
    for (const [name, panel] of this.panels) {
      if (cards.has(panel.card)) continue;
      panel.dispose();
      this.panels.delete(name);
    }
    for (const card of cards) {
      if (this.panels.has(card.dataset.panel)) continue;
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
    this.panels.set(name, { card, dispose() {} });
    const painter = await import(new URL(`panels/${name}.mjs`, this.base).href);
    if (this.panels.get(name)?.card !== card) return;
    const panel = new Panel(card, painter, this);
    panel.options = this.#optionsOf(panel);
    this.panels.set(name, panel);
    this.watchChanged();
  }

  /**
   * The values of a panel's options, null until Dash has told them.
   * @param {Panel} panel
   */
  #optionsOf({ name, card }) {
    const values = this.optionValues.get(name);
    return values || !card.querySelector(".panel-option") ? Object.fromEntries(values ?? []) : null;
  }

  get #ready() {
    return [...this.panels.values()].flatMap((panel) => (panel instanceof Panel && panel.options ? [panel] : []));
  }

  /**
   * Take in the values of every panel's options.
   * @param {unknown[]} values
   * @param {{panel: string, option: string}[]} ids
   */
  panelOptions(values, ids) {
    this.optionValues.clear();
    ids.forEach(({ panel, option }, index) => {
      if (!this.optionValues.has(panel)) this.optionValues.set(panel, []);
      this.optionValues.get(panel)?.push([option, values[index]]);
    });
    for (const panel of this.panels.values()) if (panel instanceof Panel) panel.options = this.#optionsOf(panel);
    this.watchChanged();
  }

  /** Ask something of the session. @param {import("../stream/messages.d.ts").BrowserMessage} message */
  send(message) {
    this.connection?.send(message);
  }

  /** @param {number|null} epoch to show, null for the network as it is now */
  seek(epoch) {
    this.soughtAt = performance.now();
    this.connection?.send({ type: "seek", epoch });
  }

  /** Whether an epoch that was asked for is still to come. */
  get seeks() {
    return performance.now() - this.soughtAt < PATIENCE_MS;
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
    window.dash_clientside.set_props(IDS.OPEN_PANELS, { data: names });
    this.cards.arrange(names);
  }

  /** What is on screen, or an option, may have changed: ask for what is needed now. */
  watchChanged() {
    const parts = new Map();
    for (const panel of this.#ready) {
      for (const part of Object.values(panel.wanted(this.#sizes, this.state.status))) parts.set(part.key, part);
    }
    const message = JSON.stringify([...parts.values()]);
    if (message !== this.watched && this.connection?.connected && this.#sizes) {
      this.watched = message;
      this.state.keepOnly(parts);
      this.connection.send({ type: "watch", parts: [...parts.values()] });
    }
    this.repaint();
  }

  get #sizes() {
    const { status, geometry } = this.state;
    if (!status || this.state.have !== status.run) return null;
    const { hidden, features } = status.config.network;
    // A plane's points are turned into features; of more numbers, each is one.
    const inputs = geometry.dimension === 2 ? features.length : geometry.dimension;
    return [inputs, ...hidden, geometry.classes];
  }

  /** @param {boolean} connected */
  #connected(connected) {
    this.watched = "";
    if (connected) {
      this.watchChanged();
      this.#credit();
    }
    dispatch("connection", { connected });
  }

  #credit() {
    this.connection?.send({ type: "credit", have: this.state.have });
  }

  /** @param {import("../stream/messages.d.ts").ServerEvent} event */
  #event(event) {
    if (event.event === "notice") dispatch("notice", { level: event.level, text: event.text });
    if (event.event === "error") dispatch("notice", { level: "danger", text: event.text });
    if (event.event === "ended") {
      this.connection?.close();
      dispatch("ended", { text: event.text });
    }
  }

  /** @param {ArrayBuffer} blob */
  #frame(blob) {
    const started = performance.now();
    const before = this.state.status?.seeking;
    this.state.accept(decode(blob));
    if (this.state.status?.seeking !== before) this.soughtAt = -Infinity;
    this.fresh = { took: performance.now() - started };
    this.watchChanged();
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
    // The next one is made while this one is painted.
    if (this.fresh) this.#credit();
    const sizes = this.#sizes;
    if (!sizes) return void this.#painted(started);
    this.theme ??= readTheme();
    const panels = this.#ready;
    for (const panel of panels) panel.prepare(this.state, this.theme, sizes);
    this.#payDebts(panels);
    for (const panel of panels) panel.paint();
    this.#painted(started);
    if (panels.some((panel) => panel.debtors.length > 0)) this.repaint();
    // Plotly draws a graph some time after its card appears.
    else if (panels.some((panel) => panel.waiting)) setTimeout(() => this.repaint(), RETRY_MS);
  }

  /**
   * Call Plotly where it is needed, a few graphs with each picture: all at once would be felt as a
   * halt. The picture of other data does not wait for any.
   * @param {Panel[]} panels
   */
  #payDebts(panels) {
    const others = this.state.pointsSerial !== this.pointsPainted;
    this.pointsPainted = this.state.pointsSerial;
    if (others && panels.some((panel) => panel.isDrawn)) return;
    const until = performance.now() + PLOTLY_MS;
    for (const panel of panels) {
      for (const frame of panel.debtors) {
        panel.pay(frame);
        if (performance.now() >= until) return;
      }
    }
  }

  /** @param {number} started */
  #painted(started) {
    if (!this.fresh) return;
    this.painted = this.state.status;
    if (this.painted) writeReadouts(this.painted);
    this.paintTimes.push(this.fresh.took + performance.now() - started);
    if (this.paintTimes.length > PAINTS_AVERAGED) this.paintTimes.shift();
    this.fresh = null;
    this.framesPainted += 1;
    dispatch("status", { ...this.state.status, geometry: this.state.geometry });
  }

  #themeChanged() {
    this.theme = readTheme();
    this.repaint();
  }

  #woken() {
    if (document.hidden) return;
    this.connection?.hurry();
    this.repaint();
  }

  /** Figures for tests and benchmarks, of what has been painted. */
  get report() {
    const page = this;
    return Object.freeze({
      get connected() {
        return page.connection?.connected ?? false;
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
      get framesPainted() {
        return page.framesPainted;
      },
      get bytesReceived() {
        return page.bytesBefore + (page.connection?.bytesReceived ?? 0);
      },
      get paintMs() {
        const times = page.paintTimes;
        return times.length > 0 ? times.reduce((sum, time) => sum + time, 0) / times.length : 0;
      },
      get session() {
        return page.connection?.token ?? "";
      },
    });
  }
}

/** @param {string} name @param {object} detail */
function dispatch(name, detail) {
  window.dispatchEvent(new CustomEvent(`spiral-dash:${name}`, { detail }));
}

/** @param {URL} base */
export function start(base) {
  const page = new Page(base);
  Object.defineProperty(window, "spiralDash", { value: page.report, enumerable: true });
  return page;
}
