import { remarksOn } from "../plot/data.mjs";
import { Frame } from "../plot/frame.mjs";
import { inside } from "../shell/elements.mjs";
import { keyed } from "../stream/parts.mjs";
import { isMoving } from "../stream/state.mjs";

/**
 * @typedef {import("../plot/theme.mjs").Theme} Theme
 * @typedef {import("../stream/state.mjs").Part} Part
 * @typedef {import("../stream/state.mjs").State} State
 * @typedef {import("../stream/state.mjs").Status} Status
 */

/**
 * Pause without news, in milliseconds, after which the canvas gives way to Plotly's traces: longer
 * than between two turns of a dial, which would have to wait for Plotly.
 */
const SETTLE_AFTER = 600;
/** Milliseconds between two sentences on what the pictures show, while it changes. */
const SAY_EVERY = 1000;
/** Milliseconds that a measurement may take before its progress is shown. */
const LONG_AFTER = 1000;

/**
 * What a painter is shown.
 *
 * @typedef {Record<string, any>} Options values of a panel's options, as Dash has them
 * @typedef {Record<string, import("../stream/safetensors.mjs").Tensor>} Arrays of a measurement, by name
 * @typedef {import("../stream/parts.mjs").Asking} Asking
 * @typedef {import("../stream/parts.mjs").Asked} Asked
 * @typedef {import("../stream/parts.mjs").Wish} Wish
 *
 * @typedef {object} View
 * @property {Options} options of the panel
 * @property {Record<string, Arrays|undefined>} parts
 *   arrays by the names that `watch` gave, undefined before the first
 * @property {Record<string, number>} measuredAt the epoch shown when each part arrived
 * @property {Record<string, Asked>} asked what each part is
 * @property {unknown[]} serials differ when any of the arrays or the points do
 * @property {number} pointsSerial differs when the points do
 * @property {import("../stream/state.mjs").Status} status
 * @property {number[]} sizes units of every layer from input to output
 * @property {import("../stream/state.mjs").Geometry} geometry
 * @property {import("../stream/state.mjs").Points} points
 * @property {import("../plot/theme.mjs").Theme} theme
 * @property {View|null} other what the same panel is shown of the run that is compared with this one
 */

/**
 * A panel's script, one file of `panels/`.
 *
 * @typedef {object} Painter
 * @property {(options: Options, sizes: number[], graphs: Set<string>,
 *   status: import("../stream/state.mjs").Status) => Record<string, Asking>} watch the measurements it
 *   needs, by names of its own, for the graphs on screen
 * @property {Record<string, GraphPainter>} graphs
 * @property {(view: View) => Record<string, {label: string, value: string}[]>} [choices] of the
 *   options whose choices depend on the network
 * @property {(view: View) => string} [note] the line below the panel
 * @property {(view: View) => string} [says] what the pictures show now, for those who do not see them
 * @property {string} [remark] what the reader of the numbers has to know of them
 * @property {boolean} [showsPoints] whether the data's points are drawn beside the measurements
 * @property {(options: Record<string, any>) => string[]} [concerns] which of "classes", "train", "test",
 *   "all test" and "plane" it shows now: what is to be said of them follows its note
 * @property {Set<string>} [slow] names of measurements that the rest does not wait for
 * @property {Long} [long] the measurement that may take long
 * @property {(panel: Panel) => void} [start] called once, to bring the card's own elements to life
 * @property {(panel: Panel, view: View) => void} [dress] brings them up to date
 * @property {(panel: Panel) => import("./picture.mjs").Sketch|null} [sketch] what it draws on a canvas of its own
 *
 * @typedef {object} GraphPainter
 * @property {(frame: Frame, view: View) => void} paint on the canvas
 * @property {(view: View, frame: Frame) => import("../plot/frame.mjs").Figure} figure the same for Plotly
 * @property {(view: View, frame: Frame) => unknown} structure differs when traces, legend or layout do
 * @property {boolean} [together] whether it shows both of two runs that are compared
 * @property {(view: View, frame: Frame, x: number, y: number) => Options} [click] the
 *   options that a click or tap at a place of the plot changes
 *
 * @typedef {{part: string, name: string, callOff: Options}} Long a measurement that may take long: what it
 *   is called, and options with which it is not taken
 */

