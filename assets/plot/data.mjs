/**
 * What the data are called in words: classes, features, the axes of the plane, the points' units.
 *
 * Names come from outside. Functions return them as they are to be read; what goes into a text that
 * Plotly reads as markup passes through `plain`.
 */

/** @typedef {import("../stream/messages.d.ts").DataText} Data what the session says of its data */

/** Letters of a name where there is little room. */
const SHORT = 14;
/** So many classes have a colour of their own. */
const COLOURS = 10;

const WHOLE = new Intl.NumberFormat("en-GB");

/**
 * A text that Plotly shows as it is: no markup, no value put in its place.
 * @param {string} text
 */
export const plain = (text) => text.replace(/[&<>%]/g, (letter) => `&#${letter.charCodeAt(0)};`);

/**
 * The beginning of a text, with an ellipsis where it is longer.
 * @param {string} text
 * @param {number} [most] letters
 */
export function cut(text, most = SHORT) {
  const letters = [...text];
  return letters.length > most ? `${letters.slice(0, most - 1).join("")}…` : text;
}

/** @param {string} name */
const isNumber = (name) => /^\d+$/.test(name);

/**
 * What a class is called in a sentence: "class 3", "setosa".
 * @param {Data} data
 * @param {number} label
 */
export function classCalled({ class_names: names }, label) {
  const name = names?.[label] ?? String(label);
  return isNumber(name) ? `class ${name}` : name;
}

/**
 * Its name alone, cut, for the end of a curve.
 * @param {Data} values
 * @param {number} label
 */
export const classMark = ({ class_names: names }, label, most = SHORT) => cut(names?.[label] ?? String(label), most);

/**
 * What a legend calls a class; "class" stands above a legend of many numbers.
 * @param {Data} data
 * @param {number} label
 */
export function classEntry(data, label) {
  const most = classLegend(data).margin ? ASIDE.most : 18;
  return plain(cut(data.classes > 3 ? (data.class_names?.[label] ?? String(label)) : classCalled(data, label), most));
}

/** Letters in a row of a legend that is more than three rows high. */
const LEGEND_LETTERS = 130;
/** Letters of a name beside the plot, and CSS pixels of a letter and of what goes before it. */
const ASIDE = { most: 10, letter: 6.5, mark: 46 };

/**
 * The legend of the classes, as a part of a Plotly layout: above the plot, or beside it where there
 * are too many for that.
 * @param {Data} data
 */
export function classLegend(data) {
  const entries = Array.from({ length: data.classes }, (_, label) => [...cut(data.class_names?.[label] ?? "", 18)].length);
  const letters = entries.reduce((sum, count) => sum + count + 8, 0);
  const title = { text: data.classes > 3 ? "class" : "", side: "left" };
  if (letters <= LEGEND_LETTERS) return { legend: { title } };
  const right = Math.round(ASIDE.mark + ASIDE.letter * Math.min(ASIDE.most, Math.max(...entries)));
  const place = { orientation: "v", x: 1.01, xanchor: "left", y: 1, yanchor: "top" };
  return { legend: { title: { ...title, side: "top" }, ...place }, margin: { r: right } };
}

/**
 * The choices of a class, each with its whole name as a title.
 * @param {Data} data
 */
export const classChoices = (data) =>
  Array.from({ length: data.classes }, (_, label) => {
    const called = classCalled(data, label);
    return { label: cut(called, 40), value: String(label), title: called };
  });

/**
 * Small figures below the line for the names that features have where nobody named them.
 * @param {string} name
 */
const lowered = (name) => name.replace(/^x(\d+)$/, (_, digits) => `x${[...digits].map((digit) => "₀₁₂₃₄₅₆₇₈₉"[Number(digit)]).join("")}`);

/**
 * @param {Data} data
 * @param {number} index
 */
export const featureName = ({ feature_names: names }, index) => lowered(names?.[index] ?? `x${index + 1}`);

/** How the input features of a plane's points are written. @type {Record<string, string>} */
const FEATURES = { x1: "x₁", x2: "x₂", "x1^2": "x₁²", "x2^2": "x₂²", x1x2: "x₁x₂", sin_x1: "sin x₁", sin_x2: "sin x₂" };

/**
 * What the network gets as one of its inputs: a number of the point, or a feature made of them.
 * @param {Data} data
 * @param {{features: string[]}} network
 * @param {number} index
 */
export function inputName(data, { features }, index) {
  if (data.dimension !== 2) return featureName(data, index);
  const axis = ["x1", "x2"].indexOf(features[index]);
  return axis < 0 ? FEATURES[features[index]] : featureName(data, axis);
}

/**
 * Whether the picture's plane is that of largest variance, and not the data's own.
 * @param {Data} values
 */
const isApproximate = ({ explained }) => explained !== null && explained !== undefined;

/** @param {Data} values */
const isNamed = ({ feature_names: names, dimension }) => dimension <= 2 && names.some((name, index) => name !== `x${index + 1}`);

/**
 * What a length in the plane is measured in.
 * @param {Data} data
 */
export const unitOf = (data) => (isApproximate(data) || isNamed(data) ? "units of the data" : "plane units");

/**
 * A share of the variance, for a sentence.
 * @param {number} share
 */
