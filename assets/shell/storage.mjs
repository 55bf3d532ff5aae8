/** What the browser remembers for this page; a browser that forbids it remembers nothing. */

/** @param {string} name @returns {string|null} */
export function recall(name) {
  try {
    return localStorage.getItem(name);
  } catch {
    return null;
  }
}

/** @param {string} name @param {string} value */
export function remember(name, value) {
  try {
    localStorage.setItem(name, value);
  } catch {
    // Nothing depends on it.
  }
}
