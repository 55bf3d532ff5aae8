/** The page of an experiment: starts and cancels runs, and shows the answer as it grows. */

/** Milliseconds until a server that did not answer is asked again. */
const AGAIN_MS = 2000;

/**
 * @typedef {object} Progress
 * @property {string} [state]
 * @property {number} [done]
 * @property {number} [total]
 * @property {number} [diverged]
 * @property {number} [failed]
 * @property {number | null} [seconds_left]
 */

/** So many times as long as a drawing took, at most so many ms, the cores are left to the runs. */
const [PAUSE, PAUSE_MAX] = [3, 60_000];
const ROOT = new URL("../..", import.meta.url);

/** @typedef {{ running: boolean, progress: Progress, said: string }} State */

/** @param {HTMLFormElement} form */
function asked(form) {
  const values = new FormData(form);
  /** @type {Record<string, string | number>} */
  const body = {};
  for (const [name, value] of values) {
    const field = form.elements.namedItem(name);
    const isNumber = field instanceof HTMLInputElement && field.type === "number";
    body[name] = isNumber ? Number(value) : String(value);
  }
  const name = form.dataset.name;
  return name ? { ...body, name } : body;
}

/**
 * @param {string} path
 * @param {object} body
 * @returns {Promise<{ page?: string, error?: string }>}
 */
async function post(path, body) {
  try {
    const answer = await fetch(new URL(path, ROOT), { method: "POST", body: JSON.stringify(body) });
    return await answer.json();
  } catch {
    return { error: "The server does not answer. Is it running?" };
  }
}

/** @param {HTMLFormElement} form */
function serve(form) {
  const refusal = form.querySelector(".refusal");
  /** @param {string | undefined} error */
  const refuse = (error) => {
    if (!(refusal instanceof HTMLElement)) return;
    refusal.textContent = error ?? "";
    refusal.hidden = !error;
  };
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const { page, error } = await post("experiments/start", asked(form));
    refuse(error);
    const address = page && new URL(page, ROOT);
    if (address && address.pathname !== location.pathname) location.assign(address);
  });
  form.querySelector("#cancel")?.addEventListener("click", async () => {
    refuse((await post("experiments/cancel", {})).error);
  });
}

