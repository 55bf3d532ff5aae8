/** The bar of a room, below the top one: where one is, and what can be done about it. */
import { element, IDS } from "../shell/ids.mjs";
import { make } from "../shell/making.mjs";

/** @typedef {{label: string, act: () => void, accent?: boolean, title?: string}} Choice */

/**
 * @param {object} said
 * @param {string} said.name of the room
 * @param {string} said.state what this page is in it
 * @param {number|null} said.count of people, null where it is not known
 * @param {Choice[]} said.choices
 */
export function drawBar({ name, state, count, choices }) {
  const bar = element(IDS.ROOM);
  const key = JSON.stringify([name, state, count, choices.map(({ label }) => label)]);
  if (bar.dataset.drawn === key) return;
  bar.dataset.drawn = key;
  const focused = document.activeElement instanceof HTMLElement && bar.contains(document.activeElement) ? document.activeElement.textContent : null;
  bar.replaceChildren(
    make("strong", { className: "room-name" }, `Room ${name}`),
    make("span", { className: "room-state", role: "status" }, state),
    ...(count === null ? [] : [make("span", { className: "room-count" }, peopleSaid(count))]),
    make("span", { className: "room-choices" }, ...choices.map(button)),
  );
  bar.hidden = false;
  if (focused) [...bar.querySelectorAll("button")].find((each) => each.textContent === focused)?.focus();
}

/** @param {number} count of people in the room beside the presenter */
export const peopleSaid = (count) => (count === 0 ? "nobody here yet" : count === 1 ? "1 person here" : `${count} people here`);

export function clearBar() {
  const bar = element(IDS.ROOM);
  bar.hidden = true;
  bar.dataset.drawn = "";
  bar.replaceChildren();
}

/** @param {Choice} choice */
const button = ({ label, act, accent = false, title = "" }) =>
  make("button", { type: "button", className: `btn btn-small ${accent ? "btn-accent" : "btn-quiet"}`, title, onclick: act }, label);
