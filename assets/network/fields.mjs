/** What the sheet of a unit, a link or a layer is made of: fields with a button, and buttons. */
import { make } from "./elements.mjs";

/**
 * @typedef {object} Field
 * @property {HTMLFormElement} form
 * @property {HTMLInputElement[]} inputs
 */

/**
 * A line of labelled fields with one button, which the enter key presses.
 * @param {{label: string, value: string, mode: "decimal"|"numeric"}[]} fields
 * @param {string} button
 * @param {(values: string[]) => void} submit
 * @returns {Field}
 */
export function fieldLine(fields, button, submit) {
  const form = make("form", "network-set");
  const inputs = fields.map(({ label, value, mode }) => {
    const box = make("label", "", {}, label);
    const input = make("input", "form-control form-control-sm");
    Object.assign(input, { type: "text", inputMode: mode, autocomplete: "off", maxLength: 24, value });
    box.append(input);
    form.append(box);
    return input;
  });
  const press = make("button", "btn btn-quiet btn-small", {}, button);
  press.type = "submit";
  form.append(press);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    submit(inputs.map((input) => input.value));
  });
  return { form, inputs };
}

/** @param {() => void} act */
export function pressable(act) {
  const button = make("button", "btn btn-quiet btn-small");
  button.addEventListener("click", act);
  return button;
}
