/** The dialog that opens a person's own points: a file or a pasted table is read, shown, and used. */
import { inside } from "../shell/elements.mjs";
import { element, IDS } from "../shell/ids.mjs";
import { tell } from "../shell/notices.mjs";
import { post } from "../shell/server.mjs";
import { chosenColumns, setLabel, showColumns, startColumns } from "./columns.mjs";
import { applyOptions, chosenOptions, chosenScaling, resetOptions, startOptions, suggestScaling } from "./options.mjs";
import { counted, seenWords, tableWords } from "./words.mjs";

/** @typedef {import("./words.mjs").Found} Found @typedef {import("./words.mjs").Seen} Seen */

const MIB = 2 ** 20;
/** A choice is looked at when nothing has been chosen for so long, in milliseconds. */
const PAUSE = 250;
/** What is longer stays out of the field in which it was not typed. */
const SHOWN_MOST = 100_000;
const PASTED = "The pasted table";

/** The table on show: what the server calls it, what a person does. @type {{table: string, name: string, found: Found}|null} */
let open = null;
/** The points of the present choice, null until the server has made them. @type {Seen|null} */
let seen = null;
/** What is under way. @type {AbortController|null} */
let asking = null;
let timer = 0;

const dialog = () => /** @type {HTMLDialogElement} */ (element(IDS.DATA_DIALOG));
/** @param {string} id */
const button = (id) => /** @type {HTMLButtonElement} */ (element(id));
const labelField = () => /** @type {HTMLSelectElement} */ (element(IDS.DATA_LABEL));
const pastedField = () => /** @type {HTMLTextAreaElement} */ (element(IDS.DATA_PASTED));

/** @param {string} error */
function say(error) {
  element(IDS.DATA_ERROR).textContent = error;
}

/** Show the first step, or the second once a table is open. */
function showStep() {
  dialog().dataset.step = open ? "choose" : "bring";
  button(IDS.DATA_START).disabled = seen === null;
}

/**
 * Do one thing at a time, the newest, and say what it is while it lasts.
 * @param {string} text
 * @param {(signal: AbortSignal) => Promise<void>} work
 */
async function during(text, work) {
  asking?.abort();
  clearTimeout(timer);
  const mine = (asking = new AbortController());
  say("");
  element(IDS.DATA_STATUS).textContent = text;
  element(IDS.DATA_PROGRESS).hidden = false;
  try {
    await work(mine.signal);
  } catch (error) {
    if (!mine.signal.aborted) say(/** @type {Error} */ (error).message);
  } finally {
    if (asking === mine) {
      asking = null;
      element(IDS.DATA_PROGRESS).hidden = true;
      element(IDS.DATA_STATUS).textContent = "";
    }
  }
}

/** The choice as the server takes it. */
const choice = () => ({ label: labelField().value || null, columns: chosenColumns(), ...chosenOptions() });

/** @param {Seen|{error: string}} answer */
function showSeen(answer) {
  seen = "error" in answer ? null : answer;
  button(IDS.DATA_START).disabled = seen === null;
  if ("error" in answer) say(answer.error);
  const parts = [];
  if (seen) {
    suggestScaling(seen.far);
    const classes = document.createElement("ul");
    classes.className = "data-classes";
    classes.setAttribute("aria-label", "Classes and their points");
    for (const [name, count] of seen.classes) {
      const item = document.createElement("li");
      const number = document.createElement("strong");
      number.textContent = String(count);
      item.append(name, " ", number);
      classes.append(item);
    }
    const [first, ...others] = seenWords(seen).map((text) => {
      const paragraph = document.createElement("p");
      paragraph.textContent = text;
      return paragraph;
    });
    parts.push(first, classes, ...others);
  }
  element(IDS.DATA_SEEN).replaceChildren(...parts);
}

/** The choice has changed: have the points made that it stands for, once it rests. */
function changed() {
  seen = null;
  button(IDS.DATA_START).disabled = true;
  applyChoice();
  clearTimeout(timer);
  timer = setTimeout(() => during("Looking at these points …", look), PAUSE);
}

function applyChoice() {
  const names = new Set([labelField().value, ...chosenColumns()]);
  applyOptions((open?.found.columns ?? []).filter(({ name }) => names.has(name)));
}

/** @param {AbortSignal} signal */
async function look(signal) {
  if (!open) return;
  const body = JSON.stringify({ table: open.table, choice: choice() });
  try {
    showSeen(await (await post("data/look", body, signal)).json());
  } catch (error) {
    if (!signal.aborted) showSeen({ error: /** @type {Error} */ (error).message });
  }
}

/** @param {string} name @param {{table: string, found: Found, image: [number, number]|null, seen: Seen|{error: string}}} answer */
function show(name, { table, found, image, seen: points }) {
  open = { table, name, found };
  element(IDS.DATA_FOUND).textContent = tableWords(name, found);
  const notes = found.notes.map((text) => Object.assign(document.createElement("li"), { textContent: text }));
  element(IDS.DATA_NOTES).replaceChildren(...notes);
  const able = found.columns.filter(({ kind }) => kind !== "empty").map((column) => new Option(column.name, column.name));
  labelField().replaceChildren(...(found.label === null ? [new Option("Choose a column", "")] : []), ...able);
  labelField().value = found.label ?? "";
  element(IDS.DATA_WHY).textContent = found.why;
  resetOptions(image);
  showColumns(found);
  applyChoice();
  showSeen(points);
  showStep();
  element(IDS.DATA_FOUND).focus();
}

