// Lines from a unit or a map to those before it that add most to it: the thicker, the more.

import { $ } from "./dom.js";

export function clearLines() {
  $("lines").replaceChildren();
}

// place: [y, x] in a map, or nothing; strongest: [{ tile, value }], as causes() returns them.

export function drawLines(layer, tile, place, before, strongest) {
  const origin = $("inside").getBoundingClientRect(), most = Math.abs(strongest[0].value);
  const end = place ? layer.tiles.middle(tile, place[1], place[0]) : layer.tiles.middle(tile);
  $("lines").replaceChildren(...strongest.map(({ tile: from, value }) => {
    const start = before.tiles.middle(from), line = document.createElementNS("http://www.w3.org/2000/svg", "line");
    const ends = { x1: start[0] - origin.left, y1: start[1] - origin.top, x2: end[0] - origin.left, y2: end[1] - origin.top };
    for (const [name, at] of Object.entries(ends)) line.setAttribute(name, at);
    line.setAttribute("stroke-width", 1 + (3 * Math.abs(value)) / most);
    if (value < 0) line.setAttribute("class", "against");
    return line;
  }));
}
