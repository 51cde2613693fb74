// The slant, and half of an unusual width, taken out of an image, as straighten() in
// support/training/augment.py does in the graph.

const SIDE = 28, MIDDLE = (SIDE - 1) / 2, USUAL_WIDTH = 4;

function moments(pixels) { // means of row, column, row row, row column, column column, from the middle
  const sums = [0, 0, 0, 0, 0];
  let mass = 0;
  pixels.forEach((ink, i) => {
    const row = Math.floor(i / SIDE) - MIDDLE, column = (i % SIDE) - MIDDLE;
    mass += ink;
    [row, column, row * row, row * column, column * column].forEach((p, k) => (sums[k] += ink * p));
  });
  return sums.map((sum) => sum / Math.max(mass, 1));
}

export function straighten(pixels) {
  const [row, column, rowRow, rowColumn, columnColumn] = moments(pixels);
  const covariance = rowColumn - row * column, slant = covariance / (rowRow - row * row + 0.1);
  const variance = columnColumn - column * column - slant * covariance;
  const stretch = Math.sqrt(Math.sqrt(Math.max(variance, 0.1)) / USUAL_WIDTH);
  const at = (line, x) => (x < 0 || x >= SIDE ? 0 : pixels[line * SIDE + x]);
  return pixels.map((_, i) => {
    const line = Math.floor(i / SIDE), down = line - MIDDLE - row, right = (i % SIDE) - MIDDLE - column;
    const x = MIDDLE + column + slant * down + stretch * right, left = Math.floor(x);
    // Cut off, as the operation does with whole numbers; but 32-bit floats are not that exact.
    return Math.floor((left + 1 - x) * at(line, left) + (x - left) * at(line, left + 1) + 1e-4);
  });
}
