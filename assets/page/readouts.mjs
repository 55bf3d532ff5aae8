/** The transport's numbers, written as text into the elements that hold them. */
import { ROOM_LEAST, short } from "../plot/short.mjs";
import { IDS } from "../shell/ids.mjs";

const WHOLE = new Intl.NumberFormat("en-GB", { maximumFractionDigits: 0 });
const RATE = new Intl.NumberFormat("en-GB", { maximumSignificantDigits: 3 });
const PERCENT = new Intl.NumberFormat("en-GB", { style: "percent", minimumFractionDigits: 1, maximumFractionDigits: 1 });
/** A loss from which on its digits have no room. */
const LARGE = 1e5;
const NOTHING = "–";

/** @param {number} value */
const rate = (value) => (value >= 100 ? WHOLE : RATE).format(value);

/** @param {number|null} value in nats */
export function loss(value) {
  if (value === null || value === undefined) return NOTHING;
  if (value >= LARGE) return short(value, ROOM_LEAST);
  return value !== 0 && value < 1e-3 ? value.toExponential(1) : value.toFixed(value < 10 ? 4 : 1);
}

/** @param {number|null} value from 0 to 1 */
export function percent(value) {
  return value === null || value === undefined ? NOTHING : PERCENT.format(value);
}

/** @param {number} value */
export function whole(value) {
  return WHOLE.format(value);
}

/** @type {Record<string, (status: import("../stream/state.mjs").Status) => string>} */
const READOUTS = {
  [IDS.EPOCH]: ({ shown_epoch }) => whole(shown_epoch),
  [IDS.EPOCHS_PER_SECOND]: ({ state, epochs_per_second }) => (state === "playing" ? rate(epochs_per_second) : NOTHING),
  [IDS.TRAIN_LOSS]: ({ metrics }) => loss(metrics.train_loss),
  [IDS.TEST_LOSS]: ({ metrics }) => loss(metrics.test_loss),
  [IDS.TRAIN_ACCURACY]: ({ metrics }) => percent(metrics.train_accuracy),
  [IDS.TEST_ACCURACY]: ({ metrics }) => percent(metrics.test_accuracy),
  [IDS.STATE]: ({ state, seeking, reach }) => {
    if (seeking !== null) return `${state === "replaying" ? state : "showing"} epoch ${whole(seeking)}`;
    return reach === null ? state : `training to epoch ${whole(reach)}`;
  },
};

/** @param {import("../stream/state.mjs").Status} status */
export function writeReadouts(status) {
  for (const [id, text] of Object.entries(READOUTS)) {
    const element = document.getElementById(id);
    const next = text(status);
    if (element && element.textContent !== next) element.textContent = next;
  }
}
