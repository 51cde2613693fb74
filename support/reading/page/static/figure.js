// A picture of values with a caption, and with a legend of its colours.

import { make, number } from "./dom.js";
import { colours, extent } from "./scales.js";
import { Tiles } from "./tiles.js";

export function figure(parts, caption, size, width, numbers, high = 0) {
  const canvas = make("canvas", { role: "img", "aria-label": caption });
  const element = make("figure", {}, make("figcaption", {}, caption), canvas);
  canvas.style.width = `min(100%, ${width}px)`;
  parts.append(element);
  const tiles = new Tiles(canvas, size).fit();
  tiles.draw(numbers, { numbers: true, high });
  canvas.after(legend(numbers, tiles));
  return tiles;
}

function legend(numbers, tiles) { // of the colours, or the value under the pointer
  const { signed, size } = extent(numbers), bar = make("canvas", { width: 256, height: 1, "aria-hidden": true });
  bar.getContext("2d").putImageData(new ImageData(new Uint8ClampedArray(colours(signed).buffer), 256), 0, 0);
  const low = make("span", {}, signed ? number(-size) : "0"), high = make("span", {}, number(size));
  const read = make("span", { class: "quiet" });
  tiles.canvas.addEventListener("pointermove", (event) => {
    const hit = tiles.at(event);
    read.textContent = hit ? `here ${number(numbers[hit.index])}` : "";
  });
  return make("div", { class: "legend" }, low, bar, high, read);
}
