/** The download menu of every card: what the panel shows as numbers, or as a picture. */
import { csv } from "./csv.mjs";
import { save } from "./files.mjs";
import { drawSvg, pngOf } from "./picture.mjs";
import { around, dispatch, inside } from "../shell/elements.mjs";

/** @typedef {import("./panel.mjs").Panel & {view: View}} Shown a panel that has something to show */

/**
 * @typedef {import("./panel.mjs").Asked} Asked
 * @typedef {import("./panel.mjs").Panel} Panel
 * @typedef {import("./panel.mjs").View} View
 */

/** @type {Record<string, (panel: Shown) => Promise<Blob>>} */
const MAKERS = {
  csv: async (panel) => new Blob([table(panel)], { type: "text/csv" }),
  svg: async (panel) => new Blob([(await picture(panel)).text], { type: "image/svg+xml" }),
  png: async (panel) => pngOf(await picture(panel)),
};

/** @param {(name: string) => import("./panel.mjs").Panel|undefined} find the panel of a name */
export function startDownloads(find) {
  document.addEventListener("click", (event) => {
    const button = around(event, "[data-download]");
    const card = around(event, "[data-panel]");
    if (!button || !card) return;
    const menu = button.closest("details");
    if (menu) menu.open = false;
    download(find(card.dataset.panel), button.dataset.download);
  });
}

/** @param {Panel|undefined} panel @param {string} format */
async function download(panel, format) {
  try {
    if (!panel?.view) throw new Error("The panel has nothing to show yet.");
    save(await MAKERS[format](/** @type {Shown} */ (panel)), `spiral-${panel.name}-${panel.view.status.shown_epoch}.${format}`);
  } catch (error) {
    const text = `The ${format.toUpperCase()} file could not be made. ${/** @type {Error} */ (error).message}`;
    dispatch("notice", { level: "danger", text });
  }
}

/** A panel as a PNG; an error says why there is none. @param {Panel} panel */
export function pictureOf(panel) {
  if (!panel.view) throw new Error("The panel has nothing to show yet.");
  return MAKERS.png(/** @type {Shown} */ (panel));
}

/** @param {Panel} panel */
const titleOf = ({ card }) => inside(/** @type {HTMLElement} */ (card.closest("[data-panel]")), ".panel-title").textContent;

/** The panel, and where two runs are compared, that of the second. @param {Shown} panel */
const pairOf = (panel) => /** @type {Shown[]} */ ([panel, panel.mirror].filter((each) => each?.view));

/** What the file says of the run, of two their letter. @type {{run: string, prefix: string, said: string}[]} */
const CALLED = [
  { run: "run", prefix: "", said: "" },
  { run: "run_b", prefix: "b.", said: " of run B" },
];

/** @param {Shown} panel */
function table(panel) {
  const { view } = panel;
  const pair = pairOf(panel);
  const heading = [
    `Spiral Dash: ${titleOf(panel)}, epoch ${view.status.shown_epoch}`,
    ...pair.map((each, index) => `configuration${CALLED[index].said}: ${JSON.stringify(each.view.status.config)}`),
    `options of the panel: ${JSON.stringify(view.options)}`,
    `classes: ${JSON.stringify(view.geometry.class_names)}`,
    ...(panel.painter.remark ? [panel.painter.remark] : []),
  ];
  return csv(heading, pair.flatMap((each, index) => [...blocksOf(panel, each.view, index)]));
}

/**
 * Every array that the panel draws, by the name of its measurement.
 * @param {Panel} panel
 * @param {View} view
 * @param {number} index of the run
 */
function* blocksOf(panel, view, index) {
  const { run, prefix } = CALLED[index];
  const { dataset } = /** @type {HTMLElement} */ (panel.card.closest("[data-shares]"));
  const [shares, byClass] = [dataset.shares, dataset.byClass].map((text) => JSON.parse(text ?? "{}"));
  for (const [part, arrays] of Object.entries(view.parts)) {
    const asked = view.asked[part];
    const epoch = view.measuredAt[part];
    for (const [name, tensor] of Object.entries(arrays ?? {})) {
      const isShare = shares[asked.probe]?.includes(name) ?? false;
      const columns = byClass[asked.probe]?.includes(name) ? view.geometry.class_names : undefined;
      yield { name: `${prefix}${part}.${name}`, tensor, isShare, columns, source: `${run}.${callOf(asked, epoch)}["${name}"]` };
    }
  }
  if (!panel.painter.showsPoints) return;
  for (const [name, tensor] of Object.entries(view.points)) {
    if (tensor) yield { name: `${prefix}points.${name}`, tensor, isShare: false, source: "data" };
  }
}

/**
 * What gives the same arrays in Python.
 * @param {Asked} asked
 * @param {number} epoch
 */
function callOf({ probe, options, over_time }, epoch) {
  const given = Object.entries(over_time ? options : { epoch, ...options });
  const list = given.map(([name, value]) => `, ${name}=${inPython(value)}`).join("");
  return `${over_time ? "over_time" : "measure"}("${probe}"${list})`;
}

/** @param {unknown} value @returns {string} */
function inPython(value) {
  if (Array.isArray(value)) return `[${value.map(inPython).join(", ")}]`;
  if (typeof value === "boolean") return value ? "True" : "False";
  return value === null ? "None" : JSON.stringify(value);
}

/** @param {Shown} panel */
function picture(panel) {
  const pair = pairOf(panel);
  const graphs = pair.flatMap((each) => each.figures()).filter(({ place }) => place.width > 0 && place.height > 0);
  if (graphs.length === 0) throw new Error("Bring the panel's graphs into sight first.");
  const title = `${titleOf(panel)}, epoch ${panel.view.status.shown_epoch}${pair.length > 1 ? ", runs A and B" : ""}`;
  return drawSvg(graphs, title, panel.view.theme);
}