/** @param {number} seconds */
function inWords(seconds) {
  if (seconds < 90) return `${Math.round(seconds)} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  return `${(seconds / 3600).toFixed(1)} h`;
}

/** @param {State} state */
function sentence({ running, progress, said }) {
  if (said) return said;
  const { done = 0, total = 0, diverged = 0, failed = 0, seconds_left: left } = progress;
  if (!running) return "";
  if (progress.state !== "running") return "Starting…";
  const more = [
    diverged ? `${diverged} diverged` : "",
    failed ? `${failed} lack a measurement` : "",
    left ? `about ${inWords(left)} left` : "",
  ];
  return [`${done} of ${total} runs`, ...more.filter(Boolean)].join(", ");
}

/** @param {HTMLElement} place */
function watch(place) {
  const path = `experiments/${place.dataset.name}`;
  const answer = document.getElementById("answer");
  const cancel = document.getElementById("cancel");
  const bar = document.createElement("progress");
  const text = document.createElement("span");
  place.append(bar, text);
  let wanted = true;
  let drawing = false;

  async function draw() {
    if (drawing || !wanted || !answer) return;
    [drawing, wanted] = [true, false];
    const begun = performance.now();
    try {
      const told = await fetch(new URL(`${path}/answer`, ROOT));
      // A 500 says in words what is wrong; the next news asks again.
      if (!told.ok && told.status !== 500) throw new Error(String(told.status));
      const html = await told.text();
      const open = [...answer.querySelectorAll("details")].map((one) => one.open);
      const scatter = CSS.supports("selector(:popover-open)") ? answer.querySelector(":popover-open")?.id : "";
      answer.innerHTML = html || "<p class=note>There are no runs yet.</p>";
      answer.removeAttribute("aria-busy");
      answer.dispatchEvent(new Event("drawn"));
      answer.querySelectorAll("details").forEach((one, place) => (one.open = open[place] ?? false));
      if (scatter) document.getElementById(scatter)?.showPopover();
    } catch {
      // Asked for again with the next news, or a little later.
      wanted = true;
      await new Promise((later) => setTimeout(later, AGAIN_MS));
    } finally {
      const pause = Math.min(PAUSE * (performance.now() - begun), PAUSE_MAX);
      await new Promise((rested) => setTimeout(rested, pause));
      drawing = false;
    }
    await draw();
  }

  let done = -1;
  /** @param {State} state */
  function show(state) {
    const { progress, running } = state;
    bar.hidden = !running;
    bar.max = progress.total || 1;
    if (progress.state === "running") bar.value = progress.done ?? 0;
    else bar.removeAttribute("value");
    bar.setAttribute("aria-label", "Runs done");
    text.textContent = sentence(state);
    if (cancel) cancel.hidden = !running;
    const now = (progress.done ?? 0) + (running ? 0 : 0.5);
    wanted ||= now !== done;
    done = now;
    void draw();
  }
  void draw();
  void follow(show);
}

/**
 * The server answers when there is news, so nothing is asked in vain; a hidden page asks nothing.
 * @param {(state: State) => void} show
 */
async function follow(show) {
  let known = "";
  for (;;) {
    if (document.hidden) {
      await new Promise((seen) => document.addEventListener("visibilitychange", seen, { once: true }));
    }
    try {
      const told = await fetch(new URL(`experiments/state?known=${known}`, ROOT));
      const { version, state } = await told.json();
      if (version !== known) show(state);
      known = version;
    } catch {
      await new Promise((later) => setTimeout(later, AGAIN_MS));
    }
  }
}

/** @param {Element} link @returns {string} the address of the run that it opens */
const addressOf = (link) => link.getAttribute("href") ?? link.getAttribute("xlink:href") ?? "";

/**
 * While the button is pressed, a run that is clicked waits for another to be compared with.
 * @param {HTMLElement} answer
 * @param {HTMLElement} comparing
 */
function compare(answer, comparing) {
  const [button, said] = comparing.children;
  let first = "";
  const isOn = () => button.getAttribute("aria-pressed") === "true";
  /** @param {boolean} on @param {string} chosen */
  const turn = (on, chosen) => {
    first = chosen;
    button.setAttribute("aria-pressed", String(on));
    said.textContent = !on ? "" : first ? `First: ${named(first)}. Now choose the second.` : "Choose the first: a point of a figure, or a seed in a table.";
  };
  button.addEventListener("click", () => turn(!isOn(), ""));
  answer.addEventListener("drawn", () => (comparing.hidden = answer.querySelectorAll("a").length < 2));
  answer.addEventListener("click", (event) => {
    const link = event.target instanceof Element ? event.target.closest("a") : null;
    const address = link ? addressOf(link) : "";
    if (!isOn() || !address.includes("?")) return;
    event.preventDefault();
    if (!first) return turn(true, address);
    const [one, other] = [first, address].map((each) => each.slice(each.indexOf("?") + 1));
    turn(false, "");
    location.assign(new URL(`experiments/compare?${new URLSearchParams({ one, other })}`, ROOT));
  });
}

/** @param {string} address what an address says, to be read */
const named = (address) => [...new URLSearchParams(address.slice(address.indexOf("?") + 1))].map(([name, value]) => `${name.slice(name.lastIndexOf(".") + 1).replaceAll("_", " ")} ${value}`).join(", ");

for (const form of document.querySelectorAll("form")) serve(form);
const [answer, comparing] = ["answer", "comparing"].map((id) => document.getElementById(id));
if (answer && comparing) compare(answer, comparing);
const place = document.getElementById("state");
if (place) watch(place);
