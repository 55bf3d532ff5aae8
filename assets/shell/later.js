/**
 * The scripts of Dash and Plotly keep a browser busy for a second: they are loaded at once, and run
 * when the first picture is there, or when it is clear that there will be none.
 */
(() => {
  const PATIENCE_MS = 3000;
  let begun = false;

  /** @param {HTMLScriptElement} script */
  function run(script) {
    const copy = document.createElement("script");
    for (const { name, value } of script.attributes) copy.setAttribute(name, value);
    copy.textContent = script.textContent;
    // They build on each other.
    copy.async = false;
    const done = new Promise((resolve) => (copy.onload = copy.onerror = resolve));
    document.body.append(copy);
    return copy.src ? done : null;
  }

  async function runAll() {
    const { content } = /** @type {HTMLTemplateElement} */ (document.getElementById("later"));
    /** @type {(Promise<unknown>|null)[]} */
    const before = [];
    for (const script of content.querySelectorAll("script")) {
      if (!script.src && script.type !== "application/json") await Promise.all(before);
      before.push(run(script));
    }
  }

  function begin() {
    if (begun) return;
    begun = true;
    // The picture is on the screen before they take the browser's time.
    const soon = () => requestAnimationFrame(() => setTimeout(runAll));
    if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", soon);
    else soon();
  }

  window.addEventListener("spiral-dash:first-picture", begin, { once: true });
  setTimeout(begin, PATIENCE_MS);
})();
