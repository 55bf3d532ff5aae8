/**
 * One Plotly graph and the canvas in it.
 *
 * While a run plays, what moves is painted on a canvas between Plotly's two drawings: above the
 * grid and the axes, below legend, zoom box and hover labels, on Plotly's own scales. When it
 * rests, the same values are put into Plotly's traces and the canvas is cleared.
 */
import { plain } from "./data.mjs";
import { themedLayout } from "./theme.mjs";
import { emptied, merged } from "./figure.mjs";
import { LABEL_SIZE } from "./labels.mjs";

/**
 * @typedef {import("./figure.mjs").Plain} Plain
 * @typedef {import("./theme.mjs").Theme} Theme
 */

/**
 * The part of the canvas inside a pair of axes, and how data become pixels there. Lengths are CSS
 * pixels from the corner of the graph; x = ax * value + bx, y = ay * value + by (of the logarithm
 * to base 10 on a logarithmic axis).
 *
 * @typedef {object} Area
 * @property {number} left
 * @property {number} top
 * @property {number} width
 * @property {number} height
 * @property {number} scale device pixels in a CSS pixel
 * @property {number} ax
 * @property {number} bx
 * @property {number} ay
 * @property {number} by
 * @property {(value: number) => number} x
 * @property {(value: number) => number} y
 */

/**
 * @typedef {object} Figure
 * @property {Plain[]} traces
 * @property {Plain} layout what it adds to the graph's own layout
 * @property {Plain} [settled] what the layout has beside that only while the run rests: images, shapes
 */

/** Of the way still to go, what an axis moves with each frame. */
const ANIMATION_SHARE = 0.5;
const LIVE = "is-live";
/** Plotly writes what the canvas writes while the run plays. */
const LABELLED = "is-labelled";
/** A press that moves no further, in CSS pixels, and lasts no longer, in milliseconds, is a click. */
const CLICK = { far: 4, long: 500 };

export class Frame {
  /**
   * @param {HTMLElement} wrapper holds a dcc.Graph
   * @param {() => void} repaint asks for the canvas to be painted again
   */
  constructor(wrapper, repaint) {
    this.wrapper = wrapper;
    this.name = wrapper.dataset.graph;
    this.repaint = repaint;
    this.onScreen = false;
    /** The graph, null until Dash has drawn it. */
    this.gd = /** @type {PlotlyGraph} */ (/** @type {unknown} */ (null));
    /** The graph's own layout. @type {Plain} */
    this.base = {};
    this.live = false;
    this.filled = false;
    /** Ranges that suit what is painted. @type {Record<string, [number, number]>} */
    this.suiting = {};
    /** The same graph of a run that is compared with this one, on equal scales. @type {Frame|null} */
    this.twin = null;
    /** Axes that move to a new range step by step. */
    /** @type {Set<string>} */
    this.smooth = new Set();
    /** @type {Record<string, string>} */
    this.titles = {};
    /** What the graph is of, and its axes, as the page said it at first. */
    this.described = (wrapper.getAttribute("aria-label") ?? "").split(": ");
    /** @type {string[]} */
    this.barTicks = [];
    /** @type {Set<string>} */
    this.held = new Set();
    /** What was drawn last, for whoever drives the frame to compare with. */
    this.inputs = "";
    /** What Plotly's traces, legend and layout depend on, and whether Plotly has been given them. */
    this.structure = "";
    this.structured = false;
    this.sizeBefore = [0, 0];
    /** Pixels of the page in one of the graph: a card that fills the page is drawn larger. */
    this.zoom = 1;
    /** Whether the canvas no longer fits the graph. */
    this.stale = false;
    this.canvas = document.createElement("canvas");
    this.canvas.className = "plot-canvas";
    this.context = /** @type {CanvasRenderingContext2D} */ (this.canvas.getContext("2d"));
    /** What the canvas covers of the graph, in CSS pixels, and its pixels in one of them. */
    this.covers = { left: 0, top: 0, right: 0, bottom: 0, scale: 0 };
    this.font = "";
    /**
     * Called with the place of a click or tap on the plot, in data coordinates.
     * @type {((x: number, y: number) => void)|null}
     */
    this.clicked = null;
    /**
     * What the painter keeps of one picture for the next, each painter its own.
     * @type {Record<string, any>}
     */
    this.own = {};
    /** The painter's tools, made with the first picture. @type {any} */
    this.memory = undefined;
  }

