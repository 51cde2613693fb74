"""The page to draw on: milliseconds from the end of a stroke to the layers that it lights.

Headless Chromium draws zigzags with the mouse at the pace of a hand, one beside the other. The
time begins with the browser's own time stamp of the event that ends the stroke, and ends in the
frame in which the answer to the last of its points is on the page. Both, and the network, run on
this machine at once. The networks are trained for one epoch: how well they read costs no time.

Needs Chromium, and Playwright (tests/requirements.txt).
"""

import statistics
import tempfile

import common

from tests import pages

# Notes, when a frame has been drawn after an answer and no other is awaited, how long that took.
WATCH = """
self.taken = [];
let ended = 0;
ink.addEventListener("pointerup", (event) => {
  if (busy) ended = event.timeStamp;
  else taken.push(0); // its last point was answered before
}, true);
new MutationObserver(() => {
  if (!ended || busy) return;
  const from = ended;
  ended = 0;
  requestAnimationFrame(() => setTimeout(() => taken.push(performance.now() - from)));
}).observe(document.getElementById("time"), { childList: true });
"""
POINTS = 24  # of a stroke, each 8 ms after the one before


def stroke(page, box, i, of):
    """Draw a zigzag, the i-th of some that lie beside each other."""
    width = min(box["width"] / of, box["height"]) / 2
    left = box["x"] + box["width"] * (i + 0.5) / of - width / 2
    for k in range(POINTS):
        x = left + width * abs((k / POINTS * 3) % 2 - 1)
        page.mouse.move(x, box["y"] + box["height"] * (0.15 + 0.7 * k / POINTS))
        if k == 0:
            page.mouse.down()
        page.wait_for_timeout(8)
    page.mouse.up()


def measure(page, digits, repeats):
    """Return the milliseconds of `repeats` strokes, each the last of so many digits."""
    box = page.locator("#ink").bounding_box()
    page.evaluate(WATCH)
    measured = []
    for _ in range(repeats):
        for i in range(digits):
            before = page.evaluate("taken.length")
            stroke(page, box, i, digits)
            page.wait_for_function(f"() => taken.length > {before}")
        measured.append(page.evaluate("taken.at(-1)"))
        page.keyboard.press("c")
        page.wait_for_function("() => !busy")
    return measured


def main():
    """Train each lesson for an epoch, serve its page, and draw on it."""
    args = common.begin(common.parser(__doc__, repeats=40), "tensorflow", "numpy")
    rows = []
    with pages.chromium() as browser, tempfile.TemporaryDirectory() as folder:
        print(f"Chromium {browser.version}\n")
        for name in args.lesson:
            lesson, out = common.lesson(name), f"{folder}/{name}"
            pages.trained(lesson, out, 1, *args.source)
            with pages.served_lesson(lesson, out, "--no-browser") as (_, url):
                for digits in (1, 3):
                    page = browser.new_page()
                    page.goto(url)
                    page.wait_for_selector("#bars li")
                    times = measure(page, digits, args.repeats)
                    page.close()
                    late = sum(time > 50 for time in times)
                    rows.append([name.upper(), digits, f"{statistics.median(times):.0f}"])
                    rows[-1] += [f"{max(times):.0f}", f"{late} of {len(times)}"]
    common.table(["network", " digits", " median, ms", " worst, ms", " above 50 ms"], rows)


if __name__ == "__main__":
    main()
