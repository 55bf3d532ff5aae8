/** The buttons of the transport: play, step, reset, new seed, branch and speed. */
import { page } from "../page/page.mjs";
import { speedCommand, speedName } from "../run/speed.mjs";
import { isMoving } from "../stream/state.mjs";
import { element, IDS } from "./ids.mjs";

/** @typedef {import("../stream/messages.d.ts").PageCommand} PageCommand */

const SEEDS = 1_000_000;
/** How long a frame may still say the former speed, in milliseconds. */
const GRACE = 1000;

let spedAt = -Infinity;

/** @param {PageCommand} command */
const ask = (command) => page.run.command(command);

const moves = () => Boolean(page.run.state.status && isMoving(page.run.state.status));
const speedSelect = () => /** @type {HTMLSelectElement} */ (element(IDS.SPEED));

/** Start again with another seed: the data, the weights and the batches are others. */
function newSeed() {
  const { config } = page.run;
  if (!config) return;
  ask({ do: "configure", config: { ...config.config, seed: Math.floor(SEEDS * Math.random()) } });
}

function branch() {
  const epoch = page.run.state.status?.seeking ?? null;
  if (epoch !== null) ask({ do: "branch", epoch });
}

/** @param {string} speed as an address writes it */
function setSpeed(speed) {
  spedAt = performance.now();
  show(speed);
  ask(speedCommand(speed));
}

/** @param {string} speed */
function show(speed) {
  const select = speedSelect();
  const known = [...select.options].some(({ value }) => value === speed);
  if (!known) select.add(new Option(speedName(speed), speed));
  if (select.value !== speed) select.value = speed;
  page.speed = speed === select.dataset.usual ? "" : speed;
  page.address.show();
}

/** @param {CustomEvent<import("../stream/state.mjs").Status>} event */
function follow({ detail }) {
  if (performance.now() - spedAt >= GRACE && detail.speed !== speedSelect().value) show(detail.speed);
}

export function startTransport() {
  /** @type {[string, () => unknown][]} */
  const buttons = [
    [IDS.PLAY, () => ask({ do: moves() ? "pause" : "play" })],
    [IDS.STEP, () => ask({ do: "step" })],
    [IDS.STEP_BATCH, () => ask({ do: "step", unit: "batch" })],
    [IDS.RESET, () => ask({ do: "reset" })],
    [IDS.NEW_SEED, newSeed],
    [IDS.BRANCH, branch],
  ];
  for (const [id, act] of buttons) element(id).addEventListener("click", act);
  speedSelect().value = speedSelect().dataset.usual ?? "";
  speedSelect().addEventListener("change", () => setSpeed(speedSelect().value));
  window.addEventListener("spiral-dash:speed", ({ detail }) => setSpeed(detail.speed || String(speedSelect().dataset.usual)));
  window.addEventListener("spiral-dash:status", follow);
}
