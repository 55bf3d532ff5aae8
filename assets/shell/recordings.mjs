/** Records the run as a file, and opens a recorded one: chosen, or dropped on the page. */
import { save } from "../page/files.mjs";
import { element, IDS } from "./ids.mjs";
import { tell } from "./notices.mjs";

const MIB = 2 ** 20;
const WHOLE = new Intl.NumberFormat("en-GB");

const menu = () => /** @type {HTMLDetailsElement} */ (element(IDS.RUN_MENU));

/** Ask the server; its answer, or an error with the sentence that it gives. */
async function post(path, body) {
  let response;
  try {
    const headers = { "X-Spiral-Session": window.spiralDash.session };
    response = await fetch(new URL(`recording/${path}`, document.baseURI), { method: "POST", headers, body });
  } catch {
    throw new Error("The server cannot be reached, or did not take the file.");
  }
  if (response.ok) return response;
  const answer = await response.json().catch(() => ({}));
  throw new Error(answer.error ?? `The server answered with ${response.status}.`);
}

function say(text, isError = false) {
  const message = element(IDS.RUN_MESSAGE);
  message.textContent = text;
  message.classList.toggle("is-error", isError);
}

/** Do something that takes a while, saying so beside the buttons; whether it went well. */
async function during(text, work) {
  const buttons = [IDS.RUN_DOWNLOAD, IDS.RUN_OPEN].map((id) => /** @type {HTMLButtonElement} */ (element(id)));
  if (buttons.some(({ disabled }) => disabled)) return;
  for (const button of buttons) button.disabled = true;
  say(text);
  try {
    await work();
    say("");
    menu().open = false;
  } catch (error) {
    menu().open = true;
    say(error.message, true);
  } finally {
    for (const button of buttons) button.disabled = false;
  }
}

function download() {
  return during("Recording …", async () => {
    const response = await post("download");
    const name = /filename="([^"]+)"/.exec(response.headers.get("Content-Disposition") ?? "")?.[1];
    save(await response.blob(), name ?? `spiral${menu().dataset.suffix}`);
  });
}

/** @param {File} file */
function open(file) {
  return during(`Opening ${file.name} …`, async () => {
    const most = Number(menu().dataset.bytesMax);
    if (file.size > most) {
      throw new Error(`${file.name}: expected a file of at most ${most / MIB} MiB, got ${WHOLE.format(Math.ceil(file.size / MIB))} MiB.`);
    }
    const response = await post("open", file);
    const { epoch } = await response.json();
    tell("info", `${file.name} is open, at epoch ${WHOLE.format(epoch)}.`);
  });
}

function makeChooser() {
  const chooser = document.createElement("input");
  Object.assign(chooser, { type: "file", id: IDS.RUN_FILE, hidden: true, accept: ".zip" });
  chooser.addEventListener("change", () => {
    const [file] = chooser.files;
    // So that the same file can be chosen again.
    if (file) open(file).finally(() => (chooser.value = ""));
  });
  element(IDS.RUN_OPEN).after(chooser);
  return chooser;
}

const holdsFiles = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");

function startDropping() {
  const cover = element(IDS.DROP);
  // The pointer leaves one element only after it has entered the next.
  let depth = 0;
  const end = () => {
    depth = 0;
    cover.hidden = true;
  };
  document.addEventListener("dragenter", (event) => {
    if (!holdsFiles(event)) return;
    depth += 1;
    cover.hidden = false;
  });
  document.addEventListener("dragleave", (event) => {
    if (holdsFiles(event) && --depth <= 0) end();
  });
  document.addEventListener("dragover", (event) => holdsFiles(event) && event.preventDefault());
  document.addEventListener("drop", (event) => {
    if (!holdsFiles(event)) return;
    event.preventDefault();
    end();
    const { files } = event.dataTransfer;
    if (files.length === 1) open(files[0]);
    else tell("warning", `Expected one recorded run, got ${files.length} files.`);
  });
}

export function startRecordings() {
  const chooser = makeChooser();
  element(IDS.RUN_DOWNLOAD).addEventListener("click", download);
  element(IDS.RUN_OPEN).addEventListener("click", () => chooser.click());
  menu().addEventListener("toggle", () => {
    if (!menu().open) say("");
  });
  startDropping();
}
