/** The list of columns: which are numbers of a point. Usable with a thousand of them. */
import { inside } from "../shell/elements.mjs";
import { element, IDS } from "../shell/ids.mjs";
import { columnWords } from "./words.mjs";

/** @typedef {import("./words.mjs").Found} Found */

/** @type {Map<string, HTMLLIElement>} */
const items = new Map();
/** What cannot be a number of a point: texts, and the column of the classes. */
let label = "";

/** @param {HTMLLIElement} item */
const boxOf = (item) => /** @type {HTMLInputElement} */ (item.querySelector("input"));
const filterField = () => /** @type {HTMLInputElement} */ (element(IDS.DATA_FILTER).querySelector("input"));

/** @param {import("./words.mjs").Column} column @param {string|undefined} leftOut @param {boolean} chosen */
function make(column, leftOut, chosen) {
  const item = document.createElement("li");
  item.innerHTML = `<label><input type="checkbox" class="form-check-input"><span class="data-name"></span><span class="data-help"></span></label>`;
  inside(item, ".data-name").textContent = column.name;
  inside(item, ".data-help").textContent = columnWords(column, leftOut);
  const box = boxOf(item);
  box.checked = chosen;
  box.disabled = column.kind === "text" || column.kind === "empty";
  return item;
}

/** The names of the columns chosen, in the order of the file. */
export const chosenColumns = () => [...items].filter(([, item]) => boxOf(item).checked).map(([name]) => name);

function count() {
  const able = [...items].filter(([name, item]) => name !== label && !boxOf(item).disabled).length;
  element(IDS.DATA_COUNT).textContent = `${chosenColumns().length} of ${able} chosen`;
}

function filter() {
  const wanted = filterField().value.trim().toLowerCase();
  for (const [name, item] of items) item.hidden = name === label || !name.toLowerCase().includes(wanted);
}

/** The column of the classes is none of the numbers. @param {string} name */
export function setLabel(name) {
  label = name;
  const item = items.get(name);
  if (item) boxOf(item).checked = false;
  filter();
  count();
}

/** @param {Found} found */
export function showColumns(found) {
  const leftOut = new Map(found.left_out);
  const suggested = new Set(found.features);
  items.clear();
  for (const column of found.columns) items.set(column.name, make(column, leftOut.get(column.name), suggested.has(column.name)));
  element(IDS.DATA_COLUMNS).replaceChildren(...items.values());
  filterField().value = "";
  setLabel(found.label ?? "");
}

/** @param {() => void} changed called when a person has chosen others */
export function startColumns(changed) {
  const field = document.createElement("input");
  Object.assign(field, { type: "search", className: "form-control form-control-sm", placeholder: "Find a column" });
  field.setAttribute("aria-label", "Find a column");
  field.addEventListener("input", filter);
  element(IDS.DATA_FILTER).append(field);
  /** @type {[string, boolean][]} */
  const buttons = [[IDS.DATA_ALL, true], [IDS.DATA_NONE, false]];
  for (const [id, on] of buttons) {
    element(id).addEventListener("click", () => {
      for (const item of items.values()) if (!item.hidden && !boxOf(item).disabled) boxOf(item).checked = on;
      count();
      changed();
    });
  }
  element(IDS.DATA_COLUMNS).addEventListener("change", () => {
    count();
    changed();
  });
}
