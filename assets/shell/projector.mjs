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
  const button = element(IDS.PROJECTOR);
  button.addEventListener("click", ({ detail: clicks }) => {
    show(!page.projector);
    // The letters have moved away under the pointer: the space bar plays.
    if (clicks > 0) button.blur();
  });
  window.addEventListener("spiral-dash:projector", ({ detail }) => show(detail.on));
}
