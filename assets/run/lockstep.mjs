/**
 * Two runs that are trained and shown in step: the faster waits for the slower.
 *
 * Each is held at the end of a stretch of epochs. What one has to show of it waits until the other
 * has come as far; then both are shown, and the next stretch begins.
 */

import { epochsIn, FULL_SPEED, speedCommand } from "./speed.mjs";

/**
 * @typedef {import("../stream/messages.d.ts").PageCommand} PageCommand
 * @typedef {import("./run.mjs").Decoded} Decoded
 * @typedef {import("./run.mjs").RunView} RunView
 */

/** What is asked of both runs when it is asked of one. @type {Set<string>} */
const SHARED = new Set(["play", "pause", "step", "reach", "stop", "reset", "speed", "seek", "branch"]);
/** What is asked of two runs that play only once both have come to the end of a stretch. @type {Set<string>} */
const MEETING = new Set(["pause", "step", "reach", "seek"]);
/** Milliseconds in which they should have. */
const MEET_MS = 300;
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
    /** As an address writes it. */
    this.speed = "";
    this.shown = 0;
    /** @type {number|null|undefined} undefined until it has been told */
    this.hold = undefined;
    this.hurries = false;
    /** Whether it has come to rest, and not only yet to start. */
    this.halted = false;
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
    this.speed = status.speed;
  }

  get plays() {
    return this.state === "playing";
  }

  get replays() {
    return this.state === "replaying";
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

  /**
   * @param {number|null} epoch beyond which it is not to train
   * @param {boolean} [credited] whether it is allowed a frame with that
   */
  holdAt(epoch, credited = false) {
    const isNew = epoch !== this.hold;
    this.hold = epoch;
    if (isNew && (epoch === null || !credited)) this.run.askAlone({ do: "hold", epoch });
    if (credited) this.run.credit(isNew ? epoch : null);
  }

  /** @param {boolean} hurries whether it trains as fast as it goes @param {string} speed else */
  hurry(hurries, speed) {
    if (hurries === this.hurries) return;
    this.hurries = hurries;
    this.run.askAlone(speedCommand(hurries ? FULL_SPEED : speed));
  }
}

export class Lockstep {
  /** @param {RunView} one @param {RunView} other */
  constructor(one, other) {
    this.sides = [new Side(one), new Side(other)];
    this.stretch = 1;
    this.begunAt = 0;
    /** When both were asked last, and how many answers are still to come. */
    this.askedAt = -Infinity;
    this.asking = 0;
    this.timer = 0;
    /** Called once both are at the end of a stretch. @type {(() => void)|null} */
    this.met = null;
    /** What waits for that. @type {Promise<void>|null} */
    this.meeting = null;
    for (const { run } of this.sides) run.lockstep = this;
    this.credit([]);
  }

  /** Let each go its own way. */
  end() {
    clearTimeout(this.timer);
    this.met?.();
    for (const side of this.sides) {
      side.release();
      side.run.lockstep = null;
      side.hurry(false, this.#speed);
      side.holdAt(null);
    }
  }

  /** The speed that was asked for, as a frame writes it. */
  get #speed() {
    return this.sides.find(({ hurries }) => !hurries)?.speed || FULL_SPEED;
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
    this.asking += 1;
    for (const side of this.sides) side.halted = false;
    // None overtakes one that waits.
    if (this.meeting || MEETING.has(command.do)) await this.#meet();
    const answers = await Promise.all(this.sides.map(({ run }) => run.askAlone(fitted(command, run))));
    this.asking -= 1;
    this.askedAt = performance.now();
    return answers.find(Boolean) ?? "";
  }

  /** A run has another connection: what it was told may be forgotten. @param {RunView} run */
  renew(run) {
    const [side] = this.#of(run);
    side.hold = undefined;
    side.hurries = false;
    side.waiting = [];
    this.credit([]);
  }

