// A picture file: chosen, dropped or pasted; shown on the sheet, with the digits that were found.

import { $, make } from "./dom.js";
import { HEIGHT, change, sheet } from "./strokes.js";

function placed(width, height) { // on the sheet, whole: [left, top, scale]
  const scale = Math.min(sheet.width / width, HEIGHT / height);
  return [(sheet.width - width * scale) / 2, (HEIGHT - height * scale) / 2, scale];
}

export function paintPicture(context) {
  const { picture } = sheet.drawing;
  if (!picture) return;
  const { width, height } = picture.element, [left, top, scale] = placed(width, height);
  context.drawImage(picture.element, left, top, width * scale, height * scale);
}

export function showBoxes() {
  const { picture } = sheet.drawing, [left, top, scale] = placed(...(picture?.found.size ?? [1, 1]));
  $("boxes").replaceChildren(...(picture?.found.digits ?? []).map(({ box, text }) => {
    const mark = make("i", {}, make("b", {}, text));
    const across = (value) => `${(100 * value * scale) / sheet.width}%`, down = (value) => `${(100 * value * scale) / HEIGHT}%`;
    Object.assign(mark.style, { left: across(box[0] + left / scale), top: down(box[1] + top / scale),
      width: across(box[2] - box[0]), height: down(box[3] - box[1]) });
    return mark;
  }));
}

// readFile: of the source, see source_server.js; complain: called with what went wrong.

export function listenForFiles(readFile, complain) {
  const take = async (file) => {
    if (!file) return;
    $("time").textContent = "Reading the picture \u2026";
    try {
      const found = await readFile(file), element = new Image();
      element.src = found.image.startsWith("data:") ? found.image : `data:image/png;base64,${found.image}`;
      await element.decode();
      change({ picture: { found, element } });
    } catch (error) {
      $("time").textContent = "";
      complain(error);
    }
  };
  $("choose").addEventListener("click", () => $("file").click());
  $("file").addEventListener("change", ({ target }) => take(target.files[0]).then(() => (target.value = "")));
  addEventListener("paste", (event) => take(event.clipboardData.files[0]));
  addEventListener("dragover", (event) => {
    event.preventDefault();
    $("paper").className = "over";
  });
  addEventListener("dragleave", () => ($("paper").className = ""));
  addEventListener("drop", (event) => {
    event.preventDefault();
    $("paper").className = "";
    take(event.dataTransfer.files[0]);
  });
}
