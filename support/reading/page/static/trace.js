// From a unit or a map back to what it comes from: weights, the values that they multiply, and the
// part of the image that it sees. All of it follows from the plan, which is the graph's own.

import { border, compute } from "./network.js";

// The cards of the page: { name, sizes: [height, width, maps], steps: from the card before to it }.

export function stages({ layers, plan }) {
  const found = [{ name: "images", sizes: [28, 28, 1], shape: [784], steps: [] }];
  let steps = [...plan];
  for (const [name, shape] of [...Object.entries(layers), ["probabilities", [10]]]) {
    const end = name === "probabilities" ? steps.length : steps.findIndex((step) => step.layer === name) + 1;
    const sizes = shape.length === 1 ? [1, 1, shape[0]] : shape;
    found.push({ name, sizes, shape, steps: steps.slice(0, end) });
    steps = steps.slice(end);
  }
  for (const stage of found) {
    const weighing = stage.steps.filter((step) => step.op === "conv" || step.op === "matmul");
    stage.weighs = weighing.length === 1 ? weighing[0] : null; // several: not to be told apart
    stage.adds = stage.steps.find((step) => step.op === "add");
    stage.pool = stage.steps.find((step) => step.op === "pool")?.size ?? 1;
    stage.all = weighing.map((step) => step.weights);
  }
  return found;
}

// What a unit, or a map at (y, x), adds up: parts, [rows, columns, maps] or all values before it, each
// a value times its weight; of a pool, at the place that it takes. Then sum and bias.

export function inspect(stage, before, values, { weights, sizes, bias }, tile, y = 0, x = 0) {
  const leading = stage.steps.slice(0, stage.steps.indexOf(stage.weighs));
  const input = compute(leading, {}, {}, values).probabilities, count = sizes.at(-1);
  const result = (factors, kernel, more) => {
    const parts = factors.map((value, i) => value * kernel[i]);
    return { factors, kernel, parts, sum: parts.reduce((a, b) => a + b, 0), bias: bias?.[tile] ?? 0, ...more };
  };
  if (stage.weighs.op === "matmul") {
    return result(input, input.map((_, i) => weights[i * count + tile]), {});
  }
  const [rows, columns, maps] = sizes, [height, width] = before.sizes;
  const kernel = Float32Array.from({ length: rows * columns * maps }, (_, i) => weights[i * count + tile]);
  let best = null;
  for (let i = 0; i < stage.pool ** 2; i++) {
    const top = y * stage.pool + Math.floor(i / stage.pool) - border(stage.weighs, rows);
    const left = x * stage.pool + (i % stage.pool) - border(stage.weighs, columns);
    const factors = Float32Array.from(kernel, (_, at) => {
      const row = top + Math.floor(at / (columns * maps)), column = left + (Math.floor(at / maps) % columns);
      if (row < 0 || column < 0 || row >= height || column >= width) return 0;
      return input[(row * width + column) * maps + (at % maps)];
    });
    const one = result(factors, kernel, { top, left, rows, columns });
    if (!best || one.sum > best.sum) best = one;
  }
  return best;
}

export function causes(parts, maps) { // what each map or unit before adds, the strongest first
  const sums = new Float32Array(maps);
  parts.forEach((part, i) => (sums[i % maps] += part));
  return [...sums].map((value, tile) => ({ tile, value })).filter(({ value }) => value)
    .sort((a, b) => Math.abs(b.value) - Math.abs(a.value));
}

export function field(all, index, shapes, y, x) { // [top, left, height, width] of the image that is seen
  let [top, left, bottom, right] = [y, x, y, x];
  for (let i = index; i > 0; i--) {
    const { weighs, pool } = all[i];
    if (weighs?.op !== "conv") return [0, 0, 28, 28];
    const [rows, columns] = shapes[weighs.weights];
    top = top * pool - border(weighs, rows);
    left = left * pool - border(weighs, columns);
    bottom = (bottom + 1) * pool - 1 - border(weighs, rows) + rows - 1;
    right = (right + 1) * pool - 1 - border(weighs, columns) + columns - 1;
  }
  return [top, left, bottom - top + 1, right - left + 1];
}
