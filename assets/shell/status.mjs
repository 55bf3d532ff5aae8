/** What the page says and shows of the session's state, beside the readouts of every frame. */
import { element, IDS } from "./ids.mjs";
import { tell } from "./notices.mjs";

const NUMBER = new Intl.NumberFormat("en-GB", { maximumSignificantDigits: 4, useGrouping: false });
const NOTHING = "–";
/** How long a dial or the speed may be ahead of what frames say, in milliseconds. */
const GRACE = 1000;
const FULL_SPEED = "full";

let notice = "";
let geometry = null;
let config = null;
let timer = 0;

/** A number that is known of the data, with what it is. */
function factRow({ name, label, value, unit, about }) {
  const row = document.createElement("div");
  row.title = about;
  const [term, shown, number] = ["dt", "dd", "span"].map((kind) => document.createElement(kind));
  term.textContent = label;
  number.id = `fact-${name}`;
  number.textContent = Number.isFinite(value) ? NUMBER.format(value) : NOTHING;
  shown.append(number);
  if (unit) {
    const after = document.createElement("span");
    after.className = "dial-unit";
    after.textContent = unit;
    shown.append(after);
  }
  row.append(term, shown);
  return row;
}

function showGeometry(detail) {
  if (!detail.geometry || detail.geometry === geometry) return;
  geometry = detail.geometry;
  element(IDS.FACTS).replaceChildren(...geometry.facts.map(factRow));
}

/**
 * The address follows the session's configuration, and so do the dials, which another tab may have
 * turned, as soon as they are left alone.
 */
function followConfig() {
  clearTimeout(timer);
  const wait = window.spiralDashShell.touchedAt + GRACE - Date.now();
  if (wait > 0) {
    timer = setTimeout(followConfig, wait);
    return;
  }
  const shown = window.spiralDashShell.config;
  if (!shown || !config || same(shown, config)) return;
  const waits = !element(IDS.RESTART_DIALOG).hidden;
  window.dash_clientside.set_props(IDS.SEEN, { data: { waits, at: Date.now() } });
}

/** Whether two configurations are equal, whatever the order of their fields. */
function same(one, other) {
  if (typeof one !== "object" || one === null || other === null) return one === other;
  const names = Object.keys(one);
  return names.length === Object.keys(other).length && names.every((name) => same(one[name], other[name]));
}

function followSpeed(detail) {
  if (Date.now() - window.spiralDashShell.touchedAt < GRACE) return;
  const select = /** @type {HTMLSelectElement} */ (element(IDS.SPEED));
  const speed = detail.speed === null ? FULL_SPEED : String(detail.speed);
  const offered = [...select.options].some(({ value }) => value === speed);
  if (offered && select.value !== speed) window.dash_clientside.set_props(IDS.SPEED, { value: speed });
}

function show({ detail }) {
  const root = document.documentElement;
  if (root.dataset.runState !== detail.state) {
    root.dataset.runState = detail.state;
    const over = detail.state === "diverged";
    for (const id of [IDS.PLAY, IDS.STEP]) element(id).disabled = over;
  }
  if (detail.notice && detail.notice !== notice) tell("danger", detail.notice);
  notice = detail.notice;
  showGeometry(detail);
  if (detail.config !== config) {
    config = detail.config;
    followConfig();
  }
  followSpeed(detail);
}

export function startStatus() {
  const touch = () => {
    window.spiralDashShell.touchedAt = Date.now();
    followConfig();
  };
  for (const kind of ["input", "change", "keydown", "pointerdown"]) {
    for (const id of [IDS.DIALS, IDS.SPEED, IDS.RESTART_DIALOG]) element(id).addEventListener(kind, touch);
  }
  window.addEventListener("spiral-dash:status", show);
}
