/** The dialog of a room: makes one, and then shows its link, who is there, and how to end it. */
import { page } from "../page/page.mjs";
import { element, IDS } from "../shell/ids.mjs";
import { LOCAL, OWN_MACHINE, qrOf } from "../shell/link.mjs";
import { make, write } from "../shell/making.mjs";
import { peopleSaid } from "./bar.mjs";
import { Lead } from "./lead.mjs";
import { askRoom } from "./line.mjs";
import { room } from "./opening.mjs";

/** @typedef {import("../lesson/lesson.mjs").Lesson} Lesson */

/** @type {Lead|null} */
let lead = null;

const dialog = () => /** @type {HTMLDialogElement} */ (element(IDS.ROOM_DIALOG));

/** @param {...HTMLElement} content */
function fill(...content) {
  const close = make("button", { type: "button", className: "btn btn-quiet btn-icon", title: "Close (Esc)", "aria-label": "Close this dialog", onclick: () => dialog().close() }, make("span", { className: "icon icon-close", "aria-hidden": "true" }));
  const title = make("h2", {}, lead ? `Room ${lead.made.name}` : "Room for a class");
  dialog().replaceChildren(make("div", { className: "gallery-header" }, title, close), ...content);
}

/** @param {string} text @param {HTMLInputElement} field @param {string} [about] */
function labelled(text, field, about = "") {
  return make("div", { className: "room-field" }, make("label", { htmlFor: field.id }, text), field, ...(about ? [make("p", { className: "gallery-purpose" }, about)] : []));
}

/** Who makes a room says what it is called. */
function drawForm() {
  const name = make("input", { type: "text", id: "room-name", className: "form-control", maxLength: 60, autocomplete: "off", required: true });
  const password = make("input", { type: "text", id: "room-secret", className: "form-control", maxLength: 100, autocomplete: "off" });
  const end = make("input", { type: "datetime-local", id: "room-end", className: "form-control" });
  const said = make("p", { className: "room-refusal", role: "alert" });
  const submit = make("button", { type: "submit", className: "btn btn-accent" }, "Make the room");
  const form = make(
    "form",
    { className: "room-form", noValidate: true },
    labelled("Name", name, "It is part of the link: letters, digits and hyphens, such as physics-2b."),
    labelled("Password (may be empty)", password),
    labelled("Ends (may be empty)", end, "Without an end, the room is over when you close it, or have been away for a day."),
    said,
    submit,
  );
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    submit.disabled = true;
    said.textContent = "";
    try {
      const ends_at = end.value ? new Date(end.value).getTime() / 1000 : null;
      const made = await askRoom(page.runs.base, "make", { name: name.value, password: password.value, ends_at });
      lead = new Lead(made, follower);
      drawMade(lead);
    } catch (error) {
      said.textContent = /** @type {Error} */ (error).message;
      name.focus();
    }
    submit.disabled = false;
  });
  const again = Lead.rooms().map((each) => make("button", { type: "button", className: "btn btn-quiet", title: "Everyone there sees the run that you presented", onclick: () => Lead.again(each) }, `Present again in ${each.name}`));
  const rooms = again.length > 0 ? [make("div", { className: "room-again" }, ...again)] : [];
  fill(...rooms, make("p", { className: "gallery-purpose" }, "Everyone who opens the room's link sees this run live and follows what you show: panels, epochs, a second run, the steps of a lesson. They can change nothing of it."), form);
  name.focus();
}

