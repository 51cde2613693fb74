// Reading what is drawn: one question at a time, and the newest drawing next, whatever came between.

import { newest, showAnswer, speak, state } from "./answer.js";
import { showDetail } from "./detail.js";
import { $ } from "./dom.js";
import { showWhy } from "./explain.js";
import { group } from "./grouping.js";
import { layers, showLayers } from "./layers.js";
import { showBoxes } from "./picture.js";
import { isEmpty, sheet } from "./strokes.js";

export const reader = { source: null, busy: false };
let again = false, since = 0, wake = () => {};

export async function read() {
  since ||= performance.now();
  again = true;
  state.waiting = true;
  if (reader.busy) return;
  reader.busy = true;
  while (again) {
    again = false;
    const begun = since;
    since = 0;
    await answer(sheet.drawing).catch(complain);
    if (!again && !isEmpty() && !state.problem) $("time").textContent = reader.source.told(performance.now() - begun);
    if (again && sheet.stroke) await pause();
  }
  reader.busy = state.waiting = false;
  show();
  finish();
}

function finish() { // what is done once the pen is lifted, and its stroke is read
  if (sheet.stroke) return;
  speak();
  why();
}

export function why() {
  showWhy(reader.source.classify).catch(complain);
}

export function lifted() {
  wake();
  if (reader.source.draft) read(); // a stroke in the making was read roughly
  else if (!reader.busy) finish();
}

async function answer(drawing) {
  let found = null;
  const { source } = reader;
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

export function complain(error) {
  if (error.message) state.problem = error.message;
  else {
    $("ended").textContent = `Nobody answers any more: ${reader.source?.network.name ?? "the lesson"} has ended, ` +
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

export function show() {
  if (!layers.length) return;
  showAnswer();
  showLayers();
  showBoxes();
  showDetail();
}
