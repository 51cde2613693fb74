// The linter of the page's scripts: eslint's own recommendation, and a few habits.

import js from "@eslint/js";

const names = ["document", "window", "fetch", "atob", "AbortSignal", "Blob", "Image", "ImageData", "ResizeObserver"];
names.push("addEventListener", "createImageBitmap", "devicePixelRatio", "getComputedStyle", "innerWidth", "matchMedia");
names.push("performance", "setInterval", "setTimeout", "localStorage", "sessionStorage");

export default [
  js.configs.recommended,
  {
    languageOptions: { globals: Object.fromEntries(names.map((name) => [name, "readonly"])) },
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      eqeqeq: "error", "max-len": ["error", 130], "max-lines": ["error", 150], "no-var": "error", "prefer-const": "error",
      "no-shadow": "error", "no-implicit-globals": "error",
    },
  },
];
