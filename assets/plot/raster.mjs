/** A grid of values as an image of one pixel a value, stretched over the plot when drawn. */
export class Raster {
  constructor() {
    this.canvas = new OffscreenCanvas(1, 1);
    this.context = /** @type {OffscreenCanvasRenderingContext2D} */ (this.canvas.getContext("2d"));
    this.image = new ImageData(1, 1);
    this.memory = new Uint32Array(this.image.data.buffer);
  }

  /** @param {number} width @param {number} height */
  #allocate(width, height) {
    this.canvas.width = width;
    this.canvas.height = height;
    this.image = new ImageData(width, height);
    this.memory = new Uint32Array(this.image.data.buffer);
  }

  /**
   * Colour every pixel; row 0 is at the top.
   * @param {number} width
   * @param {number} height
   * @param {(memory: Uint32Array) => void} fill writes pixels, row by row
   */
  fill(width, height, fill) {
    if (width !== this.image.width || height !== this.image.height) this.#allocate(width, height);
    fill(this.memory);
    this.context.putImageData(this.image, 0, 0);
  }

  /**
   * Stretch the image over the rectangle between two corners of data coordinates.
   * @param {CanvasRenderingContext2D} context
   * @param {import("./frame.mjs").Area} area
   * @param {{left: number, right: number, top: number, bottom: number}} corners
   * @param {boolean} smooth whether neighbours blend
   */
  draw(context, area, { left, right, top, bottom }, smooth) {
    context.imageSmoothingEnabled = smooth;
    const x = area.x(left);
    const y = area.y(top);
    context.drawImage(this.canvas, x, y, area.x(right) - x, area.y(bottom) - y);
  }

  /** The image as a data URL, for a Plotly layout. */
  url() {
    const canvas = document.createElement("canvas");
    canvas.width = this.image.width;
    canvas.height = this.image.height;
    /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d")).putImageData(this.image, 0, 0);
    return canvas.toDataURL();
  }
}
