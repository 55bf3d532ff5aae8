/** Menus that open under their button, `<details data-menu>`: another click or Escape closes them. */
import { all, inside } from "./elements.mjs";

const openMenus = () => /** @type {HTMLDetailsElement[]} */ (all(document, "details[data-menu][open]"));

/** @param {HTMLDetailsElement} menu */
function close(menu) {
  menu.open = false;
  inside(menu, "summary").focus();
}

export function startMenus() {
  document.addEventListener("click", ({ target }) => {
    for (const menu of openMenus()) if (!menu.contains(/** @type {Node} */ (target))) menu.open = false;
  });
  document.addEventListener(
    "keydown",
    (event) => {
      const [menu] = openMenus();
      if (event.key !== "Escape" || !menu) return;
      event.preventDefault();
      close(menu);
    },
    // Before whatever else Escape would close.
    { capture: true },
  );
}
