/** What the browser remembers for this page; a browser that forbids it remembers nothing. */

/** @typedef {"localStorage"|"sessionStorage"} Where for good, or as long as the tab is open */

/** @param {string} name @param {Where} [where] @returns {string|null} */
export function recall(name, where = "localStorage") {
  try {
    return window[where].getItem(name);
  } catch {
    return null;
  }
}

/** @param {string} name @param {string} value @param {Where} [where] */
export function remember(name, value, where = "localStorage") {
  try {
    window[where].setItem(name, value);
  } catch {
    // Nothing depends on it.
  }
}
