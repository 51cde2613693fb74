// Which strokes are a digit. The page knows the strokes, so that digits may overlap: that some of
// them are a digit is a hypothesis, and the network's certainty chooses among all ways to part them.

import { FIVE, means, prepare, shifted } from "./prepare.js";
import { HEIGHT, SENT, render, sheet } from "./strokes.js";

const NEAR = 0.04 * HEIGHT; // strokes that come so near may belong together
const MOST = 4; // strokes of a digit
const PEN = 2.2 / 20; // of a digit's length: MNIST's strokes are hardly ever thinner
const FLAT = 0.35; // of the drawing's height: what is less tall is a part of a digit
// How well a way to part the strokes fits: twice the logarithm of the certainties, and for each digit
const FEW = 0.1; // more, since digits seldom have many strokes,
const WIDE = 5, SQUARE = 0.8; // less, as far as it is wider than this share of its height,
const ABOVE = 0.3; // and less if it lies upon another one. Tried on 150 numbers by tests/pages.py.

function box(strokes) {
  const points = strokes.flatMap((stroke) => stroke.points), xs = points.map((p) => p[0]);
  const ys = points.map((p) => p[1]);
  return { left: Math.min(...xs), right: Math.max(...xs), top: Math.min(...ys), bottom: Math.max(...ys) };
}

const paths = new WeakMap(); // stroke -> points that lie close together
function path(stroke) {
  if (stroke !== sheet.stroke && paths.has(stroke)) return paths.get(stroke);
  const dense = [stroke.points[0]];
  for (const [x, y] of stroke.points) {
    const [x0, y0] = dense.at(-1), steps = Math.ceil(Math.hypot(x - x0, y - y0) / 6);
    for (let i = 1; i <= steps; i++) dense.push([x0 + ((x - x0) * i) / steps, y0 + ((y - y0) * i) / steps]);
  }
  paths.set(stroke, dense);
  return dense;
}

function near(a, b) {
  const reach = (a.pen + b.pen) / 2 + NEAR, one = box([a]), other = box([b]);
  if (one.left - other.right > reach || other.left - one.right > reach) return false;
  return path(a).some(([x, y]) => path(b).some(([u, v]) => Math.hypot(x - u, y - v) < reach));
}

function components(strokes) { // lists of strokes that are near each other, directly or through others
  let lists = [];
  for (const stroke of strokes) {
    const own = lists.filter((list) => list.some((other) => near(stroke, other)));
    lists = [...lists.filter((list) => !own.includes(list)), [...own.flat(), stroke]];
  }
  return lists.map((list) => strokes.filter((stroke) => list.includes(stroke)));
}

export function image(strokes) { // as MNIST's: { pixels, box }, or null
  const { left, right, top, bottom } = box(strokes), length = Math.max(right - left, bottom - top);
  return prepare(render({ strokes }, PEN * length), (sheet.width * SENT) / HEIGHT);
}

const sure = new Map(); // "0,1" -> how sure the network is of these strokes; ids of strokes
const ids = new WeakMap();
let count = 0;

function key(strokes) {
  return strokes.map((stroke) => {
    if (!ids.has(stroke)) ids.set(stroke, count++);
    return stroke === sheet.stroke ? `${ids.get(stroke)}:${stroke.points.length}` : ids.get(stroke);
  }).join();
}

function runs(strokes) { // all sets of neighbours, in the order of drawing and from left to right
  const orders = [strokes, [...strokes].sort((a, b) => box([a]).left - box([b]).left)], sets = new Map();
  for (const order of orders) {
    for (let i = 0; i < order.length; i++) {
      for (let j = i + 1; j <= Math.min(order.length, i + MOST); j++) {
        const set = strokes.filter((stroke) => order.slice(i, j).includes(stroke));
        sets.set(key(set), set);
      }
    }
  }
  return [...sets];
}

async function ask(sets, classify) {
  const unknown = sets.filter(([name]) => !sure.has(name));
  const images = unknown.map(([, strokes]) => image(strokes)?.pixels ?? new Uint8Array(784));
  for (let i = 0; i < images.length; i += 60) { // at most 300 images at once
    const part = images.slice(i, i + 60), all = new Uint8Array(part.length * FIVE.length * 784);
    part.forEach((pixels, k) => all.set(shifted(pixels, FIVE), k * FIVE.length * 784));
    means(await classify(all), FIVE.length).forEach((each, k) => sure.set(unknown[i + k][0], Math.max(...each)));
  }
}

function overlap(a, b) { // of two groups, from left to right: a share of the narrower one
  const one = box(a), other = box(b);
  const common = Math.min(one.right, other.right) - Math.max(one.left, other.left);
  return Math.max(0, common) / Math.max(20, Math.min(one.right - one.left, other.right - other.left));
}

function best(strokes, sets, tallest) { // [score, groups] of the best way to part these strokes
  if (!strokes.length) return [0, []];
  let found = [-Infinity, []];
  for (const [name, set] of sets) {
    if (!set.includes(strokes[0]) || !set.every((stroke) => strokes.includes(stroke))) continue;
    const { left, right, top, bottom } = box(set), height = bottom - top, flat = height < FLAT * tallest;
    const wide = Math.max(0, (right - left) / Math.max(1, height) - SQUARE);
    const rest = best(strokes.filter((stroke) => !set.includes(stroke)), sets, tallest);
    const upon = rest[1].map((other) => Math.max(0, overlap(set, other) - 0.5) * 2);
    const score = 2 * Math.log(flat ? 0.01 : sure.get(name)) + FEW - WIDE * wide + rest[0]
      - ABOVE * upon.reduce((a, b) => a + b, 0);
    if (score > found[0]) found = [score, [set, ...rest[1]]];
  }
  return found;
}

// Returns components, each a list of groups from left to right, each a list of strokes: a digit.

export async function group(strokes, classify) {
  if (sure.size > 5000) sure.clear();
  const { top, bottom } = strokes.length ? box(strokes) : { top: 0, bottom: 0 };
  const parted = [];
  for (const component of components(strokes)) {
    if (component.length === 1 || component.length > 14) {
      parted.push([component]);
      continue;
    }
    const sets = runs(component);
    await ask(sets, classify);
    const groups = best(component, sets, bottom - top)[1];
    parted.push(groups.sort((a, b) => box(a).left + box(a).right - box(b).left - box(b).right));
  }
  return parted;
}
