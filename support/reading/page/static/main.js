// The page itself: what is drawn is read, and shown.

import { addBars, current, newest, showAnswer, speak, state } from "./answer.js";
import { $, bytes, make, remember, remembered } from "./dom.js";
import { deselect, hover, select, setSource, showDetail } from "./detail.js";
import { forgetWhy, showWhy } from "./explain.js";
import { group } from "./grouping.js";
import { addLayers, layers, setDemo, showLayers } from "./layers.js";
import { listen } from "./pen.js";
import { dark, setTheme } from "./scales.js";
import { HEIGHT, change, clear, isEmpty, keep, paint, recall, redo, sheet, undo } from "./strokes.js";
import { Tiles } from "./tiles.js";
import { watch } from "./training.js";

let source, busy = false, again = false, since = 0, wake = () => {};

// Reading: one question at a time, and the newest drawing next, whatever came between.

async function read() {
  since ||= performance.now();
  again = true;
  state.waiting = true;
  if (busy || !source) return;
  busy = true;
  while (again) {
    again = false;
    const start = since;
    since = 0;
    await answer(sheet.drawing).catch(complain);
    if (!again && !isEmpty() && !state.problem) $("time").textContent = source.told(performance.now() - start);
    if (again && sheet.stroke) await pause();
  }
  busy = state.waiting = false;
  show();
  speak();
  if (!sheet.stroke) showWhy(source.classify).catch(complain);
}

async function answer(drawing) {
  let found = null;
  if (drawing.picture) found = drawing.picture.found;
  else if (drawing.strokes.length) {
    const parted = drawing.example ? [[drawing.strokes]] : await group(drawing.strokes, source.classify);
    found = await source.readSheet(parted, drawing);
  } else if (drawing.example) found = await source.readImage(drawing.example.pixels);
  state.problem = "";
  $("ended").hidden = true;
  state.found = found;
  state.chosen = newest(found);
  show();
}

function complain(error) {
  if (error.message) state.problem = error.message;
  else {
    $("ended").textContent = `Nobody answers any more: ${source ? source.network.name : "the lesson"} has ended, ` +
      "or is stopped. Start it again, and open the address that it prints.";
    $("ended").hidden = false;
  }
  show();
}

function pause() { // between readings within a stroke, so that its end seldom has to wait for one
  return new Promise((resolve) => {
    wake = resolve;
    setTimeout(resolve, 40);
  });
}

function show() {
  if (!layers.length) return;
  showAnswer();
  showLayers();
  showBoxes();
  showDetail();
}

function showBoxes() { // of the digits that were found in a picture
  const { picture } = sheet.drawing, [width, height] = picture?.found.size ?? [1, 1];
  $("boxes").replaceChildren(...(picture?.found.digits ?? []).map(({ box, text }) => {
    const mark = make("i", {}, make("b", {}, text)), scale = Math.min((2 * HEIGHT) / width / (2 * HEIGHT / sheet.width), HEIGHT / height);
    const left = (sheet.width - width * scale) / 2, top = (HEIGHT - height * scale) / 2;
    const share = (value, from, whole) => `${(100 * (from + value * scale)) / whole}%`;
    Object.assign(mark.style, { left: share(box[0], left, sheet.width), top: share(box[1], top, HEIGHT),
      width: `${(100 * (box[2] - box[0]) * scale) / sheet.width}%`, height: `${(100 * (box[3] - box[1]) * scale) / HEIGHT}%` });
    return mark;
  }));
}

function paintInk() {
  const ink = $("ink"), context = ink.getContext("2d"), { picture } = sheet.drawing;
  paint(context, ink.height / HEIGHT, getComputedStyle(ink).color, sheet.drawing);
  if (picture) {
    const scale = Math.min(sheet.width / picture.element.width, HEIGHT / picture.element.height);
    const [width, height] = [picture.element.width * scale, picture.element.height * scale];
    context.drawImage(picture.element, (sheet.width - width) / 2, (HEIGHT - height) / 2, width, height);
  }
  $("hint").hidden = !isEmpty();
  $("clear").disabled = isEmpty();
  $("undo").disabled = !sheet.past.length;
  $("redo").disabled = !sheet.future.length;
}

sheet.changed = () => {
  if (isEmpty()) fit();
  if (isEmpty()) state.found = null;
  if (!sheet.stroke) keep();
  if (sheet.stroke?.points.length === 1) forgetWhy("\u2026");
  paintInk();
  if (!current() || isEmpty()) show(); // says that it is being read
  read();
};

function fit() { // an empty sheet takes the form that the window has room for
  const ink = $("ink"), paper = $("paper");
  if (isEmpty()) sheet.width = HEIGHT * (innerWidth <= 900 ? 1.5 : 2);
  paper.style.aspectRatio = sheet.width / HEIGHT;
  ink.width = Math.round(ink.clientWidth * devicePixelRatio);
  ink.height = Math.round(ink.clientHeight * devicePixelRatio);
  layers.forEach((layer) => layer.tiles.fit());
  paintInk();
  showPen();
  show();
}

