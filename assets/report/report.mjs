/** Gathers what is on the page into a report, and hands it to the person. */
import { pictureOf } from "../page/downloads.mjs";
import { save } from "../page/files.mjs";
import { loss, percent, whole } from "../page/readouts.mjs";
import { page } from "../page/page.mjs";
import { all, inside } from "../shell/elements.mjs";
import { reportHtml } from "./html.mjs";

/**
 * @typedef {import("../run/run.mjs").RunView} RunView
 * @typedef {import("./html.mjs").Report} Report
 */

/**
 * Save a report of the page as it stands.
 * @param {{title: string, author: string, answers: Report["answers"]}} about
 * @param {string} name of the file, without its suffix
 */
export async function saveReport({ title, author, answers }, name) {
  const { pictures, missing } = await picturesOf();
  const runs = page.runs.all;
  const report = {
    title,
    author,
    date: new Date(),
    link: `${location.origin}${location.pathname}${page.address.search}`,
    remarks: [...runs.flatMap(remarksOn), ...missing],
    figures: figuresOf(runs),
    settings: settingsOf(runs),
    pictures,
    answers,
  };
  save(new Blob([reportHtml(report)], { type: "text/html" }), `${name}.html`);
}

/** @param {RunView[]} runs */
const namesOf = (runs) => runs.map((_, place) => (runs.length > 1 ? `Run ${"AB"[place]}` : "Value"));

/** What has to be known before a run's figures are read. @param {RunView} run */
function remarksOn(run) {
  const { status } = run.state;
  const called = page.runs.all.length > 1 ? `Run ${page.runs.isSecond(run) ? "B" : "A"}` : "The run";
  if (!status) return [`${called} had not begun: there are no figures of it.`];
  if (status.state !== "diverged") return [];
  return [`${called} diverged after epoch ${whole(status.epoch)}: its numbers grew beyond all bounds. Figures and pictures are of what was left; a lower learning rate may mend it.`];
}

/** @param {RunView[]} runs @returns {Report["figures"]} */
function figuresOf(runs) {
  const states = runs.map((run) => run.state.status);
  /** @param {(status: import("../stream/state.mjs").Status) => string} read */
  const each = (read) => states.map((status) => (status ? read(status) : "–"));
  return {
    names: namesOf(runs),
    rows: [
      ["Epoch", each((status) => whole(status.shown_epoch))],
      ["Trained to epoch", each((status) => whole(status.epoch))],
      ["State", each((status) => status.state)],
      ["Training loss", each(({ metrics }) => loss(metrics.train_loss))],
      ["Test loss", each(({ metrics }) => loss(metrics.test_loss))],
      ["Training accuracy", each(({ metrics }) => percent(metrics.train_accuracy))],
      ["Test accuracy", each(({ metrics }) => percent(metrics.test_accuracy))],
    ],
  };
}

/** Every dial of the page with what it stands at. @param {RunView[]} runs @returns {Report["settings"]} */
function settingsOf(runs) {
  /** @type {Map<string, [string, string[]]>} */
  const rows = new Map();
  for (const dial of all(document, ".dial")) {
    const { group, name } = dial.dataset;
    const path = group === "run" ? name : `${group}.${name}`;
    const values = runs.map((run) => run.config?.texts[path]);
    if (rows.has(path) || values.every((value) => value === undefined)) continue;
    rows.set(path, [inside(dial, ".dial-label").textContent ?? path, values.map((value) => value || "–")]);
  }
  return { names: namesOf(runs), rows: [...rows.values()] };
}

/** The panels as they stand; sentences on those that have nothing to show. */
async function picturesOf() {
  /** @type {Report["pictures"]} */
  const pictures = [];
  /** @type {string[]} */
  const missing = [];
  // Curves of both runs are drawn together, in the first.
  const others = new Set(page.mirrors.panels.filter(({ frames }) => frames.length > 0));
  for (const panel of [...page.deck.shown, ...others]) {
    const card = /** @type {HTMLElement} */ (panel.card.closest("[data-panel]"));
    const called = inside(card, ".panel-title").textContent ?? panel.name;
    const title = others.has(panel) ? `${called}, run B` : called;
    try {
      const blob = await pictureOf(panel);
      pictures.push({ title, words: panel.said.textContent ?? "", source: await dataUrl(blob) });
    } catch (error) {
      missing.push(`${title} is not among the pictures. ${/** @type {Error} */ (error).message}`);
    }
  }
  return { pictures, missing };
}

/** @param {Blob} blob @returns {Promise<string>} */
function dataUrl(blob) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result));
    reader.onerror = () => reject(new Error("The picture could not be read."));
    reader.readAsDataURL(blob);
  });
}
