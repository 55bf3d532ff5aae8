/** Elements that scripts put on the page, and the names that settings have there. */

/**
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, unknown>} [properties] a name with a hyphen is that of an attribute
 * @param {...(Node|string|null)} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function make(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.includes("-")) made.setAttribute(name, String(value));
    else Object.assign(made, { [name]: value });
  }
  made.append(...children.filter((child) => child !== null));
  return made;
}

/** @param {HTMLElement} place @param {string} text */
export function write(place, text) {
  if (place.textContent !== text) place.textContent = text;
}

/** What a setting is called beside its dial. @param {string} path */
export function named(path) {
  const [group, name] = path.includes(".") ? path.split(".") : ["run", path];
  const label = document.querySelector(`.dial[data-group="${group}"][data-name="${name}"] label`);
  return label?.textContent?.trim() || name.replaceAll("_", " ");
}
