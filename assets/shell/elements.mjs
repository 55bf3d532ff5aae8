/** The elements that Dash puts on the page. */

/** @param {string} id @returns {HTMLElement} */
export const element = (id) => /** @type {HTMLElement} */ (document.getElementById(id));

/**
 * The first element inside another that a selector finds, and that is there.
 * @template {string} S
 * @param {ParentNode} within
 * @param {S} selector
 * @returns {S extends keyof HTMLElementTagNameMap ? HTMLElementTagNameMap[S] : HTMLElement}
 */
export const inside = (within, selector) => /** @type {any} */ (within.querySelector(selector));

/**
 * All elements inside another that a selector finds.
 * @template {string} S
 * @param {ParentNode} within
 * @param {S} selector
 * @returns {(S extends keyof HTMLElementTagNameMap ? HTMLElementTagNameMap[S] : HTMLElement)[]}
 */
export const all = (within, selector) => /** @type {any[]} */ ([...within.querySelectorAll(selector)]);

/**
 * The innermost element around what an event met that a selector finds, null where there is none.
 * @param {Event} event
 * @param {string} selector
 * @returns {HTMLElement|null}
 */
export const around = ({ target }, selector) => (target instanceof Element ? target.closest(selector) : null);

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

/**
 * Tell whoever on the page listens for it.
 * @param {string} name of an event of ours
 * @param {object} detail
 */
export function dispatch(name, detail) {
  window.dispatchEvent(new CustomEvent(`spiral-dash:${name}`, { detail }));
}
