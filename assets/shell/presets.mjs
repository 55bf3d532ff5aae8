/** The dialog of ready-made settings. */
import { page } from "../page/page.mjs";
import { around, dispatch } from "./elements.mjs";
import { element, IDS } from "./ids.mjs";

/** Keys of an address that a choice leaves as they are. */
const KEPT = /^(hide|lock|projector)$/;

/**
 * Everything is as the choice says, but for the seeds, what is locked or hidden, and the size of letters.
 * @param {string} search
 */
function bring(search) {
  const seeds = [...new URLSearchParams(page.run.config?.query)].filter(([name]) => name.endsWith("seed"));
  const ofPage = [...new URLSearchParams(page.address.search)].filter(([name]) => KEPT.test(name));
  const settings = page.access.kept([search, ...seeds.map(([name, value]) => `${name}=${value}`)].filter(Boolean).join("&"));
  const kept = ofPage.map(([name, value]) => `${name}=${value}`);
  return page.visit([settings, ...kept].filter(Boolean).join("&"));
}

export function startPresets() {
  const dialog = /** @type {HTMLDialogElement} */ (element(IDS.PRESETS));
  element(IDS.PRESETS_OPEN).addEventListener("click", () => dialog.showModal());
  element(IDS.PRESETS_CLOSE).addEventListener("click", () => dialog.close());
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) return dialog.close();
    const button = around(event, "[data-search]");
    if (!button) return;
    dialog.close();
    dispatch("headline", { text: button.dataset.watch });
    bring(String(button.dataset.search));
  });
}
