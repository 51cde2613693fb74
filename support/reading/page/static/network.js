// The network's arithmetic, step by step as the graph has it. Values are Float32Arrays; those of
// an image or of maps lie as [height, width, maps], as in TensorFlow.

import { straighten } from "./straighten.js";

export const activations = {
  relu: (value) => (value > 0 ? value : 0),
  sigmoid: (value) => 1 / (1 + Math.exp(-value)),
  tanh: Math.tanh,
};

function matmul(x, weights, [inputs, units]) {
  const result = new Float32Array(units);
  for (let i = 0; i < inputs; i++) {
    const value = x[i];
    if (value) for (let j = 0, at = i * units; j < units; j++) result[j] += value * weights[at + j];
  }
  return result;
}

export function border(step, kernel) { // zeros around: SAME has half a kernel of them, VALID none
  return step.padding === "SAME" ? Math.floor((kernel - 1) / 2) : 0;
}

function conv(x, [height, width, maps], kernels, [rows, columns, , count], step) {
  const same = step.padding === "SAME", top = border(step, rows), left = border(step, columns);
  const h = same ? height : height - rows + 1, w = same ? width : width - columns + 1;
  const result = new Float32Array(h * w * count);
  for (let y = 0; y < h; y++) {
    for (let x0 = 0; x0 < w; x0++) {
      const to = (y * w + x0) * count, sums = result.subarray(to, to + count);
      for (let i = Math.max(0, top - y); i < rows && y + i - top < height; i++) {
        for (let j = Math.max(0, left - x0); j < columns && x0 + j - left < width; j++) {
          const from = ((y + i - top) * width + x0 + j - left) * maps;
          for (let map = 0; map < maps; map++) {
            const value = x[from + map];
            if (!value) continue; // half of the values after relu
            const at = ((i * columns + j) * maps + map) * count;
            for (let k = 0; k < count; k++) sums[k] += value * kernels[at + k];
          }
        }
      }
    }
  }
  return [result, [h, w, count]];
}

function pool(x, [height, width, maps], size) { // the largest of size x size
  const h = Math.floor(height / size), w = Math.floor(width / size);
  const result = new Float32Array(h * w * maps).fill(-Infinity);
  for (let y = 0; y < h * size; y++) {
    for (let x0 = 0; x0 < w * size; x0++) {
      const from = (y * width + x0) * maps;
      const to = (Math.floor(y / size) * w + Math.floor(x0 / size)) * maps;
      for (let k = 0; k < maps; k++) if (x[from + k] > result[to + k]) result[to + k] = x[from + k];
    }
  }
  return [result, [h, w, maps]];
}

export function softmax(x) {
  const high = Math.max(...x), powers = x.map((value) => Math.exp(value - high));
  const sum = powers.reduce((a, b) => a + b);
  return powers.map((power) => power / sum);
}

// What the plan's steps make of an image's 784 pixels: { probabilities, layers: { name: values } }.
// values: { "weights/h1": Float32Array ... }, shapes: the same names with their sizes.

export function compute(plan, values, shapes, pixels) {
  let x = Float32Array.from(pixels), sizes = [784];
  const layers = {};
  for (const step of plan) {
    const name = step.weights;
    if (step.op === "straighten") x = straighten(x);
    else if (step.op === "divide") x = x.map((value) => value / step.by);
    else if (step.op === "reshape") sizes = step.to;
    else if (step.op === "conv") [x, sizes] = conv(x, sizes, values[name], shapes[name], step);
    else if (step.op === "pool") [x, sizes] = pool(x, sizes, step.size);
    else if (step.op === "matmul") [x, sizes] = [matmul(x, values[name], shapes[name]), [shapes[name][1]]];
    else if (step.op === "add") x = x.map((value, i) => value + values[name][i % values[name].length]);
    else if (step.op === "softmax") x = softmax(x);
    else x = x.map(activations[step.op]);
    if (step.layer) layers[step.layer] = x;
  }
  return { probabilities: x, layers };
}
