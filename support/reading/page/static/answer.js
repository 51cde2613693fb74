// What the network says of the drawing: the number, how sure it is, and the ten bars.

import { $, argmax, make, percent } from "./dom.js";
import { SENT, HEIGHT, isEmpty, sheet, stamp } from "./strokes.js";

export const state = { found: null, chosen: 0, waiting: false, problem: "", select() {}, choose() {}, hover() {} };
export const current = () => state.found?.digits[state.chosen];

export function newest(found) { // the index of the digit that the last stroke ends in; else the last one
  const last = sheet.drawing.strokes.at(-1)?.points.at(-1).map((value) => (value * SENT) / HEIGHT);
  const inside = ({ box }) => last && box[0] - 8 < last[0] && last[0] < box[2] + 8 &&
    box[1] - 8 < last[1] && last[1] < box[3] + 8;
  const index = found?.digits.findLastIndex(inside) ?? -1;
  return index < 0 ? Math.max(0, (found?.digits.length ?? 1) - 1) : index;
}

function second({ probabilities }) { // the second guess in words, where it is worth any
  const best = argmax(probabilities), others = probabilities.map((share, i) => (i === best ? -1 : share));
  const share = Math.max(...others);
  return share < 0.005 ? "" : `or ${article(argmax(others))}, ${percent(share)}`;
}

export const article = (digit) => `${digit === 8 ? "an" : "a"} ${digit}`;

function sureness() {
  const { digits } = state.found, [least] = digits.map((digit) => Math.max(...digit.probabilities)).sort((a, b) => a - b);
  const doubtful = digits.find((digit) => Math.max(...digit.probabilities) === least);
  if (digits.length > 1) {
    const which = doubtful.text === "?" ? "one of them, which can hardly be a digit" : `the ${doubtful.text.replace("?", "")}`;
    return [least > 0.9999 ? "> 99.99 % sure of each" : `least sure of ${which}: ${percent(least)}`, second(doubtful)];
  }
  const [digit] = digits, label = sheet.drawing.strokes.length ? undefined : sheet.drawing.example?.label;
  const guess = argmax(digit.probabilities);
  if (label !== undefined && label !== guess) return [`${percent(least)} sure, but it is ${article(label)}.`, second(digit)];
  if (digit.text === "?") return ["This can hardly be a digit.", `The best guess, ${article(guess)}, has ${percent(least)}.`];
  return [digit.text.endsWith("?") ? `In doubt: only ${percent(least)} sure` : `${percent(least)} sure`, second(digit)];
}

function words() {
  if (state.problem) return [state.problem];
  if (isEmpty()) return ["Nothing is drawn yet."];
  if (!state.found) return ["Reading \u2026"];
  return state.found.digits.length ? sureness() : ["No digit to be seen."];
}

export function speak() { // to a screen reader, once a stroke is done
  if (sheet.stroke || state.waiting) return;
  const said = words().filter(Boolean).join(", "), text = state.found?.text;
  $("spoken").textContent = text && !isEmpty() ? `Read: ${text}; ${said}` : said;
}

export function showAnswer() {
  const empty = isEmpty(), found = empty ? null : state.found, digit = empty ? null : current();
  $("number").textContent = found?.text || "\u2013";
  $("number").className = (found?.text.length ?? 0) > 5 ? "long" : "";
  const [sure, guess] = words();
  $("sure").replaceChildren(sure, ...(guess ? [make("small", {}, guess)] : []));
  $("warnings").textContent = found?.warnings.length ? `Mind: ${found.warnings.join("; ")}.` : "";
  const several = found?.digits.length > 1 ? found.digits : [], focused = $("digits").contains(document.activeElement);
  $("digits").replaceChildren(...several.map((each, i) => {
    const name = `digit ${i + 1}, read as ${each.text}: show its layers`;
    const button = make("button", { type: "button", "aria-pressed": i === state.chosen, "aria-label": name });
    button.append(stamp(each.pixels, getComputedStyle(document.body).color), each.text);
    button.addEventListener("click", () => state.choose(i));
    return button;
  }));
  if (focused) $("digits").children[state.chosen]?.focus();
  const best = digit ? argmax(digit.probabilities) : -1;
  [...$("bars").children].forEach((bar, i) => {
    const share = digit ? digit.probabilities[i] : 0;
    bar.firstChild.className = i === best ? "best" : "";
    bar.querySelector("i").style.width = `${100 * share}%`;
    bar.querySelector(".share").textContent = digit ? percent(share) : "\u2013";
  });
}

export function addBars() {
  for (let digit = 0; digit < 10; digit++) {
    const button = make("button", { type: "button", title: "show its weights" }, String(digit),
      make("span", { class: "rail" }, make("i")), make("span", { class: "share" }));
    button.addEventListener("click", () => state.select(digit));
    $("bars").append(make("li", {}, button));
  }
}
