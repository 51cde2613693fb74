// A picture of values [height, width, tiles]: a grid of tiles, each a unit, a map or a kernel's slice.

import { short } from "./dom.js";
import { colours, extent, isLight, level } from "./scales.js";

export function fullRows(count) { // into how many columns so many tiles go without a gap, about a square
  const least = Math.ceil(Math.sqrt(count));
  for (let columns = least; columns < 3 * least; columns++) if (count % columns === 0) return columns;
  return least;
}

export class Tiles {
  constructor(canvas, [height, width, count], columns = fullRows(count)) {
    this.canvas = canvas;
    Object.assign(this, { height, width, count, columns, rows: Math.ceil(count / columns) });
    this.gap = count === 1 ? 0 : Math.max(height, width) === 1 ? 0.12 : Math.max(width / 9, 0.25);
    this.across = this.columns * (width + this.gap) - this.gap;
    this.down = this.rows * (height + this.gap) - this.gap;
    canvas.style.aspectRatio = `${this.across} / ${this.down}`;
  }

  fit() { // gives the canvas as many pixels as the page shows of it
    const { width } = this.canvas.getBoundingClientRect();
    this.canvas.width = Math.max(1, Math.round(width * devicePixelRatio));
    this.canvas.height = Math.max(1, Math.round((this.canvas.width * this.down) / this.across));
    return this;
  }

  corner(tile) { // of a tile, in units of a value
    const row = Math.floor(tile / this.columns);
    return [(tile % this.columns) * (this.width + this.gap), row * (this.height + this.gap)];
  }

  middle(tile, x = (this.width - 1) / 2, y = (this.height - 1) / 2) { // on the page, of a value
    const box = this.canvas.getBoundingClientRect(), unit = box.width / this.across;
    const [left, top] = this.corner(tile);
    return [box.left + (left + x + 0.5) * unit, box.top + (top + y + 0.5) * unit];
  }

  // options: marked (a tile), numbers (print them where there is room), labels (of the tiles),
  // high (the value with the full colour)
  draw(values, { marked = -1, numbers = false, labels = null, high = 0 } = {}) {
    const { canvas, height, width, count } = this, context = canvas.getContext("2d");
    const ratio = devicePixelRatio, unit = canvas.width / this.across, texts = [];
    const image = context.createImageData(canvas.width, canvas.height);
    const pixels = new Uint32Array(image.data.buffer);
    const { signed, size } = extent(values), table = colours(signed), scale = high || size;
    for (let tile = 0; tile < count; tile++) {
      const [left, top] = this.corner(tile);
      for (let y = 0; y < height; y++) {
        for (let x = 0; x < width; x++) {
          const value = values[(y * width + x) * count + tile];
          const colour = table[level(value, scale, signed)];
          const x0 = Math.round((left + x) * unit), y0 = Math.round((top + y) * unit);
          const x1 = Math.round((left + x + 1) * unit), y1 = Math.round((top + y + 1) * unit);
          for (let row = y0; row < y1; row++) {
            pixels.fill(colour, row * image.width + x0, row * image.width + x1);
          }
          const text = labels ? labels[tile] : numbers && unit > 30 * ratio ? short(value) : "";
          if (text) texts.push([text, (x0 + x1) / 2, (y0 + y1) / 2, isLight(colour) ? "#000" : "#fff"]);
        }
      }
    }
    context.putImageData(image, 0, 0);
    context.font = `${Math.min(13 * ratio, unit * 0.32)}px sans-serif`;
    Object.assign(context, { textAlign: "center", textBaseline: "middle" });
    for (const [text, x, y, colour] of texts) {
      context.fillStyle = colour;
      context.fillText(text, x, y);
    }
    if (marked >= 0) this.outline(marked, 0, 0, width, height);
  }

  outline(tile, x, y, width, height) { // around some values of a tile, where they are within it
    const context = this.canvas.getContext("2d"), unit = this.canvas.width / this.across;
    const [left, top] = this.corner(tile), x0 = Math.max(0, x), y0 = Math.max(0, y);
    const across = Math.min(this.width, x + width) - x0, down = Math.min(this.height, y + height) - y0;
    const line = 2 * devicePixelRatio;
    const { color, accentColor } = getComputedStyle(this.canvas);
    Object.assign(context, { strokeStyle: accentColor === "auto" ? color : accentColor, lineWidth: line });
    context.strokeRect((left + x0) * unit + line / 2, (top + y0) * unit + line / 2,
      across * unit - line, down * unit - line);
  }

  at(event) { // the tile and the value under the pointer
    const box = this.canvas.getBoundingClientRect(), unit = box.width / this.across;
    const x = (event.clientX - box.left) / unit, y = (event.clientY - box.top) / unit;
    const column = Math.floor(x / (this.width + this.gap)), row = Math.floor(y / (this.height + this.gap));
    const tile = row * this.columns + column;
    if (column < 0 || row < 0 || column >= this.columns || tile >= this.count) return null;
    const inX = Math.min(this.width - 1, Math.floor(x - column * (this.width + this.gap)));
    const inY = Math.min(this.height - 1, Math.floor(y - row * (this.height + this.gap)));
    return { tile, x: inX, y: inY, index: (inY * this.width + inX) * this.count + tile };
  }
}
