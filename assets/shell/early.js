/* Runs before the first paint, so that the page never flashes in the other theme. */
(function () {
  let chosen = null;
  try {
    chosen = window.localStorage.getItem("spiral-dash-theme");
  } catch {
    // Storage may be forbidden; the system's choice stands then.
  }
  const system = window.matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  document.documentElement.dataset.bsTheme = chosen === "dark" || chosen === "light" ? chosen : system;
})();
