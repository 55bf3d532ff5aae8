/** What a panel shows as text: a block of comma-separated values for each of its arrays. */

/** @typedef {import("../stream/safetensors.mjs").Tensor} Tensor */

const INDICES = ["i", "j", "k", "l"];
/** A last axis of more columns than this becomes an index of its own. */
const COLUMNS_MOST = 512;
const SINGLE_DIGITS = [6, 7, 8, 9];
/** What a spreadsheet takes for a formula, at the beginning of a cell. */
const FORMULA = /^[=+\-@\t\r]/;
/** The same behind a comma, semicolon or tab of a remark; a number with no operator behind it is none. */
const FORMULA_BEHIND = /([,;\t]\s*"?)(?=[=+\-@])(?![+-]?[\d.]+([eE][+-]?\d+)?\s*([,;\t\]})"]|$))/g;
const QUOTED = /[",;\t\r\n]/;

/**
 * @typedef {object} Block
 * @property {string} name
 * @property {import("../stream/safetensors.mjs").Tensor} tensor
 * @property {string} source where it is from
 * @property {boolean} isShare whether bytes stand for shares, 255 for one
 * @property {string[]} [columns] what the places along the last axis are called
 */

/**
 * @param {string[]} heading lines that say what it is and of which run
 * @param {Block[]} blocks
 */
export function csv(heading, blocks) {
  const lines = heading.map(remark);
  for (const block of blocks) lines.push("", ...linesOf(block));
  return `${lines.join("\n")}\n`;
}

/**
 * A text as a cell that no spreadsheet runs: class names come from outside. The same rule as in `core/csv_safe.py`.
 * @param {string} text
 */
export function textCell(text) {
  const safe = FORMULA.test(text) ? `'${text}` : text;
  return QUOTED.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/**
 * A line that other programs skip, and of which a spreadsheet that does not makes cells.
 * @param {string} text
 */
export function remark(text) {
  return `# ${text.replace(/[\r\n]+/g, " ").replace(FORMULA_BEHIND, "$1'")}`;
}

/** @param {Block} block */
function linesOf({ name, tensor: { data, shape }, source, isShare, columns: names }) {
  const bytes = isShare && data instanceof Uint8Array;
  const write = writer(data, bytes);
  const shown = shape.length > 0 ? `(${shape.join(", ")})` : "one value";
  const lines = [remark(`${name}: ${shown}${bytes ? ", in steps of 1/255" : ""}, from ${source}`)];
  const last = shape.at(-1) ?? 1;
  const wide = (shape.length > 1 || (shape.length === 1 && names)) && last <= COLUMNS_MOST;
  const columns = wide ? last : 1;
  const indexed = wide ? shape.slice(0, -1) : shape;
  const values = wide ? Array.from({ length: columns }, (_, column) => `value_${names?.[column] ?? column}`) : ["value"];
  lines.push([...INDICES.slice(0, indexed.length), ...values].map(textCell).join(","));
  for (let row = 0; row * columns < data.length; row++) {
    const cells = indicesOf(row, indexed);
    for (let column = 0; column < columns; column++) cells.push(write(data[row * columns + column]));
    lines.push(cells.join(","));
  }
  return lines;
}

/**
 * The place of a row among the index columns, the last one fastest.
 * @param {number} row
 * @param {number[]} shape
 */
function indicesOf(row, shape) {
  const cells = new Array(shape.length);
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    cells[axis] = row % shape[axis];
    row = Math.floor(row / shape[axis]);
  }
  return cells;
}

/** @param {Tensor["data"]} data @param {boolean} isShare @returns {(value: number) => string} */
function writer(data, isShare) {
  if (isShare) return (value) => (value / 255).toFixed(4);
  const precise = data instanceof Float32Array ? single : String;
  return (value) => (Number.isFinite(value) ? precise(value) : Number.isNaN(value) ? "nan" : value > 0 ? "inf" : "-inf");
}

/**
 * The shortest text that is read back as the same single-precision number.
 * @param {number} value
 */
function single(value) {
  for (const digits of SINGLE_DIGITS) {
    const rounded = Number(value.toPrecision(digits));
    if (Math.fround(rounded) === value) return String(rounded);
  }
  return String(value);
}
