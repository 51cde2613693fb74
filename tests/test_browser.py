"""The page to draw on, in headless Chromium, as a person uses it."""
# ruff: noqa: F401, F811

import json
import re
import shutil
import subprocess
from collections import namedtuple
from pathlib import Path

import numpy as np
import pytest
from trainings import LESSONS, ROOT, python

import cnn_mnist
import mlp_mnist
from support.reading.page import export
from tests.pages import chromium, draw, network, number, served, served_lesson, serving

# How many colours each canvas of the graph shows: unlit layers show paper, and gaps.
COLOURS = """() => Array.from(document.querySelectorAll("#graph canvas"), (canvas) => {
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    return new Set(new Uint32Array(data.buffer)).size; })"""
LOOK = """images => page.source.classify(Uint8Array.from(images)).then((all) => [...all])"""
READ = """strokes => new Promise((resolve) => {
    page.change({ strokes: strokes.map((points) => ({ pen: 20, points })) });
    const look = () => page.idle() ? resolve(page.state.found.text) : setTimeout(look, 5);
    look(); })"""
STATIC = ROOT / "support" / "reading" / "page" / "static"
ONE, TWO, FLAT = [(0.4, 0.2), (0.4, 0.8)], [(1.4, 0.2), (1.4, 0.8)], [(0.4, 0.5), (0.8, 0.5)]
Lesson = namedtuple("Lesson", "lesson url file examples")


@pytest.fixture(scope="module")
def browser():
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="module", params=LESSONS, ids=lambda lesson: lesson.__name__)
def lesson(request, browser, on_sample, tmp_path_factory):
    """A lesson that serves its page, and the page that it exported."""
    out, _ = on_sample(request.param)
    file = tmp_path_factory.mktemp("exported") / "page.html"
    name = f"{request.param.__name__}.py"
    code, output, errors = python(name, "--export", file, "--out", out)
    assert (code, errors) == (0, ""), output
    flags = ["--draw", "--no-browser", "--out", out]
    with served_lesson(request.param, *flags) as (_, url):
        yield Lesson(request.param, url, file.as_uri(), dict(np.load(out / "examples.npz")))


@pytest.fixture
def url(served):
    return served.url


@pytest.fixture
def visit(browser):
    """Return a function that opens the page; at the end, it asked nobody else, without errors."""
    contexts, asked, errors = [], [], []

    def open_page(url, faulty=False, **options):
        contexts.append(browser.new_context(**options))
        tab = contexts[-1].new_page()
        tab.set_default_timeout(60_000)
        tab.on("request", lambda request: asked.append((request.url, url)))
        if not faulty:
            tab.on("console", lambda m: errors.extend([m.text] if m.type == "error" else []))
            tab.on("pageerror", lambda error: errors.append(str(error)))
        tab.goto(url)
        tab.wait_for_function("() => self.page?.idle()")
        return tab

    yield open_page
    for context in contexts:
        context.close()
    assert not errors
    assert all(address.startswith((url, "data:", "blob:")) for address, url in asked)


def wait_for_answer(tab, pattern):
    text = "document.querySelector('#number').textContent"
    tab.wait_for_function(f"() => self.page?.idle() && /{pattern}/.test({text})")


def test_digits_are_read_and_light_the_layers_served_and_exported(lesson, visit):
    tab = visit(lesson.url)
    names = tab.locator("#graph h3").all_inner_texts()
    layers = {mlp_mnist: ["h1", "h2"], cnn_mnist: ["c1", "c2", "c3", "c4", "c5", "c6"]}
    assert names == ["images", *layers[lesson.lesson], "probabilities"]
    code = Path(lesson.lesson.__file__).read_text("utf-8")
    shapes = re.findall(r"\[.*\]", "\n".join(tab.locator(".shape").all_inner_texts()))
    assert len(shapes) == {mlp_mnist: 7, cnn_mnist: 15}[lesson.lesson]
    assert all(shape in code for shape in shapes)
    assert "faded" in tab.locator("#graph").get_attribute("class")  # a test digit, until one draws
    draw(tab, number([7], np.random.default_rng(1)))
    wait_for_answer(tab, "7")
    assert not tab.locator("#graph").get_attribute("class")
    assert min(tab.evaluate(COLOURS)) > 2
    tab.locator("#because", has_text="speaks for a 7 rather").wait_for()
    tab.reload()  # keeps the drawing
    wait_for_answer(tab, "7")
    tab.keyboard.press("c")
    wait_for_answer(tab, "^\u2013$")
    for address in (lesson.url, lesson.file):
        tab = visit(address)
        known = [*zip(lesson.examples["labels"], lesson.examples["digits"], strict=True)]
        assert tab.locator("#row button:not(.wrong)").count() == 10
        button, label = tab.locator("#row button").last, known[-1][0]
        button.click()
        wait_for_answer(tab, "[0-9]")
        assert str(label) == button.inner_text()


