// Pointer events on the paper become strokes: of a mouse, a finger or a pen.

import { HEIGHT, change, sheet } from "./strokes.js";

const PALM = 1000; // milliseconds after a pen in which a touch is a palm
let active = null, lastPen = -Infinity; // the pointer that draws, and when a pen was last seen

function place(canvas, event) {
  const box = canvas.getBoundingClientRect();
  const x = ((event.clientX - box.left) * sheet.width) / box.width;
  const y = ((event.clientY - box.top) * HEIGHT) / box.height;
  // A mouse says 0.5 while it is pressed, and so do fingers and pens that feel no pressure.
  const share = event.pointerType === "pen" && event.pressure !== 0.5 ? 0.4 + 1.2 * event.pressure : 1;
  return [x, y, share].map((value) => Math.round(value * 100) / 100);
}

// paper: the element that hears of pointers, a little larger than its canvas. width(): of the pen.
// lifted(): called when a stroke has ended.

export function listen(paper, canvas, width, lifted) {
  const start = (event) => {
    if (event.button) return;
    if (event.pointerType === "pen") lastPen = event.timeStamp;
    else if (event.pointerType === "touch" && event.timeStamp - lastPen < PALM) return;
    if (active !== null && event.pointerType !== "pen") return; // only the one that began draws
    event.preventDefault();
    paper.setPointerCapture(event.pointerId);
    active = event.pointerId;
    sheet.stroke = { pen: width(), points: [place(canvas, event)] };
    change({ strokes: [...sheet.drawing.strokes, sheet.stroke], example: sheet.drawing.example });
  };
  const move = (event) => {
    if (event.pointerId !== active) return;
    if (event.pointerType === "pen") lastPen = event.timeStamp;
    const events = event.getCoalescedEvents?.() ?? [];
    sheet.stroke.points.push(...(events.length ? events : [event]).map((one) => place(canvas, one)));
    sheet.changed();
  };
  const end = (event) => {
    if (event.pointerId !== active) return;
    active = sheet.stroke = null; // its last point is about to be read
    lifted();
  };
  paper.addEventListener("pointerdown", start);
  paper.addEventListener("pointermove", move);
  paper.addEventListener("pointerup", end);
  paper.addEventListener("pointercancel", end);
}
