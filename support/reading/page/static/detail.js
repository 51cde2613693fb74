// What is behind a unit or a map that was clicked: its weights, what they multiply, and their sum.

import { $, make, number, short } from "./dom.js";
import { figure } from "./figure.js";
import { clearLines, drawLines } from "./lines.js";
import { layers, outlineField, selection, showLayers, shown, values } from "./layers.js";
import { causes, inspect } from "./trace.js";

let owner, known = null; // of what is selected: { weights, sizes, bias }

export function setSource(from) {
  owner = from;
}

export function select(layer, tile) {
  const same = selection.at?.layer === layer && selection.at.tile === tile;
  selection.at = same ? null : { layer, tile };
  showLayers();
  showDetail().then(() => {
    const smooth = !matchMedia("(prefers-reduced-motion: reduce)").matches;
    if (!same) $("detail").scrollIntoView({ block: "nearest", behavior: smooth ? "smooth" : "auto" });
  });
}

export function deselect() {
  if (!selection.at) return;
  const canvas = layers[selection.at.layer].tiles.canvas;
  if ($("detail").contains(document.activeElement)) canvas.focus();
  select(selection.at.layer, selection.at.tile);
}

async function load(layer) {
  const { weighs, adds } = layer;
  if (!weighs) return null;
  const weights = await owner.weights(weighs.weights), bias = adds && (await owner.weights(adds.weights));
  return { weights, bias, sizes: owner.network.shapes[weighs.weights] };
}

function strongest(map, [height, width], maps, tile) { // the place of a map's highest value
  let best = 0;
  for (let i = 0; i < height * width; i++) if (map[i * maps + tile] > map[best * maps + tile]) best = i;
  return [Math.floor(best / width), best % width];
}

export async function showDetail() {
  $("detail").hidden = !selection.at;
  clearLines();
  if (!selection.at) return;
  const { layer: index, tile } = selection.at, layer = layers[index], before = layers[index - 1];
  const loaded = await load(layer);
  if (selection.at?.layer !== index || selection.at.tile !== tile) return;
  known = loaded;
  const isMap = layer.sizes[0] > 1, kind = isMap ? "map" : layer.name === "probabilities" ? "digit" : "unit";
  const close = make("button", { class: "tool", type: "button" }, "Close");
  close.addEventListener("click", deselect);
  const parts = make("div", { class: "parts" });
  const head = make("header", {}, make("h3", {}, `${layer.name}, ${kind} ${tile}`), make("p", { class: "quiet" }), close);
  $("detail").replaceChildren(head, parts);
  if (!known) {
    head.children[1].textContent = "Several steps lead here; the page cannot take them apart.";
    return;
  }
  const digit = shown(), maps = layer.sizes[2], own = values(layer);
  const [y, x] = isMap ? strongest(own, layer.sizes, maps, tile) : [0, 0];
  const seen = inspect(layer, before, values(before), known, tile, y, x);
  if (digit) head.children[1].textContent = added(layer, seen, own, tile, [y, x]);
  if (isMap) addMap(parts, layer, before, own, tile, digit);
  addWeights(parts, layer, before, seen, tile, digit);
  const [first, ...others] = causes(seen.parts, before.sizes[2]);
  if (digit && first && before.sizes[2] > 1) {
    drawLines(layer, tile, isMap && [y, x], before, [first, ...others.slice(0, 5)]);
  }
  if (digit && isMap) outlineField(index, y, x);
}

function added(layer, { sum, bias }, own, tile, [y, x]) { // in words: value, weights, bias
  const value = own[(y * layer.sizes[1] + x) * layer.sizes[2] + tile];
  const act = layer.steps.find((step) => ["relu", "sigmoid", "tanh", "softmax"].includes(step.op));
  const place = layer.sizes[0] > 1 ? `At its strongest place, [${y}, ${x}]: the` : "The";
  return `${place} products add up to ${number(sum)}, with the bias ${number(bias)} to ${number(sum + bias)}; ` +
    `${act?.op ?? "this"} makes ${number(value)} of it.`;
}

function addMap(parts, layer, before, own, tile, digit) {
  const [height, width, maps] = layer.sizes;
  const map = Float32Array.from({ length: height * width }, (_, j) => own[j * maps + tile]);
  const tiles = figure(parts, "its values: point at one", [height, width, 1], 150, map);
  const under = make("div");
  parts.append(make("figure", {}, make("figcaption", {}, "the kernel at that place"), under));
  const show = ([y, x]) => {
    if (!digit) return;
    tiles.draw(map);
    tiles.outline(0, x, y, 1, 1);
    outlineField(layers.indexOf(layer), y, x);
    under.replaceChildren(...multiplied(inspect(layer, before, values(before), known, tile, y, x), before));
  };
  tiles.canvas.addEventListener("pointermove", (event) => {
    const hit = tiles.at(event);
    if (hit) show([hit.y, hit.x]);
  });
  show(strongest(own, layer.sizes, maps, tile));
  layer.point = show; // the same, where the pointer is over the card
}

export function hover(index, hit) {
  if (hit && selection.at?.layer === index && selection.at.tile === hit.tile) layers[index].point?.([hit.y, hit.x]);
}

function multiplied({ factors, kernel, parts, rows, columns, sum }, before) { // nine numbers, and what of them
  const maps = before.sizes[2], [first] = causes(parts, maps), map = first?.tile ?? 0, at = (i) => i * maps + map;
  const cells = (text) => make("table", {}, ...[...Array(rows).keys()].map((row) =>
    make("tr", {}, ...[...Array(columns).keys()].map((column) => make("td", {}, text(at(row * columns + column)))))));
  const own = first?.value ?? 0;
  const note = maps === 1 ? `value \u00d7 weight, nine times: ${number(sum)}`
    : `map ${map} of ${before.name}, the strongest: ${number(own)}; all ${maps} maps: ${number(sum)}`;
  return [cells((i) => `${short(factors[i])} \u00d7 ${short(kernel[i])}`), make("p", { class: "quiet" }, note)];
}

function addWeights(parts, layer, before, seen, tile, digit) {
  const { sizes } = known, isConv = sizes.length === 4, form = isConv ? sizes.slice(0, 3) : before.sizes;
  const name = `${layer.weighs.weights.replace("weights/", "")} [${isConv ? ":, :, :, " : ":, "}${tile}]`;
  const what = before.name === "images" && !isConv ? "the weight of each pixel"
    : isConv ? (form[2] === 1 ? "its kernel" : `its kernel: a slice for each of the ${form[2]} maps of ${before.name}`)
    : form[0] > 1 ? `the weight of each value of ${before.name}, map by map`
    : `the weight of each unit of ${before.name}, laid out alike`;
  figure(parts, `${name}, ${what}`, form, form[2] === 1 && isConv ? 130 : 250, seen.kernel);
  if (digit && !isConv) {
    figure(parts, `value \u00d7 weight of each, now: together ${number(seen.sum)}; the bias adds ${number(seen.bias)}`,
      form, 250, seen.parts);
  }
}
