/** The dialog that takes a run along: a button for each format, with a sentence on it. */
import { save } from "../page/files.mjs";
import { page } from "../page/page.mjs";
import { all, inside } from "../shell/elements.mjs";
import { element, IDS } from "../shell/ids.mjs";
import { make } from "../shell/making.mjs";
import { post } from "../shell/server.mjs";
import { numberOrText } from "../shell/typed.mjs";

/**
 * @typedef {import("../stream/state.mjs").Status} Status
 * @typedef {{name: string, title: string, about: string, has_properties: boolean}} Format
 */

const WHOLE = new Intl.NumberFormat("en-GB");
const CLOSE = "Close without taking anything along";
const FIELDS = /** @type {const} */ ([
  { name: "epsilon", label: "Radius ε", value: "0.5", keypad: "decimal" },
  { name: "points", label: "Test points", value: "10", keypad: "numeric" },
]);

/** What the page shows. @type {Status|null} */
let status = null;

const dialog = () => /** @type {HTMLDialogElement} */ (element(IDS.EXPORT_DIALOG));

/** The numbers beside a format's button, by name. @param {HTMLElement} row */
const numbersOf = (row) =>
  Object.fromEntries(all(row, "input").map(({ name, value }) => [name, numberOrText(value)]));

/** @param {boolean} busy @param {string} text */
function say(busy, text) {
  inside(dialog(), ".export-status").textContent = text;
  for (const button of all(dialog(), ".export-make")) /** @type {HTMLButtonElement} */ (button).disabled = busy;
}

/**
 * Have a file made of the run, and hand it to the person.
 * @param {Format} format
 * @param {HTMLElement} row
 */
async function takeAlong(format, row) {
  const problem = inside(row, ".export-error");
  for (const before of all(dialog(), ".export-error")) before.textContent = "";
  const epoch = status?.seeking == null ? null : status.shown_epoch;
  say(true, `${format.title}: being made …`);
  try {
    const response = await post("export", JSON.stringify({ format: format.name, epoch, ...numbersOf(row) }));
    const name = /filename="([^"]+)"/.exec(response.headers.get("Content-Disposition") ?? "")?.[1] ?? "spiral";
    const made = Number(response.headers.get("X-Spiral-Epoch"));
    save(await response.blob(), name);
    const near = epoch !== null && epoch !== made ? ` Epoch ${WHOLE.format(made)} is the nearest that is kept.` : "";
    say(false, `${name} is downloaded.${near}`);
  } catch (error) {
    problem.textContent = /** @type {Error} */ (error).message;
    say(false, "");
  }
  if (dialog().open) inside(row, ".export-make").focus();
}

/** @param {Format} format */
function rowOf(format) {
  const about = make("p", { id: `export-${format.name}`, className: "data-help", textContent: format.about });
  const button = make("button", { type: "button", className: "btn btn-quiet export-make", textContent: format.title });
  button.setAttribute("aria-describedby", about.id);
  const error = make("p", { className: "data-error export-error" });
  error.setAttribute("role", "alert");
  const row = make("div", { className: "export-row" }, button, about);
  if (format.has_properties) row.append(fields(() => button.click()));
  row.append(error);
  button.addEventListener("click", () => takeAlong(format, row));
  return row;
}

/** @param {() => void} enter what the key does in a field */
function fields(enter) {
  const made = FIELDS.map(({ name, label, value, keypad }) => {
    const field = make("input", { name, value, type: "text", className: "form-control", inputMode: keypad, autocomplete: "off" });
    field.addEventListener("keydown", ({ key }) => key === "Enter" && enter());
    return make("label", {}, label, field);
  });
  return make("div", { className: "export-fields" }, ...made);
}

function showEpoch() {
  if (!status) return;
  const shown = WHOLE.format(status.shown_epoch);
  const words = status.seeking === null ? `The run as it is now, at epoch ${shown}.` : `The run as it was at epoch ${shown}, which is on screen.`;
  const place = inside(dialog(), ".export-epoch");
  if (place.textContent !== words) place.textContent = words;
}

function build() {
  /** @type {Format[]} */
  const formats = JSON.parse(dialog().dataset.formats ?? "[]");
  const close = make("button", { type: "button", title: "Close (Esc)", className: "btn btn-quiet btn-icon" });
  close.setAttribute("aria-label", CLOSE);
  close.append(make("span", { className: "icon icon-close", ariaHidden: "true" }));
  close.addEventListener("click", () => dialog().close());
  const news = make("p", { className: "export-status" });
  news.setAttribute("role", "status");
  dialog().append(
    make("div", { className: "gallery-header" }, make("h2", { textContent: "Take this run along" }), close),
    make("p", { className: "data-help export-epoch" }),
    ...formats.map(rowOf),
    news,
  );
  dialog().addEventListener("click", (event) => {
    if (event.target === dialog()) dialog().close();
  });
}

/** @param {CustomEvent<Status>} event */
function follow({ detail }) {
  status = detail;
  if (dialog().open) showEpoch();
}

/** Show the dialog. */
export function openExport() {
  status = page.run.state.status;
  if (!dialog().childElementCount) {
    build();
    window.addEventListener("spiral-dash:status", follow);
  }
  say(false, "");
  showEpoch();
  dialog().showModal();
}
