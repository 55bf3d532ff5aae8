/** Numbers as a person types them. */

/**
 * The number that was typed, a comma being a point; NaN where it is none.
 * @param {string} text
 */
export function numberIn(text) {
  const plain = text.trim().replace(",", ".").replace("−", "-");
  return plain === "" || !Number.isFinite(Number(plain)) ? NaN : Number(plain);
}

/**
 * The same, or the text itself where it is none, for a sentence that says so.
 * @param {string} text
 */
export function numberOrText(text) {
  const value = numberIn(text);
  return Number.isNaN(value) ? text.trim() : value;
}
