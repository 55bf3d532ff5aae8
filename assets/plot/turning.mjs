/** Turning a view of three dimensions by dragging and by the arrow keys. */

/** @typedef {import("./frame.mjs").Frame} Frame */

/** Radians for each pixel dragged and for each press of a key. */
const A_PIXEL = 0.01;
const A_PRESS = Math.PI / 24;
/** @type {Record<string, number[]>} */
const KEYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

/**
 * Let a graph be turned by hand while `allowed` says so.
 * @param {import("./frame.mjs").Frame} frame
 * @param {import("./space.mjs").View3D} view
 * @param {() => boolean} allowed
 */
export function makeTurnable(frame, view, allowed) {
  const { wrapper } = frame;
  /** @type {[number, number]|null} */
  let held = null;
  const changed = () => {
    frame.inputs = "";
    frame.repaint();
  };
  wrapper.addEventListener(
    "pointerdown",
    (event) => {
      if (!allowed() || event.button !== 0 || !/** @type {Element} */ (event.target).closest(".draglayer")) return;
      // Plotly would begin to zoom.
      event.preventDefault();
      event.stopPropagation();
      wrapper.focus({ preventScroll: true });
      wrapper.setPointerCapture(event.pointerId);
      held = [event.clientX, event.clientY];
    },
    true,
  );
  wrapper.addEventListener("pointermove", (event) => {
    if (!held) return;
    view.turn((event.clientX - held[0]) * A_PIXEL, (event.clientY - held[1]) * A_PIXEL);
    held = [event.clientX, event.clientY];
    changed();
  });
  for (const end of ["pointerup", "pointercancel"]) wrapper.addEventListener(end, () => (held = null));
  wrapper.addEventListener("keydown", (event) => {
    const direction = KEYS[event.key];
    if (!direction || !allowed() || event.target !== wrapper) return;
    // The page itself goes through the epochs with these keys.
    event.preventDefault();
    view.turn(direction[0] * A_PRESS, direction[1] * A_PRESS);
    changed();
  });
  wrapper.addEventListener("dblclick", () => {
    if (!allowed()) return;
    view.reset();
    changed();
  });
}

/**
 * Whether the graph takes part in the order of the Tab key and in touches.
 * @param {Frame} frame
 * @param {boolean} turnable
 */
export function setTurnable({ wrapper }, turnable) {
  if (turnable) wrapper.tabIndex = 0;
  else wrapper.removeAttribute("tabindex");
  wrapper.style.touchAction = turnable ? "none" : "";
  wrapper.classList.toggle("is-turnable", turnable);
}
