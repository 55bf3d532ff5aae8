/**
 * @typedef {Float32Array|Float64Array|Int32Array|Int8Array|Uint8Array} NumberList
 * @typedef {object} Tensor
 * @property {NumberList} data row-major values
 * @property {number[]} shape
 */

/** @type {Record<string, {new (blob: ArrayBuffer, offset?: number, length?: number): NumberList, BYTES_PER_ELEMENT: number}>} */
const TYPES = { F32: Float32Array, F64: Float64Array, I32: Int32Array, I8: Int8Array, U8: Uint8Array, BOOL: Uint8Array };

/**
 * Read a safetensors blob: an 8-byte length, a JSON header, then the arrays end to end.
 *
 * The arrays are views of the blob, copied only where their bytes are not aligned; int64 becomes
 * float64, exact up to 2^53.
 * @param {ArrayBuffer} blob
 * @returns {{tensors: Map<string, Tensor>, texts: Record<string, string>}}
 */
export function decode(blob) {
  const headerLength = Number(new DataView(blob).getBigUint64(0, true));
  const start = 8 + headerLength;
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(blob, 8, headerLength)));
  const { __metadata__: texts = {}, ...rest } = header;
  /** @type {Record<string, {dtype: string, shape: number[], data_offsets: [number, number]}>} */
  const entries = rest;
  const tensors = new Map();
  for (const [name, { dtype, shape, data_offsets: [from, to] }] of Object.entries(entries)) {
    tensors.set(name, { data: values(blob, dtype, start + from, to - from), shape });
  }
  return { tensors, texts };
}

/** @param {ArrayBuffer} blob @param {string} dtype @param {number} offset @param {number} length */
function values(blob, dtype, offset, length) {
  if (dtype === "I64") return Float64Array.from(view(blob, BigInt64Array, offset, length), Number);
  const Type = TYPES[dtype];
  if (!Type) throw new TypeError(`Expected one of ${Object.keys(TYPES)} or I64, got ${dtype}.`);
  return view(blob, Type, offset, length);
}

/**
 * @template {Tensor["data"]|BigInt64Array} List
 * @param {ArrayBuffer} blob
 * @param {{new (blob: ArrayBuffer, offset?: number, length?: number): List, BYTES_PER_ELEMENT: number}} Type
 * @param {number} offset
 * @param {number} length
 * @returns {List}
 */
function view(blob, Type, offset, length) {
  const aligned = offset % Type.BYTES_PER_ELEMENT === 0;
  return aligned
    ? new Type(blob, offset, length / Type.BYTES_PER_ELEMENT)
    : new Type(blob.slice(offset, offset + length));
}
