/** What else can be chosen of a table: rows with empty cells, images, scaling; where it applies. */
import { page } from "../page/page.mjs";
import { element, IDS } from "../shell/ids.mjs";
import { counted } from "./words.mjs";

/** Fewer numbers make no image that anyone would look at. */
const IMAGE_NUMBERS_MIN = 16;

/** @type {Record<"missing"|"image"|"standard", {row: HTMLElement, box: HTMLInputElement, words: HTMLElement}>} */
let options;
/** What a person has said of the scaling, null where it is as suggested. @type {boolean|null} */
let standard = null;
/** Height and width of a row, as the file says it. @type {[number, number]|null} */
let image = null;

/** @param {string} name */
function make(name) {
  const row = document.createElement("label");
  row.className = "data-option";
  row.hidden = true;
  row.innerHTML = `<input type="checkbox" class="form-check-input"><span></span>`;
  const box = /** @type {HTMLInputElement} */ (row.querySelector("input"));
  box.name = name;
  return { row, box, words: /** @type {HTMLElement} */ (row.querySelector("span")) };
}

/** @param {() => void} changed called when a person has chosen otherwise */
export function startOptions(changed) {
  options = { missing: make("missing"), image: make("image"), standard: make("standard") };
  element(IDS.DATA_OPTIONS).append(...Object.values(options).map(({ row }) => row));
  options.missing.box.addEventListener("change", changed);
  options.image.box.addEventListener("change", changed);
  // What is scaled is the network's matter: the points stay as they are.
  options.standard.box.addEventListener("change", () => (standard = options.standard.box.checked));
}

/** Another table is open. @param {[number, number]|null} size of the image that a row is */
export function resetOptions(size) {
  image = size;
  standard = null;
  for (const { row, box } of Object.values(options)) {
    row.hidden = true;
    box.checked = false;
  }
  options.image.box.checked = image !== null;
}

/**
 * Show what applies to the columns chosen.
 * @param {{missing: number}[]} columns those of the numbers and of the classes
 */
export function applyOptions(columns) {
  const cells = columns.reduce((sum, { missing }) => sum + missing, 0);
  options.missing.row.hidden = cells === 0;
  options.missing.words.textContent = `Leave out rows with an empty cell (${counted(cells, "empty cell")} in these columns)`;
  const numbers = columns.length - 1;
  const side = Math.sqrt(numbers);
  const size = image && image[0] * image[1] === numbers ? image : [side, side];
  options.image.row.hidden = numbers < IMAGE_NUMBERS_MIN || !size.every(Number.isInteger);
  options.image.words.textContent = `Each row is an image of ${size[0]} × ${size[1]} pixels, row by row`;
}

/** Suggest what suits the points. @param {boolean} far whether their scale is */
export function suggestScaling(far) {
  options.standard.row.hidden = false;
  const scaling = page.run.config?.config.network.scaling ?? "none";
  if (standard === null) options.standard.box.checked = scaling === "standard" || (far && scaling === "none");
  options.standard.words.textContent = far
    ? "Scale each column to mean 0 and deviation 1 for the network: these are far from that"
    : "Scale each column to mean 0 and deviation 1 for the network";
}

/** What is chosen, as the server takes it. */
export function chosenOptions() {
  const own = !options.image.row.hidden && options.image.box.checked;
  return {
    missing: !options.missing.row.hidden && options.missing.box.checked ? "leave out" : "refuse",
    // Null is as the file has it, which need not be square.
    image: own && image ? null : own,
  };
}

export const chosenScaling = () => !options.standard.row.hidden && options.standard.box.checked;
