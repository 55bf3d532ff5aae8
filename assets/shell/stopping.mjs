/** The menu that says where training is to stop, and what came of it. */
import { page } from "../page/page.mjs";
import { element, IDS } from "./ids.mjs";
import { tell } from "./notices.mjs";
import { numberIn } from "./typed.mjs";

/** @typedef {import("../stream/state.mjs").Status} Status */
/** @typedef {NonNullable<Status["stop"]>["at"]} At */

const SHARE = 100;
/** @type {Record<At, string>} */
const SHORT = { epoch: "epoch", train_accuracy: "train", test_accuracy: "test", train_loss: "train loss", test_loss: "test loss" };
const NUMBER = new Intl.NumberFormat("en-GB", { maximumSignificantDigits: 4 });

let shown = "";
let said = "";
let input = document.createElement("input");

/** @param {At} at */
const isShare = (at) => at.endsWith("accuracy");
const select = () => /** @type {HTMLSelectElement} */ (element(IDS.STOP_AT));

/** @param {string} text @param {boolean} [wrong] */
function say(text, wrong = false) {
  const place = element(IDS.STOP_MESSAGE);
  if (place.textContent !== text) place.textContent = text;
  place.classList.toggle("is-error", wrong);
  input.setAttribute("aria-invalid", String(wrong));
}

async function set() {
  const at = /** @type {At} */ (select().value);
  const number = numberIn(input.value);
  if (Number.isNaN(number)) return say(`Expected a number, got ${input.value.trim() === "" ? "nothing" : `“${input.value.trim()}”`}.`, true);
  const error = await page.run.ask({ do: "stop", at, value: isShare(at) ? number / SHARE : number });
  say(error || `Training stops ${words(at, isShare(at) ? number / SHARE : number)}.`, error !== "");
}

async function clear() {
  const error = await page.run.ask({ do: "stop" });
  say(error || "Training goes on until it is paused.", error !== "");
}

/** @param {At} at @param {number} value */
const valueText = (at, value) => (isShare(at) ? `${NUMBER.format(SHARE * value)} %` : at === "epoch" ? String(value) : NUMBER.format(value));

/** @param {At} at @param {number} value */
const words = (at, value) => `at ${at === "epoch" ? "epoch" : `a ${at.replace("_", " ")} of`} ${valueText(at, value)}`;

/** @param {Status} status */
function follow({ stop }) {
  const text = stop ? `${SHORT[stop.at]} ${valueText(stop.at, stop.value)}` : "";
  if (text !== shown) {
    shown = text;
    element(IDS.STOP_SHOWN).textContent = text;
    const label = stop ? `Training stops ${words(stop.at, stop.value)}` : "Stop at an epoch, an accuracy or a loss";
    const summary = /** @type {HTMLElement} */ (element(IDS.STOP_MENU).firstElementChild);
    summary.title = label;
    summary.setAttribute("aria-label", label);
    /** @type {HTMLButtonElement} */ (element(IDS.STOP_CLEAR)).disabled = !stop;
  }
  const now = stop?.said ?? "";
  if (now === said) return;
  if (now || element(IDS.STOP_MESSAGE).textContent === said) say(now);
  said = now;
  if (now.startsWith("Stopped")) tell("info", now);
}

export function startStopping() {
  input = Object.assign(document.createElement("input"), { type: "text", id: IDS.STOP_VALUE, className: "form-control form-control-sm", inputMode: "decimal", autocomplete: "off" });
  element(IDS.STOP_FIELD).append(input);
  /** @type {HTMLButtonElement} */ (element(IDS.STOP_CLEAR)).disabled = true;
  input.setAttribute("aria-describedby", IDS.STOP_MESSAGE);
  input.addEventListener("keydown", (event) => {
    if (event.key === "Enter") set();
  });
  element(IDS.STOP_SET).addEventListener("click", set);
  element(IDS.STOP_CLEAR).addEventListener("click", clear);
  window.addEventListener("spiral-dash:status", ({ detail }) => follow(detail));
}
