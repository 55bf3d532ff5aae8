/**
 * The page's seat at the server: it waits in the queue for one, says who is there, gives it up when the
 * page is left, and takes it again.
 */
import { dispatch } from "../shell/elements.mjs";
import { element, IDS, rendered } from "../shell/ids.mjs";

/** @typedef {import("../run/run.mjs").Waiting} Waiting */
/** @typedef {{label: string, act: () => void}} Choice what a person may do */

/** Milliseconds between two signs of somebody. */
const SIGN_MS = 20_000;
/** Milliseconds after which the second run follows the first. */
const BESIDE_MS = 3000;
const MINUTE = 60;
const WAITING = "Waiting for a seat";
const UNREACHED = "The server cannot be reached at present. This page goes on asking for a seat.";
/** Of the notice that the second run sleeps. */
const BESIDE = "beside";

export class Seat {
  /** @param {import("./page.mjs").Page} page */
  constructor(page) {
    this.page = page;
    this.signedAt = -Infinity;
    /** The place in the queue, "" for none. */
    this.ticket = "";
    /** The second run, whose session sleeps. @type {import("../run/run.mjs").RunView|null} */
    this.beside = null;
    /** Whether the person has ended the session. */
    this.given = false;
    document.addEventListener("visibilitychange", () => this.sign());
    for (const kind of ["input", "keydown", "pointerdown", "wheel"]) {
      window.addEventListener(kind, () => this.#touched(), { capture: true, passive: true });
    }
    window.addEventListener("pagehide", () => this.#leave());
    window.addEventListener("pageshow", ({ persisted }) => persisted && this.#return());
  }

  /** Tell every session that somebody is there, or that the page is out of sight. */
  sign() {
    this.signedAt = performance.now();
    for (const run of this.page.runs.all) run.send({ type: "presence", hidden: document.hidden });
  }

  #touched() {
    if (performance.now() - this.signedAt > SIGN_MS) this.sign();
  }

  #leave() {
    for (const run of this.page.runs.all) run.rest();
    if (this.ticket) navigator.sendBeacon(new URL("session/leave", this.page.runs.base), this.ticket);
  }

  #return() {
    for (const run of this.page.runs.all) run.wake();
  }

  /**
   * Ask for a seat until there is one; what the server then says. Who waits goes on asking where the
   * server cannot be reached for a while.
   * @template Answer
   * @param {(ticket: string|null) => Promise<Answer|{waiting: Waiting}>} ask
   * @returns {Promise<Answer>}
   */
  async take(ask) {
    let again = 0;
    for (;;) {
      try {
        const answer = await ask(this.ticket || null);
        if (!isWaiting(answer)) {
          this.#seated();
          this.given = false;
          return answer;
        }
        ({ ticket: this.ticket, again } = answer.waiting);
        await this.#say(WAITING, placeSaid(answer.waiting), []);
      } catch (error) {
        if (!again) throw error;
        if (!(error instanceof TypeError)) {
          this.#seated();
          throw error;
        }
        await this.#say(WAITING, UNREACHED, []);
      }
      await new Promise((resolve) => setTimeout(resolve, 1000 * again));
    }
  }

  /** Wait no more. */
  #seated() {
    this.ticket = "";
    this.close();
  }

  /**
   * The session sleeps.
   * @param {string} text
   * @param {() => void} wake
   */
  asleep(text, wake) {
    return this.#say("This session sleeps", `${text} Nothing is lost.`, [{ label: "Go on", act: wake }]);
  }

  /** The person wants to end the session. */
  offerEnd() {
    return this.#say(
      "End this session?",
      "Its seat is free for others then. The run is gone, unless you download it first: the address of this page holds its settings, not its weights.",
      [
        { label: "End it", act: () => this.#end() },
        { label: "Keep it", act: () => this.close() },
      ],
    );
  }

  #end() {
    this.given = true;
    for (const run of this.page.runs.all) run.ask({ do: "end" });
  }

  /** The session that the person ended is over. */
  ended() {
    return this.#say("This session has ended", "Its seat at the server is free. You can close this page.", [
      { label: "Start a new one", act: () => this.page.open(null, false) },
    ]);
  }

  /**
   * The session of the second run sleeps: it comes back with the first, or where the person asks for it.
   * @param {import("../run/run.mjs").RunView} run
   * @param {string} text
   */
  asleepBeside(run, text) {
    this.beside = run;
    const said = `Run B: ${text} Nothing is lost, and run A waits for it to go on in step.`;
    const action = { label: "Wake run B", act: () => run.wake() };
    if (this.page.run.connected) dispatch("notice", { level: "warning", text: said, topic: BESIDE, action });
  }

  /** A run has its session again. @param {import("../run/run.mjs").RunView} run */
  connected(run) {
    if (document.hidden) this.sign();
    const { beside } = this;
    this.forgetBeside();
    if (beside && beside !== run) setTimeout(() => beside.wake(), BESIDE_MS);
  }

  /** The second run sleeps no more, or is none. */
  forgetBeside() {
    if (this.beside) dispatch("settled", { topic: BESIDE });
    this.beside = null;
  }

  close() {
    const dialog = /** @type {HTMLDialogElement|null} */ (document.getElementById(IDS.SEAT));
    if (dialog?.open) dialog.close();
  }

  /** @param {string} title @param {string} text @param {Choice[]} choices */
  async #say(title, text, choices) {
    await rendered(IDS.SEAT);
    const dialog = /** @type {HTMLDialogElement} */ (element(IDS.SEAT));
    element(IDS.SEAT_TITLE).textContent = title;
    element(IDS.SEAT_TEXT).textContent = text;
    element(IDS.SEAT_CHOICES).replaceChildren(...choices.map(button));
    // Only a choice leads on.
    dialog.oncancel = (event) => event.preventDefault();
    if (!dialog.open) dialog.showModal();
  }
}

/**
 * @param {unknown} answer
 * @returns {answer is {waiting: Waiting}}
 */
function isWaiting(answer) {
  return typeof answer === "object" && answer !== null && "waiting" in answer;
}

/** @param {Waiting} waiting */
function placeSaid({ place, seconds }) {
  const before = place === 1 ? "You are next" : `Before you, ${place - 1} ${place === 2 ? "person waits" : "people wait"}`;
  const long = seconds === null ? "How long it takes cannot be told yet" : `It may take about ${durationSaid(seconds)}`;
  return `All seats of this server are taken. ${before}. ${long}. This page goes on by itself as soon as a seat is free.`;
}

/** @param {number} seconds */
function durationSaid(seconds) {
  if (seconds <= MINUTE) return "a minute";
  const minutes = Math.ceil(seconds / MINUTE);
  return minutes < 2 * MINUTE ? `${minutes} minutes` : `${Math.round(minutes / MINUTE)} hours`;
}

/** @param {Choice} choice @param {number} index */
function button({ label, act }, index) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = `btn ${index ? "btn-quiet" : "btn-accent"}`;
  made.textContent = label;
  made.addEventListener("click", act);
  return made;
}