function showPen() {
  const size = `${($("pen").value * $("ink").clientHeight) / HEIGHT}px`;
  Object.assign($("nib").firstChild.style, { width: size, height: size });
}

function setPen(step) {
  $("pen").value = Number($("pen").value) + step;
  showPen();
}

function addExample([text, label, said]) {
  const wrong = label !== said, pixels = bytes(text), name = `test digit ${label}` + (wrong ? `, misread as ${said}` : "");
  const button = make("button", { type: "button", "aria-label": name, title: name, class: wrong ? "wrong" : "" });
  const canvas = make("canvas");
  button.append(canvas, String(label));
  button.addEventListener("click", () => change({ example: { pixels, label } }));
  $("row").append(button);
  return () => new Tiles(canvas, [28, 28, 1]).fit().draw(pixels, { high: 255 });
}

async function readFile(file) {
  if (!file) return;
  $("time").textContent = "Reading the picture \u2026";
  try {
    const found = await source.readFile(file), element = new Image();
    element.src = found.image.startsWith("data:") ? found.image : `data:image/png;base64,${found.image}`;
    await element.decode();
    change({ picture: { found, element } });
  } catch (error) {
    complain(error);
  }
}

function listenForFiles() {
  $("choose").addEventListener("click", () => $("file").click());
  $("file").addEventListener("change", ({ target }) => readFile(target.files[0]).then(() => (target.value = "")));
  addEventListener("paste", (event) => readFile([...event.clipboardData.files][0]));
  addEventListener("dragover", (event) => { event.preventDefault(); $("paper").className = "over"; });
  addEventListener("dragleave", () => ($("paper").className = ""));
  addEventListener("drop", (event) => {
    event.preventDefault();
    $("paper").className = "";
    readFile(event.dataTransfer.files[0]);
  });
}

function listenForKeys(toggleTheme) {
  const keys = { z: undo, y: redo, c: clear, "-": () => setPen(-4), "+": () => setPen(4), "=": () => setPen(4), t: toggleTheme };
  $("shortcuts").checked = remembered("shortcuts") ?? true;
  $("shortcuts").addEventListener("change", ({ target }) => remember("shortcuts", target.checked));
  addEventListener("keydown", (event) => {
    const command = event.ctrlKey || event.metaKey, key = command && event.shiftKey && event.key.toLowerCase() === "z" ? "y" : event.key.toLowerCase();
    if (key === "escape") deselect();
    if (event.altKey || (command ? key !== "z" && key !== "y" : !$("shortcuts").checked) || !(key in keys)) return;
    event.preventDefault();
    keys[key]();
  });
}

// open: an async function that returns the source, see source_server.js.

export async function start(open) {
  setTheme(remembered("theme"));
  source = await open();
  const { network } = source;
  $("name").textContent = `${network.name}.py`;
  document.title = `Draw a digit: ${network.name}`;
  $("story").textContent = `The layers show ${source.asked} of the image at the left, as it is. The answer above is surer: the mean ` +
    "for this image and its eight neighbours, shifted by a pixel. Click on a unit, a map or a bar to see what is behind it.";
  setSource(source);
  globalThis.page = { source, sheet, state, change, idle: () => !busy }; // for the curious, and for tests
  addBars();
  addLayers(source, select);
  const draw = network.examples.map(addExample), drawExamples = () => draw.forEach((each) => each());
  const paintAll = () => { paintInk(); show(); drawExamples(); if (current()) showWhy(source.classify); };
  const toggleTheme = () => {
    setTheme(dark() ? "light" : "dark");
    remember("theme", dark() ? "dark" : "light");
    paintAll();
  };
  Object.assign(state, { select: (digit) => select(layers.length - 1, digit), hover,
    choose: (index) => { state.chosen = index; show(); showWhy(source.classify); } });
  $("examples").hidden = !network.examples.length;
  recall();
  fit();
  drawExamples();
  listen($("paper"), $("ink"), () => Number($("pen").value), () => { wake(); keep(); if (!busy) read(); });
  for (const [id, action] of Object.entries({ undo, redo, clear, theme: toggleTheme,
    thinner: () => setPen(-4), thicker: () => setPen(4) })) $(id).addEventListener("click", action);
  $("pen").addEventListener("input", showPen);
  listenForKeys(toggleTheme);
  listenForFiles();
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", paintAll);
  new ResizeObserver(fit).observe($("paper"));
  forgetWhy("Draw something: the ink that decides will be coloured.");
  const refresh = async () => {
    const [example] = network.examples.filter(([, label]) => label === 3).concat(network.examples);
    if (example) setDemo((await source.readImage(bytes(example[0]))).digits[0]);
    if (isEmpty()) show();
    else await read();
  };
  await refresh().catch(complain);
  watch(source, refresh);
  setInterval(() => busy || source.training().then(() => ($("ended").hidden = true), complain), 2000);
}
