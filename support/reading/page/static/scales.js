// Colours of values: one scale from nothing to much, and one through nothing, from negative to
// positive. Both begin at the colour of a card, so that what is strong stands out most: darker on a
// light page, lighter on a dark one.

const SCALES = {
  light: ["#efece4", "#b3cbee", "#5b92dc", "#1f55ad", "#0b2353"],
  dark: ["#23262b", "#234a86", "#3f83e6", "#94c1ff", "#fbfdff"],
  signedLight: ["#4f1a02", "#a8480f", "#e0a378", "#fffefc", "#9dbdf0", "#2a67c4", "#0a2760"],
  signedDark: ["#ffe0c9", "#f0894a", "#85431c", "#191b1f", "#28508f", "#5e9cf5", "#dbe9ff"],
};

export function dark() {
  const chosen = document.documentElement.style.colorScheme;
  return chosen ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
}

export function setTheme(name) {
  document.documentElement.style.colorScheme = name ?? "";
}

const tables = {};

export function colours(signed) { // 256 colours, as the pixels of an ImageData
  const name = signed ? (dark() ? "signedDark" : "signedLight") : dark() ? "dark" : "light";
  tables[name] ??= Uint32Array.from({ length: 256 }, (_, i) => {
    const stops = SCALES[name].map((stop) => stop.match(/\w\w/g).map((hex) => parseInt(hex, 16)));
    const share = signed ? (i - 128) / 127 : i / 255; // weak values are lifted, to be seen at all
    const lifted = Math.sign(share) * Math.abs(share) ** 0.7;
    const place = Math.max(0, signed ? (lifted + 1) / 2 : lifted) * (stops.length - 1);
    const low = Math.min(Math.floor(place), stops.length - 2);
    const mix = (c, k) => Math.round(c + (stops[low + 1][k] - c) * (place - low));
    const [r, g, b] = stops[low].map(mix);
    return ((255 << 24) | (b << 16) | (g << 8) | r) >>> 0;
  });
  return tables[name];
}

export function level(value, scale, signed) { // the index of a value's colour
  const share = Math.max(-1, Math.min(1, value / scale));
  return signed ? Math.round(128 + 127 * share) : Math.max(0, Math.round(255 * share));
}

export const isLight = (pixel) =>
  (pixel & 255) * 0.3 + ((pixel >> 8) & 255) * 0.6 + ((pixel >> 16) & 255) * 0.1 > 130;

export function extent(values) {
  let low = 0, high = 0, above = 0;
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
    if (value > 0) above++;
  }
  return { low, high, above, signed: low < 0, size: Math.max(high, -low) || 1 };
}