/**
 * Have a table read and show what is in it.
 * @param {Blob} file
 * @param {string} name
 */
function read(file, name) {
  openDialog();
  open = seen = null;
  showStep();
  const most = Number(dialog().dataset.bytesMax);
  if (file.size > most) {
    asking?.abort();
    say(`${name}: expected at most ${most / MIB} MiB, got ${counted(Math.ceil(file.size / MIB), "MiB", "MiB")}. Keep fewer rows or columns.`);
    return Promise.resolve();
  }
  return during(`Reading ${name} …`, async (signal) => {
    const response = await post(`data/read?name=${encodeURIComponent(name)}`, file, signal);
    const answer = await response.json();
    if (!signal.aborted) show(name, answer);
  });
}

/** @param {AbortSignal} signal */
async function start(signal) {
  if (!open) return;
  const { table, name } = open;
  const body = JSON.stringify({ table, choice: choice(), standard: chosenScaling() });
  const used = await (await post("data/use", body, signal)).json();
  tell("info", `${name} is open: ${counted(used.rows, "point")}.`);
  if (!used.in_address) {
    tell("info", "These points are too many for the address. A link needs their file; the menu of the run downloads both together.");
  }
  dialog().close();
}

/** Open the dialog over whatever has the focus, which gets it back. */
function openDialog() {
  if (dialog().open) return;
  const menu = /** @type {HTMLDetailsElement} */ (element(IDS.RUN_MENU));
  if (menu.open) {
    menu.open = false;
    // What has the focus now is hidden with the menu.
    inside(menu, "summary").focus();
  }
  dialog().showModal();
}

/** Open a file that is no recording. @param {File} file */
export const openDataFile = (file) => read(file, file.name);

/** @param {(file: File) => unknown} openFile */
function makeChooser(openFile) {
  const chooser = document.createElement("input");
  Object.assign(chooser, { type: "file", id: IDS.DATA_FILE, hidden: true, accept: ".csv,.tsv,.txt,.tab,.dat,.data,.npz,.zip,text/csv,text/plain" });
  chooser.addEventListener("change", () => {
    const [file] = chooser.files ?? [];
    if (file) openFile(file);
    // So that the same file can be chosen again.
    chooser.value = "";
  });
  element(IDS.DATA_CHOOSE).after(chooser);
  element(IDS.DATA_CHOOSE).addEventListener("click", () => chooser.click());
}

/**
 * Whether what is pasted is meant for a field, or for another dialog.
 * @param {EventTarget|null} target
 */
function isMeantElsewhere(target) {
  const field = target instanceof Element && target.closest("input:not([type=checkbox]):not([type=radio]):not([type=range]), textarea, select, [contenteditable]");
  const other = document.querySelector("dialog[open]");
  return Boolean(field) || (other !== null && other !== dialog());
}

/** @param {string} text */
function readPasted(text) {
  if (!text.trim()) {
    say("Expected a table, got nothing: paste one into the field.");
    pastedField().focus();
    return;
  }
  read(new Blob([text], { type: "text/plain" }), PASTED);
}

/** @param {(file: File) => unknown} openFile */
function startPasting(openFile) {
  document.addEventListener("paste", (event) => {
    if (isMeantElsewhere(event.target)) return;
    const [file] = event.clipboardData?.files ?? [];
    const text = event.clipboardData?.getData("text/plain") ?? "";
    if (text.trim()) {
      event.preventDefault();
      if (text.length <= SHOWN_MOST) pastedField().value = text;
      readPasted(text);
    } else if (file) {
      event.preventDefault();
      openFile(file);
    }
  });
  element(IDS.DATA_READ).addEventListener("click", () => readPasted(pastedField().value));
}

/** @param {(file: File) => unknown} openFile opens a file, whatever it is */
export function startData(openFile) {
  startColumns(changed);
  startOptions(changed);
  makeChooser(openFile);
  startPasting(openFile);
  labelField().addEventListener("change", () => {
    element(IDS.DATA_WHY).textContent = "";
    setLabel(labelField().value);
    changed();
  });
  const again = () => {
    asking?.abort();
    open = seen = null;
    say("");
    showStep();
  };
  element(IDS.DATA_AGAIN).addEventListener("click", () => {
    again();
    button(IDS.DATA_CHOOSE).focus();
  });
  element(IDS.DATA_START).addEventListener("click", () => during("Starting …", start));
  element(IDS.DATA_CLOSE).addEventListener("click", () => dialog().close());
  dialog().addEventListener("close", again);
  dialog().addEventListener("click", (event) => {
    if (event.target === dialog()) dialog().close();
  });
  const ask = () => {
    openDialog();
    again();
    button(IDS.DATA_CHOOSE).focus();
  };
  element(IDS.DATA_OPEN).addEventListener("click", ask);
  window.addEventListener("spiral-dash:open-data", ask);
  showStep();
}
