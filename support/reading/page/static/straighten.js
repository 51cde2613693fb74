// The slant taken out of an image, as straighten() in support/training/augment.py does in the graph.

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
  const at = (y, x) => (y < 0 || x < 0 || y >= SIDE || x >= SIDE ? 0 : pixels[y * SIDE + x]);
  return pixels.map((_, i) => {
    const down = Math.floor(i / SIDE) - MIDDLE, right = (i % SIDE) - MIDDLE;
    const y = MIDDLE + row + down, x = MIDDLE + column + slant * down + stretch * right;
    const top = Math.floor(y), left = Math.floor(x), b = y - top, r = x - left;
    const upper = (1 - r) * at(top, left) + r * at(top, left + 1);
    const lower = (1 - r) * at(top + 1, left) + r * at(top + 1, left + 1);
    return Math.floor((1 - b) * upper + b * lower); // as the operation does with whole numbers
  });
}
