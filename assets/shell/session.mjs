/** Opens a new session, with the configuration of the address, when the present one is gone. */
import { IDS } from "./ids.mjs";
import { tell } from "./notices.mjs";

const AGAIN_SECONDS = 5;

/**
 * A session that ended is followed by another only while somebody looks at the page.
 * @param {() => void} action
 */
function whenSeen(action) {
  if (!document.hidden) return action();
  document.addEventListener("visibilitychange", () => whenSeen(action), { once: true });
}

export function startSession() {
  let last = -Infinity;
  window.addEventListener("spiral-dash:ended", ({ detail }) => {
    const wait = Math.max(0, last + 1000 * AGAIN_SECONDS - performance.now());
    setTimeout(() => {
      whenSeen(() => {
        last = performance.now();
        if (detail.text) tell("warning", detail.text);
        const opening = { search: window.location.search, token: null, ended: true, at: Date.now() };
        window.dash_clientside.set_props(IDS.OPENING, { data: opening });
      });
    }, wait);
  });
}
