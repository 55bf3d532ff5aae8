/** The component ids these scripts use, as in `spiral_dash/web/ids.py`. */
export const IDS = Object.freeze({
  PLAY: "play",
  STEP: "step",
  RESET: "reset",
  NEW_SEED: "new-seed",
  SPEED: "speed",
  TIMELINE: "timeline",
  TIMELINE_TRACK: "timeline-track",
  TIMELINE_SHOWN: "timeline-shown",
  TIMELINE_MARKS: "timeline-marks",
  TEST_LOSS: "readout-test-loss",
  TEST_ACCURACY: "readout-test-accuracy",
  LIVE: "live",
  BRANCH: "branch",
  CONFIG: "config",
  OPENING: "opening",
  SEEN: "seen",
  OPEN_PANELS: "open-panels",
  NOTICES: "notices",
  CONNECTION: "connection",
  THEME: "theme",
  DIALS: "dials",
  DIALS_TOGGLE: "dials-toggle",
  KEYBOARD: "keyboard",
  KEYBOARD_OPEN: "keyboard-open",
  KEYBOARD_CLOSE: "keyboard-close",
  KEYBOARD_SWITCH: "keyboard-switch",
  GALLERY: "gallery",
  GALLERY_OPEN: "gallery-open",
  GALLERY_CLOSE: "gallery-close",
  GALLERY_SHOWN: "gallery-shown",
  GALLERY_HIDDEN: "gallery-hidden",
  GALLERY_STATUS: "gallery-status",
  NO_PANELS: "no-panels",
  NO_PANELS_OPEN: "no-panels-open",
  RUN_MENU: "run-menu",
  RUN_DOWNLOAD: "run-download",
  RUN_OPEN: "run-open",
  RUN_FILE: "run-file",
  RUN_MESSAGE: "run-message",
  RUN_CHANGES: "run-changes",
  DROP: "drop",
  DATA_OPEN: "data-open",
  DATA_DIALOG: "data-dialog",
  DATA_CLOSE: "data-close",
  DATA_CHOOSE: "data-choose",
  DATA_FILE: "data-file",
  DATA_PASTED: "data-pasted",
  DATA_READ: "data-read",
  DATA_PROGRESS: "data-progress",
  DATA_STATUS: "data-status",
  DATA_ERROR: "data-error",
  DATA_FOUND: "data-found",
  DATA_NOTES: "data-notes",
  DATA_LABEL: "data-label",
  DATA_WHY: "data-why",
  DATA_FILTER: "data-filter",
  DATA_ALL: "data-all",
  DATA_NONE: "data-none",
  DATA_COUNT: "data-count",
  DATA_COLUMNS: "data-columns",
  DATA_OPTIONS: "data-options",
  DATA_SEEN: "data-seen",
  DATA_AGAIN: "data-again",
  DATA_START: "data-start",
  HINT: "hint",
  RESTART_DIALOG: "restart-dialog",
  LAYERS: "layers",
  FEWER_LAYERS: "layers-fewer",
  MORE_LAYERS: "layers-more",
  FACTS: "facts",
  FACT_NOTES: "fact-notes",
  KIND_DIALS: "kind-dials",
});

/** @param {string} id @returns {HTMLElement} */
export const element = (id) => document.getElementById(id);

/**
 * Wait until Dash has put an element on the page.
 * @param {string} id
 * @returns {Promise<HTMLElement>}
 */
export function rendered(id) {
  return new Promise((resolve) => {
    const found = element(id);
    if (found) return resolve(found);
    const observer = new MutationObserver(() => {
      const late = element(id);
      if (!late) return;
      observer.disconnect();
      resolve(late);
    });
    observer.observe(document.body, { childList: true, subtree: true });
  });
}
