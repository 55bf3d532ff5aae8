/** What a person has changed, in a sentence, for whom it may be taken back. */
import { named } from "../shell/making.mjs";

/** @typedef {import("./address.mjs").Place} Place */

/** So many settings are named one by one. */
const NAMED_MAX = 2;
const LONG = 24;
const NUMBER = new Intl.NumberFormat("en-GB");

/** @param {string} text what a dial shows */
const inShort = (text) => (text === "" ? "none" : text.length > LONG ? `${text.slice(0, LONG)}…` : text);

/** @param {number} epoch */
const epochs = (epoch) => `${NUMBER.format(epoch)} epoch${epoch === 1 ? "" : "s"}`;

/**
 * What settings have become.
 * @param {Record<string, string>} before
 * @param {Record<string, string>} now
 */
function settings(before, now) {
  const paths = Object.keys(now).filter((path) => now[path] !== before[path]);
  if (paths.includes("data.kind")) return `${named("data.kind")}: ${inShort(now["data.kind"])}`;
  if (paths.length > NAMED_MAX) return `${paths.length} settings are others`;
  return paths.map((path) => `${named(path)}: ${inShort(before[path] ?? "")} → ${inShort(now[path])}`).join("; ");
}

/**
 * What makes the runs others than they were.
 * @param {Place} before
 * @param {Place} place
 */
export function changeOf(before, place) {
  if (place.second !== null && before.second === null) return "Two runs are compared.";
  if (place.second === null && before.second !== null) return "The runs are no longer compared.";
  const of = place.second === null ? "" : "A: ";
  const changed = [
    settings(before.texts, place.texts).replace(/^(?=.)/, of),
    settings(before.otherTexts, place.otherTexts).replace(/^(?=.)/, "B: "),
  ].filter(Boolean).join("; ");
  const anew = place.run !== before.run || place.second !== before.second;
  if (!anew && place.epoch < before.epoch) {
    return `The run goes on from epoch ${NUMBER.format(place.epoch)}; what followed, up to epoch ${NUMBER.format(before.epoch)}, is gone.`;
  }
  if (!anew) return `${changed || "The network was changed"}, from epoch ${NUMBER.format(place.epoch)} on.`;
  const trained = before.epoch > 0 ? ` The former run had ${epochs(before.epoch)}.` : "";
  return `${changed || "The run begins again"}.${trained}`;
}
