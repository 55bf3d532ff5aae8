/** Numbers in the room that there is: written out where they fit, as 4.9e+23 where they do not. */

const DIGITS_MOST = 17;
/** The shortest room that every number fits into with its sign and a three-digit exponent: -1e+308. */
export const ROOM_LEAST = 7;

/**
 * The most precise text of at most `room` characters and `digits` significant digits, of a finite number.
 * @param {number} value
 * @param {number} [room] at least ROOM_LEAST
 * @param {number} [digits]
 */
export function short(value, room = 8, digits = DIGITS_MOST) {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "–" : value > 0 ? "∞" : "−∞";
  for (let count = Math.min(digits, DIGITS_MOST); count > 0; count--) {
    const texts = [String(Number(value.toPrecision(count))), power(value, count)];
    const text = texts.find((each) => each.length <= room && Number.isFinite(Number(each)));
    if (text !== undefined) return text;
  }
  // Rounded up, the largest of all would be none.
  return value > 0 ? "1e+308" : "-1e+308";
}

/** @param {number} value @param {number} count of significant digits, without zeros at the end */
const power = (value, count) => value.toExponential(count - 1).replace(/\.?0+(?=e)/, "");
