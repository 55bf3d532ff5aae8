/** Speeds, as an address and a frame write them: `20`, `2batches` or `full`. */

/** @typedef {import("../stream/messages.d.ts").PageCommand} PageCommand */

export const FULL_SPEED = "full";
const BATCHES = /batch(es)?$/;

/** @param {string} text @returns {PageCommand} */
export function speedCommand(text) {
  const number = text === FULL_SPEED ? null : Number.parseFloat(text);
  return { do: "speed", [BATCHES.test(text) ? "steps_per_second" : "epochs_per_second"]: number };
}

/** @param {string} text */
export function speedName(text) {
  const unit = BATCHES.test(text) ? "batches" : "epochs";
  return `${Number.parseFloat(text)} ${unit}/s`;
}

/**
 * Epochs that are done in so many milliseconds, null for as many as it goes.
 * @param {string} text
 * @param {number} milliseconds
 */
export function epochsIn(text, milliseconds) {
  if (text === FULL_SPEED) return null;
  return BATCHES.test(text) ? 0 : (Number.parseFloat(text) * milliseconds) / 1000;
}
