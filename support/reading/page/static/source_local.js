// A page's source without a server: the network's values lie in the page, which computes them.

import { $, argmax, halves } from "./dom.js";
import { image } from "./grouping.js";
import { compute } from "./network.js";
import { NINE, means, prepare, shifted } from "./prepare.js";
import { HEIGHT, SENT, render, sheet } from "./strokes.js";

const SMALL = 0.33, BLANK = 0.7; // of the tallest digit's height: no digit; a gap between numbers

function said(probabilities, { sure: enough, least }) { // as text: reading/answers.py has both bounds
  const sure = Math.max(...probabilities), digit = argmax(probabilities);
  return sure >= enough ? `${digit}` : sure >= least ? `${digit}?` : "?";
}

function inOrder(digits) { // row by row, from left to right; what stands before each
  const rows = [];
  for (const digit of [...digits].sort((a, b) => a.box[1] + a.box[3] - b.box[1] - b.box[3])) {
    const [, top, , bottom] = digit.box;
    const row = rows.find((one) => one.some(({ box }) =>
      Math.min(box[3], bottom) - Math.max(box[1], top) > 0.25 * Math.min(box[3] - box[1], bottom - top)));
    if (row) row.push(digit);
    else rows.push([digit]);
  }
  return rows.flatMap((row) => {
    row.sort((a, b) => a.box[0] + a.box[2] - b.box[0] - b.box[2]);
    row.forEach((digit, i) => {
      const wide = !i || digit.box[0] - row[i - 1].box[2] > BLANK * (digit.box[3] - digit.box[1]);
      digit.before = wide ? " " : "";
    });
    return row;
  });
}

function parts(images) { // [digits, warnings]: what is small beside a digit is none
  const height = ({ box }) => box[3] - box[1], tallest = Math.max(...images.map(height));
  const digits = images.filter((one) => height(one) >= SMALL * tallest), warnings = [];
  for (const mark of images.filter((one) => !digits.includes(one))) {
    const [left, , right] = mark.box, dash = right - left > 2 * height(mark);
    warnings.push(dash ? "a dash, such as a minus sign, is no digit and was passed over"
      : "a dot, such as a decimal point, is no digit and was passed over");
  }
  return [digits, [...new Set(warnings)]];
}

export function local() {
  const network = JSON.parse($("network").textContent), values = {};
  for (const [name, text] of Object.entries(network.values)) values[name] = halves(text);
  const look = (pixels) => compute(network.plan, values, network.shapes, pixels);

  async function classify(images) { // in turns, so that the page stays awake
    const result = new Float32Array((images.length / 784) * 10);
    let pause = performance.now() + 30;
    for (let i = 0; i * 784 < images.length; i++) {
      result.set(look(images.subarray(784 * i, 784 * (i + 1))).probabilities, 10 * i);
      if (performance.now() > pause) {
        await new Promise((resolve) => setTimeout(resolve));
        pause = performance.now() + 30;
      }
    }
    return result;
  }

  async function answer(images, warnings = [], more = {}) {
    const digits = [];
    for (const { pixels, box, before = "" } of images) {
      const { probabilities, layers } = look(pixels), own = [...probabilities];
      const steady = more.once ? own : means(await classify(shifted(pixels, NINE)), 9)[0];
      digits.push({ text: said(steady, network), before, box, pixels, probabilities: steady, own, layers });
    }
    const text = digits.map((digit, i) => (i ? digit.before : "") + digit.text).join("");
    return { text, warnings, digits, ...more };
  }

  return {
    network,
    asked: "one pass through the network",
    draft: true, // a stroke in the making is read once, and nine times when it is done
    classify,
    readImage: (pixels) => answer([{ pixels, box: [0, 0, 28, 28] }], [], { once: true }),
    async readSheet(parted, drawing) {
      let images = parted.flat().map(image).filter(Boolean);
      if (drawing.example) images = [prepare(render(drawing), (sheet.width * SENT) / HEIGHT)];
      const [digits, warnings] = parts(images);
      return answer(inOrder(digits), warnings, { once: Boolean(sheet.stroke) });
    },
    async readFile(file) {
      const bitmap = await createImageBitmap(file).catch(() => {
        throw new Error("This is not a picture that the browser can open.");
      });
      const scale = Math.min(1, 400 / Math.max(bitmap.width, bitmap.height));
      const canvas = document.createElement("canvas");
      canvas.width = Math.max(1, Math.round(bitmap.width * scale));
      canvas.height = Math.max(1, Math.round(bitmap.height * scale));
      const context = canvas.getContext("2d");
      context.fillStyle = "#fff";
      context.fillRect(0, 0, canvas.width, canvas.height);
      context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
      const found = prepare(inkOf(context.getImageData(0, 0, canvas.width, canvas.height)), canvas.width);
      if (!found) throw new Error("No ink is to be seen in this picture.");
      return answer([found], [], { image: canvas.toDataURL(), size: [canvas.width, canvas.height] });
    },
    weights: async (name) => values[name],
    training: async () => null,
    told: (milliseconds) => `computed in this browser in ${Math.round(milliseconds)} ms`,
  };
}

function inkOf({ data, width, height }) { // dark on light, evenly lit; anything else is refused
  const grey = Uint8Array.from({ length: width * height }, (_, i) => 255 - (data[4 * i] + data[4 * i + 1] + data[4 * i + 2]) / 3);
  const edge = grey.filter((_, i) => i < width || i >= width * (height - 1) || i % width === 0 || i % width === width - 1);
  const paper = Math.max(...edge), inked = grey.filter((value) => value > paper + 60).length / grey.length;
  if (paper > 110 || inked > 0.5) {
    throw new Error("This page reads dark ink on light paper, one digit, evenly lit. " +
      "Photographs are read by the lesson itself, with --predict or --draw.");
  }
  return grey.map((value) => Math.max(0, value - paper) * (255 / (255 - paper)));
}
