// What is drawn: strokes, perhaps upon a test digit, or a picture file. Every change is a new state,
// so that each can be undone and done again.

import { make, remember, remembered } from "./dom.js";

export const HEIGHT = 280, SENT = 140; // of the sheet in units of the strokes, and of its bitmap
const EMPTY = { strokes: [], example: null, picture: null };

export const sheet = {
  drawing: EMPTY, past: [], future: [], stroke: null, // the stroke that is being drawn
  width: 2 * HEIGHT, // or 1.5 * HEIGHT, where there is less room
  changed() {}, // called after each change
};
export const isEmpty = ({ strokes, example, picture } = sheet.drawing) =>
  !strokes.length && !example && !picture;

export function change(next) {
  sheet.past.push(sheet.drawing);
  sheet.future = [];
  sheet.drawing = { ...EMPTY, ...next };
  sheet.changed();
}

function move(from, to) {
  if (!from.length) return;
  to.push(sheet.drawing);
  sheet.drawing = from.pop();
  sheet.changed();
}

export const undo = () => move(sheet.past, sheet.future);
export const redo = () => move(sheet.future, sheet.past);

export function clear() {
  if (!isEmpty()) change({});
}

export function keep() { // for a reload
  const { strokes, example } = sheet.drawing;
  remember("drawing", { strokes, example: example && { ...example, pixels: [...example.pixels] },
    width: sheet.width }, true);
}

export function recall() {
  const { strokes, example, width } = remembered("drawing", true) ?? {};
  if (!strokes || isEmpty({ strokes, example })) return;
  if (example) example.pixels = Uint8Array.from(example.pixels);
  sheet.width = width;
  sheet.drawing = { ...EMPTY, strokes, example };
}

// A point is [x, y, share of the pen's width]; the share is 1 where the pen knows no pressure.

export function trace(context, { pen, points }, least = 0) {
  const wide = (share) => Math.max(least, pen * share);
  context.beginPath();
  if (points.every(([x, y]) => x === points[0][0] && y === points[0][1])) { // a dot
    context.arc(points[0][0], points[0][1], wide(points[0][2]) / 2, 0, 2 * Math.PI);
    context.fill();
    return;
  }
  if (points.some((point) => point[2] !== 1)) {
    for (let i = 1; i < points.length; i++) {
      context.lineWidth = wide((points[i - 1][2] + points[i][2]) / 2);
      context.beginPath();
      context.moveTo(points[i - 1][0], points[i - 1][1]);
      context.lineTo(points[i][0], points[i][1]);
      context.stroke();
    }
    return;
  }
  context.lineWidth = wide(1);
  context.moveTo(points[0][0], points[0][1]);
  for (let i = 1; i < points.length - 1; i++) { // a smooth curve through the middle of each two
    const [x, y] = points[i], [nextX, nextY] = points[i + 1];
    context.quadraticCurveTo(x, y, (x + nextX) / 2, (y + nextY) / 2);
  }
  context.lineTo(points.at(-1)[0], points.at(-1)[1]);
  context.stroke();
}

export function paint(context, scale, colour, { strokes, example = null }, least = 0) {
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.clearRect(0, 0, context.canvas.width, context.canvas.height);
  context.setTransform(scale, 0, 0, scale, 0, 0);
  if (example) {
    context.imageSmoothingQuality = "high";
    context.drawImage(stamp(example.pixels, colour), (sheet.width - HEIGHT) / 2, 0, HEIGHT, HEIGHT);
  }
  Object.assign(context, { strokeStyle: colour, fillStyle: colour, lineCap: "round", lineJoin: "round" });
  for (const stroke of strokes) trace(context, stroke, least);
}

export function stamp(pixels, colour) { // a canvas of 28 x 28 pixels, ink in a colour
  const canvas = make("canvas", { width: 28, height: 28 }), context = canvas.getContext("2d");
  const image = context.createImageData(28, 28);
  pixels.forEach((value, i) => (image.data[4 * i + 3] = value));
  context.putImageData(image, 0, 0);
  context.globalCompositeOperation = "source-in";
  context.fillStyle = colour;
  context.fillRect(0, 0, 28, 28);
  return canvas;
}

const hidden = document.createElement("canvas");
const copy = hidden.getContext("2d", { willReadFrequently: true });

export function render(drawing, least = 0) { // a bitmap, SENT high: the ink is how opaque a pixel is
  const width = (sheet.width * SENT) / HEIGHT;
  if (hidden.width !== width) Object.assign(hidden, { width, height: SENT });
  paint(copy, SENT / HEIGHT, "#000", drawing, least);
  const { data } = copy.getImageData(0, 0, width, SENT), ink = new Uint8Array(data.length / 4);
  for (let i = 0; i < ink.length; i++) ink[i] = data[4 * i + 3];
  return ink;
}
