/** Messages to the person: shown in a corner, read out, dismissed by hand or, if mild, by time. */
import { all, dispatch } from "./elements.mjs";
import { element, IDS } from "./ids.mjs";

const MILD_SECONDS = 7;
/** What asks for something stays longer. */
const ACTION_SECONDS = 20;
const MOST = 4;
/** @type {Record<string, string>} */
const LABELS = { info: "Note", warning: "Warning", danger: "Problem" };

/**
 * @typedef {{label: string, act: () => void}} Action what a person can do about it
 * @typedef {{level: string, text: string, topic?: string, action?: Action}} Notice of a topic, only the
 *   newest is shown
 */

/** @param {Notice} notice */
function show({ level, text, topic = "", action }) {
  const region = element(IDS.NOTICES);
  const kind = level in LABELS ? level : "info";
  for (const shown of all(region, ":scope > *")) if (shown.dataset.text === text) shown.remove();
  if (topic) forget(topic);
  while (region.children.length >= MOST) region.firstElementChild?.remove();
  const box = notice(kind, text, action);
  box.dataset.topic = topic;
  region.append(box);
}

/** @param {string} kind @param {string} text @param {Action} [action] */
function notice(kind, text, action) {
  const box = document.createElement("div");
  box.className = `notice notice-${kind}`;
  box.dataset.text = text;
  box.setAttribute("role", kind === "info" ? "status" : "alert");
  const words = document.createElement("p");
  const label = document.createElement("strong");
  label.textContent = `${LABELS[kind]}: `;
  words.append(label, text);
  const dismiss = document.createElement("button");
  dismiss.type = "button";
  dismiss.className = "btn btn-quiet btn-icon notice-dismiss";
  dismiss.setAttribute("aria-label", "Dismiss this message");
  dismiss.innerHTML = '<span class="icon icon-close" aria-hidden="true"></span>';
  dismiss.addEventListener("click", () => box.remove());
  box.append(words, ...(action ? [actor(action, box)] : []), dismiss);
  if (kind === "info") leaveByTime(box, action ? ACTION_SECONDS : MILD_SECONDS);
  return box;
}

/** @param {Action} action @param {HTMLElement} box */
function actor({ label, act }, box) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "btn btn-quiet btn-small";
  button.textContent = label;
  button.addEventListener("click", () => {
    box.remove();
    act();
  });
  return button;
}

/**
 * Go after a while, but not while it is being read with pointer or keyboard.
 * @param {HTMLElement} box
 * @param {number} seconds
 */
function leaveByTime(box, seconds) {
  let timer = 0;
  const start = () => (timer = setTimeout(() => box.remove(), 1000 * seconds));
  const stop = () => clearTimeout(timer);
  box.addEventListener("pointerenter", stop);
  box.addEventListener("pointerleave", start);
  box.addEventListener("focusin", stop);
  box.addEventListener("focusout", start);
  start();
}

/** @param {string} level @param {string} text */
export function tell(level, text) {
  dispatch("notice", { level, text });
}

/** @param {string} topic */
function forget(topic) {
  for (const shown of all(element(IDS.NOTICES), ":scope > *")) if (shown.dataset.topic === topic) shown.remove();
}

export function startNotices() {
  window.addEventListener("spiral-dash:notice", ({ detail }) => show(detail));
  // What could be taken back has been.
  window.addEventListener("spiral-dash:returned", () => forget("undo"));
  window.addEventListener("spiral-dash:settled", ({ detail }) => forget(detail.topic));
  const banner = element(IDS.CONNECTION);
  let timer = 0;
  window.addEventListener("spiral-dash:connection", ({ detail }) => {
    clearTimeout(timer);
    if (detail.connected) banner.hidden = true;
    else timer = setTimeout(() => (banner.hidden = false), 600);
  });
}