  /** Take hold of the graph once Dash has drawn it; false until then. */
  attach() {
    if (this.gd?.isConnected) return true;
    const gd = /** @type {PlotlyGraph|null} */ (this.wrapper.querySelector(".js-plotly-plot:not(.dash-graph--pending)"));
    if (!gd?._fullLayout?.xaxis) return false;
    this.gd = gd;
    this.base = baseOf(gd.layout);
    this.structure = "";
    this.structured = false;
    // Dash answers each change of the layout by drawing the figure it knows, which has no data.
    for (const event of ["plotly_relayout", "plotly_restyle"]) gd.removeAllListeners(event);
    gd.on("plotly_afterplot", () => this.#afterPlot());
    gd.on("plotly_relayouting", () => this.#outdated());
    gd.on("plotly_relayout", (changes) => this.#hold(changes));
    gd.on("plotly_doubleclick", () => this.release());
    gd.addEventListener("click", (event) => this.#resetButton(event), true);
    gd.addEventListener("pointerdown", (event) => this.#press(event), true);
    return true;
  }

  /** Ranges the axes should have, unless the person has chosen others. @returns {Record<string, [number, number]>} */
  get ranges() {
    return this.twin ? united(this, this.twin) : this.suiting;
  }

  /** Names of the layout's axes, such as xaxis, yaxis, xaxis2. */
  get axes() {
    return Object.keys(this.gd._fullLayout).filter((name) => /^[xy]axis\d*$/.test(name));
  }

  #afterPlot() {
    for (const [axis, text] of Object.entries(this.titles)) this.#writeTitle(axis, text);
    this.#writeBarTicks();
    this.#outdated();
    // What finds room in the plot may be another now.
    const { width, height } = this.gd._fullLayout;
    this.zoom = this.gd.getBoundingClientRect().width / this.gd.offsetWidth || 1;
    if (width !== this.sizeBefore[0] || height !== this.sizeBefore[1]) {
      this.sizeBefore = [width, height];
      this.inputs = "";
      this.repaint();
    }
  }

  #outdated() {
    if (!this.live || this.stale) return;
    this.stale = true;
    this.repaint();
  }

  /** @param {object} changes */
  #hold(changes) {
    for (const name of Object.keys(changes)) {
      // A drag names the ends one by one; this class sets ranges whole.
      const axis = /^([xy]axis\d*)\.range\[0\]$/.exec(name)?.[1];
      if (axis) this.held.add(axis);
    }
    this.twin?.follow(this);
  }

  /**
   * Look at what its twin looks at.
   * @param {Frame} twin
   */
  follow(twin) {
    if (!this.gd) return;
    /** @type {Plain} */
    const changes = {};
    for (const axis of twin.held) {
      this.held.add(axis);
      const { range } = twin.gd._fullLayout[axis];
      if (unless(this.gd._fullLayout[axis].range, range)) changes[`${axis}.range`] = [...range];
    }
    if (Object.keys(changes).length > 0) window.Plotly.relayout(this.gd, changes);
  }

  /** @param {MouseEvent} event */
  #resetButton(event) {
    if (!(event.target instanceof Element && event.target.closest('[data-attr="zoom"][data-val="reset"]'))) return;
    event.stopImmediatePropagation();
    this.release();
  }

  /**
   * Plotly's own zoom and pan begin with the same press, and are left alone.
   * @param {PointerEvent} event
   */
  #press(event) {
    if (!this.clicked || event.button !== 0 || /** @type {Element} */ (event.target).closest?.(".modebar, .legend, .colorbar")) return;
    const { clientX, clientY, timeStamp } = event;
    const place = this.placeOf(event);
    /** @param {PointerEvent} end */
    const released = (end) => {
      window.removeEventListener("pointercancel", released, true);
      window.removeEventListener("pointerup", released, true);
      const far = Math.hypot(end.clientX - clientX, end.clientY - clientY);
      if (end.type !== "pointerup" || far > CLICK.far || end.timeStamp - timeStamp > CLICK.long) return;
      if (place) this.clicked?.(...place);
    };
    window.addEventListener("pointerup", released, true);
    window.addEventListener("pointercancel", released, true);
  }

  /**
   * Where on the plot a pointer is, in data coordinates.
   * @param {PointerEvent} event
   * @returns {[number, number]|null} null beside the plot
   */
  placeOf({ clientX, clientY }) {
    const { left, top } = this.gd.getBoundingClientRect();
    const area = this.area();
    const [across, down] = [(clientX - left) / this.zoom, (clientY - top) / this.zoom];
    const isInside = area && across >= area.left && across <= area.left + area.width;
    if (!isInside || down < area.top || down > area.top + area.height) return null;
    return [(across - area.bx) / area.ax, (down - area.by) / area.ay];
  }

