/** Text of a lesson. */
import { make } from "../shell/making.mjs";

/**
 * Text that the server has made of a lesson's Markdown: it holds no scripts and no HTML of the file.
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} kind
 * @param {string} className
 * @param {string} html
 */
export const written = (kind, className, html) => make(kind, { className, innerHTML: html });
