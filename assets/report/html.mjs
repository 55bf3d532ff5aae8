/** A report as one HTML file without outside parts, which a browser prints on paper or as a PDF. */

/**
 * What a report holds; texts are plain, but for what a name with "Html" holds, which the server made.
 *
 * @typedef {object} Report
 * @property {string} title
 * @property {string} author "" where nobody is named
 * @property {Date} date
 * @property {string} link
 * @property {string[]} remarks what has to be said first, as of a run that diverged
 * @property {{names: string[], rows: [string, string[]][]}} figures a column for each run
 * @property {{names: string[], rows: [string, string[]][]}} settings
 * @property {{title: string, words: string, source: string}[]} pictures source is a data URL
 * @property {Asked[]} answers
 */

/**
 * @typedef {object} Asked
 * @property {string} step
 * @property {string} askHtml
 * @property {boolean} predicted
 * @property {string|null} chosenHtml the answer, where it was one to choose
 * @property {string} text the answer, where it was typed; "" where there is none
 * @property {string} rightHtml "" as long as it is not shown
 * @property {string} whyHtml
 * @property {string} verdict
 * @property {string} seen
 */

/** @type {Record<string, string>} */
const SIGNS = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

/** @param {unknown} text */
export const escaped = (text) => String(text).replace(/[&<>"']/g, (sign) => SIGNS[sign]);

const STYLE = `
:root { color-scheme: light; font-family: system-ui, sans-serif; line-height: 1.45; }
body { color: #17212b; margin: 2rem auto; max-width: 46rem; padding: 0 1rem; }
h1 { font-size: 1.5rem; margin-bottom: 0.25rem; }
h2 { border-bottom: 1px solid #c3cbd4; font-size: 1.125rem; margin-top: 2rem; }
.by { color: #4b5866; margin-top: 0; }
.remark { border-left: 4px solid #8a5a00; padding-left: 0.75rem; }
table { border-collapse: collapse; }
th, td { border-bottom: 1px solid #dde2e8; padding: 0.1875rem 1.5rem 0.1875rem 0; text-align: left; vertical-align: top; }
th { font-weight: 400; color: #4b5866; }
figure { break-inside: avoid; margin: 1rem 0; }
img { border: 1px solid #dde2e8; max-height: 26rem; max-width: 100%; }
figcaption { color: #4b5866; font-size: 0.875rem; }
ol { padding-left: 1.25rem; }
li { break-inside: avoid; margin-bottom: 1rem; }
li p { margin: 0.125rem 0; }
.own { white-space: pre-wrap; }
.link { overflow-wrap: anywhere; }
@media print { body { margin: 0; max-width: none; } h2 { break-after: avoid; } @page { margin: 18mm; } }
`;

/** @param {Report} report */
export function reportHtml(report) {
  const { title, author, date, remarks, figures, settings, pictures, answers, link } = report;
  const by = [author, date.toLocaleString("en-GB", { dateStyle: "long", timeStyle: "short" })].filter(Boolean).join(", ");
  const parts = [
    `<h1>${escaped(title)}</h1>`,
    `<p class="by">${escaped(by)}</p>`,
    ...remarks.map((text) => `<p class="remark">${escaped(text)}</p>`),
    answers.length > 0 ? `<h2>Questions and answers</h2><ol>${answers.map(drawAnswer).join("")}</ol>` : "",
    `<h2>Figures</h2>${drawTable(figures)}`,
    pictures.length > 0 ? `<h2>Pictures</h2>${pictures.map(drawPicture).join("")}` : "",
    `<h2>Settings</h2>${drawTable(settings)}`,
    `<h2>Link</h2><p class="link"><a href="${escaped(link)}">${escaped(link)}</a></p>`,
  ];
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title>
<style>${STYLE}</style>
</head>
<body>
${parts.filter(Boolean).join("\n")}
</body>
</html>
`;
}

/** @param {Report["figures"]} table */
function drawTable({ names, rows }) {
  const head = names.length > 1 ? `<tr><td></td>${names.map((name) => `<th scope="col">${escaped(name)}</th>`).join("")}</tr>` : "";
  const body = rows.map(([name, values]) => `<tr><th scope="row">${escaped(name)}</th>${values.map((value) => `<td>${escaped(value)}</td>`).join("")}</tr>`);
  return `<table>${head}${body.join("")}</table>`;
}

/** @param {Report["pictures"][number]} picture */
const drawPicture = ({ title, words, source }) =>
  `<figure><img src="${escaped(source)}" alt="${escaped(`${title}. ${words}`)}"><figcaption>${escaped(words || title)}</figcaption></figure>`;

/** @param {Asked} asked */
function drawAnswer({ step, askHtml, predicted, chosenHtml, text, rightHtml, whyHtml, verdict, seen }) {
  const own = chosenHtml ?? `<span class="own">${escaped(text)}</span>`;
  const given = chosenHtml === null && !text ? "<p>Not answered.</p>" : `<p>${predicted ? "Prediction" : "Answer"}: ${own}</p>`;
  const right = rightHtml ? `<p>What the answer is: ${rightHtml} ${escaped(verdict)}</p><p>${whyHtml}</p>` : "";
  return `<li><p><strong>${askHtml}</strong></p><p>${escaped(step)}</p>${given}${right}${seen ? `<p>Seen: ${escaped(seen)}</p>` : ""}</li>`;
}
