/**
 * What Dash's clientside callbacks call. A classic script, so that the functions exist when the
 * callbacks are first run; calls made before the page's modules have loaded are kept and repeated.
 */
(() => {
  const base = new URL(".", /** @type {HTMLScriptElement} */ (document.currentScript).src);
  const loaded = import(new URL("page/page.mjs", base).href).then(({ page }) => page);
  /** @param {(page: any, values: any[]) => unknown} act */
  const forward =
    (act) =>
    (/** @type {any[]} */ ...values) => {
      loaded.then((page) => act(page, values));
      return window.dash_clientside.no_update;
    };
  window.dash_clientside = Object.assign(window.dash_clientside ?? {}, {
    spiralDash: {
      turn: forward((page, values) => page.form.turn(...values)),
      panelOptions: forward((page, values) => page.panelOptions(...values)),
    },
  });
})();
