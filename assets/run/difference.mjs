/** What differs between two runs, as an address writes it. */

/**
 * @typedef {Pick<import("../stream/messages.d.ts").ConfigEvent, "fields"|"query">} Told of a run
 * @typedef {{path: string, one: string|null|undefined, other: string|null}} Difference a setting, such as
 *   `network.activation`, its text in the first run and in the second; undefined where the first has none
 */

/**
 * What has to be changed of `one` to get `other`.
 * @param {Told} one
 * @param {Told} other
 * @returns {Difference[]}
 */
export function differences(one, other) {
  return Object.entries(other.fields)
    .filter(([path, text]) => text !== one.fields[path])
    .map(([path, text]) => ({ path, one: one.fields[path], other: text }));
}

/** @param {string} text */
const written = (text) => encodeURIComponent(text).replaceAll("%2C", ",").replaceAll("%3B", ";").replaceAll("%3A", ":").replaceAll("%3D", "=");

/**
 * The second run's part of an address.
 * @param {Told} one
 * @param {Told} other
 */
export function versus(one, other) {
  const fields = differences(one, other);
  if (fields.length === 0) return "vs=same";
  const parts = fields.map(({ path, other: text }) => `vs.${path}=${written(text ?? "")}`);
  const rows = other.query.split("&").find((field) => field.startsWith("data.rows="));
  if (rows && fields.some(({ path }) => path === "data.digest")) parts.push(`vs.${rows}`);
  return parts.join("&");
}
