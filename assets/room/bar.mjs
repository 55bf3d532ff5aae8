/** The bar of a room, below the top one: where one is, and what can be done about it. */
import { inside } from "../shell/elements.mjs";
import { element, IDS } from "../shell/ids.mjs";
import { make, write } from "../shell/making.mjs";

/** @typedef {{label: string, act: () => void, accent?: boolean, title?: string, pressed?: boolean}} Choice */

/**
 * @param {object} said
 * @param {string} said.name of the room
 * @param {string} said.state what this page is in it
 * @param {number|null} said.count of people, null where it is not known
 * @param {Choice[]} said.choices
 */
export function drawBar({ name, state, count, choices }) {
  const bar = element(IDS.ROOM);
  const key = JSON.stringify([name, state, choices.map(({ label, pressed }) => [label, pressed])]);
  // Who listens to the page is not told again what stays as it is.
  if (bar.dataset.drawn !== key) {
    const focused = document.activeElement instanceof HTMLElement && bar.contains(document.activeElement) ? document.activeElement.textContent : null;
    bar.replaceChildren(
      make("strong", { className: "room-name" }, `Room ${name}`),
      make("span", { className: "room-state", role: "status" }, state),
      make("span", { className: "room-count" }),
      make("span", { className: "room-choices" }, ...choices.map(button)),
    );
    bar.dataset.drawn = key;
    if (focused) [...bar.querySelectorAll("button")].find((each) => each.textContent === focused)?.focus();
  }
  write(inside(bar, ".room-count"), count === null ? "" : peopleSaid(count));
  bar.hidden = false;
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
const button = ({ label, act, accent = false, title = "", pressed }) =>
  make("button", { type: "button", className: `btn btn-small ${accent || pressed ? "btn-accent" : "btn-quiet"}`, title, onclick: act, ...(pressed === undefined ? {} : { "aria-pressed": pressed }) }, label);
