/**
 * Markers written straight into an image's memory: about ten times as fast as asking the canvas
 * for each, where no graphics card helps. They look as Plotly's markers of the same size do.
 */

/** Offsets within a pixel at which a mark is prepared, each way. */
const PHASES = 4;

/** Plotly's names; the first ten classes have one each, so that colour is never the only difference. */
export const SYMBOLS = ["circle", "diamond", "square", "triangle-up", "cross", "triangle-down", "x", "star", "hourglass", "bowtie"];

/** By how many symbols a class whose colour comes again is shifted. */
const SHIFT = 3;

/**
 * The symbol of a class: with its colour, no two of the first 26 classes share both.
 * @param {number} label
 */
export const symbolOf = (label) => SYMBOLS[(label + SHIFT * Math.floor(label / SYMBOLS.length)) % SYMBOLS.length];

/** Corners of a star of radius 1, those of Plotly's. */
const STAR = [
  0.225, -0.309, 0.951, -0.309, 0.363, 0.118, 0.588, 0.809, 0, 0.382, -0.588, 0.809, -0.363, 0.118, -0.951, -0.309, -0.225, -0.309, 0, -1,
];

/** @type {Record<string, (context: OffscreenCanvasRenderingContext2D, r: number) => void>} */
const OUTLINES = {
  circle: (context, r) => context.arc(0, 0, r, 0, 2 * Math.PI),
  square: (context, r) => context.rect(-r, -r, 2 * r, 2 * r),
  diamond: (context, r) => polygon(context, [1.3 * r, 0, 0, 1.3 * r, -1.3 * r, 0, 0, -1.3 * r]),
  "triangle-up": (context, r) => triangle(context, r, 1),
  "triangle-down": (context, r) => triangle(context, r, -1),
  cross: (context, r) => {
    const [a, b] = [0.4 * r, 1.2 * r];
    polygon(context, [b, a, a, a, a, b, -a, b, -a, a, -b, a, -b, -a, -a, -a, -a, -b, a, -b, a, -a, b, -a]);
  },
  x: (context, r) => {
    const a = 0.8 * Math.SQRT1_2 * r;
    const b = 2 * a;
    polygon(context, [0, a, a, b, b, a, a, 0, b, -a, a, -b, 0, -a, -a, -b, -b, -a, -a, 0, -b, a, -a, b]);
  },
  star: (context, r) => polygon(context, STAR.map((corner) => 1.4 * r * corner)),
  hourglass: (context, r) => polygon(context, [r, r, -r, r, r, -r, -r, -r]),
  bowtie: (context, r) => polygon(context, [r, r, r, -r, -r, r, -r, -r]),
};

/** @param {OffscreenCanvasRenderingContext2D} context @param {number[]} corners */
function polygon(context, corners) {
  for (let index = 0; index < corners.length; index += 2) context.lineTo(corners[index], corners[index + 1]);
  context.closePath();
}

/** @param {OffscreenCanvasRenderingContext2D} context @param {number} r @param {number} up */
function triangle(context, r, up) {
  const side = (2 * r) / Math.sqrt(3);
  polygon(context, [-side, (up * r) / 2, side, (up * r) / 2, 0, -up * r]);
}

/**
 * How much of each pixel a marker's fill and its outline cover, for every phase.
 *
 * @typedef {object} Mark
 * @property {number} size width and height in device pixels
 * @property {Uint8Array[]} fill one for each phase
 * @property {Uint8Array[]} line one for each phase, empty without an outline
 *
 * @typedef {{mark: Mark, fill: number, line: number}} Stamp a mark in its colours, as `pixel` packs them
 */

/** @type {Map<string, Mark>} */
const marks = new Map();

/**
 * @param {string} symbol one of `SYMBOLS`
 * @param {{radius: number, line?: number, scale: number}} look in CSS pixels,
 *   `scale` the device pixels in one of them
 * @returns {Mark}
 */
export function markOf(symbol, { radius, line = 0, scale }) {
  const key = `${symbol} ${radius} ${line} ${scale}`;
  if (!marks.has(key)) marks.set(key, prepare(symbol, radius * scale, line * scale));
  return /** @type {Mark} */ (marks.get(key));
}

/** @param {string} symbol @param {number} radius @param {number} line */
function prepare(symbol, radius, line) {
  const half = Math.ceil(1.4 * radius + line / 2 + 1);
  const size = 2 * half + 1;
  const context = /** @type {OffscreenCanvasRenderingContext2D} */ (new OffscreenCanvas(size, size).getContext("2d", { willReadFrequently: true }));
  /** @type {Mark} */
  const mark = { size, fill: [], line: [] };
  for (let phase = 0; phase < PHASES * PHASES; phase++) {
    const dx = (phase % PHASES) / PHASES;
    const dy = Math.floor(phase / PHASES) / PHASES;
    /** @param {() => void} draw */
    const coverage = (draw) => {
      context.resetTransform();
      context.clearRect(0, 0, size, size);
      context.translate(half + dx, half + dy);
      context.beginPath();
      OUTLINES[symbol](context, radius);
      draw();
      const { data } = context.getImageData(0, 0, size, size);
      return Uint8Array.from({ length: size * size }, (_, index) => data[4 * index + 3]);
    };
    context.lineWidth = line;
    mark.fill.push(coverage(() => context.fill()));
    if (line > 0) mark.line.push(coverage(() => context.stroke()));
  }
  return mark;
}