const percent = (share) => `${Math.round(100 * share)} %`;

/**
 * What the two coordinates of the plane are called in a sentence.
 * @param {Data} data
 */
export function planeNames(data) {
  if (isApproximate(data)) return ["PC 1", "PC 2"];
  if (data.dimension > 2) return ["x₁", "x₂"];
  return [cut(featureName(data, 0)), data.dimension === 1 ? "–" : cut(featureName(data, 1))];
}

/**
 * Titles of the axes of the plane.
 * @param {Data} data
 */
export function planeTitles(data) {
  if (isApproximate(data)) {
    return ["direction of largest variance", `second largest (both: ${percent(data.explained ?? 1)})`];
  }
  if (data.dimension > 2) return ["x₁ (plane units)", "x₂ (plane units)"];
  if (data.dimension === 1) return [cut(featureName(data, 0), 40), "(the data have one number a point)"];
  const unit = isNamed(data) ? "" : " (plane units)";
  return [0, 1].map((axis) => cut(featureName(data, axis), 40) + unit);
}

/**
 * What a picture of the plane leaves out, "" where the data lie in it.
 * @param {Data} data
 */
export function sliceNote(data) {
  if (data.dimension <= 2) return "";
  const plane = isApproximate(data) ? `plane of largest variance (${percent(data.explained ?? 1)})` : "data plane";
  return `Slice through the ${plane}, in ${data.dimension} dimensions.`;
}

/**
 * The plane's part in a sentence: "on the data plane of 32 dimensions".
 * @param {Data} data
 */
export const onPlane = (data) => `on the ${isApproximate(data) ? "plane of largest variance" : "data plane"} of ${data.dimension} dimensions`;

/**
 * Where a point lies, as a hover label shows it.
 * @param {Data} data
 */
export const placeHover = (data, digits = 3) => {
  const [first, second] = planeNames(data).map(plain);
  return data.dimension === 1 ? `${first} %{x:.${digits}~f}` : `${first} %{x:.${digits}~f}, ${second} %{y:.${digits}~f}`;
};

/**
 * Symbol and unit of the coordinate along a class, "" where there is none.
 * @param {Data} values
 */
export function coordinateTitle({ coordinate }) {
  if (!coordinate) return "";
  return coordinate.unit ? `${coordinate.symbol} (${coordinate.unit})` : coordinate.symbol;
}

/**
 * The coordinate in a hover label, "" where there is none.
 * @param {Data} data
 * @param {string} from the variable that holds it
 * @param {string} [before] what goes before it
 */
export function coordinateHover({ coordinate }, from, before = "<br>") {
  if (!coordinate) return "";
  return `${before}${plain(coordinate.symbol)} %{${from}:.2f}${coordinate.unit ? ` ${plain(coordinate.unit)}` : ""}`;
}

/**
 * The points that measurements of the test set are taken of: the training set where none are held out.
 * @param {Data} values
 */
export const testWord = ({ has_test: hasTest }) => (hasTest === false ? "training" : "test");

/**
 * The same as a heading.
 * @param {Data} data
 */
export const testTitle = (data) => (data.has_test === false ? "training set (no test points)" : "test");

/**
 * Sentences on what a panel shows less of, or otherwise, than one may think.
 * @param {Data} data
 * @param {Set<string>} shows "classes", "train", "test"; "all test" where none of it is left out
 */
export function remarksOn(data, shows) {
  const sentences = [];
  if (shows.has("classes") && data.classes > COLOURS) sentences.push(`${data.classes} classes: colours repeat after ten.`);
  const none = data.has_test === false;
  if ((shows.has("test") || shows.has("all test")) && none) sentences.push("Of the training set: there are no test points.");
  const parts = ["train", "test"].filter((part, index) => shows.has(part) && !(index === 1 && none));
  for (const part of parts) {
    const index = part === "train" ? 0 : 1;
    const all = (data.counts ?? []).reduce((sum, counts) => sum + counts[index], 0);
    const sent = data.shown?.[index] ?? all;
    if (sent < all) sentences.push(`A sample of ${WHOLE.format(sent)} of ${WHOLE.format(all)} ${part === "train" ? "training" : "test"} points.`);
  }
  return sentences.join(" ");
}

/**
 * 1, 2, 3 or 5 times a power of ten, not above the value.
 * @param {number} value
 */
function roundDown(value) {
  const roomy = value * (1 + 1e-9);
  const power = 10 ** Math.floor(Math.log10(roomy));
  const step = [5, 3, 2].find((each) => each * power <= roomy) ?? 1;
  return Number((step * power).toPrecision(3));
}

/** Of the window's half side: up to 2 on the usual spiral, as in the thesis, and 0.3 among the digits' pixels. */
const REACH = 0.15;
const OTHERWISE = 2;

/**
 * How far points are moved at most, unless something else is asked for.
 * @param {{extent?: number}} data
 */
export const usualReach = ({ extent }) => (extent && extent > 0 ? roundDown(REACH * extent) : OTHERWISE);

/**
 * How far one point, or a few, are moved.
 * @param {{extent?: number}} data
 */
export const usualEpsilon = (data) => roundDown(usualReach(data) / 3);
