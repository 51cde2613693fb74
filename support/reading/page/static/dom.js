// Small things that every module uses: elements, numbers in words, bytes, and what is remembered.

export const $ = (id) => document.getElementById(id);

export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

const minus = (text) => text.replaceAll("-", "\u2212");
export const short = (value) => minus(value.toFixed(2).replace("-0.", "-.").replace(/^0\./, "."));
export const number = (value) => minus((value && value.toPrecision(3)).toString());
export const shape = (sizes) => `[${sizes.join(", ")}]`;

export function percent(share) {
  if (share > 0.9999) return "> 99.99 %";
  return `${(100 * share).toFixed(share > 0.9995 || share < 0.0995 ? 2 : 1)} %`;
}

export function bytes(text) { // from base64
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}

export const floats = (text) => new Float32Array(bytes(text).buffer); // little-endian, as browsers are

export function halves(text) { // 16-bit floats from base64: IEEE 754, binary16
  return Float32Array.from(new Uint16Array(bytes(text).buffer), (bits) => {
    const sign = bits & 0x8000 ? -1 : 1, exponent = (bits >> 10) & 31, fraction = bits & 1023;
    if (!exponent) return (sign * fraction) / 2 ** 24;
    return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
  });
}

export const argmax = (values) => values.indexOf(Math.max(...values));

// What the browser keeps, if it may: `session` until its tab is closed, else for good.

export function remember(name, value, session = false) {
  try {
    (session ? sessionStorage : localStorage).setItem(name, JSON.stringify(value));
  } catch { /* a browser that keeps nothing loses nothing else */ }
}

export function remembered(name, session = false) {
  try {
    return JSON.parse((session ? sessionStorage : localStorage).getItem(name));
  } catch {
    return null;
  }
}