def test_the_exported_page_computes_what_the_session_does(lesson, visit):
    served, exported = visit(lesson.url), visit(lesson.file)
    rng = np.random.default_rng(0)
    images = lesson.examples["images"].reshape(-1, 28, 28)
    shifts = rng.integers(-2, 3, (500, 2))
    images = np.stack([np.roll(images[i % len(images)], s, (0, 1)) for i, s in enumerate(shifts)])
    answers = [
        np.concatenate([tab.evaluate(LOOK, part.ravel().tolist()) for part in np.split(images, 5)])
        for tab in (served, exported)
    ]
    assert np.abs(np.subtract(*answers)).max() < 1e-3
    agreed, right = 0, 0
    for _ in range(100):
        truth = rng.integers(10, size=rng.integers(1, 4))
        strokes = [np.c_[280 * s, np.ones(len(s))].tolist() for s in number(truth, rng)]
        texts = [tab.evaluate(READ, strokes).replace(" ", "") for tab in (served, exported)]
        agreed += texts[0].replace("?", "") == texts[1].replace("?", "")
        right += texts[0].replace("?", "") == "".join(map(str, truth))
    print(lesson.lesson.__name__, "agreed", agreed, "right", right)
    assert agreed >= 95


def test_digits_that_overlap_are_read_since_the_strokes_are_known(lesson, visit):
    if lesson.lesson is mlp_mnist:
        pytest.skip("a network of 15 epochs on the sample is too weak to judge the page by")
    tab, rng, read = visit(lesson.url), np.random.default_rng(2), {}
    for gap in (-0.2, 0.15):  # of a digit's height
        read[gap] = []
        for _ in range(15):
            truth = rng.integers(10, size=rng.integers(2, 4))
            draw(tab, number(truth, rng, height=0.62, gap=gap))
            wait_for_answer(tab, "^")
            text = tab.locator("#number").inner_text().replace(" ", "").replace("?", "")
            read[gap].append((text, "".join(map(str, truth))))
            tab.keyboard.press("c")
            wait_for_answer(tab, "^\u2013$")
    wrong = {gap: [pair for pair in pairs if pair[0] != pair[1]] for gap, pairs in read.items()}
    print(wrong)
    assert len(wrong[-0.2]) <= 2
    assert len(wrong[0.15]) <= 1


def test_weights_and_what_they_multiply_are_shown_for_what_is_chosen(lesson, visit):
    tab = visit(lesson.url, viewport={"width": 1366, "height": 768})
    draw(tab, number([4], np.random.default_rng(3)))
    wait_for_answer(tab, "[0-9?]")
    captions = {
        mlp_mnist: ["h1 [:, 0], the weight of each pixel", "h2 [:, 0], the weight of each unit"],
        cnn_mnist: ["c1 [:, :, :, 0], its kernel", "c2 [:, :, :, 0], its kernel: a slice"],
    }
    for i, text in enumerate(captions[lesson.lesson], 1):
        tab.locator("#graph canvas").nth(i).focus()
        tab.keyboard.press("Enter")
        tab.locator("#detail figcaption", has_text=text).wait_for()
        said = tab.locator("#detail header p").inner_text()
        total, value = (
            float(s.replace("\u2212", "-"))
            for s in re.search(r" to (\S+);.* (\S+) of it", said).groups()
        )
        assert value == pytest.approx(
            max(0, total), rel=0.01, abs=0.01
        )  # relu, of weights, values and bias
    assert tab.locator("#lines line").count() > 3
    if lesson.lesson is cnn_mnist:
        tab.locator("#detail canvas").first.hover(position={"x": 20, "y": 20})
        assert tab.locator("#detail td").count() == 9
    tab.keyboard.press("Escape")
    tab.locator("#detail").wait_for(state="hidden")
    assert tab.evaluate("document.activeElement.tagName") == "CANVAS"
    for width in (360, 600, 800, 1024, 1600):
        tab.set_viewport_size({"width": width, "height": 700})
        tab.wait_for_timeout(100)
        assert tab.evaluate("document.documentElement.scrollWidth") <= width
    for size in ((1366, 768), (1280, 720)):  # the layers are to be seen without scrolling
        tab.set_viewport_size(dict(zip(("width", "height"), size, strict=True)))
        tab.evaluate("scrollTo(0, 0)")
        tab.wait_for_timeout(100)
        boxes = [canvas.bounding_box() for canvas in tab.locator("#graph canvas").all()]
        assert sum(b["y"] + b["height"] <= size[1] for b in boxes) >= len(boxes) - 1


