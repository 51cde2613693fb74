// The page itself: what is drawn is read, and shown.

import { addBars, current, state } from "./answer.js";
import { deselect, hover, select, setSource } from "./detail.js";
import { $, bytes, make, remember, remembered } from "./dom.js";
import { forgetWhy } from "./explain.js";
import { addLayers, layers, setDemo } from "./layers.js";
import { listen } from "./pen.js";
import { listenForFiles, paintPicture } from "./picture.js";
import { complain, lifted, read, reader, show, why } from "./reading.js";
import { dark, setTheme } from "./scales.js";
import { HEIGHT, change, clear, isEmpty, keep, paint, recall, redo, sheet, undo } from "./strokes.js";
import { Tiles } from "./tiles.js";
import { watch } from "./training.js";

function paintInk() {
  const ink = $("ink"), context = ink.getContext("2d");
  paint(context, ink.height / HEIGHT, getComputedStyle(ink).color, sheet.drawing);
  paintPicture(context);
  $("hint").hidden = !isEmpty();
  $("clear").disabled = isEmpty();
  $("undo").disabled = !sheet.past.length;
  $("redo").disabled = !sheet.future.length;
}

sheet.changed = () => {
  state.problem = "";
  if (isEmpty()) {
    state.found = null;
    $("time").textContent = "";
    fit();
  }
  if (!sheet.stroke) keep();
  if (sheet.stroke?.points.length === 1) forgetWhy("\u2026");
  paintInk();
  read();
  if (!current()) show(); // says that it is being read
};

function fit() { // an empty sheet takes the form that the window has room for
  const ink = $("ink");
  if (isEmpty()) sheet.width = HEIGHT * (innerWidth <= 900 ? 1.5 : 2);
  $("paper").style.aspectRatio = sheet.width / HEIGHT;
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

function addExample([text, label, said]) { // returns what paints it
  const wrong = label !== said, pixels = bytes(text), canvas = make("canvas");
  const name = `test digit ${label}` + (wrong ? `, misread as ${said}` : "");
  const button = make("button", { type: "button", "aria-label": name, title: name, class: wrong ? "wrong" : "" });
  button.append(canvas, String(label));
  button.addEventListener("click", () => change({ example: { pixels, label } }));
  $("row").append(button);
  return () => new Tiles(canvas, [28, 28, 1]).fit().draw(pixels, { high: 255 });
}

function listenForKeys(keys) {
  $("shortcuts").checked = remembered("shortcuts") ?? true;
  $("shortcuts").addEventListener("change", ({ target }) => remember("shortcuts", target.checked));
  addEventListener("keydown", (event) => {
    const command = event.ctrlKey || event.metaKey, pressed = event.key.toLowerCase();
    const key = command && event.shiftKey && pressed === "z" ? "y" : pressed;
    if (key === "escape") deselect();
    const meant = command ? key === "z" || key === "y" : $("shortcuts").checked;
    if (event.altKey || !meant || !(key in keys)) return;
    event.preventDefault();
    keys[key]();
  });
}

function build(source) { // what depends on the network
  const { network } = source;
  $("name").textContent = `${network.name}.py`;
  document.title = `Draw a digit: ${network.name}`;
  $("story").textContent = `The layers show ${source.asked} of the image at the left, as it is. The answer above is the ` +
    "mean for this image and its eight neighbours, shifted by a pixel. Click on a unit, a map or a bar: what is behind it?";
  setSource(source);
  addBars();
  addLayers(source, select);
  state.select = (digit) => select(layers.length - 1, digit);
  state.hover = hover;
  state.choose = (index) => {
    state.chosen = index;
    show();
    why();
  };
  $("examples").hidden = !network.examples.length;
  return network.examples.map(addExample);
}

// open: an async function that returns the source, see source_server.js.

export async function start(open) {
  setTheme(remembered("theme"));
  const source = (reader.source = await open()), pictures = build(source);
  const paintAll = () => {
    fit();
    pictures.forEach((each) => each());
    why();
  };
  const theme = () => {
    setTheme(dark() ? "light" : "dark");
    remember("theme", dark() ? "dark" : "light");
    paintAll();
  };
  const thinner = () => setPen(-4), thicker = () => setPen(4);
  const buttons = { undo, redo, clear, theme, thinner, thicker };
  for (const [id, action] of Object.entries(buttons)) $(id).addEventListener("click", action);
  listenForKeys({ z: undo, y: redo, c: clear, t: theme, "-": thinner, "+": thicker, "=": thicker });
  $("pen").addEventListener("input", showPen);
  listenForFiles(source.readFile, complain);
  recall();
  paintAll();
  const release = () => {
    keep();
    lifted();
  };
  listen($("paper"), $("ink"), () => Number($("pen").value), release);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", paintAll);
  new ResizeObserver(fit).observe($("paper"));
  const refresh = async () => { // anew, as the network may have learned
    const { examples } = source.network, example = examples.find(([, label]) => label === 3) ?? examples[0];
    if (isEmpty() && example) setDemo((await source.readImage(bytes(example[0]))).digits[0]);
    if (isEmpty()) show();
    else await read();
  };
  await refresh().catch(complain);
  globalThis.page = { source, sheet, state, change, read, idle: () => !reader.busy }; // for the curious, and for tests
  watch(source, refresh);
  setInterval(() => reader.busy || source.training().then(() => ($("ended").hidden = true), complain), 2000);
}
