/** What the page says and shows of the session's state, beside the readouts of every frame. */
import { showFacts } from "./facts.mjs";
import { element, IDS } from "./ids.mjs";
import { tell } from "./notices.mjs";

let notice = "";

/** @param {CustomEvent<import("../stream/state.mjs").Status>} values */
function show({ detail }) {
  const root = document.documentElement;
  if (root.dataset.runState !== detail.state) root.dataset.runState = detail.state;
  // The past of a run that diverged can still be played.
  const over = detail.state === "diverged" && detail.seeking === null;
  for (const id of [IDS.PLAY, IDS.STEP, IDS.STEP_BATCH]) {
    const button = /** @type {HTMLButtonElement} */ (element(id));
    if (button.disabled !== over) button.disabled = over;
  }
  if (detail.notice && detail.notice !== notice) tell("danger", detail.notice);
  notice = detail.notice;
  const busy = element(IDS.BUSY);
  if (busy.hidden === detail.thinned) busy.hidden = !detail.thinned;
  showFacts(detail.geometry);
}

export function startStatus() {
  window.addEventListener("spiral-dash:status", show);
}
