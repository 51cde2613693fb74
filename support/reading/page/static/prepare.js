// Ink in the form of MNIST's images, as support/pictures/mnist.py has it: the box, 20 pixels on its
// longer side, the centre of mass in the middle of 28 x 28.

const LOBES = 3; // of Lanczos' filter, as in Pillow

export function bounds(ink, width, threshold = 76) { // of a bitmap; null where there is no ink
  let left = width, right = -1, top = -1, bottom = -1;
  ink.forEach((value, i) => {
    if (value <= threshold) return;
    const x = i % width, y = Math.floor(i / width);
    if (top < 0) top = y;
    bottom = y;
    left = Math.min(left, x);
    right = Math.max(right, x);
  });
  return right < 0 ? null : { left, top, right: right + 1, bottom: bottom + 1 };
}

function lanczos(x) {
  if (!x) return 1;
  if (Math.abs(x) >= LOBES) return 0;
  const angle = Math.PI * x;
  return (LOBES * Math.sin(angle) * Math.sin(angle / LOBES)) / angle ** 2;
}

// Rows of values made longer or shorter, and turned: the result has a column for each row.

function resized(values, rows, length, to) {
  const result = new Float32Array(rows * to), scale = length / to, spread = Math.max(1, scale);
  for (let i = 0; i < to; i++) {
    const centre = (i + 0.5) * scale;
    const low = Math.max(0, Math.round(centre - LOBES * spread));
    const high = Math.min(length, Math.round(centre + LOBES * spread));
    const weights = [];
    for (let j = low; j < high; j++) weights.push(lanczos((j + 0.5 - centre) / spread));
    const sum = weights.reduce((a, b) => a + b);
    for (let row = 0; row < rows; row++) {
      let value = 0;
      for (let j = low; j < high; j++) value += values[row * length + j] * weights[j - low];
      result[i * rows + row] = value / sum;
    }
  }
  return result;
}

// Returns { pixels: Uint8Array(784), box: [left, top, right, bottom] } of a bitmap, 0 to 255; or null.

export function prepare(ink, width) {
  const box = bounds(ink, width);
  if (!box) return null;
  const { left, top, right, bottom } = box, w = right - left, h = bottom - top;
  const cut = new Float32Array(w * h);
  for (let i = 0; i < cut.length; i++) {
    const value = ink[(top + Math.floor(i / w)) * width + left + (i % w)] / 255;
    cut[i] = value < 0.15 ? 0 : value;
  }
  const long = Math.max(w, h), toW = Math.max(1, Math.round((20 * w) / long));
  const toH = Math.max(1, Math.round((20 * h) / long));
  const small = resized(resized(cut, h, w, toW), toW, h, toH).map((v) => Math.max(0, Math.min(1, v)));
  // Both turns undo each other. Ink is full, as MNIST's is.
  const seen = [...small].filter((value) => value > 0.1).sort((a, b) => a - b);
  const full = Math.max(0.2, seen[Math.floor(0.9 * (seen.length - 1))] ?? 1);
  let mass = 0, x = 0, y = 0;
  small.forEach((value, i) => {
    small[i] = value = Math.min(1, value / full);
    mass += value;
    x += value * (i % toW);
    y += value * Math.floor(i / toW);
  });
  const corner = (sum, size) => Math.max(0, Math.min(28 - size, Math.round(13.5 - sum / mass)));
  const pixels = new Uint8Array(784), x0 = corner(x, toW), y0 = corner(y, toH);
  small.forEach((value, i) => {
    pixels[(y0 + Math.floor(i / toW)) * 28 + x0 + (i % toW)] = Math.round(255 * value);
  });
  return { pixels, box: [left, top, right, bottom] };
}

// What is a digit is still one, and the same, when it is shifted by a pixel. A scribble is not.

export const NINE = [-1, 0, 1].flatMap((down) => [-1, 0, 1].map((right) => [down, right]));
export const FIVE = NINE.filter(([down, right]) => !down || !right);

export function shifted(pixels, shifts) { // one after the other; what leaves at an edge returns
  const result = new Uint8Array(784 * shifts.length);
  shifts.forEach(([down, right], k) => pixels.forEach((value, i) => {
    const y = (Math.floor(i / 28) + down + 28) % 28, x = ((i % 28) + right + 28) % 28;
    result[784 * k + 28 * y + x] = value;
  }));
  return result;
}

export function means(probabilities, of) { // [N * of, 10] -> N arrays of 10: the mean of each `of`
  return Array.from({ length: probabilities.length / 10 / of }, (_, n) =>
    [...Array(10).keys()].map((digit) => {
      let sum = 0;
      for (let k = 0; k < of; k++) sum += probabilities[(n * of + k) * 10 + digit];
      return sum / of;
    }));
}
