/** A page's line to a room: what it says there, and what it is told. */
import { Connection } from "../stream/connection.mjs";

/**
 * @typedef {import("./messages.d.ts").RoomEvent} RoomEvent
 * @typedef {import("./messages.d.ts").RoomMessage} RoomMessage
 */

/** Milliseconds until a page for which there was no place comes again, longer each time. */
const AGAIN_MS = 3000;
const AGAIN_LONGEST_MS = 60_000;

export class Line {
  /**
   * @param {URL} base of the server's routes
   * @param {string} key
   * @param {{onEvent: (event: RoomEvent) => void, onPicture?: (blob: ArrayBuffer) => void, onConnected: (connected: boolean) => void}} listener
   */
  constructor(base, key, listener) {
    this.pause = AGAIN_MS;
    this.connection = new Connection(key, new URL("rooms/live", base), {
      onFrame: (blob) => listener.onPicture?.(blob),
      onEvent: (event) => {
        const told = /** @type {RoomEvent} */ (/** @type {unknown} */ (event));
        if (told.event === "closed") this.close();
        if (told.event === "wait") this.#wait();
        listener.onEvent(told);
      },
      onConnected: listener.onConnected,
    });
  }

  #wait() {
    this.connection.rest();
    setTimeout(() => this.connection.wake(), this.pause);
    this.pause = Math.min(2 * this.pause, AGAIN_LONGEST_MS);
  }

  /** @param {RoomMessage} message */
  say(message) {
    this.connection.send(/** @type {any} */ (message));
  }

  close() {
    this.connection.close();
  }
}

/**
 * Ask something of the rooms' routes; the answer, or an error with the sentence that the server gives.
 * @param {URL} base
 * @param {string} path
 * @param {object} body
 * @returns {Promise<any>}
 */
export async function askRoom(base, path, body) {
  const headers = { "Content-Type": "application/json" };
  const response = await fetch(new URL(`rooms/${path}`, base), { method: "POST", headers, body: JSON.stringify(body) }).catch(() => {
    throw new RoomError("The server cannot be reached. Try again when it is back.", 0);
  });
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new RoomError(answer.error ?? `The server answered with ${response.status}.`, response.status);
  return answer;
}

export class RoomError extends Error {
  /** @param {string} text @param {number} status of the answer, 0 for none */
  constructor(text, status) {
    super(text);
    this.status = status;
  }
}
