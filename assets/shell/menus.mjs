/** Menus that open under their button, `<details data-menu>`: another click or Escape closes them. */

const openMenus = () => [...document.querySelectorAll("details[data-menu][open]")];

function close(menu) {
  menu.open = false;
  menu.querySelector("summary").focus();
}

export function startMenus() {
  document.addEventListener("click", ({ target }) => {
    for (const menu of openMenus()) if (!menu.contains(target)) menu.open = false;
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
