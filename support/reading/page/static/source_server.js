// A page's source: who answers what it asks. This one asks the lesson's server, whose session runs
// the network. source_local.js has the same functions and computes them itself.

import { bytes, floats } from "./dom.js";
import { HEIGHT, SENT, render, sheet } from "./strokes.js";

export class Ended extends Error {}

async function request(path, body) {
  let answer;
  try {
    answer = await fetch(path, { signal: AbortSignal.timeout(60000), ...(body && { method: "POST", body }) });
  } catch {
    throw new Ended();
  }
  if (!answer.ok) throw new Error((await answer.text()).trim());
  return answer;
}

async function reading(path, body) {
  const found = await (await request(path, body)).json();
  if (found.error) throw new Error(found.error);
  for (const digit of found.digits) {
    digit.pixels = bytes(digit.pixels);
    for (const name in digit.layers) digit.layers[name] = floats(digit.layers[name]);
  }
  return found;
}

export async function server() {
  const network = await (await request("network")).json(), loaded = {};
  return {
    network,
    asked: "one session.run",
    draft: false, // each reading is as good as the last
    classify: async (images) => new Float32Array(await (await request("classify", images)).arrayBuffer()),
    readImage: (pixels) => reading("read/28", pixels),
    readFile: (file) => reading("picture", file),
    readSheet(parted, drawing) { // digits that overlap go to different sheets
      const width = (sheet.width * SENT) / HEIGHT, most = Math.max(1, ...parted.map((one) => one.length));
      const bodies = Array.from({ length: Math.min(8, most) }, (_, i) => {
        const strokes = parted.flatMap((groups) => groups[i] ?? []);
        return render({ strokes, example: i ? null : drawing.example });
      });
      return reading(`read/${width}`, new Blob(bodies));
    },
    async weights(name) {
      loaded[name] ??= request(name).then(async (answer) => new Float32Array(await answer.arrayBuffer()));
      return loaded[name].catch((error) => {
        delete loaded[name];
        throw error;
      });
    },
    forget() { // weights that a training has changed
      Object.keys(loaded).forEach((name) => delete loaded[name]);
    },
    training: async () => (await request("training")).json(),
    told: (milliseconds) => `read in ${Math.round(milliseconds)} ms`,
  };
}