/** A card of the page, its graphs, and the painter that fills them. */
export class Panel {
  /**
   * @param {HTMLElement} card
   * @param {Painter} painter
   * @param {{watchChanged: () => void, repaint: () => void, restless: (ms: number) => boolean}} page
   * @param {import("../run/run.mjs").RunView} run that it shows
   */
  constructor(card, painter, page, run) {
    this.card = card;
    this.name = card.dataset.panel ?? card.dataset.mirror ?? "";
    this.painter = painter;
    this.page = page;
    this.run = run;
    /** The same panel of the run that is compared with this one. @type {Panel|null} */
    this.mirror = null;
    /** The panel that this one is the mirror of. @type {Panel|null} */
    this.original = null;
    /** @type {Options|null} */
    this.options = {};
    /** @type {View|null} */
    this.view = null;
    this.playing = false;
    this.inputs = "";
    /** @type {Record<string, string>} */
    this.offered = {};
    this.note = inside(card, ".panel-note");
    /** What the painter fills by itself, without a graph. @type {HTMLElement|null} */
    this.content = card.querySelector("[data-content]");
    this.contentOnScreen = false;
    this.frames = [...card.querySelectorAll("[data-graph]")].map((wrapper) => new Frame(/** @type {HTMLElement} */ (wrapper), () => page.repaint()));
    this.observer = new IntersectionObserver((entries) => this.#sighted(entries), { rootMargin: "120px" });
    for (const frame of this.frames) this.observer.observe(frame.wrapper);
    if (this.content) this.observer.observe(this.content);
    this.said = describe(card, this.frames);
    this.saidAt = -Infinity;
    this.progress = inside(card, ".panel-progress");
    /** @type {number|null} */
    this.longSince = null;
    /** @type {ReturnType<typeof setTimeout>|null} */
    this.longTimer = null;
    this.timer = 0;
    this.failure = "";
    this.settle = async () => {};
    inside(card, '[data-action="call-off"]').addEventListener("click", () => this.setOptions(painter.long?.callOff));
    for (const frame of this.frames) frame.clicked = (x, y) => this.#clicked(frame, x, y);
    painter.start?.(this);
  }

  /**
   * Set options, as if the person had.
   * @param {Options|undefined} changes
   */
  setOptions(changes) {
    for (const [option, value] of Object.entries(changes ?? {})) {
      window.dash_clientside.set_props({ type: "panel-option", panel: this.name, option }, { value });
    }
  }

  /**
   * Write in empty fields what holds as long as nothing is typed.
   * @param {Options} values
   */
  suggest(values) {
    // A pair has one set of controls, which is the first run's.
    if (this.original) return;
    for (const [option, value] of Object.entries(values)) {
      const identity = JSON.stringify({ option, panel: this.name, type: "panel-option" });
      const field = /** @type {HTMLInputElement|null} */ (document.getElementById(identity));
      if (field && field.placeholder !== String(value)) field.placeholder = String(value);
    }
  }

  /** @param {Frame} frame @param {number} x @param {number} y */
  #clicked(frame, x, y) {
    if (this.view) this.setOptions(this.painter.graphs[frame.name].click?.(this.view, frame, x, y));
  }