/** An image of its own that markers are written into, then laid over the canvas at once. */
export class MarkLayer {
  constructor() {
    this.canvas = new OffscreenCanvas(1, 1);
    this.context = /** @type {OffscreenCanvasRenderingContext2D} */ (this.canvas.getContext("2d"));
    this.image = new ImageData(1, 1);
    this.memory = new Uint32Array(this.image.data.buffer);
    this.left = 0;
    this.top = 0;
    this.isNew = false;
    /** Set by `begin`. */
    this.area = /** @type {import("./frame.mjs").Area} */ ({});
  }

  /** @param {number} width @param {number} height */
  #allocate(width, height) {
    this.canvas.width = width;
    this.canvas.height = height;
    this.image = new ImageData(width, height);
    this.memory = new Uint32Array(this.image.data.buffer);
  }

  /**
   * Begin an empty picture of an area.
   * @param {import("./frame.mjs").Area} area
   */
  begin(area) {
    const { scale } = area;
    this.left = Math.floor(area.left * scale);
    this.top = Math.floor(area.top * scale);
    const width = Math.ceil((area.left + area.width) * scale) - this.left;
    const height = Math.ceil((area.top + area.height) * scale) - this.top;
    if (width !== this.image.width || height !== this.image.height) this.#allocate(width, height);
    else this.memory.fill(0);
    this.area = area;
    this.isNew = true;
  }

  /**
   * Write markers at positions in data coordinates.
   * @param {ArrayLike<number>} positions x and y of each point by turns
   * @param {(index: number) => Stamp|null} look of each point,
   *   null for none; colours as `pixel` packs them
   */
  write(positions, look) {
    const { width, height } = this.image;
    const { scale } = this.area;
    const [ax, bx] = [this.area.ax * scale, this.area.bx * scale - this.left];
    const [ay, by] = [this.area.ay * scale, this.area.by * scale - this.top];
    for (let index = 0; 2 * index < positions.length; index++) {
      const chosen = look(index);
      if (!chosen) continue;
      const x = ax * positions[2 * index] + bx;
      const y = ay * positions[2 * index + 1] + by;
      if (!(x > -40 && y > -40 && x < width + 40 && y < height + 40)) continue;
      const { mark, fill, line } = chosen;
      // Rounded to the nearest of the prepared offsets.
      const stepsX = Math.round(x * PHASES);
      const stepsY = Math.round(y * PHASES);
      const left = Math.floor(stepsX / PHASES);
      const top = Math.floor(stepsY / PHASES);
      const phase = stepsX - left * PHASES + (stepsY - top * PHASES) * PHASES;
      const half = (mark.size - 1) / 2;
      this.#stamp(mark.fill[phase], mark.size, left - half, top - half, fill);
      if (mark.line.length > 0) this.#stamp(mark.line[phase], mark.size, left - half, top - half, line);
    }
  }

  /**
   * @param {Uint8Array} coverage
   * @param {number} size
   * @param {number} left
   * @param {number} top
   * @param {number} colour
   */
  #stamp(coverage, size, left, top, colour) {
    const { width, height } = this.image;
    const memory = this.memory;
    const rows = Math.min(size, height - top);
    const columns = Math.min(size, width - left);
    const opaque = (colour | 0xff000000) >>> 0;
    for (let row = Math.max(0, -top); row < rows; row++) {
      const from = row * size;
      const to = (top + row) * width + left;
      for (let column = Math.max(0, -left); column < columns; column++) {
        const share = coverage[from + column];
        if (share === 0) continue;
        memory[to + column] = share === 255 ? opaque : over(colour, share, memory[to + column]);
      }
    }
  }

  /**
   * Lay the picture over `context`, whose unit is the CSS pixel.
   * @param {CanvasRenderingContext2D} context
   */
  end(context) {
    const { scale } = this.area;
    const { width, height } = this.image;
    if (this.isNew) this.context.putImageData(this.image, 0, 0);
    this.isNew = false;
    context.drawImage(this.canvas, this.left / scale, this.top / scale, width / scale, height / scale);
  }
}

/**
 * `colour` of which `share` (0 to 255) covers what is `below`, neither premultiplied.
 * @param {number} colour
 * @param {number} share
 * @param {number} below
 */
function over(colour, share, below) {
  const belowAlpha = below >>> 24;
  if (belowAlpha === 0) return ((share << 24) | (colour & 0xffffff)) >>> 0;
  const kept = belowAlpha * (255 - share);
  const total = 255 * share + kept;
  /** @param {number} shift */
  const channel = (shift) => ((((colour >>> shift) & 255) * 255 * share + ((below >>> shift) & 255) * kept) / total) | 0;
  return (((total / 255) << 24) | (channel(16) << 16) | (channel(8) << 8) | channel(0)) >>> 0;
}