  /** Give every axis back the range that suits the data. */
  release() {
    const twin = this.twin?.held.size ? this.twin : null;
    this.held.clear();
    twin?.release();
    const changes = Object.fromEntries(Object.entries(this.ranges).map(([axis, range]) => [`${axis}.range`, [...range]]));
    window.Plotly.relayout(this.gd, changes);
  }

  /**
   * Ask for this range, which the axis moves to step by step.
   * @param {string} axis
   * @param {number} low
   * @param {number} high
   */
  glideTo(axis, low, high) {
    this.smooth.add(axis);
    this.setRange(axis, low, high);
  }

  /**
   * Ask for this range, at once. On a logarithmic axis both ends are logarithms.
   * @param {string} axis
   * @param {number} low
   * @param {number} high
   */
  setRange(axis, low, high) {
    const [from, to] = this.suiting[axis] ?? [];
    if (from !== low || to !== high) this.suiting[axis] = [low, high];
  }

  /**
   * Title of an axis, as it is to be read, that may change with every frame: without a Plotly call.
   * @param {string} axis
   * @param {string} text
   */
  setTitle(axis, text) {
    if (this.titles[axis] === text) return;
    this.titles[axis] = text;
    this.#writeTitle(axis, text);
  }

  /** Say in words what the axes are, for those who do not see them. */
  #describe() {
    const [what, axes = ""] = this.described;
    const [up = "", across = ""] = axes.split(" against ");
    const { xaxis = across, yaxis = up } = this.titles;
    this.wrapper.setAttribute("aria-label", `${what}: ${yaxis} against ${xaxis}`);
  }

  /** @param {string} axis @param {string} text */
  #writeTitle(axis, text) {
    if (axis === "xaxis" || axis === "yaxis") this.#describe();
    for (const layout of [this.gd.layout, this.gd._fullLayout]) {
      if (layout[axis]?.title) layout[axis].title.text = plain(text);
    }
    const drawn = this.gd.querySelector(`.g-${axis.replace("axis", "")}title text`);
    if (drawn && drawn.textContent !== text) drawn.textContent = text;
  }

  /**
   * Words beside the colour bar, lowest first, that may change with every frame.
   * @param {string[]} texts
   */
  setBarTicks(texts) {
    if (texts.join() === this.barTicks.join()) return;
    this.barTicks = texts;
    this.#writeBarTicks();
  }

  #writeBarTicks() {
    for (const layout of [this.gd.layout, this.gd._fullLayout]) {
      if (layout.coloraxis?.colorbar && this.barTicks.length > 0) layout.coloraxis.colorbar.ticktext = this.barTicks;
    }
    const drawn = this.gd.querySelectorAll(".colorbar .cbaxis text");
    this.barTicks.forEach((text, index) => {
      if (drawn[index] && drawn[index].textContent !== text) drawn[index].textContent = text;
    });
  }

  /** Ranges that the axes are to be given next, none where all are where they should be. */
  get #moves() {
    /** @type {Record<string, [number, number]>} */
    const changes = {};
    if (this.gd._dragging) return changes;
    for (const [axis, range] of Object.entries(this.ranges)) {
      const layout = this.gd._fullLayout[axis];
      if (!layout || this.held.has(axis)) continue;
      const next = this.smooth.has(axis) ? stepped(layout.range, range) : unless(layout.range, range);
      if (next) changes[`${axis}.range`] = next;
    }
    return changes;
  }

  /**
   * Note what the structure is; another than Plotly has needs `show`.
   * @param {string} structure
   */
  restructure(structure) {
    if (structure === this.structure) return;
    this.structure = structure;
    this.structured = false;
  }

  /**
   * Whether Plotly has something other than it should: the structure, the ranges, or traces that
   * nobody sees behind the canvas and that would slow every movement of the axes.
   * @param {boolean} playing
   */
  owes(playing) {
    if (!this.structured) return true;
    if (!this.live) return false;
    return (playing && this.filled) || Object.keys(this.#moves).length > 0;
  }

  /** Bring the axes a step closer to the ranges asked for, in one Plotly call or none. */
  moveAxes() {
    const moves = this.#moves;
    if (Object.keys(moves).length === 0) return;
    this.stale = true;
    window.Plotly.relayout(this.gd, moves);
  }

  /** CSS pixels between the margins, whether or not the axes take up all of them. */
  get room() {
    const { w: width, h: height } = this.gd._fullLayout._size;
    return { width, height };
  }

  /** CSS pixels between the upper and the lower margin. */
  get height() {
    return this.gd._fullLayout._size.h;
  }

  /**
   * Whether a trace is shown: a click on the legend hides it.
   * @param {number} index
   */
  shows(index) {
    const trace = this.gd._fullData[index];
    return !trace || trace.visible === true;
  }

  /**
   * Give Plotly a figure: whole, or only its legend, colour bar and axes.
   * @param {Figure} figure
   * @param {import("./theme.mjs").Theme} theme
   * @param {boolean} whole
   */
  async show({ traces, layout, settled = {} }, theme, whole) {
    const complete = this.#layout(merged(layout, whole ? settled : {}), theme);
    this.filled = whole;
    this.wrapper.classList.toggle(LABELLED, whole && settled.annotations?.length > 0);
    await window.Plotly.react(this.gd, whole ? traces : traces.map(emptied), complete);
  }

  /**
   * What Plotly is given to draw the figure somewhere else, as the person sees it here.
   * @param {Figure} figure
   * @param {import("./theme.mjs").Theme} theme
   */
  whole({ traces, layout, settled = {} }, theme) {
    const data = traces.map((trace, index) => ({ ...trace, visible: this.gd.data[index]?.visible ?? trace.visible }));
    return { data, layout: this.#layout(merged(layout, settled), theme) };
  }

  /** @param {Plain} layout @param {Theme} theme */
  #layout(layout, theme) {
    /** @type {Plain} */
    const ranges = {};
    for (const [axis, range] of Object.entries(this.ranges)) {
      const kept = this.held.has(axis) && this.gd._fullLayout[axis];
      ranges[axis] = { range: [...(kept ? kept.range : range)], autorange: false };
    }
    const titles = Object.fromEntries(Object.entries(this.titles).map(([axis, text]) => [axis, { title: { text: plain(text) } }]));
    const complete = merged(this.base, layout);
    const axes = Object.keys(complete).filter((name) => /^[xy]axis\d*$/.test(name));
    const ticks = this.barTicks.length > 0 ? { coloraxis: { colorbar: { ticktext: this.barTicks } } } : {};
    return merged(complete, themedLayout(theme, axes), ranges, titles, ticks, { uirevision: "kept" });
  }

  /**
   * Show the canvas and hide the traces, or the other way round.
   * @param {boolean} live
   */
  setLive(live) {
    if (live === this.live) return;
    this.live = live;
    this.stale = false;
    this.wrapper.classList.toggle(LIVE, live);
    if (!live) this.#clear();
  }

  /**
   * An empty canvas over all pairs of axes, its context in the graph's CSS pixels.
   * @param {import("./theme.mjs").Theme} theme
   */
  begin({ font }) {
    const covers = this.#covered(window.devicePixelRatio * this.zoom);
    this.stale = false;
    if (!this.canvas.isConnected) {
      const container = /** @type {Element} */ (this.gd.querySelector(".svg-container"));
      container.insertBefore(this.canvas, container.querySelector(".gl-container"));
    }
    if (JSON.stringify(covers) !== JSON.stringify(this.covers)) {
      this.covers = covers;
      const { left, top, right, bottom, scale } = covers;
      const [width, height] = [right - left, bottom - top].map((length) => Math.round(length * scale));
      Object.assign(this.canvas, { width, height });
      Object.assign(this.canvas.style, { left: `${left}px`, top: `${top}px`, width: `${width / scale}px`, height: `${height / scale}px` });
      this.font = "";
    }
    this.#clear();
    if (font !== this.font) {
      // Once, not with every label: the browser looks at the page's styles for it.
      this.font = font;
      this.context.font = `600 ${LABEL_SIZE}px ${font}`;
    }
  }

  /**
   * What lies between the outermost axes, to whole pixels of the screen: what is larger than need
   * be is copied with every picture.
   * @param {number} scale
   */
  #covered(scale) {
    const layout = this.gd._fullLayout;
    const spans = { x: [Infinity, -Infinity], y: [Infinity, -Infinity] };
    for (const name of this.axes) {
      const { _offset: from, _length: length } = layout[name];
      const span = spans[/** @type {"x"|"y"} */ (name[0])];
      if (length) span.splice(0, 2, Math.min(span[0], from), Math.max(span[1], from + length));
    }
    /** @param {number[]} span @returns {[number, number]} */
    const whole = ([from, to]) => (from < to ? [Math.floor(from * scale) / scale, Math.ceil(to * scale) / scale] : [0, 0]);
    const [[left, right], [top, bottom]] = [whole(spans.x), whole(spans.y)];
    return { left, top, right, bottom, scale };
  }

  #clear() {
    const { left, top, scale } = this.covers;
    this.context.setTransform(1, 0, 0, 1, 0, 0);
    this.context.clearRect(0, 0, this.canvas.width, this.canvas.height);
    if (scale) this.context.setTransform(scale, 0, 0, scale, -left * scale, -top * scale);
  }

  /**
   * Paint inside a pair of axes, nothing of it outside.
   * @param {(context: CanvasRenderingContext2D, area: Area) => void} paint
   * @param {string} [x] the axis, such as xaxis2
   * @param {string} [y]
   */
  inside(paint, x = "xaxis", y = "yaxis") {
    const area = this.area(x, y);
    if (!area) return;
    this.context.save();
    this.context.beginPath();
    this.context.rect(area.left, area.top, area.width, area.height);
    this.context.clip();
    paint(this.context, area);
    this.context.restore();
  }

  /** @returns {Area|null} null for axes the graph does not have now */
  area(x = "xaxis", y = "yaxis") {
    const { [x]: horizontal, [y]: vertical } = this.gd._fullLayout;
    if (!horizontal?._length || !vertical?._length) return null;
    const across = linear(horizontal);
    const down = linear(vertical);
    const [ax, bx] = [across.rate * horizontal._length, horizontal._offset + across.start * horizontal._length];
    const [ay, by] = [-down.rate * vertical._length, vertical._offset + (1 - down.start) * vertical._length];
    return {
      left: horizontal._offset,
      top: vertical._offset,
      width: horizontal._length,
      height: vertical._length,
      scale: this.covers.scale || window.devicePixelRatio * this.zoom,
      ax,
      bx,
      ay,
      by,
      x: across.log ? (value) => ax * Math.log10(value) + bx : (value) => ax * value + bx,
      y: down.log ? (value) => ay * Math.log10(value) + by : (value) => ay * value + by,
    };
  }
}

