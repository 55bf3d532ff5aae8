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
 * @typedef {object} Status what the last frame says of the session
 * @property {string} state ready, playing, paused, diverged or ended
 * @property {number} epoch
 * @property {number} progress within the epoch, 0 to 1
 * @property {number} shown_epoch
 * @property {number} run
 * @property {number|null} seeking
 * @property {number} epochs_per_second
 * @property {number} steps_per_second
 * @property {number|null} speed
 * @property {string} notice
 * @property {number} strokes that were drawn and can be taken back
 * @property {Record<string, any>} config
 * @property {Record<string, any>} training what the run has come to by its schedule
 * @property {{epoch: number, step: number, text: string}[]} schedule what was changed during the run
 * @property {Record<string, number|null>} metrics
 * @property {number[]} epochs first, last and number of the kept snapshots
 * @property {Record<string, any>} geometry of the data, the same object as long as it is the same
 */

const EMPTY_POINTS = { train: null, trainLabel: null, trainAlong: null, test: null, testLabel: null, testAlong: null };

/** Where points lie along their class in data that has no coordinate of its own: one after another. */
const inOrder = ({ data }) => ({ data: Float32Array.from(data, (_, index) => index), shape: [data.length] });

/** The newest of everything the session has sent, and nothing else. */
export class State {
  constructor() {
    /** @type {Status|null} */
    this.status = null;
    /** @type {Map<string, Part>} */
    this.parts = new Map();
    /** @type {Record<string, Tensor|null>} */
    this.points = EMPTY_POINTS;
    /** @type {Record<string, any>} */
    this.geometry = {};
    /** The run whose points are held, 0 for none. */
    this.have = 0;
    /** Grows with every change of arrays or points. */
    this.serials = 0;
    this.pointsSerial = 0;
    this.texts = {};
  }

  /** Forget a session that another one follows. */
  clear() {
    const { serials } = this;
    Object.assign(this, new State(), { serials });
  }

  /**
   * Take in one frame.
   * @param {{tensors: Map<string, Tensor>, texts: Record<string, string>}} frame
   */
  accept({ tensors, texts }) {
    const run = Number(texts.run);
    if (this.status && this.status.run !== run) this.parts.clear();
    this.status = this.#status(texts, run);
    if (tensors.has("points/train")) {
      const point = (name) => tensors.get(`points/${name}`) ?? null;
      this.points = {
        train: point("train"),
        trainLabel: point("train_label"),
        trainAlong: point("train_coordinate") ?? inOrder(point("train_label")),
        test: point("test"),
        testLabel: point("test_label"),
        testAlong: point("test_coordinate") ?? inOrder(point("test_label")),
      };
      const data = JSON.parse(texts.data);
      this.geometry = { ...data, known: Object.fromEntries(data.facts.map(({ name, value }) => [name, value])) };
      this.have = run;
      this.pointsSerial = ++this.serials;
    }
    this.status.geometry = this.geometry;
    for (const [key, sent] of Object.entries(JSON.parse(texts.parts))) this.#part(key, sent, tensors);
  }

  #part(key, sent, tensors) {
    const kept = this.parts.get(key);
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
      part.serial = ++this.serials;
    } else if (sent.arrays.length > 0) {
      part.serial = ++this.serials;
      part.arrays = Object.fromEntries(sent.arrays.map((name) => [name, tensors.get(`${key}/${name}`)]));
      part.epoch = this.status.shown_epoch;
    }
    this.parts.set(key, part);
  }

  #status(texts, run) {
    // Parsed again only when the text changes: a configuration changes rarely.
    const parsed = (name) => (texts[name] === this.texts[name] && this.status ? this.status[name] : JSON.parse(texts[name]));
    const status = {
      state: texts.state,
      epoch: Number(texts.epoch),
      progress: Number(texts.progress),
      shown_epoch: Number(texts.shown_epoch),
      run,
      seeking: texts.seeking === "" ? null : Number(texts.seeking),
      epochs_per_second: Number(texts.epochs_per_second),
      steps_per_second: Number(texts.steps_per_second),
      speed: texts.speed === "" ? null : Number(texts.speed),
      notice: texts.notice,
      strokes: Number(texts.strokes),
      config: parsed("config"),
      training: parsed("training"),
      schedule: parsed("schedule"),
      metrics: parsed("metrics"),
      epochs: parsed("epochs"),
    };
    this.texts = texts;
    return status;
  }

  /** Drop the arrays of measurements that are watched no more. */
  keepOnly(keys) {
    for (const key of this.parts.keys()) if (!keys.has(key)) this.parts.delete(key);
  }
}
