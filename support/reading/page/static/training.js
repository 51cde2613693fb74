// --watch: how the training goes, and what the network answers meanwhile.

import { $, argmax, bytes, make, percent, shape } from "./dom.js";
import { Tiles } from "./tiles.js";

const BREAK = 700; // milliseconds between two looks: the training is to go on
let first = null, name = "", pupils = [];

function stretch(points, kind) {
  const line = document.createElementNS("http://www.w3.org/2000/svg", "path");
  line.setAttribute("d", points.map(([x, y], i) => `${i ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`).join(""));
  line.setAttribute("class", kind);
  return line;
}

function showCurves({ losses, accuracies, progress, epochs, done }) {
  const high = Math.log(Math.max(...losses)), low = Math.log(Math.max(1e-4, Math.min(...losses)));
  const across = 400 * progress, curve = losses.map((loss, i) =>
    [(across * (i + 0.5)) / losses.length, 5 + (110 * (high - Math.log(Math.max(1e-4, loss)))) / (high - low || 1)]);
  const worst = Math.min(...accuracies), best = Math.max(...accuracies);
  const steps = accuracies.map((accuracy, i) =>
    [(400 * (i + 1)) / epochs[1], 115 - (110 * (accuracy - worst)) / (best - worst || 1)]);
  $("curve").replaceChildren(stretch(curve, "loss"), ...(steps.length > 1 ? [stretch(steps, "accuracy")] : []));
  const last = accuracies.at(-1), epoch = Math.min(epochs[0] + 1, epochs[1]);
  $("progress").textContent = done ? "The training is done" : `Training: epoch ${epoch} of ${epochs[1]}`;
  $("learned").textContent = (losses.length ? `Loss, step by step: now ${losses.at(-1).toFixed(3)}. ` : "") +
    (last === undefined ? "" : `Dashed: validation accuracy, ${percent(last)} after epoch ${accuracies.length}.`);
}

function addPupils(examples) {
  pupils = examples.map(([text, label]) => {
    const canvas = make("canvas"), said = make("span", {}, "\u2013");
    $("pupils").append(make("div", {}, canvas, said));
    const pixels = bytes(text);
    new Tiles(canvas, [28, 28, 1]).fit().draw(pixels, { high: 255 });
    return { pixels, label, said };
  });
}

function showPupils(probabilities) {
  pupils.forEach(({ label, said }, i) => {
    const own = [...probabilities.slice(10 * i, 10 * i + 10)], digit = argmax(own);
    said.textContent = `${digit}, ${Math.round(100 * own[digit])} %`;
    said.className = digit === label ? "" : "wrong";
  });
}

async function look(source) {
  const state = await source.training();
  showCurves(state);
  const all = new Uint8Array(784 * pupils.length);
  pupils.forEach(({ pixels }, i) => all.set(pixels, 784 * i));
  if (pupils.length) showPupils(await source.classify(all));
  source.forget();
  first.draw(await source.weights(name));
  return state.done;
}

// Shows the training until it is done; after each look, `again` lets the drawing be answered anew.

export async function watch(source, again) {
  if (!(await source.training().catch(() => null))) return;
  const { shapes, examples } = source.network;
  name = Object.keys(shapes).find((key) => key.startsWith("weights/"));
  const sizes = shapes[name], form = sizes.length === 4 ? [sizes[0], sizes[1], sizes[2] * sizes[3]] : [28, 28, sizes[1]];
  $("training").hidden = false;
  $("forming").textContent = `${name.replace("weights/", "")} ${shape(sizes)}, as it forms`;
  $("first").setAttribute("aria-label", `the weights ${name}`);
  first = new Tiles($("first"), form).fit();
  addPupils(examples);
  for (let done = false; !done;) {
    try {
      if (!document.hidden) {
        done = await look(source);
        await again();
      }
    } catch { /* who asks for the drawing says that nobody answers */ }
    await new Promise((resolve) => setTimeout(resolve, BREAK));
  }
}
