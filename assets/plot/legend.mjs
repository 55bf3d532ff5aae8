/** A legend above its plot, with the margin that its rows need. */

/** CSS pixels of a row, of a letter, and of what goes before a name. */
const ROW = 17;
const LETTER = 6.2;
const MARK = 44;

/**
 * As a part of a Plotly layout.
 * @param {import("./frame.mjs").Frame} frame
 * @param {string[]} names
 */
export function legendAbove(frame, names) {
  // Plotly gives every name of a row the room of the longest, once there are several rows.
  const widest = MARK + LETTER * Math.max(0, ...names.map((name) => [...name].length));
  const together = names.reduce((sum, name) => sum + MARK + LETTER * [...name].length, 0);
  const { width } = frame.room;
  const rows = together <= width ? 1 : Math.ceil(names.length / Math.max(1, Math.floor(width / widest)));
  return { margin: { t: ROW * rows + 6 } };
}
