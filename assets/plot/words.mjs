/** Numbers in sentences. */

/**
 * "layer 2", "layers 1 and 3", "layers 1, 2 and 5".
 * @param {string} noun
 * @param {(number|string)[]} numbers at least one
 */
export function inWords(noun, numbers) {
  return `${numbers.length === 1 ? noun : `${noun}s`} ${listed(numbers)}`;
}

/**
 * "a", "a and b", "a, b and c".
 * @param {(number|string)[]} items
 */
export function listed(items) {
  return items.length === 1 ? String(items[0]) : `${items.slice(0, -1).join(", ")} and ${items.at(-1)}`;
}

const SHORT = new Intl.NumberFormat("en-GB", { maximumSignificantDigits: 3 });

/**
 * Three significant digits; 4.9e+23 where the number is very small or large.
 * @param {number} value
 */
export function inShort(value) {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "not defined" : "infinite";
  if (value === 0 || (Math.abs(value) >= 1e-3 && Math.abs(value) < 1e5)) return SHORT.format(value);
  return value.toExponential(1);
}
