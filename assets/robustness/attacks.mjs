/** The attacks, as the session lists them, and how what they find looks. */
import { ATTACKS as NAMES } from "../page/choices.mjs";

/** @type {Record<string, {name: string, symbol: string, dash: string, series: number}>} */
export const ATTACKS = {
  noise: { name: NAMES.noise, symbol: "square", dash: "dash", series: 3 },
  fgsm: { name: NAMES.fgsm, symbol: "circle", dash: "solid", series: 1 },
  bim: { name: NAMES.bim, symbol: "diamond", dash: "dash", series: 2 },
  pgd: { name: NAMES.pgd, symbol: "triangle-up", dash: "dashdot", series: 0 },
};

export const METHODS = Object.keys(ATTACKS);
