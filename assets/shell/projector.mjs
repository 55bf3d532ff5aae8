/** A mode for the projector: letters and lines that are read from the back row. The address keeps it. */
import { page } from "../page/page.mjs";
import { element, IDS } from "./ids.mjs";

/** @param {boolean} on */
function show(on) {
  page.projector = on;
  document.documentElement.dataset.projector = String(on);
  element(IDS.PROJECTOR).setAttribute("aria-pressed", String(on));
  page.address.show();
  page.repaint();
}

export function startProjector() {
  element(IDS.PROJECTOR).addEventListener("click", () => show(!page.projector));
  window.addEventListener("spiral-dash:projector", ({ detail }) => show(detail.on));
}
