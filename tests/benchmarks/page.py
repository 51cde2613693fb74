"""The page: milliseconds from the end of a stroke to its answer, and what --watch costs.

Headless Chromium draws zigzags with the mouse at the pace of a hand, one beside the other. The
time begins with the browser's own time stamp of the event that ends the stroke, and ends in the
frame in which the answer to its last point is shown. The seconds are those of an epoch, but the
first, in history.csv: trained as ever, watched by nobody, and watched by a browser. Everything
runs on this machine at once. Needs Chromium, and Playwright (tests/requirements.txt).
"""

import csv
import statistics
import tempfile
from functools import partial
from pathlib import Path

import common

from tests import pages, trainings

WAYS = ["as ever", "nobody looks", "looked at"]
# Notes how long it took, when a frame was drawn after an answer, and no other is awaited.
NOTE = """
self.taken = [];
document.getElementById("paper").addEventListener("pointerup", (event) => {
  const look = () => page.idle() ? setTimeout(() => taken.push(performance.now() - event.timeStamp))
    : requestAnimationFrame(look);
  requestAnimationFrame(look);
});
"""


def measure(tab, repeats):
    """Return the milliseconds of `repeats` strokes, each a zigzag, and the last of three digits."""
    tab.evaluate(NOTE)
    box = tab.locator("#ink").bounding_box()
    for i in range(3 * repeats):
        for k in range(24):  # points, each 8 ms after the one before
            x, y = 0.15 + 0.6 * (i % 3) + 0.35 * abs((k / 8) % 2 - 1), 0.15 + 0.7 * k / 24
            tab.mouse.move(box["x"] + x * box["height"], box["y"] + y * box["height"])
            if k == 0:
                tab.mouse.down()
            tab.wait_for_timeout(8)
        tab.mouse.up()
        tab.wait_for_function(f"() => taken.length > {i}")
        if i % 3 == 2:
            tab.keyboard.press("c")
            tab.wait_for_function("() => page.idle()")
    return tab.evaluate("taken")[2::3]


def watched(browser, lesson, source, way):
    """Return the seconds of an epoch, trained "as ever", while "nobody looks", or "looked at"."""
    with tempfile.TemporaryDirectory() as out:
        flags = [*source, "--limit", 20000]
        if way == "as ever":
            trainings.trained(lesson, out, 4, *flags)
        else:
            flags += ["--epochs", 4, "--out", out, "--watch", "--no-browser"]
            with pages.served_lesson(lesson, *flags) as (process, url), browser.new_page() as tab:
                tab.goto(url if way == "looked at" else "about:blank")
                next(line for line in process.stdout if "the page goes on" in line)
        with Path(out, "history.csv").open(newline="") as file:
            return statistics.mean(float(row["seconds"]) for row in [*csv.DictReader(file)][1:])


def main():
    """Train each lesson for an epoch, draw on its page; then watch it, and do not."""
    args = common.begin(common.parser(__doc__, repeats=20), "tensorflow", "numpy")
    rows = []
    with pages.chromium() as browser, tempfile.TemporaryDirectory() as folder:
        for name in args.lesson:
            lesson, out = common.lesson(name), f"{folder}/{name}"
            trainings.trained(lesson, out, 1, *args.source)
            draw = pages.served_lesson(lesson, "--draw", "--no-browser", "--out", out)
            with draw as (_, url), browser.new_page() as tab:
                tab.goto(url)
                tab.wait_for_function("() => self.page?.idle()")
                times = measure(tab, args.repeats)
            rows.append([name.upper(), "ms to an answer", common.spread(times, 0)])
            turns = (partial(watched, browser, lesson, args.source, way) for way in WAYS)
            ways = {way: lambda _, turn=turn: turn() for way, turn in zip(WAYS, turns, strict=True)}
            for way, times in common.in_turn(max(2, args.repeats // 5), ways).items():
                rows.append([name.upper(), f"s of an epoch, {way}", common.spread(times)])
    common.table(["network", "what", " median (least - most)"], rows)


if __name__ == "__main__":
    main()
