/** The measurements of robustness, asked for in the same words by every panel: each is taken once. */

import { numberOrText } from "../shell/typed.mjs";
import { isMoving } from "../stream/state.mjs";
/** @typedef {import("../page/panel.mjs").Options} Options */

/** @typedef {import("../stream/state.mjs").Status} Status */

/** Radii at which the proof decides every point, evenly spaced up to the largest. */
export const STEPS = 40;
/** Those at which attacks are tried; up to 2 they are the thesis': 0.1, 0.25, 0.5, 1, 1.5, 2. */
const TRIED = [2, 5, 10, 20, 30, 40];

/** @typedef {number|string} Reach a radius, or what was typed for one and is to be refused */

/**
 * What was typed, as a number where it is one, a comma for a decimal point; the measurement says what is wrong with the rest.
 * @template {Reach|null} Otherwise
 * @param {unknown} text
 * @param {Otherwise} otherwise where nothing was
 * @returns {Reach|Otherwise}
 */
export function typed(text, otherwise) {
  const written = String(text ?? "").trim();
  return written === "" ? otherwise : numberOrText(written);
}

/**
 * The largest radius that is looked at: none reaches further than the data are wide.
 * @param {unknown} text as typed
 * @param {number} otherwise where nothing was
 * @param {Pick<Status, "geometry">} status
 * @returns {{reach: number|string, isCapped: boolean}} the text itself where it is no number above 0
 */
export function reachOf(text, otherwise, { geometry: { extent = Infinity } }) {
  const reach = typed(text, otherwise);
  const widest = Number((2 * extent).toPrecision(3));
  const isCapped = Number(reach) > widest;
  return { reach: isCapped ? widest : reach, isCapped };
}

/**
 * Steps of the way from 0 to `reach`; what is no reach is handed on to be
 * refused: 0 alone would be a radius.
 * @param {Reach} reach
 * @param {number[]} steps
 */
const upTo = (reach, steps) => (Number(reach) > 0 ? steps.map((step) => (Number(reach) * step) / STEPS) : Number(reach) === 0 ? reach : [reach]);

/**
 * Every point decided at every step, in the data plane.
 * @param {string} norm
 * @param {Reach} reach
 */
export function proofPart(norm, reach) {
  const steps = Array.from({ length: STEPS }, (_, index) => index + 1);
  return { probe: "exact_robustness", options: { norm, epsilons: upTo(reach, steps) } };
}

/**
 * One enclosure of each ball of the whole space: sound in any dimension, and loose.
 * @param {string} norm
 * @param {Reach} reach
 */
export function boundPart(norm, reach) {
  const { probe, options } = proofPart(norm, reach);
  return { probe, options: { ...options, proof: "one-shot" } };
}

/**
 * @param {string} method noise, fgsm, bim or pgd; it is asked for what it uses alone
 * @param {string} norm
 * @param {Reach} reach
 * @param {Options} options
 */
export function attackPart(method, norm, reach, { iterations, alpha, restarts }) {
  /** @type {Options} */
  const options = { method, norm, epsilons: upTo(reach, TRIED) };
  if (method === "bim" || method === "pgd") Object.assign(options, { iterations: typed(iterations, 4), alpha: typed(alpha, null) });
  if (method === "pgd") options.restarts = typed(restarts, 10);
  return { probe: "attack", options };
}

/**
 * Read off the boundary as a grid shows it.
 * @param {string} norm
 * @param {Reach} reach
 */
export function estimatePart(norm, reach) {
  return { probe: "robustness_estimate", options: { norm, epsilon_max: reach, resolution: 100 } };
}

/** @param {string} norm */
export const separationPart = (norm) => ({ probe: "separation", options: { norm } });

/**
 * Whether the proof is taken now: `when` is "pause", "live" or "off".
 * @param {string} when
 * @param {Status} status
 */
export const provesNow = (when, status) => when === "live" || (when === "pause" && !isMoving(status));
