/**
 * What Dash's clientside callbacks call. A classic script, so that the functions exist when the
 * callbacks are first run; calls made before the page's modules have loaded are kept and repeated.
 */
(() => {
  const base = new URL(".", /** @type {HTMLScriptElement} */ (document.currentScript).src);
  const page = import(new URL("page/page.mjs", base).href).then(({ start }) => start(base));
  /** @param {string} name */
  const forward =
    (name) =>
    (/** @type {any[]} */ ...values) => {
      page.then((ready) => ready[name](...values));
      return window.dash_clientside.no_update;
    };
  window.dash_clientside = Object.assign(window.dash_clientside ?? {}, {
    spiralDash: {
      connect: forward("connect"),
      panelOptions: forward("panelOptions"),
      seek: forward("seek"),
      arrange: forward("arrange"),
    },
  });
})();
