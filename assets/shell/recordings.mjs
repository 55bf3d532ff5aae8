/** Records the run as a file, and opens a recorded one. */
import { save } from "../page/files.mjs";
import { page } from "../page/page.mjs";
import { element, IDS } from "./ids.mjs";
import { tell } from "./notices.mjs";
import { post } from "./server.mjs";

const MIB = 2 ** 20;
const WHOLE = new Intl.NumberFormat("en-GB");

const menu = () => /** @type {HTMLDetailsElement} */ (element(IDS.RUN_MENU));

/** @param {string} text */
function say(text, isError = false) {
  const message = element(IDS.RUN_MESSAGE);
  message.textContent = text;
  message.classList.toggle("is-error", isError);
}

/**
 * Do something that takes a while, saying so beside the buttons; whether it went well.
 * @param {string} text
 * @param {() => Promise<void>} work
 */
async function during(text, work) {
  const buttons = [IDS.RUN_DOWNLOAD, IDS.RUN_REPORT, IDS.RUN_OPEN].map((id) => /** @type {HTMLButtonElement} */ (element(id)));
  if (buttons.some(({ disabled }) => disabled)) return;
  for (const button of buttons) button.disabled = true;
  say(text);
  try {
    await work();
    say("");
    menu().open = false;
  } catch (error) {
    menu().open = true;
    say(/** @type {Error} */ (error).message, true);
  } finally {
    for (const button of buttons) button.disabled = false;
  }
}

function download() {
  return during("Recording …", async () => {
    const response = await post("recording/download");
    const name = /filename="([^"]+)"/.exec(response.headers.get("Content-Disposition") ?? "")?.[1];
    save(await response.blob(), name ?? `spiral${menu().dataset.suffix}`);
  });
}

/** What a report is of: the lesson, where there is one. */
let about = () => ({ title: "Report of a run", author: "", answers: /** @type {import("../report/html.mjs").Asked[]} */ ([]) });
let reportName = "spiral-report";

/** @param {typeof about} told @param {string} name of the file */
export function reportOn(told, name) {
  about = told;
  reportName = name;
}

/** Hand the person a report of the page as it stands. */
export function report() {
  return during("Writing the report …", async () => {
    const { saveReport } = await import("../report/report.mjs");
    await saveReport(about(), reportName);
  });
}

/** @param {File} file */
export function openRecording(file) {
  return during(`Opening ${file.name} …`, async () => {
    const most = Number(menu().dataset.bytesMax);
    if (file.size > most) {
      throw new Error(`${file.name}: expected a file of at most ${most / MIB} MiB, got ${WHOLE.format(Math.ceil(file.size / MIB))} MiB.`);
    }
    const response = await post("recording/open", file);
    const { epoch } = await response.json();
    tell("info", `${file.name} is open, at epoch ${WHOLE.format(epoch)}.`);
  });
}

function makeChooser() {
  const chooser = document.createElement("input");
  Object.assign(chooser, { type: "file", id: IDS.RUN_FILE, hidden: true, accept: ".zip" });
  chooser.addEventListener("change", () => {
    const [file] = chooser.files ?? [];
    // So that the same file can be chosen again.
    if (file) openRecording(file).finally(() => (chooser.value = ""));
  });
  element(IDS.RUN_OPEN).after(chooser);
  return chooser;
}

export function startRecordings() {
  const chooser = makeChooser();
  element(IDS.RUN_DOWNLOAD).addEventListener("click", download);
  element(IDS.RUN_REPORT).addEventListener("click", report);
  element(IDS.RUN_OPEN).addEventListener("click", () => chooser.click());
  element(IDS.RUN_END).addEventListener("click", () => {
    menu().open = false;
    page.seat.offerEnd();
  });
  element(IDS.EXPORT_OPEN).addEventListener("click", async () => {
    menu().open = false;
    // Seldom wanted, and so not loaded with the page.
    const { openExport } = await import("../export/dialog.mjs");
    openExport();
  });
  menu().addEventListener("toggle", () => {
    if (!menu().open) say("");
  });
}
