/** A file dropped anywhere on the page, or pasted: a recorded run or data, told by its content. */
import { element, IDS } from "./ids.mjs";
import { tell } from "./notices.mjs";

const ZIP = [0x50, 0x4b, 0x03, 0x04];
/** Where a zip archive names what it holds, at its beginning and at its end, in bytes. */
const NAMED_BYTES = 65536;
const RECORDED = "run.safetensors";

/**
 * Whether a file is a recorded run, or what is left of one; whatever it is called.
 * @param {Blob} file
 */
export async function isRecording(file) {
  const first = new Uint8Array(await file.slice(0, NAMED_BYTES).arrayBuffer());
  if (!ZIP.every((byte, index) => first[index] === byte)) return false;
  const last = new Uint8Array(await file.slice(-NAMED_BYTES).arrayBuffer());
  const decoder = new TextDecoder("latin1");
  return [first, last].some((bytes) => decoder.decode(bytes).includes(RECORDED));
}

/** @param {DragEvent} event */
const holdsFiles = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");

/** @param {(file: File) => unknown} open */
export function startDropping(open) {
  const cover = element(IDS.DROP);
  // The pointer leaves one element only after it has entered the next.
  let depth = 0;
  const end = () => {
    depth = 0;
    cover.hidden = true;
  };
  document.addEventListener("dragenter", (event) => {
    if (!holdsFiles(event)) return;
    depth += 1;
    cover.hidden = false;
  });
  document.addEventListener("dragleave", (event) => {
    if (holdsFiles(event) && --depth <= 0) end();
  });
  document.addEventListener("dragover", (event) => holdsFiles(event) && event.preventDefault());
  document.addEventListener("drop", (event) => {
    if (!holdsFiles(event)) return;
    event.preventDefault();
    end();
    const files = event.dataTransfer?.files ?? [];
    if (files.length === 1) open(files[0]);
    else tell("warning", `Expected one file, a table or a recorded run, got ${files.length}.`);
  });
}
