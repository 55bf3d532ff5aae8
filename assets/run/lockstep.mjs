/**
 * Two runs that are trained and shown in step: the faster waits for the slower.
 *
 * Each is held at the end of a stretch of epochs. What one has to show of it waits until the other
 * has come as far; then both are shown, and the next stretch begins.
 */

/**
 * @typedef {import("../stream/messages.d.ts").PageCommand} PageCommand
 * @typedef {import("./run.mjs").Decoded} Decoded
 * @typedef {import("./run.mjs").RunView} RunView
 */

/** What is asked of both runs when it is asked of one. @type {Set<string>} */
const SHARED = new Set(["play", "pause", "step", "reset", "speed", "seek", "branch"]);
/** Milliseconds that a stretch of epochs should take. */
const STRETCH_MS = 30;
const STRETCH_MOST = 2000;
/** Epochs of a run that catches up, between two of its pictures. */
const CATCH_UP = 100;
/** Milliseconds after a command in which the two may be in different states. */
const GRACE_MS = 400;

const SPARED_MS = 3000;

/** One of the two, and what is known of it. */
class Side {
  /** @param {RunView} run */
  constructor(run) {
    this.run = run;
    /** Frames that wait for the other run. @type {Decoded[]} */
    this.waiting = [];
    this.number = 0;
    this.epoch = 0;
    this.state = "";
    this.shown = 0;
    /** @type {number|null|undefined} undefined until it has been told */
    this.hold = undefined;
    this.hurries = false;
    /** Until when, in milliseconds, it goes on where the other one begins anew. */
    this.sparedUntil = -Infinity;
    this.learn(run.state.status);
    this.shown = run.state.status?.shown_epoch ?? 0;
  }

  /** @param {import("../stream/state.mjs").Status|null} status */
  learn(status) {
    if (!status) return;
    this.number = status.run;
    this.epoch = status.epoch;
    this.state = status.state;
  }

  get plays() {
    return this.state === "playing";
  }

  /** Show what has waited. */
  release() {
    for (const frame of this.waiting.splice(0)) this.show(frame);
  }

  /** @param {Decoded} frame */
  show(frame) {
    this.shown = Number(frame.texts.shown_epoch);
    this.run.show(frame);
  }

  /** @param {number|null} epoch beyond which it is not to train */
  holdAt(epoch) {
    if (epoch === this.hold) return;
    this.hold = epoch;
    this.run.ask({ do: "hold", epoch });
  }

  /** @param {boolean} hurries whether it trains as fast as it goes @param {number|null} speed else */
  hurry(hurries, speed) {
    if (hurries === this.hurries) return;
    this.hurries = hurries;
    this.run.ask({ do: "speed", epochs_per_second: hurries ? null : speed });
  }
}

export class Lockstep {
  /** @param {RunView} one @param {RunView} other */
  constructor(one, other) {
    this.sides = [new Side(one), new Side(other)];
    this.stretch = 1;
    this.begunAt = 0;
    this.askedAt = -Infinity;
    this.timer = 0;
    /** The one that is trained to where the other one rests. @type {Side|null} */
    this.follower = null;
    for (const { run } of this.sides) run.lockstep = this;
    this.advance();
  }

  /** Let each go its own way. */
  end() {
    clearTimeout(this.timer);
    for (const side of this.sides) {
      side.release();
      side.run.lockstep = null;
      side.hurry(false, this.#speed);
      side.holdAt(null);
    }
  }

  /** Epochs a second that were asked for, null for as fast as it goes. */
  get #speed() {
    return this.sides.find(({ hurries }) => !hurries)?.run.state.status?.speed ?? null;
  }

