/**
 * What a session is asked to measure.
 *
 * @typedef {Record<string, any>} Options
 * @typedef {{probe: string, options?: Options, over_time?: boolean}} Asking a measurement, as a painter asks
 * @typedef {{probe: string, options: Options, over_time: boolean}} Asked the same in full
 * @typedef {import("./messages.d.ts").Part & Asked} Wish the same with the key under which it travels
 */

/**
 * A part as the session is asked for it, under a key that is its own.
 * @param {Asking} asking
 * @returns {Wish}
 */
export function keyed({ probe, options = {}, over_time = false }) {
  const sorted = Object.fromEntries(Object.entries(options).sort(([a], [b]) => (a < b ? -1 : 1)));
  return { key: `${probe}:${hash(JSON.stringify([over_time, sorted]))}`, probe, options: sorted, over_time };
}

/**
 * FNV-1a, 32 bits.
 * @param {string} text
 */
function hash(text) {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  return (value >>> 0).toString(16);
}
