"""Pages to draw on: of a network without TensorFlow, and of the lessons; a browser, and a hand."""

import contextlib
import shutil
import subprocess
import sys
import threading
import time

import numpy as np
import pytest
from scipy.interpolate import make_interp_spline

from support.reading import page
from tests import trainings

# Nothing that asks other addresses, and nothing that needs a screen.
ARGUMENTS = "headless no-sandbox disable-gpu disable-quic disable-sync no-first-run "
ARGUMENTS += "disable-background-networking disable-component-update"
# A person's digits: the points of each stroke, x and y in hundredths of the digit's height.
STROKES = {
    0: ["55 3  20 12  6 50  22 92  45 97  68 55  62 12  52 4"],
    1: ["12 2  10 50  8 98"],
    2: ["8 24  20 6  44 3  58 20  46 48  22 74  4 95  30 90  64 94"],
    3: ["8 12  30 2  52 14  46 38  24 47  48 54  58 76  38 96  6 90"],
    4: ["30 3  18 30  6 60  36 60  66 58", "48 30  46 62  44 98"],
    5: ["18 4  14 24  12 44  36 40  58 58  52 84  30 97  4 90", "18 5  40 4  60 3"],
    6: ["48 3  22 30  8 64  18 92  42 95  54 76  40 58  16 66"],
    7: ["4 6  34 5  62 4  44 40  26 98"],
    8: ["54 14  32 3  14 18  30 42  54 66  42 94  18 92  8 72  30 46  52 26  53 12"],
    9: ["54 18  34 3  12 18  18 42  42 44  56 16  52 50  46 98"],
}


class Model:
    """Says 3 to everything; notes what it was given, and how many asked at once."""

    plan, layers = (), {"h1": [4]}
    shapes = {"weights/h1": [784, 4], "biases/h1": [4], "weights/out": [4, 10]}  # noqa: RUF012

    def __init__(self):
        self.given, self.running, self.most, self.pause = [], 0, 0, 0

    def probabilities(self, pixels):
        self.running += 1
        self.most = max(self.most, self.running)
        time.sleep(self.pause)
        self.running -= 1
        self.given.append(pixels)
        return np.tile(np.float32([0.01] * 3 + [0.91] + [0.01] * 6), [len(pixels), 1])

    def look_into(self, pixels):
        return self.probabilities(pixels), {"h1": pixels[:, 300:304] / np.float32(3)}

    def value(self, name):
        shape = self.shapes[name]
        return np.linspace(-1, 1, np.prod(shape), dtype=np.float32).reshape(shape)


@pytest.fixture
def network():
    return Model()


@pytest.fixture
def served(network):
    with serving(network) as server:
        yield server


@contextlib.contextmanager
def serving(model, examples=()):
    """Serve the page of a model; yields the server."""
    ended = threading.Event()

    def work(server):
        while not ended.is_set():
            server.jobs.work(0.02)

    with page.Server(model, "mlp_mnist", list(examples)) as server:
        thread = threading.Thread(target=work, args=[server])
        thread.start()
        try:
            yield server
        finally:
            ended.set()
            thread.join()


@contextlib.contextmanager
def served_lesson(lesson, *flags):
    """Run a lesson that serves a page; yields the process and the page's address."""
    command = [sys.executable, f"{lesson.__name__}.py", *map(str, flags)]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, cwd=trainings.ROOT, **pipes) as process:
        try:
            lines = iter(process.stdout.readline, "")
            line = next((line for line in lines if " at http" in line), None)
            assert line, process.stderr.read()
            yield process, line.split()[2]
        finally:
            process.kill()


@contextlib.contextmanager
def chromium():
    """Yield a browser of Playwright's; skip the test where there is none."""
    playwright = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if not path:
        pytest.skip("Chromium is not installed")
    with playwright.sync_playwright() as p:
        arguments = [f"--{name}" for name in ARGUMENTS.split()]
        browser = p.chromium.launch(executable_path=path, args=arguments)
        yield browser
        browser.close()


def written(digit, rng):
    """Return a digit's strokes, each an array of points [N, 2], 1 high, as some hand writes it."""
    slant, width = rng.normal(0, 0.08), rng.uniform(0.85, 1.15)
    strokes = []
    for text in STROKES[digit]:
        points = np.array(text.split(), float).reshape(-1, 2) / 100
        points += rng.normal(0, 0.015, points.shape)
        curve = make_interp_spline(np.linspace(0, 1, len(points)), points, k=2)
        x, y = curve(np.linspace(0, 1, 14)).T
        strokes.append(np.stack([width * x + slant * (0.5 - y), y], axis=1))
    return strokes


def number(digits, rng, height=0.7, gap=0.15):
    """Return the strokes of a number, in shares of the sheet's height.

    gap < 0: they overlap by this share of a digit's height, or by half of the narrower one's width.
    """
    strokes, right, before = [], 0.15, 0
    for digit in digits:
        own = [stroke * height for stroke in written(digit, rng)]
        xs = np.concatenate(own)[:, 0]
        left = right + max(gap * height, -min(before, np.ptp(xs)) / 2) * bool(strokes)
        top = 0.12 + rng.uniform(-0.03, 0.06)
        strokes += [stroke + np.array([left - xs.min(), top]) for stroke in own]
        right, before = left + np.ptp(xs), np.ptp(xs)
    return strokes


def draw(page, strokes):
    """Draw strokes with the mouse; points in shares of the sheet's height."""
    box = page.locator("#ink").bounding_box()
    for points in strokes:
        for i, (x, y) in enumerate(np.asarray(points) * box["height"]):
            page.mouse.move(box["x"] + x, box["y"] + y)
            if i == 0:
                page.mouse.down()
        page.mouse.up()
