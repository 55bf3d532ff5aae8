/**
 * What has been drawn and is not yet on the picture that came from the session.
 *
 * Each message begins the run anew, so there is one under way at a time; what is drawn meanwhile
 * waits for it, and is sent together.
 */

/** Points in a message, and circles: what the session takes at once. */
const POINTS_MAX = 200;
/** If no answer comes for so long, in milliseconds, the next message goes out all the same. */
const PATIENCE = 1500;

/** @typedef {Required<Omit<import("../stream/messages.d.ts").Draw, "do">>} Message */

export class Sheet {
  /** @param {(message: Message) => void} send */
  constructor(send) {
    this.send = send;
    /** @type {Message[]} */
    this.waiting = [];
    /** @type {Message|null} */
    this.underWay = null;
    this.sentAt = 0;
    this.points = 0;
  }

  /** @param {number} stroke @param {Partial<Omit<Message, "stroke">>} change */
  draw(stroke, { add = [], erase = [], radius = 0 }) {
    const last = this.waiting.at(-1);
    const joins = last && last.stroke === stroke && last.add.length + add.length <= POINTS_MAX && last.erase.length + erase.length <= POINTS_MAX;
    if (joins) {
      last.add.push(...add);
      last.erase.push(...erase);
      last.radius = radius;
    } else {
      this.waiting.push({ stroke, add, erase, radius });
    }
    this.#next();
  }

  /**
   * A picture has come, of these points: what was under way is on it, or was refused.
   * @param {number} points
   */
  arrived(points) {
    if (points === this.points) return;
    this.points = points;
    this.underWay = null;
    this.#next();
  }

  #next() {
    const late = performance.now() - this.sentAt > PATIENCE;
    if ((this.underWay && !late) || this.waiting.length === 0) return;
    this.underWay = this.waiting.shift() ?? null;
    this.sentAt = performance.now();
    setTimeout(() => this.#next(), 1.1 * PATIENCE);
    if (this.underWay) this.send(this.underWay);
  }

  /** Points that are drawn and not on the picture yet, as [x, y, class]. */
  get fresh() {
    const late = performance.now() - this.sentAt > PATIENCE;
    return [...(this.underWay && !late ? [this.underWay] : []), ...this.waiting].flatMap(({ add }) => add);
  }
}