  /** @param {RunView} run @returns {[Side, Side]} its side and the other one */
  #of(run) {
    const [one, other] = this.sides;
    return one.run === run ? [one, other] : [other, one];
  }

  /** @param {PageCommand} command */
  isShared(command) {
    return SHARED.has(command.do);
  }

  /**
   * Ask both; the sentence of the first that refused, "" where both did it.
   * @param {PageCommand} command
   */
  async ask(command) {
    this.askedAt = performance.now();
    this.follower = null;
    const answers = await Promise.all(this.sides.map(({ run }) => run.askAlone(fitted(command, run))));
    return answers.find(Boolean) ?? "";
  }

  /** A run has another connection: what it was told may be forgotten. @param {RunView} run */
  renew(run) {
    const [side] = this.#of(run);
    side.hold = undefined;
    side.hurries = false;
    side.waiting = [];
    this.advance();
  }

  /**
   * Take a frame, and show it as soon as both can be shown.
   * @param {RunView} run
   * @param {Decoded} frame
   */
  take(run, frame) {
    const [mine, other] = this.#of(run);
    const { texts } = frame;
    const [number, epoch] = [Number(texts.run), Number(texts.epoch)];
    const isFirst = mine.number === 0;
    const isNew = !isFirst && number !== mine.number && epoch === 0;
    Object.assign(mine, { number, epoch, state: texts.state });
    if (mine.hold !== undefined && mine.hold !== null && epoch > mine.hold) mine.hold = undefined;
    if (isNew && performance.now() >= other.sparedUntil) this.#beginTogether(other);
    else if (isNew || isFirst) this.#follow();
    if (this.follower === mine && epoch >= other.epoch) this.#arrive(mine);
    if (!mine.plays || !other.plays) {
      other.release();
      mine.release();
      mine.show(frame);
      this.#settle();
    } else if (epoch <= other.shown) {
      mine.release();
      mine.show(frame);
    } else {
      mine.waiting.push(frame);
      if (other.waiting.length > 0 && other.epoch === epoch) {
        this.#measure();
        mine.release();
        other.release();
      } else if (epoch < (mine.hold ?? 0)) run.credit();
    }
  }

  /** Say how far each may train now; called before frames are asked for. */
  advance() {
    const [one, other] = this.sides;
    if (!one.number || !other.number) return;
    this.begunAt = performance.now();
    const speed = this.#speed;
    const stretch = speed === null ? this.stretch : Math.min(this.stretch, Math.max(1, Math.round((speed * STRETCH_MS) / 1000)));
    for (const [mine, its] of [
      [one, other],
      [other, one],
    ]) {
      mine.hurry(mine.epoch < its.epoch - 1 && its.state !== "diverged", speed);
      mine.holdAt(bound(mine, its, stretch));
    }
  }

  /** Learn how many epochs are a stretch. */
  #measure() {
    const took = performance.now() - this.begunAt;
    if (took < STRETCH_MS) this.stretch = Math.min(STRETCH_MOST, Math.ceil(1.2 * this.stretch));
    else if (took > 1.5 * STRETCH_MS) this.stretch = Math.max(1, Math.floor(0.7 * this.stretch));
  }

  /** The other run is about to begin anew, and this one is not to. @param {RunView} run */
  spare(run) {
    this.#of(run)[0].sparedUntil = performance.now() + SPARED_MS;
  }

  /** A run has begun anew: so does the other one. @param {Side} other */
  #beginTogether(other) {
    const isAsked = performance.now() - this.askedAt < GRACE_MS;
    if (!isAsked && (other.epoch > 0 || other.run.state.status?.progress)) other.run.askAlone({ do: "reset" });
  }

  /** Train one that is behind to where the other one rests. */
  #follow() {
    const [behind, ahead] = [...this.sides].sort((one, other) => one.epoch - other.epoch);
    if (!behind.number || !ahead.number || ahead.plays || behind.plays || behind.state === "diverged" || behind.epoch === ahead.epoch) return;
    this.follower = behind;
    this.advance();
    behind.run.askAlone({ do: "play" });
  }

  /** @param {Side} side that has come to where the other one rests */
  #arrive(side) {
    this.follower = null;
    side.run.askAlone({ do: "pause" });
  }

  /** One that plays beside one that has stopped stops, too. */
  #settle() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      if (performance.now() - this.askedAt < GRACE_MS) return this.#settle();
      if (this.follower?.plays) return;
      const playing = this.sides.find(({ plays }) => plays);
      const stopped = this.sides.find(({ state }) => state === "paused" || state === "ready");
      if (playing && stopped) playing.run.askAlone({ do: "pause" });
    }, GRACE_MS);
  }
}

/** @param {Side} mine @param {Side} other @param {number} stretch */
function bound(mine, other, stretch) {
  if (other.state === "diverged") return null;
  if (mine.epoch < other.epoch) return Math.min(other.epoch, mine.epoch + CATCH_UP);
  return mine.epoch > other.epoch ? mine.epoch : mine.epoch + stretch;
}

/**
 * The command as a run can obey it: no epoch that it has not come to.
 * @param {PageCommand} command
 * @param {RunView} run
 * @returns {PageCommand}
 */
function fitted(command, run) {
  const last = run.state.status?.epochs[1];
  if (command.do !== "seek" || typeof command.epoch !== "number" || last === undefined) return command;
  return { ...command, epoch: Math.min(command.epoch, last) };
}
