/** Elements that the network's scripts put on the page. */

/**
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {string} className
 * @param {Record<string, string>} [data]
 * @returns {HTMLElementTagNameMap[T]}
 */
export function make(tag, className, data = {}, text = "") {
  const element = document.createElement(tag);
  element.className = className;
  element.textContent = text;
  Object.assign(element.dataset, data);
  if (element instanceof HTMLButtonElement) element.type = "button";
  return element;
}
