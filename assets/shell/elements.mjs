/** The elements that Dash puts on the page. */

/** @param {string} id @returns {HTMLElement} */
export const element = (id) => document.getElementById(id);

/**
 * Wait until Dash has put an element on the page.
 * @param {string} id
 * @returns {Promise<HTMLElement>}
 */
export function rendered(id) {
  return new Promise((resolve) => {
    const found = element(id);
    if (found) return resolve(found);
    const observer = new MutationObserver(() => {
      const late = element(id);
      if (!late) return;
      observer.disconnect();
      resolve(late);
    });
    observer.observe(document.body, { childList: true, subtree: true });
  });
}
