// The cards from the image to the probabilities, each with its values as colours.

import { current, state } from "./answer.js";
import { $, make, number, shape } from "./dom.js";
import { extent } from "./scales.js";
import { Tiles, fullRows } from "./tiles.js";
import { field, stages } from "./trace.js";

export const layers = []; // a stage, with tiles (its picture), read (its line of text), hovered
let network, demo = null; // what is shown, at reduced strength, as long as nothing is drawn
export const selection = { at: null }; // { layer: its index, tile }

export const shown = () => current() ?? demo;

export function setDemo(digit) {
  demo = digit;
}

function plain(stage, index) { // for those who do not read shapes
  const count = stage.sizes[2], upright = stage.steps.some((step) => step.op === "straighten") ? ", made upright" : "";
  if (!index) return "Your ink as the network gets it: 28 \u00d7 28 pixels";
  if (stage.name === "probabilities") return "How sure it is of each digit";
  if (stage.sizes[0] === 1) {
    return `${count} units: each ` + (index === 1 ? `looks for a pattern of the ink${upright}` : "weighs the units before");
  }
  if (index === 1) return `${count} maps: edges and strokes of the ink${upright}`;
  const seen = field(layers, index, network.shapes, 0, 0)[2];
  const what = seen < 10 ? "corners and short strokes" : seen < 20 ? "curves, hooks and ends" : "pieces of whole digits";
  return `${count} maps: ${what}`;
}

export function values(layer) {
  const digit = shown();
  if (!digit) return new Float32Array(layer.sizes.reduce((a, b) => a * b));
  if (layer.name === "images") return digit.pixels;
  return layer.name === "probabilities" ? Float32Array.from(digit.own) : digit.layers[layer.name];
}

export function showLayers() {
  $("graph").className = !current() && demo ? "faded" : "";
  layers.forEach(showLayer);
}

export function showLayer(layer, index) {
  const numbers = values(layer), { above, high } = extent(numbers);
  const options = { marked: selection.at?.layer === index ? selection.at.tile : -1 };
  if (layer.name === "images") options.high = 255;
  if (layer.name === "probabilities") Object.assign(options, { labels: "0123456789", high: 1 });
  layer.tiles.draw(numbers, options);
  if (layer.hovered) layer.read.textContent = told(layer, layer.hovered);
  else if (!shown()) layer.read.textContent = "";
  else if (layer.name === "images") layer.read.textContent = `${above} of 784 with ink`;
  else if (layer.name === "probabilities") layer.read.textContent = `argmax: ${numbers.indexOf(high)}`;
  else layer.read.textContent = `${above} of ${numbers.length} above 0, highest ${number(high)}`;
}

function told(layer, { tile, x, y, index }) { // the value under the pointer, as code would ask for it
  const value = values(layer)[index];
  const place = layer.name === "images" ? y * 28 + x : layer.sizes[0] > 1 ? `${y}, ${x}, ${tile}` : tile;
  return `[0, ${place}] = ${layer.name === "images" ? value : number(value)}`;
}

export function outlineField(index, y, x) { // the part of the image that a value sees
  showLayer(layers[0], 0);
  if (y === undefined) return;
  const [top, left, height, width] = field(layers, index, network.shapes, y, x);
  layers[0].tiles.outline(0, left, top, width, height);
}

function pointed(layer, index, hit) {
  layer.hovered = hit;
  showLayer(layer, index);
  if (layer.sizes[0] > 1 && index) outlineField(index, hit?.y, hit?.x);
  state.hover(index, hit);
}

function addLayer(stage, index, select) {
  const canvas = make("canvas", { role: "img" }), read = make("p", { class: "read" });
  const [height, , count] = stage.sizes;
  const from = stage.all.map((key) => `\u2190 ${key.replace("weights/", "")} ${shape(network.shapes[key])}`);
  const text = [shape(["N", ...stage.shape]), ...from].join("\n");
  const layer = Object.assign(stage, { read });
  const item = make("li", { class: "card" }, make("h3", {}, stage.name),
    make("p", { class: "plain" }, plain(stage, index)), canvas, make("p", { class: "shape" }, text), read);
  $("graph").append(item);
  if (height > 8 && index) item.style.flexGrow = 1.25; // maps with much to see
  // Maps in few columns, so that each is large. Units, and pixels, about in a square.
  const columns = stage.name === "probabilities" ? 2 : height > 1 && count > 1 ? count / fullRows(count) : undefined;
  layer.tiles = new Tiles(canvas, stage.sizes, columns && Math.ceil(columns));
  canvas.addEventListener("pointermove", (event) => pointed(layer, index, layer.tiles.at(event)));
  canvas.addEventListener("pointerleave", () => pointed(layer, index, null));
  canvas.setAttribute("aria-label", `${stage.name}, ${shape(stage.shape)}`);
  if (!index) return;
  const across = layer.tiles.columns;
  const steps = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -across, ArrowDown: across, Enter: 0, " ": 0 };
  canvas.tabIndex = 0;
  canvas.setAttribute("role", "button");
  canvas.setAttribute("aria-label", `${stage.name}, ${shape(stage.shape)}: the arrow keys choose what to look into`);
  canvas.addEventListener("click", (event) => {
    const hit = layer.tiles.at(event);
    if (hit) select(index, hit.tile);
  });
  canvas.addEventListener("keydown", (event) => {
    if (!(event.key in steps)) return;
    event.preventDefault();
    const here = selection.at?.layer === index;
    const tile = here ? selection.at.tile + steps[event.key] : 0;
    if (tile >= 0 && tile < count) select(index, tile);
  });
}

export function addLayers(source, select) {
  network = source.network;
  layers.push(...stages(network));
  layers.forEach((stage, index) => addLayer(stage, index, select));
}
