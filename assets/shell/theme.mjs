/** Light and dark: the system's choice until the person makes one, which is remembered. */
import { element, IDS } from "./ids.mjs";
import { recall, remember } from "./storage.mjs";

const KEY = "spiral-dash-theme";
const system = matchMedia("(prefers-color-scheme: dark)");

/** @param {"light"|"dark"} theme */
function show(theme) {
  document.documentElement.dataset.bsTheme = theme;
}

export function startTheme() {
  element(IDS.THEME).addEventListener("click", () => {
    const next = document.documentElement.dataset.bsTheme === "dark" ? "light" : "dark";
    remember(KEY, next);
    show(next);
  });
  system.addEventListener("change", () => {
    if (recall(KEY) === null) show(system.matches ? "dark" : "light");
  });
}
