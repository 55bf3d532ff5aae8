/** Shows and hides the further dials, which start hidden unless the person left them open. */
import { element, IDS } from "./ids.mjs";
import { recall, remember } from "./storage.mjs";

const KEY = "spiral-dash-dials";
const wide = matchMedia("(min-width: 60rem)");

/** @param {boolean} open */
function show(open) {
  document.documentElement.dataset.dials = open ? "open" : "closed";
  element(IDS.DIALS_TOGGLE).setAttribute("aria-expanded", String(open));
}

export function startSidebar() {
  const initial = () => wide.matches && recall(KEY) === "open";
  show(initial());
  wide.addEventListener("change", () => show(initial()));
  element(IDS.DIALS_TOGGLE).addEventListener("click", () => {
    const open = document.documentElement.dataset.dials === "closed";
    if (wide.matches) remember(KEY, open ? "open" : "closed");
    show(open);
  });
}
