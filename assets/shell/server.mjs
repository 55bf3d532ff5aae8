/** What is asked of the server for the session of this page, beside the stream. */
import { page } from "../page/page.mjs";

/** What would replace the run by that of a file. */
const OPENS = /^(recording\/open|data\/(read|use))/;

/** What is asked of no session. */
const OF_ALL = /^link\//;

/**
 * Send something; the server's answer, or an error with the sentence that it gives.
 * @param {string} path
 * @param {BodyInit} [body]
 * @param {AbortSignal} [signal]
 * @returns {Promise<Response>}
 */
export async function post(path, body, signal) {
  if (OPENS.test(path) && page.access.fileRefusal) throw new Error(page.access.fileRefusal);
  if (page.looking && !OF_ALL.test(path)) throw new Error("This run is the presenter's: it cannot be taken along from here.");
  let response;
  try {
    const headers = { "X-Spiral-Session": window.spiralDash.session };
    response = await fetch(page.at(path), { method: "POST", headers, body, signal });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new Error("The server cannot be reached, or did not take the file.");
  }
  if (response.ok) return response;
  const answer = await response.json().catch(() => ({}));
  throw new Error(answer.error ?? `The server answered with ${response.status}.`);
}