/** @param {Lead} leading */
function drawMade(leading) {
  const { link, made } = leading;
  const field = make("textarea", { readOnly: true, rows: 2, id: "room-link", className: "form-control link-text", value: link });
  const said = make("p", { className: "gallery-purpose", role: "status" }, OWN_MACHINE.test(location.hostname) ? LOCAL : "");
  const copy = make("button", { type: "button", className: "btn btn-accent" }, "Copy");
  copy.addEventListener("click", async () => {
    field.select();
    said.textContent = await navigator.clipboard.writeText(link).then(
      () => "Copied.",
      () => "The browser does not let the page copy: the link is selected, copy it by hand.",
    );
  });
  const picture = make("div", { className: "link-qr", role: "img", "aria-label": "The link as a QR picture" });
  qrOf(link).then(
    (svg) => picture.replaceChildren(svg),
    (error) => (said.textContent = error.message),
  );
  const end = made.ends_at ? `It ends by itself on ${new Date(made.ends_at * 1000).toLocaleString()}.` : "It is over when you close it, or have been away for a day.";
  fill(
    make("div", { className: "link-parts" }, make("div", { className: "link-words" }, make("label", { htmlFor: field.id, className: "data-label" }, "The link"), field, copy, said), picture),
    make("section", { id: "room-here", "aria-label": "People" }),
    make("p", { className: "gallery-purpose" }, end),
    make("button", { type: "button", className: "btn btn-quiet", onclick: () => leading.close() }, "Close the room for everyone"),
  );
  drawPeople(leading);
}

/** The rows of the people who are here, by their id. @type {Map<string, ReturnType<typeof makeRow>>} */
const rows = new Map();

/** @param {Lead} leading @param {string} id */
function makeRow(leading, id) {
  const name = make("span", {});
  const choices = make("span", { className: "room-choices" });
  const hand = make("button", { type: "button", className: "btn btn-quiet btn-small" }, "Hand on");
  const rest = () => choices.replaceChildren(hand);
  hand.addEventListener("click", () => {
    const yes = make("button", { type: "button", className: "btn btn-accent btn-small", title: "Who gets it presents from then on, in a copy of this run" }, "Hand it on");
    const no = make("button", { type: "button", className: "btn btn-quiet btn-small" }, "Keep it");
    yes.addEventListener("click", () => {
      leading.handOn(id);
      rest();
    });
    no.addEventListener("click", () => {
      rest();
      hand.focus();
    });
    choices.replaceChildren(make("span", {}, `Hand the room to ${name.textContent}?`), yes, no);
    no.focus();
  });
  rest();
  return { item: make("li", {}, name, choices), name, hand };
}

/** @param {Lead} leading */
function drawPeople(leading) {
  const here = document.getElementById("room-here");
  if (!here) return;
  if (!here.firstChild) {
    rows.clear();
    here.replaceChildren(make("h3", {}), make("ul", { className: "room-people" }));
  }
  const people = leading.people?.people ?? [];
  const [title, list] = /** @type {HTMLElement[]} */ ([...here.children]);
  write(title, peopleSaid(people.length).replace(/^n/, "N"));
  for (const [id, { item }] of rows) {
    if (people.some((each) => each.id === id)) continue;
    item.remove();
    rows.delete(id);
  }
  people.forEach(({ id, name }, place) => {
    const row = rows.get(id) ?? makeRow(leading, id);
    rows.set(id, row);
    write(row.name, name);
    row.hand.setAttribute("aria-label", `Hand on to ${name}`);
    if (list.children[place] !== row.item) list.insertBefore(row.item, list.children[place] ?? null);
  });
}

function open() {
  /** @type {HTMLDetailsElement} */ (element(IDS.RUN_MENU)).open = false;
  if (lead) drawMade(lead);
  else drawForm();
  if (!dialog().open) dialog().showModal();
}

const follower = {
  open: () => open(),
  /** @param {Lead} leading */
  changed(leading) {
    if (dialog().open) drawPeople(leading);
  },
  over() {
    lead = null;
    dialog().close();
  },
};

/** @param {Lesson|null} lesson that the page shows */
export function startRooms(lesson) {
  page.lesson = lesson;
  element(IDS.ROOM_OPEN).addEventListener("click", open);
  dialog().addEventListener("click", (event) => event.target === dialog() && dialog().close());
  const kept = room ? null : Lead.kept();
  if (kept) lead = new Lead(kept, follower);
}
