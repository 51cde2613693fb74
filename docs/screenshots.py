"""Pictures of the page to draw on, in light and dark, taken in headless Chromium.

    python docs/screenshots.py cnn_mnist runs/cnn     writes docs/page_light.png and page_dark.png

Needs Playwright (tests/requirements.txt) and Chromium.
"""

import io
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
ARGUMENTS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
# Strokes of a 4 and a 2: points of a smooth curve, x and y in hundredths of the canvas's height.
STROKES = [
    "57 16  47 38  37 58  51 60  79 57",
    "71 30  68 56  65 86",
    "113 33  122 21  138 18  150 28  148 44  136 60  120 76  112 84  128 82  142 84  158 82",
]


def take(lesson, out, into=HERE):
    """Write page_light.png and page_dark.png into the folder `into`.

    lesson  "mlp_mnist" or "cnn_mnist"; out: the folder of its training
    """
    from playwright.sync_api import sync_playwright

    command = [sys.executable, HERE.parent / f"{lesson}.py", "--draw", "--no-browser", "--out", out]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            url = process.stdout.readline().split()[2]
            with sync_playwright() as playwright:
                path = shutil.which("chromium")
                browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
                for scheme in ("light", "dark"):
                    page = browser.new_page(
                        color_scheme=scheme, viewport={"width": 1280, "height": 720}
                    )
                    page.goto(url)
                    page.wait_for_function("() => self.page?.idle()")
                    _draw(page)
                    path = Path(into, f"page_{scheme}.png")
                    path.write_bytes(_small(page.screenshot(full_page=True)))
                    print(f"docs: {path}, {path.stat().st_size // 1000} kB", flush=True)
        finally:
            process.kill()


def _draw(page):
    from scipy.interpolate import make_interp_spline

    box = page.locator("#ink").bounding_box()
    for stroke in STROKES:
        points = np.array(stroke.split(), float).reshape(-1, 2) * box["height"] / 100
        curve = make_interp_spline(np.linspace(0, 1, len(points)), points, k=2)
        for i, (x, y) in enumerate(curve(np.linspace(0, 1, 40))):
            page.mouse.move(box["x"] + x, box["y"] + y)
            if i == 0:
                page.mouse.down()
        page.mouse.up()
    page.mouse.move(0, 0)
    page.wait_for_function("() => self.page.idle()")
    page.wait_for_timeout(500)  # for the bars to have grown, and for a time without a queue
    page.evaluate("self.page.read()")
    page.wait_for_function("() => self.page.idle()")


def _small(png):
    """Return a PNG with a palette of 256 colours, which is hardly to be seen."""
    from PIL import Image

    image, file = Image.open(io.BytesIO(png)).convert("RGB"), io.BytesIO()
    image.quantize(256, kmeans=1, dither=Image.Dither.NONE).save(file, "png", optimize=True)
    return file.getvalue()


if __name__ == "__main__":
    take(*sys.argv[1:])