  /** The graphs on screen, of a mirror also those of the first run that show both. */
  get #seen() {
    const shared = this.original?.frames.filter(({ name }) => this.painter.graphs[name].together) ?? [];
    return [...this.frames, ...shared].filter(({ onScreen }) => onScreen);
  }

  /** @param {IntersectionObserverEntry[]} entries */
  #sighted(entries) {
    for (const entry of entries) {
      const frame = this.frames.find(({ wrapper }) => wrapper === entry.target);
      if (frame) frame.onScreen = entry.isIntersecting;
      else this.contentOnScreen = entry.isIntersecting;
    }
    this.page.watchChanged();
  }

  dispose() {
    this.observer.disconnect();
    clearTimeout(this.timer);
  }

  /** @returns {Frame[]} those that can be seen and that Plotly has drawn */
  get visible() {
    return this.frames.filter((frame) => frame.onScreen && frame.attach());
  }

  /** Whether a graph on screen still waits for Plotly. */
  get waiting() {
    return this.frames.some((frame) => frame.onScreen && !frame.attach());
  }

  /**
   * The measurements wanted now, by the painter's names, each with the key it travels under.
   * @param {number[]|null} sizes
   * @param {Status|null} status
   */
  wanted(sizes, status) {
    const graphs = new Set(this.#seen.map(({ name }) => name));
    if ((graphs.size === 0 && !this.contentOnScreen) || !sizes) return {};
    const watched = this.painter.watch(this.options ?? {}, sizes, graphs, /** @type {Status} */ (status));
    return Object.fromEntries(Object.entries(watched).map(([name, part]) => [name, keyed(part)]));
  }

  /**
   * Take in what has arrived; what it looks like follows with `pay` and `paint`.
   * @param {import("../plot/theme.mjs").Theme} theme
   */
  prepare(theme) {
    const { sizes, state } = this.run;
    if (sizes) this.#guarded(() => this.#prepare(state, theme, sizes));
  }

  /**
   * What it would be shown now, null before there is a run.
   * @param {import("../plot/theme.mjs").Theme} theme
   * @returns {View|null}
   */
  glance(theme) {
    const { sizes, state } = this.run;
    return sizes && this.#view(state, theme, sizes, this.wanted(sizes, state.status));
  }

  /** Paint the canvases that are behind. */
  paint() {
    this.#guarded(() => this.#paint());
  }

  /** Whether there is a picture already. */
  get isDrawn() {
    return this.frames.some((frame) => frame.live || frame.filled);
  }

  /** The graphs that need a call of Plotly, which takes longer than a painting. */
  get debtors() {
    return this.view ? this.visible.filter((frame) => frame.owes(this.playing)) : [];
  }

  /**
   * Give Plotly what a graph owes it: another structure, no more traces, or other ranges.
   * @param {Frame} frame
   */
  pay(frame) {
    const { view } = this;
    this.#guarded(() => {
      if (!view) return;
      if (frame.structured && !frame.filled) return frame.moveAxes();
      // Once, even if it fails.
      frame.structured = true;
      frame.inputs = "";
      frame.show(this.painter.graphs[frame.name].figure(view, frame), view.theme, false);
    });
  }

  /** @param {() => unknown} action */
  #guarded(action) {
    try {
      action();
    } catch (error) {
      this.#fail(error);
    }
  }

  /**
   * One panel that fails leaves the others, and the page, as they are.
   * @param {unknown} error
   */
  #fail(error) {
    const { message } = /** @type {Error} */ (error);
    if (this.failure !== message) console.error(`panel ${this.name}:`, error);
    this.failure = message;
    this.note.textContent = `This panel could not be drawn: ${message}`;
    this.note.classList.add("is-error");
  }

  /** @param {State} state @param {Theme} theme @param {number[]} sizes */
  #prepare(state, theme, sizes) {
    const frames = this.visible;
    if (frames.length === 0 && !this.contentOnScreen) return;
    const wanted = this.wanted(sizes, state.status);
    const { slow } = this.painter;
    const missing = Object.entries(wanted).some(([name, { key }]) => !slow?.has(name) && isMissing(state.parts.get(key)));
    const fresh = this.#view(state, theme, sizes, wanted);
    fresh.other = (this.mirror ?? this.original)?.glance(theme) ?? null;
    if (!this.original) this.#offer(fresh);
    this.#say(state, fresh, wanted);
    // Until the first answer to a new question, the picture of the last one stays.
    const view = missing && this.view ? { ...this.view, theme } : fresh;
    this.view = view;
    this.painter.dress?.(this, fresh);
    const { status } = fresh;
    this.#describe(view);
    this.playing = isMoving(status);
    this.inputs = JSON.stringify([view.serials, view.options, status.seeking, view.other?.serials, view.other?.status.seeking]);
    for (const frame of frames) {
      const graph = this.painter.graphs[frame.name];
      frame.restructure(JSON.stringify([graph.structure(view, frame), theme.key]));
    }
  }

  #paint() {
    if (!this.view) return;
    const { view, playing } = this;
    const frames = this.visible;
    // Painted all, even after one that was.
    const painted = frames.map((frame) => this.#draw(frame, view)).some(Boolean);
    if (painted) this.#settleLater(playing);
    else if (!playing && !this.timer && frames.some((frame) => frame.live)) this.#settleLater(false);
    this.settle = () => this.#settle(view);
  }

  /**
   * Bring one canvas up to date; returns whether it was painted.
   * @param {Frame} frame
   * @param {View} view
   */
  #draw(frame, view) {
    // On the axes of another structure it would be nonsense.
    if (!frame.structured) return false;
    if (this.inputs === frame.inputs && !(frame.live && frame.stale)) return false;
    frame.inputs = this.inputs;
    frame.setLive(true);
    frame.begin(view.theme);
    this.painter.graphs[frame.name].paint(frame, view);
    return true;
  }

  /** @param {boolean} playing */
  #settleLater(playing) {
    clearTimeout(this.timer);
    const settle = () => this.settle().catch((error) => this.#fail(error));
    this.timer = playing ? 0 : setTimeout(settle, SETTLE_AFTER);
  }

  /**
   * Put what the canvases show into Plotly's traces, one graph after the other.
   * @param {View} view
   */
  async #settle(view) {
    const mine = this.timer;
    for (const frame of this.visible) {
      if (!frame.live) continue;
      await new Promise(requestAnimationFrame);
      if (this.timer !== mine) return;
      if (this.run.seeks || this.page.restless(SETTLE_AFTER)) return this.#settleLater(false);
      await frame.show(this.painter.graphs[frame.name].figure(view, frame), view.theme, true);
      if (this.timer !== mine) return;
      frame.setLive(false);
    }
    this.timer = 0;
  }

  /**
   * @param {State} state
   * @param {Theme} theme
   * @param {number[]} sizes
   * @param {Record<string, Wish>} wanted
   * @returns {View}
   */
  #view(state, theme, sizes, wanted) {
    /** @type {View["parts"]} */
    const parts = {};
    /** @type {View["measuredAt"]} */
    const measuredAt = {};
    /** @type {View["asked"]} */
    const asked = {};
    for (const [name, { key, ...measurement }] of Object.entries(wanted)) {
      const part = state.parts.get(key);
      if (!part || Object.keys(part.arrays).length === 0) continue;
      parts[name] = part.arrays;
      measuredAt[name] = part.epoch;
      asked[name] = measurement;
    }
    const { geometry, pointsSerial } = state;
    // There are sizes, and so there has been a frame with points.
    const status = /** @type {Status} */ (state.status);
    const points = /** @type {import("../stream/state.mjs").Points} */ (state.points);
    const serials = [pointsSerial, ...Object.values(wanted).map(({ key }) => state.parts.get(key)?.serial)];
    return { options: this.options ?? {}, parts, serials, measuredAt, asked, status, sizes, geometry, points, pointsSerial, theme, other: null };
  }

  /**
   * What Plotly would draw of each graph now, what is drawn without it, and where on the page each is.
   * @returns {import("./picture.mjs").Graph[]}
   */
  figures() {
    const view = /** @type {View} */ (this.view);
    const sketch = this.painter.sketch?.(this);
    const graphs = this.frames
      .filter((frame) => frame.attach())
      .map((frame) => ({
        figure: frame.whole(this.painter.graphs[frame.name].figure(view, frame), view.theme),
        place: frame.wrapper.getBoundingClientRect(),
      }));
    return sketch ? [...graphs, sketch] : graphs;
  }

  /**
   * Give the options the choices that this network has.
   * @param {View} view
   */
  #offer(view) {
    const choices = this.painter.choices?.(view) ?? {};
    for (const [option, list] of Object.entries(choices)) {
      const text = JSON.stringify(list);
      if (this.offered[option] === text) continue;
      this.offered[option] = text;
      const possible = list.some(({ value }) => value === view.options[option]);
      const id = { type: "panel-option", panel: this.name, option };
      window.dash_clientside.set_props(id, possible ? { options: list } : { options: list, value: list[0].value });
    }
  }

  /** @param {State} state @param {View} view @param {Record<string, Wish>} wanted */
  #say(state, view, wanted) {
    const known = Object.values(wanted).map(({ key }) => state.parts.get(key));
    const errors = [...new Set(known.flatMap((part) => (part?.error ? sentences(part.error) : [])))];
    const text = errors.length > 0 ? errors.join(" ") : this.#noteOn(view);
    if (this.note.textContent !== text) {
      this.note.textContent = text;
      this.note.title = text;
    }
    this.note.classList.toggle("is-error", errors.length > 0);
    // While the picture moves, there is always something newer to come.
    const resting = !isMoving(view.status);
    this.card.classList.toggle("is-pending", known.some((part) => isMissing(part) || (part?.pending && resting)));
    const { long } = this.painter;
    if (long) this.#sayProgress(long, long.part in wanted, state.parts.get(wanted[long.part]?.key), resting);
  }

  /** @param {View} view */
  #describe(view) {
    const now = performance.now();
    if (isMoving(view.status) && now - this.saidAt < SAY_EVERY) return;
    const words = [`Epoch ${view.status.shown_epoch}.`, this.painter.says?.(view) ?? "", this.note.textContent ?? ""];
    const text = words.filter(Boolean).join(" ");
    if (this.said.textContent === text) return;
    this.saidAt = now;
    this.said.textContent = text;
  }

  /** @param {View} view */
  #noteOn(view) {
    const note = this.painter.note?.(view) ?? "";
    const concerns = new Set(this.painter.concerns?.(view.options));
    const remarks = remarksOn(view.geometry, concerns);
    // Room for a second line depends on the data alone: the graph keeps its height.
    this.card.toggleAttribute("data-remarks", Boolean(remarks) || (concerns.has("plane") && view.geometry.dimension > 2));
    return [note, remarks].filter(Boolean).join(" ");
  }

  /** @param {Long} long @param {boolean} isWanted @param {Part|undefined} part @param {boolean} resting */
  #sayProgress({ name }, isWanted, part, resting) {
    const share = part?.progress ?? null;
    const isUnderWay = isWanted && (share !== null || isMissing(part) || Boolean(part?.pending && resting));
    this.longSince = isUnderWay ? (this.longSince ?? performance.now()) : null;
    const elapsed = this.longSince === null ? 0 : performance.now() - this.longSince;
    // While the run rests, nothing else may come to look at the time.
    if (isUnderWay && elapsed < LONG_AFTER) this.longTimer ??= setTimeout(() => this.#lookAgain(), LONG_AFTER - elapsed);
    const isLong = elapsed >= LONG_AFTER;
    if (this.progress.hidden === isLong) this.progress.hidden = !isLong;
    if (!isLong) return;
    const [bar, text] = this.progress.children;
    if (share === null) bar.removeAttribute("value");
    else /** @type {HTMLProgressElement} */ (bar).value = share;
    text.textContent = share === null ? `${name} under way` : `${name}: ${Math.floor(100 * share)} %`;
  }

  #lookAgain() {
    this.longTimer = null;
    this.page.repaint();
  }
}

/**
 * A sentence for each option that was refused, which other measurements may have as well.
 * @param {string} error
 */
const sentences = (error) => error.split(/(?<=\.) (?=[\w.]+: )/).filter(Boolean);

/** @param {Part|undefined} part */
const isMissing = (part) => !part || (!part.error && Object.keys(part.arrays).length === 0);

let described = 0;

/**
 * The words that describe a card's pictures, which nobody sees.
 * @param {HTMLElement} card
 * @param {Frame[]} frames
 */
function describe(card, frames) {
  const said = document.createElement("p");
  said.id = `said-${++described}`;
  said.className = "panel-said visually-hidden";
  card.append(said);
  for (const { wrapper } of frames) wrapper.setAttribute("aria-describedby", said.id);
  return said;
}