/**
 * Ranges that hold those of both, but for axes of which one is logarithmic alone.
 * @param {Frame} one
 * @param {Frame} other
 */
function united({ suiting, gd }, { suiting: others, gd: its }) {
  /** @type {Record<string, [number, number]>} */
  const ranges = {};
  for (const [axis, [low, high]] of Object.entries(suiting)) {
    const [from, to] = others[axis] ?? [low, high];
    const alike = gd?._fullLayout[axis]?.type === its?._fullLayout?.[axis]?.type;
    ranges[axis] = alike ? [Math.min(low, from), Math.max(high, to)] : [low, high];
  }
  return ranges;
}

/**
 * A graph's layout as it was asked for, without what Plotly has written into it.
 * @param {Plain} layout
 */
function baseOf(layout) {
  /** @type {Plain} */
  const base = structuredClone({ ...layout, width: undefined, height: undefined });
  for (const axis of Object.values(base)) if (axis?.constrain === "domain") delete axis.domain;
  return base;
}

/**
 * Share of an axis' length at a value: start + rate * value.
 * @param {PlotlyAxis} axis
 */
function linear({ range: [from, to], type }) {
  const rate = 1 / (to - from);
  return { rate, start: -from * rate, log: type === "log" };
}

/**
 * `range`, or null where it is `current` already.
 * @param {[number, number]} values
 * @param {[number, number]} other
 * @returns {[number, number]|null}
 */
function unless([from, to], [low, high]) {
  return from === low && to === high ? null : [low, high];
}

/**
 * `current` moved some of the way to `target`; null where it is there.
 * @param {[number, number]} values
 * @param {[number, number]} other
 * @returns {[number, number]|null}
 */
function stepped([from, to], [low, high]) {
  const span = high - low;
  /** @param {number} a @param {number} b */
  const near = (a, b) => Math.abs(a - b) <= 0.04 * Math.abs(span);
  if (!unless([from, to], [low, high])) return null;
  if (near(from, low) && near(to, high)) return [low, high];
  // A range of another order of magnitude is no movement to follow with the eye.
  const ratio = Math.abs((to - from) / span);
  if (ratio > 8 || ratio < 1 / 8) return [low, high];
  return [from + ANIMATION_SHARE * (low - from), to + ANIMATION_SHARE * (high - to)];
}
