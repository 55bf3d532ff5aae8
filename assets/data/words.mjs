/** What is said of a table and of the points made of it. */

/**
 * @typedef {{name: string, kind: string, distinct: number, missing: number}} Column
 * @typedef {object} Found what was read, and what is suggested of it
 * @property {number} rows
 * @property {Column[]} columns
 * @property {string} format
 * @property {string|null} delimiter
 * @property {string|null} decimal
 * @property {string|null} encoding
 * @property {boolean} header
 * @property {string|null} label
 * @property {string} why why this is the label, or why none is
 * @property {string[]} features
 * @property {[string, string][]} left_out
 * @property {number} missing_rows
 * @property {string[]} notes
 * @typedef {object} Seen the points that a choice makes
 * @property {number} rows
 * @property {number} columns
 * @property {number} left_out
 * @property {[string, number][]} classes
 * @property {number} contradictions
 * @property {boolean} far
 * @property {boolean} in_address
 */

const WHOLE = new Intl.NumberFormat("en-GB");

/** @param {number} count @param {string} one @param {string} [many] */
export const counted = (count, one, many = `${one}s`) => `${WHOLE.format(count)} ${count === 1 ? one : many}`;

/** @param {string} name @param {Found} found */
export function tableWords(name, found) {
  const form = [
    found.format,
    found.delimiter && `divided by ${found.delimiter}`,
    found.decimal === "," && "decimal comma",
    found.encoding,
    found.header || found.format !== "CSV" ? "" : "no header",
  ];
  const size = `${counted(found.rows, "row")}, ${counted(found.columns.length, "column")}`;
  return `${name}: ${size} (${form.filter(Boolean).join(", ")}).`;
}

/** @param {Column} column @param {string} [leftOut] why it is not suggested */
export function columnWords({ kind, distinct, missing }, leftOut) {
  /** @type {Record<string, string>} */
  const kinds = { number: "numbers", mixed: "numbers and texts", text: "texts", empty: "empty" };
  const parts = [kinds[kind] ?? kind];
  if (kind !== "empty") parts.push(counted(distinct, "different value"));
  if (missing && kind !== "empty") parts.push(counted(missing, "empty cell"));
  if (leftOut && !["text", "empty"].includes(leftOut)) parts.push(leftOut);
  return parts.join(", ");
}

/**
 * How many places contradict each other, in a sentence; nothing where none does.
 * @param {Seen} seen
 */
export function contradictionWords({ contradictions }) {
  if (!contradictions) return "";
  const carry = contradictions === 1 ? "carries" : "carry";
  return `${counted(contradictions, "place")} ${carry} more than one label: 100 % is out of reach.`;
}

/** @param {Seen} seen @returns {string[]} sentences, the first one on all points */
export function seenWords(seen) {
  const left = seen.left_out ? `; ${counted(seen.left_out, "row")} left out, with an empty cell` : "";
  return [
    `${counted(seen.rows, "point")} of ${counted(seen.columns, "number")}, ${counted(seen.classes.length, "class", "classes")}${left}.`,
    contradictionWords(seen),
    seen.in_address ? "" : "Too many for the address: a link to the page will need the file, or the recording of the run.",
  ].filter(Boolean);
}
