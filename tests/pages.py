"""Pages to draw on: of a network without TensorFlow, and of the lessons; and a browser for them."""

import contextlib
import re
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from support import page
from tests import trainings

# Nothing that asks other addresses, and nothing that needs a screen.
ARGUMENTS = "headless no-sandbox disable-gpu disable-quic disable-sync no-first-run "
ARGUMENTS += "disable-background-networking disable-component-update"

WEIGHTS = {"weights/h1": np.linspace(-1, 1, 784 * 4, dtype=np.float32).reshape(784, 4)}
WEIGHTS["weights/out"] = np.linspace(1, -1, 40, dtype=np.float32).reshape(4, 10)


class Network:
    """Says 3 to everything; notes what it was given, and how many asked at once."""

    def __init__(self):
        self.given, self.running, self.most, self.pause = [], 0, 0, 0

    def __call__(self, pixels):
        self.running += 1
        self.most = max(self.most, self.running)
        time.sleep(self.pause)
        self.running -= 1
        self.given.append(pixels)
        probabilities = np.tile(np.float32([0.01] * 3 + [0.91] + [0.01] * 6), [len(pixels), 1])
        return probabilities, {"hidden_1": pixels[:, 300:304] / np.float32(3)}


@contextlib.contextmanager
def serving(network, examples=Path("none")):
    """Serve a page of `network`; yields the server."""
    with page.Server(network, WEIGHTS, "mlp_mnist", examples) as server:
        thread = threading.Thread(target=server.serve_forever, args=[0.02])
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


def trained(lesson, out, epochs, *flags, **options):
    """Train into the folder `out`, as `flags` say; return what is printed."""
    words = [f"{lesson.__name__}.py", *flags, "--epochs", epochs, "--out", out]
    code, output, errors = trainings.python(*words, **options)
    assert (code, errors) == (0, ""), output
    return output


@contextlib.contextmanager
def served_lesson(lesson, out, *flags):
    """Serve the page of the network in `out`; yields the process and the page's address."""
    command = [sys.executable, f"{lesson.__name__}.py", "--draw", "--out", out, *flags]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, cwd=trainings.ROOT, **pipes) as process:
        try:
            line = process.stdout.readline()
            assert line.startswith("draw at "), (line, process.stderr.read())
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


def draw(page, pixels):
    """Draw a digit, uint8 [784], with the mouse, in strokes from left to right."""
    page.locator("#pen").fill("12")
    box = page.locator("#ink").bounding_box()
    step = box["height"] / 28
    left, top = box["x"] + box["width"] / 2 - 14 * step, box["y"]
    for row, values in enumerate(pixels.reshape(28, 28)):
        y, ink = top + step * (row + 0.5), "".join("#" if value > 60 else "." for value in values)
        for run in re.finditer("#+", ink):
            page.mouse.move(left + step * (run.start() + 0.5), y)
            page.mouse.down()
            page.mouse.move(left + step * (run.end() - 0.5), y)
            page.mouse.up()
