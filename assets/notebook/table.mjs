/** The notebook as a table for other programs. */
import { textCell } from "../page/csv.mjs";
import { robustAccuracy } from "./book.mjs";

/** @typedef {import("./book.mjs").Row} Row */

const METRICS = ["train_loss", "test_loss", "train_accuracy", "test_accuracy"];

/** @param {number|null|undefined} value */
const number = (value) => (value === null || value === undefined || !Number.isFinite(value) ? "" : String(value));

/**
 * Settings that are not the same in all rows, each with its column.
 * @param {Row[]} rows
 */
function differing(rows) {
  const paths = new Set(rows.flatMap(({ fields }) => Object.keys(fields)));
  return [...paths].filter((path) => new Set(rows.map(({ fields }) => fields[path])).size > 1);
}

/**
 * A line for each run; no cell of it is a formula to a spreadsheet.
 * @param {Row[]} rows
 * @param {number} epsilon
 * @param {string} norm
 */
export function tableOf(rows, epsilon, norm) {
  const paths = differing(rows);
  const heads = ["run", ...paths, "epochs", "seconds", ...METRICS, `robust_accuracy_${norm}_${epsilon}`, "note", "address"];
  const lines = rows.map((row, index) => [
    String(index + 1),
    ...paths.map((path) => textCell(row.fields[path] ?? "")),
    number(row.epochs),
    row.seconds.toFixed(2),
    ...METRICS.map((name) => number(row.metrics[name])),
    number(robustAccuracy(row, epsilon, norm)),
    textCell(row.note),
    textCell(`?${row.search}`),
  ]);
  return [heads.map(textCell), ...lines].map((cells) => `${cells.join(",")}\n`).join("");
}
