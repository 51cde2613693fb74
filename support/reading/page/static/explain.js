// What decided: parts of the image are covered, one after the other, and the network is asked anew.
// Where covering takes away from the answer, the ink there spoke for it.

import { article, current } from "./answer.js";
import { $, argmax } from "./dom.js";
import { colours, level } from "./scales.js";

const PATCH = 4, STEP = 2, PLACES = (28 - PATCH) / STEP + 1; // 13 x 13 = 169 images
const DOT = 12; // pixels of the canvas to one of the image
let asked = null; // the digit that is being explained

function covered(pixels) { // the images, and the places of those that differ from it
  const places = [], images = [];
  for (let i = 0; i < PLACES ** 2; i++) {
    const top = STEP * Math.floor(i / PLACES), left = STEP * (i % PLACES), image = pixels.slice();
    for (let y = top; y < top + PATCH; y++) image.fill(0, y * 28 + left, y * 28 + left + PATCH);
    if (image.every((value, at) => value === pixels[at])) continue; // nothing was there
    places.push([top, left]);
    images.push(image);
  }
  const all = new Uint8Array(784 * (images.length + 1));
  all.set(pixels);
  images.forEach((image, i) => all.set(image, 784 * (i + 1)));
  return [places, all];
}

// Returns for each pixel what the ink there does for one answer against another, float [784].

async function evidence(pixels, best, other, classify) {
  const [places, images] = covered(pixels), said = await classify(images);
  const lead = (i) => Math.log((said[10 * i + best] + 1e-9) / (said[10 * i + other] + 1e-9));
  const sums = new Float32Array(784), counts = new Float32Array(784);
  places.forEach(([top, left], i) => {
    for (let y = top; y < top + PATCH; y++) {
      for (let x = left; x < left + PATCH; x++) {
        sums[28 * y + x] += lead(0) - lead(i + 1);
        counts[28 * y + x]++;
      }
    }
  });
  return sums.map((sum, i) => (counts[i] && pixels[i] > 60 ? sum / counts[i] : 0));
}

function draw(pixels, effects) {
  const canvas = $("evidence"), context = canvas.getContext("2d"), table = colours(true);
  canvas.width = canvas.height = 28 * DOT;
  const size = Math.max(1e-6, ...effects.map(Math.abs));
  const { color } = getComputedStyle(canvas);
  for (let i = 0; i < 784; i++) {
    if (!pixels[i]) continue;
    const x = (i % 28) * DOT, y = Math.floor(i / 28) * DOT, share = effects[i] / size;
    const [r, g, b] = [0, 8, 16].map((bits) => (table[level(share, 1, true)] >> bits) & 255);
    context.globalAlpha = 0.16 * (pixels[i] / 255); // ink that does little is grey
    context.fillStyle = color;
    context.fillRect(x, y, DOT, DOT);
    context.globalAlpha = 1;
    if (Math.abs(share) < 0.08) continue;
    context.fillStyle = `rgb(${r} ${g} ${b})`;
    context.fillRect(x, y, DOT, DOT);
    if (share > -0.2) continue;
    context.strokeStyle = color; // what speaks against it is hatched, to be told without colours
    context.lineWidth = 1.5;
    context.beginPath();
    context.moveTo(x, y + DOT);
    context.lineTo(x + DOT, y);
    context.stroke();
  }
}

function where(effects, sign) { // the region in which it is strongest, in words
  const sums = new Float32Array(9);
  effects.forEach((value, i) => {
    const row = Math.floor(i / 28), column = i % 28, third = (n) => (n < 11 ? 0 : n < 17 ? 1 : 2);
    sums[3 * third(row) + third(column)] += Math.max(0, sign * value);
  });
  const best = argmax([...sums]), [row, column] = [Math.floor(best / 3), best % 3];
  if (sums[best] < 1e-3) return "";
  if (best === 4) return "in the middle";
  return `at the ${[["top"], [], ["bottom"]][row].concat([["left"], [], ["right"]][column]).join(" ")}`;
}

export function forgetWhy(text = "") {
  asked = null;
  $("evidence").width = $("evidence").height = 28 * DOT;
  $("because").textContent = text;
}

export async function showWhy(classify) {
  const digit = current();
  if (!digit) return forgetWhy("Draw something: the ink that decides will be coloured.");
  if (digit.effects) return tell(digit);
  asked = digit;
  const best = argmax(digit.probabilities);
  const other = argmax(digit.probabilities.map((share, i) => (i === best ? -1 : share)));
  const effects = await evidence(digit.pixels, best, other, classify);
  Object.assign(digit, { effects, best, other });
  if (asked === digit) tell(digit);
}

function tell({ pixels, effects, best, other }) {
  draw(pixels, effects);
  const against = Math.min(...effects) < -0.2 * Math.max(...effects) && where(effects, -1);
  $("because").textContent = `Blue: ink that speaks for ${article(best)} rather than ${article(other)}, most of all ` +
    `${where(effects, 1) || "nowhere"}.` + (against ? ` Orange, hatched: against it, ${against}.` : "");
}
