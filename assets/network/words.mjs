/** What the network's panel reads and says. */

/** How many units of each layer come before those shown, from the inputs on. @param {string} text */
export const skipped = (text) => (text ? text.split(",").map((part) => Math.min(Number(part) || 0, 1e6)) : []);

/**
 * A sentence of the session, without the name of what was refused.
 * @param {string} error
 */
export function sentence(error) {
  const text = error.replace(/^[\w.]+: /, "");
  return text.charAt(0).toUpperCase() + text.slice(1);
}
