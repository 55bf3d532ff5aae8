/**
 * Small operations on Plotly's figures, which are plain objects.
 *
 * @typedef {Record<string, any>} Plain
 */

/** @param {unknown} value @returns {value is Plain} */
const isPlain = (value) => value !== null && typeof value === "object" && !Array.isArray(value) && !ArrayBuffer.isView(value);

/**
 * A copy of the first object with the others laid over it, deeply; arrays are taken whole.
 * @param {Plain} first
 * @param {...Plain} others
 */
export function merged(first, ...others) {
  const result = { ...first };
  for (const other of others) {
    for (const [name, value] of Object.entries(other)) {
      if (value === undefined) continue;
      result[name] = isPlain(value) ? merged(isPlain(result[name]) ? result[name] : {}, value) : value;
    }
  }
  return result;
}

/** @param {Plain} values */
const listless = (values) => Object.fromEntries(Object.entries(values).filter(([, value]) => !isList(value)));
/** @param {unknown} value */
const isList = (value) => Array.isArray(value) || ArrayBuffer.isView(value);

/**
 * A trace without its data: its place in the legend, its name and its look stay.
 * @param {Plain} trace
 */
export function emptied(trace) {
  if (trace.marker?.coloraxis) return trace;
  const { x, y, z, text, customdata, marker, ...rest } = trace;
  // A picture without values would not hold its axes.
  if (z) return { type: "scatter", x: [null], y: [null], xaxis: rest.xaxis, yaxis: rest.yaxis, showlegend: false, hoverinfo: "skip" };
  return { ...rest, x: [null], y: [null], ...(marker && { marker: listless(marker) }) };
}

/**
 * Every so many-th index, so that at most `most` are left.
 * @param {number} count
 * @param {number} most
 */
export function thinned(count, most) {
  const step = Math.max(1, Math.ceil(count / most));
  return Array.from({ length: Math.ceil(count / step) }, (_, index) => index * step);
}

/**
 * A trace without points, whose colour bar stays while the others are empty.
 * @param {string} coloraxis
 */
export function barTrace(coloraxis) {
  const marker = { color: [0], coloraxis };
  return { type: "scatter", mode: "markers", x: [null], y: [null], marker, showlegend: false, hoverinfo: "skip" };
}
