/** The attacks, as the session lists them, and how what they find looks. */

/** @type {Record<string, {name: string, symbol: string, dash: string, series: number}>} */
export const ATTACKS = {
  noise: { name: "noise", symbol: "square", dash: "dash", series: 3 },
  fgsm: { name: "FGSM", symbol: "circle", dash: "solid", series: 1 },
  bim: { name: "BIM", symbol: "diamond", dash: "dash", series: 2 },
  pgd: { name: "PGD", symbol: "triangle-up", dash: "dashdot", series: 0 },
};

export const METHODS = Object.keys(ATTACKS);