def test_undo_redo_and_clear_by_button_and_key(url, visit):
    tab = visit(url)
    for name in ("undo", "redo", "clear"):
        assert tab.locator(f"#{name}").is_disabled()
    draw(tab, [ONE])
    wait_for_answer(tab, "^3$")
    draw(tab, [TWO])
    wait_for_answer(tab, "^3 *3$")
    assert "least sure of the 3" in tab.locator("#sure").inner_text()
    digits = tab.locator("#digits button")  # the newest is shown until another is chosen
    assert [d.get_attribute("aria-pressed") for d in digits.all()] == ["false", "true"]
    digits.first.press("Enter")
    assert [d.get_attribute("aria-pressed") for d in digits.all()] == ["true", "false"]
    assert tab.evaluate("document.activeElement.getAttribute('aria-pressed')") == "true"
    for key, answer in {"z": "^3$", "y": "^3 *3$", "Control+z": "^3$"}.items():
        tab.keyboard.press(key)
        wait_for_answer(tab, answer)
    tab.locator("#undo").click()
    wait_for_answer(tab, "^\u2013$")
    tab.locator("#redo").click()
    wait_for_answer(tab, "^3$")
    tab.locator("#clear").click()
    wait_for_answer(tab, "^\u2013$")
    tab.keyboard.press("Control+z")
    wait_for_answer(tab, "^3$")
    tab.keyboard.press("Control+c")  # copies, as everywhere
    tab.locator("#thicker").click()
    tab.keyboard.press("+")
    assert tab.locator("#pen").input_value() == "30"
    tab.locator("#shortcuts").uncheck()
    tab.keyboard.press("c")
    wait_for_answer(tab, "^3$")


def test_only_the_pointer_that_began_a_stroke_draws_it(url, visit):
    tab = visit(url, has_touch=True, viewport={"width": 390, "height": 844})
    for part in ("#ink", "#number", "#sure"):  # above the fold of a phone
        box = tab.locator(part).bounding_box()
        assert box["y"] + box["height"] < 664
    box, session = tab.locator("#ink").bounding_box(), tab.context.new_cdp_session(tab)
    point = lambda x, y: {"x": box["x"] + x * box["width"], "y": box["y"] + y * box["height"]}  # noqa: E731
    other = point(0.9, 0.5)
    touches = [("Start", [point(-0.02, 0.2)]), ("Move", [point(0.3, 0.5), other])]
    for kind, points in [*touches, ("Move", [point(0.3, 0.8), other]), ("End", [])]:
        session.send("Input.dispatchTouchEvent", {"type": f"touch{kind}", "touchPoints": points})
    wait_for_answer(tab, "^3$")
    assert tab.evaluate("scrollY") == 0
    count = "page.sheet.drawing.strokes.map((stroke) => stroke.points.length)"
    assert tab.evaluate(count) == [3]
    common = {"pointerType": "pen", "button": "left", "clickCount": 1}
    for kind, y, force in (("Pressed", 0.3, 0.9), ("Moved", 0.6, 0.2), ("Released", 0.6, 0.0)):
        event = {"type": f"mouse{kind}", "force": force, "buttons": int(kind != "Released")}
        session.send("Input.dispatchMouseEvent", event | point(0.7, y) | common)
    shares = tab.evaluate("page.sheet.drawing.strokes[1].points.map((point) => point[2])")
    assert shares[0] > 1.3  # a pen that is pressed draws a broader line
    assert shares[1] < 0.7