  /**
   * Take a frame, and show it as soon as both can be shown.
   * @param {RunView} run
   * @param {Decoded} frame
   */
  take(run, frame) {
    const [mine, other] = this.#of(run);
    const { texts } = frame;
    const [number, epoch, shown] = [Number(texts.run), Number(texts.epoch), Number(texts.shown_epoch)];
    const isFirst = mine.number === 0;
    const isNew = !isFirst && number !== mine.number && epoch === 0;
    const played = mine.plays;
    Object.assign(mine, { number, epoch, state: texts.state, speed: texts.speed });
    mine.halted = !mine.plays && (mine.halted || played);
    if (isFirst) this.#sameSpeed();
    if (mine.hold !== undefined && mine.hold !== null && epoch > mine.hold) mine.hold = undefined;
    if (isNew && performance.now() >= other.sparedUntil) this.#beginTogether(other);
    else if (isNew || isFirst) this.#follow();
    const inStep = (mine.plays && other.plays) || (mine.replays && other.replays);
    if (!inStep) {
      other.release();
      mine.release();
      mine.show(frame);
      this.#settle();
    } else if (shown <= other.shown) {
      mine.release();
      mine.show(frame);
    } else this.#await(mine, other, frame, shown);
  }

  /** Keep a frame until the other run is there, too. @param {Side} mine @param {Side} other @param {Decoded} frame @param {number} shown */
  #await(mine, other, frame, shown) {
    mine.waiting.push(frame);
    const [its] = other.waiting.slice(-1);
    const apart = its ? Number(its.texts.shown_epoch) - shown : NaN;
    // The kept epochs of two runs need not be the same ones.
    if (apart === 0 || (mine.replays && Math.abs(apart) <= 1)) {
      this.#measure();
      mine.release();
      other.release();
      this.met?.();
    } else if (mine.plays ? shown < (mine.hold ?? 0) : apart > 0) mine.run.credit();
    else if (mine.replays && apart < 0) other.run.credit();
  }

  /** Say how far each may train now, and allow these a frame. @param {RunView[]} runs */
  credit(runs) {
    const [one, other] = this.sides;
    if (!one.number || !other.number || this.met) {
      for (const run of runs) run.credit();
      return;
    }
    if (runs.length > 0) this.begunAt = performance.now();
    const speed = this.#speed;
    const most = Math.max(1, Math.round(epochsIn(speed, STRETCH_MS) ?? Infinity));
    const stretch = one.plays && other.plays ? Math.min(this.stretch, most) : 1;
    for (const [mine, its] of [
      [one, other],
      [other, one],
    ]) {
      mine.hurry(its.plays && mine.epoch < its.epoch - 1, speed);
      mine.holdAt(bound(mine, its, stretch), runs.includes(mine.run));
    }
  }

  /** Wait until both are at the end of a stretch, if they play. */
  #meet() {
    const [one, other] = this.sides;
    if (this.meeting) return this.meeting;
    if (!one.plays || !other.plays || (one.epoch === other.epoch && one.shown === other.shown && one.epoch === one.hold)) return;
    this.meeting = new Promise((resolve) => {
      const end = () => {
        clearTimeout(timer);
        this.met = this.meeting = null;
        resolve();
      };
      const timer = setTimeout(end, MEET_MS);
      this.met = end;
    });
    return this.meeting;
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
    if (!this.#isAsked && (other.epoch > 0 || other.run.state.status?.progress)) other.run.askAlone({ do: "reset" });
  }

  /** Whether both have just been asked something. */
  get #isAsked() {
    return this.asking > 0 || performance.now() - this.askedAt < GRACE_MS;
  }

  /** The second runs at the speed of the first. */
  #sameSpeed() {
    const [first, second] = this.sides;
    if (first.number && second.number && first.speed !== second.speed) second.run.askAlone(speedCommand(first.speed));
  }

  /** Bring one that is behind to where the other one is. */
  #follow() {
    const [behind, ahead] = [...this.sides].sort((one, other) => one.epoch - other.epoch || Number(one.plays) - Number(other.plays));
    if (!behind.number || !ahead.number || behind.plays || behind.state === "diverged") return;
    if (!ahead.plays && behind.epoch === ahead.epoch) return;
    this.askedAt = performance.now();
    this.credit([]);
    behind.run.askAlone(ahead.plays ? { do: "play" } : { do: "reach", epoch: ahead.epoch });
  }

  /** One that plays beside one that has stopped stops, too, unless it is on its way there. */
  #settle() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      if (this.#isAsked) return this.#settle();
      const playing = this.sides.find(({ plays }) => plays);
      const stopped = this.sides.find(({ state }) => state === "paused" || state === "ready");
      const isPast = this.sides.some(({ run }) => run.state.status?.seeking !== null);
      if (!playing && !isPast) this.#follow();
      if (!playing || !stopped || playing.epoch < stopped.epoch) return;
      if (stopped.halted) playing.run.askAlone({ do: "pause" });
      else this.#follow();
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
