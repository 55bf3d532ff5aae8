/** @typedef {import("./safetensors.mjs").Tensor} Tensor */

/**
 * @typedef {object} Part what is known of one measurement
 * @property {Record<string, Tensor>} arrays the newest ones
 * @property {number} epoch the epoch at which they arrived
 * @property {boolean} pending whether a fuller or newer result will follow by itself
 * @property {number|null} progress share done of a long measurement under way, null for none
 * @property {string} error why there is none, or ""
 * @property {number} serial grows with every change of the arrays
 */

/**
 * @typedef {import("./messages.d.ts").Texts} Texts
 * @typedef {import("./messages.d.ts").FrameTexts} FrameTexts
 * @typedef {import("./messages.d.ts").DataText & {known: Record<string, number|null>}} Geometry what is
 *   told of the data, and the values of its facts by name
 * @typedef {Omit<FrameTexts, "parts"|"data"> & {geometry: Geometry}} Status what the last frame says of
 *   the session; its geometry is the same object as long as it is the same
 * @typedef {"train"|"trainLabel"|"trainAlong"|"test"|"testLabel"|"testAlong"} PointArray
 * @typedef {Record<PointArray, Tensor>} Points
 */

/** @type {Record<PointArray, null>} */
const EMPTY_POINTS = { train: null, trainLabel: null, trainAlong: null, test: null, testLabel: null, testAlong: null };

/**
 * Where points lie along their class in data that has no coordinate of its own: one after another.
 * @param {Tensor} tensor
 */
const inOrder = ({ data }) => ({ data: Float32Array.from(data, (_, index) => index), shape: [data.length] });

/**
 * Whether what is on show changes by itself: the run trains, or its past is played again.
 * @param {Pick<Status, "state">} status
 */
export const isMoving = ({ state }) => state === "playing" || state === "replaying";

/** Grows with every change of arrays or points, of whichever run: what is painted of one is not taken for the other's. */
let serials = 0;

/** The newest of everything the session has sent, and nothing else. */
export class State {
  constructor() {
    /** @type {Status|null} */
    this.status = null;
    /** @type {Map<string, Part>} */
    this.parts = new Map();
    /** @type {Points|typeof EMPTY_POINTS} */
    this.points = EMPTY_POINTS;
    /** Empty before the first points. */
    this.geometry = /** @type {Geometry} */ ({});
    /** The run whose points are held, 0 for none. */
    this.have = 0;
    this.pointsSerial = 0;
    this.texts = /** @type {Texts} */ ({});
  }

  /** Forget a session that another one follows. */
  clear() {
    Object.assign(this, new State());
  }

  /**
   * Take in one frame.
   * @param {{tensors: Map<string, Tensor>, texts: Record<string, string>}} frame
   */
  accept({ tensors, texts: sent }) {
    const texts = /** @type {Texts} */ (sent);
    const run = Number(texts.run);
    if (this.status && this.status.run !== run) this.parts.clear();
    this.status = this.#status(texts, run);
    if (tensors.has("points/train")) {
      /** @param {string} name */
      const point = (name) => /** @type {Tensor} */ (tensors.get(`points/${name}`));
      this.points = {
        train: point("train"),
        trainLabel: point("train_label"),
        trainAlong: tensors.get("points/train_coordinate") ?? inOrder(point("train_label")),
        test: point("test"),
        testLabel: point("test_label"),
        testAlong: tensors.get("points/test_coordinate") ?? inOrder(point("test_label")),
      };
      /** @type {import("./messages.d.ts").DataText} */
      const data = JSON.parse(texts.data ?? "");
      this.geometry = { ...data, known: Object.fromEntries(data.facts.map(({ name, value }) => [name, value])) };
      this.have = run;
      this.pointsSerial = ++serials;
    }
    this.status.geometry = this.geometry;
    for (const [key, part] of Object.entries(JSON.parse(texts.parts))) this.#part(key, part, this.status, tensors);
  }

  /** @param {string} key @param {import("./messages.d.ts").PartText} sent @param {Status} status @param {Map<string, Tensor>} tensors */
  #part(key, sent, status, tensors) {
    const kept = this.parts.get(key);
    /** @type {Part} */
    const part = {
      arrays: kept?.arrays ?? {},
      epoch: kept?.epoch ?? 0,
      serial: kept?.serial ?? 0,
      pending: Boolean(sent.pending),
      progress: sent.progress ?? null,
      error: sent.error ?? "",
    };
    if (sent.error) {
      part.arrays = {};
      part.serial = ++serials;
    } else if (sent.arrays && sent.arrays.length > 0) {
      part.serial = ++serials;
      part.arrays = Object.fromEntries(sent.arrays.map((name) => [name, /** @type {Tensor} */ (tensors.get(`${key}/${name}`))]));
      part.epoch = status.shown_epoch;
    }
    this.parts.set(key, part);
  }

  /** @param {Texts} texts @param {number} run */
  #status(texts, run) {
    const before = this.status;
    // Parsed again only when the text changes: a configuration changes rarely.
    /** @template {"config"|"training"|"schedule"|"metrics"|"epochs"|"stop"} Name @param {Name} name @returns {Status[Name]} */
    const parsed = (name) => (texts[name] === this.texts[name] && before ? before[name] : JSON.parse(texts[name] || "null"));
    /** @type {Status} */
    const status = {
      state: /** @type {Status["state"]} */ (texts.state),
      epoch: Number(texts.epoch),
      progress: Number(texts.progress),
      shown_epoch: Number(texts.shown_epoch),
      run,
      seeking: texts.seeking === "" ? null : Number(texts.seeking),
      epochs_per_second: Number(texts.epochs_per_second),
      steps_per_second: Number(texts.steps_per_second),
      speed: texts.speed,
      step: Number(texts.step),
      batches: Number(texts.batches),
      reach: texts.reach === "" ? null : Number(texts.reach),
      notice: texts.notice,
      strokes: Number(texts.strokes),
      thinned: texts.thinned === "true",
      config: parsed("config"),
      training: parsed("training"),
      schedule: parsed("schedule"),
      metrics: parsed("metrics"),
      epochs: parsed("epochs"),
      stop: parsed("stop"),
      geometry: this.geometry,
    };
    this.texts = texts;
    return status;
  }

  /**
   * Drop the arrays of measurements that are watched no more.
   * @param {Map<string, unknown>} keys of those that are
   */
  keepOnly(keys) {
    for (const key of this.parts.keys()) if (!keys.has(key)) this.parts.delete(key);
  }
}
