/** Keeps the run from being played until there is a prediction. */
import { page } from "../page/page.mjs";
import { element, IDS } from "../shell/ids.mjs";

const PLAYING = ["play", "step"];
const BUTTONS = [IDS.PLAY, IDS.STEP, IDS.STEP_BATCH];
const PREDICT_FIRST = "Predict before you play: answer the question first, then Play is free.";

let locked = false;

/** @param {() => void} told called when a person tries to play all the same */
export function startLock(told) {
  const { guard } = page.runs;
  page.runs.guard = (command) => {
    if (!locked || !PLAYING.includes(command.do)) return guard(command);
    told();
    return PREDICT_FIRST;
  };
}

/** @param {boolean} on @param {HTMLElement[]} more buttons beside those of the transport */
export function lockPlay(on, more) {
  locked = on;
  for (const button of [...BUTTONS.map(element), ...more]) {
    button.dataset.title ??= button.title;
    button.setAttribute("aria-disabled", String(on));
    button.title = on ? PREDICT_FIRST : button.dataset.title;
  }
}
