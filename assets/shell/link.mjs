/** The dialog that makes a link for a class, and its QR picture. */
import { page } from "../page/page.mjs";
import { room } from "../room/opening.mjs";
import { all, around, inside } from "./elements.mjs";
import { element, IDS } from "./ids.mjs";
import { post } from "./server.mjs";

/** The QR picture follows when nothing has been chosen for so long, in milliseconds. */
const PAUSE = 250;
const GROUPS = ["data", "network", "training"];
export const OWN_MACHINE = /^(localhost|127(\.\d+){3}|\[::1\])$/;
export const LOCAL = "This address is that of your own machine: others cannot reach it. Start the server with --host, and open the page under the machine's name.";
const NEEDS_FILE = "The points of this run are too many for a link: others need their file, too.";

/** What others may do with each dial, by its path. @type {Map<string, ""|"lock"|"hide">} */
const rights = new Map();
let timer = 0;
let asked = 0;

const said = () => element(IDS.LINK_SAID);
const field = () => /** @type {HTMLTextAreaElement} */ (element(IDS.LINK_TEXT));

/** The dials that are there, each with its path and its name. @returns {[string, string][]} */
function dials() {
  const shown = all(document, ".dial").filter((dial) => !dial.hidden);
  return shown.map((dial) => {
    const { group, name } = dial.dataset;
    return [group === "run" ? String(name) : `${group}.${name}`, inside(dial, ".dial-label").textContent ?? ""];
  });
}

/**
 * The names of the dials with a right, a whole group by its own name.
 * @param {string} right
 */
function namesWith(right) {
  const paths = [...rights.keys()];
  const names = paths.filter((path) => rights.get(path) === right);
  for (const group of GROUPS) {
    const within = paths.filter((path) => path.startsWith(`${group}.`));
    if (within.length > 0 && within.every((path) => names.includes(path))) names.splice(0, names.length, group, ...names.filter((path) => !within.includes(path)));
  }
  return names;
}

/** The address of this page, with these rights. */
function link() {
  const parts = page.address.search.replace(/^\?/, "").split("&").filter((part) => part && !/^(hide|lock)=/.test(part));
  for (const right of ["hide", "lock"]) {
    const names = namesWith(right);
    if (names.length > 0) parts.push(`${right}=${names.join(",")}`);
  }
  const { pathname } = room ? new URL(page.at("")) : location;
  return location.origin + pathname + (parts.length > 0 ? `?${parts.join("&")}` : "");
}

/** Why the link may not do for others, "" where it does. */
function warning() {
  const needsFile = page.run.config?.needs_file ? NEEDS_FILE : "";
  return [needsFile, OWN_MACHINE.test(location.hostname) ? LOCAL : ""].filter(Boolean).join(" ");
}

/**
 * A link as a QR picture, which the server draws.
 * @param {string} link
 */
export async function qrOf(link) {
  const svg = await (await post("link/qr", JSON.stringify({ link }))).text();
  const picture = new DOMParser().parseFromString(svg, "image/svg+xml").documentElement;
  picture.setAttribute("aria-hidden", "true");
  return document.adoptNode(picture);
}

/** @param {string} text */
async function draw(text) {
  const mine = ++asked;
  const place = element(IDS.LINK_QR);
  try {
    const picture = await qrOf(text);
    if (mine === asked) place.replaceChildren(picture);
  } catch (error) {
    if (mine !== asked) return;
    place.replaceChildren();
    said().textContent = /** @type {Error} */ (error).message;
  }
}

function show() {
  const text = link();
  field().value = text;
  said().textContent = warning();
  clearTimeout(timer);
  timer = setTimeout(() => draw(text), PAUSE);
}

/** @param {[string, string]} dial */
function row([path, name]) {
  const item = document.createElement("li");
  const label = document.createElement("label");
  const select = document.createElement("select");
  select.className = "form-select form-select-sm";
  select.dataset.path = path;
  select.append(new Option("free", ""), new Option("locked", "lock"), new Option("hidden", "hide"));
  select.value = rights.get(path) ?? "";
  label.append(Object.assign(document.createElement("span"), { textContent: name }), select);
  item.append(label);
  return item;
}

function open() {
  /** @type {HTMLDetailsElement} */ (element(IDS.RUN_MENU)).open = false;
  const present = dials();
  rights.clear();
  for (const [path] of present) rights.set(path, page.access.isHidden(path) ? "hide" : page.access.isLocked(path) ? "lock" : "");
  element(IDS.LINK_DIALS).replaceChildren(...present.map(row));
  show();
  /** @type {HTMLDialogElement} */ (element(IDS.LINK_DIALOG)).showModal();
}

/** @param {HTMLSelectElement} select @param {string} right */
function set(select, right) {
  select.value = right;
  rights.set(String(select.dataset.path), /** @type {""|"lock"|"hide"} */ (right));
}

async function copy() {
  try {
    await navigator.clipboard.writeText(field().value);
    said().textContent = "Copied.";
  } catch {
    field().select();
    said().textContent = "The browser does not let the page copy: the link is selected, copy it by hand.";
  }
}

export function startLink() {
  const dialog = /** @type {HTMLDialogElement} */ (element(IDS.LINK_DIALOG));
  element(IDS.LINK_OPEN).addEventListener("click", open);
  element(IDS.LINK_CLOSE).addEventListener("click", () => dialog.close());
  element(IDS.LINK_COPY).addEventListener("click", copy);
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) return dialog.close();
    const button = around(event, "[data-all]");
    if (!button) return;
    for (const select of dialog.querySelectorAll("select")) set(select, String(button.dataset.all));
    show();
  });
  element(IDS.LINK_DIALS).addEventListener("change", ({ target }) => {
    if (!(target instanceof HTMLSelectElement)) return;
    set(target, target.value);
    show();
  });
}
