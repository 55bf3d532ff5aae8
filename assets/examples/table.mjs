/** Examples that are no images: their numbers, what the attack made of them, and the difference. */
import { css, diverging } from "../plot/colour.mjs";
import { classCalled, cut, featureName } from "../plot/data.mjs";
import { inShort } from "../plot/words.mjs";
import { answer, largestChange, make, ofFound, ofPoint } from "./words.mjs";

/**
 * @typedef {import("../plot/data.mjs").Data} Data
 * @typedef {import("./words.mjs").Example} Example
 */

/** So many features have a column. */
export const COLUMNS_MOST = 6;

const HEADS = ["Point", "Class", "Network", "After the attack"];

/**
 * @param {import("./words.mjs").Example[]} examples
 * @param {import("../plot/data.mjs").Data} data
 * @param {{epsilon: number, theme: import("../plot/theme.mjs").Theme}} look
 * @returns {HTMLElement}
 */
export function examplesTable(examples, data, { epsilon, theme }) {
  const table = make("table", "examples-table");
  const head = make("tr", "");
  const columns = Math.min(data.dimension, COLUMNS_MOST);
  const features = Array.from({ length: columns }, (_, index) => featureName(data, index));
  for (const text of [...HEADS, ...features]) {
    const cell = make("th", "", cut(text, 16));
    cell.title = text;
    cell.setAttribute("scope", "col");
    head.append(cell);
  }
  const top = make("thead", "");
  top.append(head);
  const limit = largestChange(examples);
  const signed = diverging(theme);
  const body = make("tbody", "");
  for (const example of examples) body.append(rowOf(example, data, columns, epsilon, (change) => css(signed(0.5 + change / limit / 2))));
  table.append(top, body);
  return table;
}

/**
 * @param {Example} example
 * @param {Data} data
 * @param {number} columns
 * @param {number} epsilon
 * @param {(change: number) => string} colour
 */
function rowOf(example, data, columns, epsilon, colour) {
  const { label, predicted, foundPredicted } = example;
  const row = make("tr", "");
  const first = make("th", "", String(example.index));
  first.setAttribute("scope", "row");
  const called = make("td", "", cut(classCalled(data, label), 18));
  called.title = classCalled(data, label);
  const before = make("td", label === predicted ? "" : "is-wrong", answer(data, predicted, example.probability));
  before.title = ofPoint(data, example);
  const after = make("td", label === foundPredicted ? "" : "is-wrong", answer(data, foundPredicted, example.foundProbability));
  after.title = ofFound(data, example, epsilon);
  row.append(first, called, before, after);
  for (let index = 0; index < columns; index++) row.append(numberCell(example.point[index], example.found[index], colour));
  return row;
}

/**
 * The value, that of the example, and the difference, whose size a coloured edge shows too.
 * @param {number} value
 * @param {number} found
 * @param {(change: number) => string} colour
 */
function numberCell(value, found, colour) {
  const change = found - value;
  const cell = make("td", "examples-number");
  cell.style.borderInlineStartColor = colour(change);
  const sign = change > 0 ? "+" : change < 0 ? "−" : "±";
  cell.append(`${minus(inShort(value))} → ${minus(inShort(found))} `, make("small", "", `${sign}${inShort(Math.abs(change))}`));
  return cell;
}

/** @param {string} text */
const minus = (text) => text.replace(/^-/, "−");