def test_a_slow_network_gets_the_newest_drawing_and_the_page_says_that_it_waits(
    url, visit, network
):
    tab = visit(url)
    network.pause = 0.3
    draw(tab, [ONE])
    assert tab.locator("#sure").inner_text() == "Reading \u2026"
    for i in range(12):
        tab.evaluate("page.change({ strokes: [] })")
        draw(tab, [[(0.4, 0.1), (0.4, 0.3 + i / 20)]])
    wait_for_answer(tab, "^3$")
    assert len(network.given) < 40
    (box,) = tab.evaluate("page.state.found.digits.map((digit) => digit.box)")
    assert box[3] == pytest.approx(140 * 0.85 + 5, abs=3)  # the last one's


def test_a_picture_file_is_chosen_dropped_or_pasted(lesson, visit):
    for address in (lesson.url, lesson.file):
        tab = visit(address)
        tab.locator("#file").set_input_files(ROOT / "docs" / "my_digit.png")
        wait_for_answer(tab, "[0-9]")
        tab.keyboard.press("z")
        wait_for_answer(tab, "^\u2013$")
        tab.locator("#file").set_input_files(ROOT / "README.md")
        tab.locator("#sure", has_text=re.compile("not a picture")).wait_for()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_violation(scheme, lesson, visit):
    axe = ROOT / "tests" / "node_modules" / "axe-core" / "axe.min.js"
    if not axe.exists():
        pytest.skip("axe-core is not installed: npm install --prefix tests")
    tab = visit(lesson.file, color_scheme=scheme)
    draw(tab, number([5, 3], np.random.default_rng(4)))
    wait_for_answer(tab, "[0-9?]")
    for _ in range(2):  # as the system has it, and then the other one
        tab.locator("#bars button").nth(7).click()
        tab.locator("#detail figure").first.wait_for()
        tab.evaluate(axe.read_text("utf-8"))
        found = tab.evaluate("axe.run().then((result) => result.violations)")
        assert not [(one["id"], [node["html"] for node in one["nodes"]]) for one in found]
        before = tab.evaluate("getComputedStyle(document.documentElement).backgroundColor")
        tab.keyboard.press("Escape")
        tab.keyboard.press("t")
        assert before != tab.evaluate("getComputedStyle(document.documentElement).backgroundColor")


def test_a_training_is_watched_and_ends_as_one_that_is_not(small, visit, tmp_path):
    results = []
    for flags in ([], ["--watch", "--no-browser"]):
        out = tmp_path / str(len(flags))
        common = [*small, "--epochs", "30", "--out", out]
        if flags:
            with served_lesson(mlp_mnist, *flags, *common) as (process, url):
                tab = visit(url, faulty=True)
                draw(tab, [ONE])
                tab.locator("#progress", has_text="is done").wait_for()
                wait_for_answer(tab, "[0-9?]")  # the page goes on
                assert tab.locator("#pupils canvas").count() == 10
                process.send_signal(2)
                assert process.wait(60) == 130
                assert "interrupted" not in process.stdout.read()
        else:
            assert python("mlp_mnist.py", *common)[0] == 0
        results.append(
            [(out / f"model-30.{part}").read_bytes() for part in ("index", "data-00000-of-00001")]
        )
    assert results[0] == results[1]  # to the bit


def test_a_lesson_that_ends_or_fails_is_said_on_the_page(network, visit):
    with serving(network) as server:
        tab = visit(server.url, faulty=True)
        network.probabilities = None
        draw(tab, [ONE])
        tab.locator("#sure", has_text="could not be read").wait_for()
        del network.probabilities
        draw(tab, [TWO])
        wait_for_answer(tab, "3")
        assert tab.locator("#ended").is_hidden()
    tab.locator("#ended", has_text=re.compile("has ended")).wait_for()


def test_the_scripts_pass_the_linter_and_become_one(tmp_path):
    assert "import " not in export.bundle("exported.js")
    if shutil.which("node"):
        file = tmp_path / "page.mjs"
        file.write_text(export.bundle("exported.js"))
        assert not subprocess.run(["node", "--check", file], capture_output=True).stderr
    linter = ROOT / "tests" / "node_modules" / ".bin" / "eslint"
    if not linter.exists():
        pytest.skip("eslint is not installed: npm install --prefix tests")
    command = [linter, "--config", ROOT / "tests" / "eslint.config.js", "--format", "json", STATIC]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    assert done.stdout, done.stderr
    files = json.loads(done.stdout)
    assert len(files) > 15
    assert not [(file["filePath"], m) for file in files for m in file["messages"]]
