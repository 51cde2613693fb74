"""The page to draw on, in headless Chromium, as a person uses it."""

import re
from collections import namedtuple
from pathlib import Path

import numpy as np
import pytest
from trainings import LESSONS

import cnn_mnist
import mlp_mnist
from tests.pages import Network, chromium, draw, served_lesson, serving

# How many colours each canvas of the graph shows: unlit layers show paper, and gaps.
COLOURS = """() => Array.from(document.querySelectorAll("#graph canvas"), (canvas) => {
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    return new Set(new Uint32Array(data.buffer)).size; })"""
CONTRAST = """(selector) => {
    const light = (colour) => { // relative luminance: WCAG 2.2
        const [r, g, b] = colour.match(/[\\d.]+/g).map((c) => c / 255)
            .map((c) => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
        return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
    const element = document.querySelector(selector);
    let behind = element;
    while (/, 0\\)$/.test(getComputedStyle(behind).backgroundColor)) behind = behind.parentElement;
    const [low, high] = [getComputedStyle(element).color, getComputedStyle(behind).backgroundColor]
        .map(light).sort((a, b) => a - b);
    return (high + 0.05) / (low + 0.05); }"""
TEXTS = ["#number", "#sure", "#time", ".share", ".best .share", ".shape", ".read", "h2"]
Lesson = namedtuple("Lesson", "lesson url examples")


@pytest.fixture(scope="module")
def browser():
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="module", params=LESSONS, ids=lambda lesson: lesson.__name__)
def lesson(request, browser, on_sample):
    out, _ = on_sample(request.param)
    with served_lesson(request.param, out, "--no-browser") as (_, url):
        yield Lesson(request.param, url, dict(np.load(out / "examples.npz")))


@pytest.fixture
def network():
    return Network()


@pytest.fixture
def url(network):
    with serving(network) as server:
        yield server.url


@pytest.fixture
def visit(browser):
    """Return a function that opens the page; at the end, it asked nobody else, without errors."""
    contexts, asked, errors = [], [], []

    def open_page(url, faulty=False, **options):
        contexts.append(browser.new_context(**options))
        page = contexts[-1].new_page()
        page.set_default_timeout(20_000)
        page.on("request", lambda request: asked.append((request.url, url)))
        if not faulty:
            page.on("console", lambda m: errors.extend([m.text] if m.type == "error" else []))
            page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(url)
        page.wait_for_selector("#bars li")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not errors
    assert all(address.startswith((url, "data:")) for address, url in asked)


def wait_for_answer(page, pattern):
    number = "document.querySelector('#number').textContent"
    page.wait_for_function(f"() => !busy && /{pattern}/.test({number})")


def stroke(page, *points):
    box = page.locator("#ink").bounding_box()
    for i, (x, y) in enumerate(points):
        page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"])
        if not i:
            page.mouse.down()
    page.mouse.up()


def test_a_test_digit_drawn_by_hand_is_read_and_lights_the_layers(lesson, visit):
    page = visit(lesson.url)
    names = page.locator("#graph h3").all_inner_texts()
    layers = {mlp_mnist: ["hidden_1", "hidden_2"], cnn_mnist: ["block_1", "block_2", "block_3"]}
    assert names == ["images", *layers[lesson.lesson], "probabilities"]
    code = Path(lesson.lesson.__file__).read_text("utf-8")
    shapes = re.findall(r"\[.*\]", "\n".join(page.locator(".shape").all_inner_texts()))
    assert len(shapes) == {mlp_mnist: 7, cnn_mnist: 12}[lesson.lesson]
    assert all(shape in code for shape in shapes)
    unlit, answers = page.evaluate(COLOURS), []
    labels = lesson.examples["labels"]
    right = np.flatnonzero(labels == lesson.examples["digits"])[:6]
    for i in right:
        draw(page, lesson.examples["images"][i])
        wait_for_answer(page, "[0-9?]")
        answers.append(page.locator("#number").inner_text().strip("?"))
        assert page.locator("#bars .best").inner_text()[0] in (answers[-1] or "0123456789")
        lit = page.evaluate(COLOURS)
        assert all(now > before + 3 for now, before in zip(lit[:-1], unlit[:-1], strict=True))
        assert lit[-1] > unlit[-1]
        page.keyboard.press("c")
        wait_for_answer(page, "^\u2013$")
        assert page.evaluate(COLOURS) == unlit
    # A network of a few epochs, and digits drawn in lines of one width: one may go wrong.
    assert np.count_nonzero(np.char.equal(answers, labels[right].astype(str))) >= 5


def test_examples_are_answered_as_in_the_training(lesson, visit):
    page = visit(lesson.url)
    examples = page.locator("#row button")
    assert examples.count() == len(lesson.examples["images"])
    known = zip(lesson.examples["labels"], lesson.examples["digits"], strict=True)
    for i, (label, digit) in enumerate(known):
        examples.nth(i).click()
        best = "document.querySelector('#bars .best')?.innerText[0]"
        page.wait_for_function(f"() => !busy && {best} === '{digit}'")
        assert (label != digit) == ("misread" in examples.nth(i).get_attribute("aria-label"))
        assert (label != digit) == (f"but it is a {label}" in page.inner_text("#sure"))


def test_a_click_shows_the_weights_and_all_fits_into_any_window(lesson, visit):
    page = visit(lesson.url)
    draw(page, lesson.examples["images"][-1])
    texts = {
        mlp_mnist: ["h1 [:, 3]", "h2 [:, 3]", "out [:, 3]"],
        cnn_mnist: ["c1 [:, :, 0, :]", "c4 [:, :, :, 3]", "c6 [:, :, :, 3]", "out [:, 3]"],
    }
    for i, text in enumerate(texts[lesson.lesson], 1):
        page.locator("#graph canvas").nth(i).focus()
        for _ in range(4):
            page.keyboard.press("ArrowRight")
        page.locator("#detail figcaption", has_text=text).wait_for()
    page.locator("#bars button").nth(7).click()
    page.locator("#detail figcaption", has_text="out [:, 7]").wait_for()
    for width in (360, 600, 800, 1024, 1600):
        page.set_viewport_size({"width": width, "height": 700})
        page.wait_for_timeout(100)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.locator("#bars button").nth(7).click()
    page.locator("#detail").wait_for(state="hidden")


def test_undo_and_clear_by_button_and_key(url, visit, network):
    page = visit(url)
    assert page.locator("#undo").is_disabled()
    assert page.locator("#clear").is_disabled()
    stroke(page, (0.2, 0.2), (0.2, 0.8))
    wait_for_answer(page, "^3$")
    stroke(page, (0.7, 0.2), (0.7, 0.8))
    wait_for_answer(page, "^3 *3$")
    digits = page.locator("#digits button")  # the newest is shown until another is chosen
    assert [d.get_attribute("aria-pressed") for d in digits.all()] == ["false", "true"]
    digits.first.click()
    assert [d.get_attribute("aria-pressed") for d in digits.all()] == ["true", "false"]
    page.keyboard.press("z")
    wait_for_answer(page, "^3$")
    page.locator("#undo").click()
    wait_for_answer(page, "^\u2013$")
    stroke(page, (0.2, 0.2), (0.2, 0.8))
    wait_for_answer(page, "^3$")
    page.locator("#clear").click()
    wait_for_answer(page, "^\u2013$")
    page.keyboard.press("Control+z")
    wait_for_answer(page, "^3$")
    page.keyboard.press("Control+c")  # copies, as everywhere
    page.keyboard.press("+")
    assert page.locator("#pen").input_value() == "26"
    wait_for_answer(page, "^3$")


def test_a_finger_draws_and_a_second_one_does_not(url, visit):
    page = visit(url, has_touch=True, viewport={"width": 360, "height": 740})
    box, session = page.locator("#ink").bounding_box(), page.context.new_cdp_session(page)
    point = lambda x, y: {"x": box["x"] + x * box["width"], "y": box["y"] + y * box["height"]}  # noqa: E731
    other = point(0.9, 0.5)
    touches = [("Start", [point(0.3, 0.2)]), ("Move", [point(0.3, 0.5), other])]
    for kind, points in [*touches, ("Move", [point(0.3, 0.8), other]), ("End", [])]:
        session.send("Input.dispatchTouchEvent", {"type": f"touch{kind}", "touchPoints": points})
    wait_for_answer(page, "^3$")
    assert page.evaluate("scrollY") == 0
    assert page.evaluate("drawing.strokes.map((stroke) => stroke.points.length)") == [3]


def test_only_the_newest_stroke_counts_where_reading_is_slow(url, visit, network):
    page = visit(url)
    network.pause = 0.3
    for i in range(12):
        stroke(page, (0.3, 0.1), (0.3, 0.3 + i / 20))
    wait_for_answer(page, "^3$")
    assert len(network.given) < 10
    given = network.given[-1]
    page.evaluate("read()")
    wait_for_answer(page, "^3$")
    np.testing.assert_array_equal(network.given[-1], given)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_has_contrast_in_light_and_dark(scheme, url, visit):
    page = visit(url, color_scheme=scheme)
    stroke(page, (0.2, 0.2), (0.2, 0.8))
    wait_for_answer(page, "^3$")
    for _ in range(2):  # as the system has it, and then the other one
        for selector in TEXTS:
            assert page.evaluate(CONTRAST, selector) >= 4.5, selector
        before = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
        page.keyboard.press("t")
        assert before != page.evaluate("getComputedStyle(document.documentElement).backgroundColor")


def test_a_lesson_that_ends_is_said_on_the_page(visit, on_sample):
    with served_lesson(mlp_mnist, on_sample(mlp_mnist)[0], "--no-browser") as (_, url):
        page = visit(url, faulty=True)
        assert page.locator("#ended").is_hidden()
    page.locator("#ended", has_text=re.compile("has ended")).wait_for()


def test_a_fault_of_the_server_is_said_on_the_page(network, visit):
    with serving(network) as server:
        page = visit(server.url, faulty=True)
        server.run = None
        stroke(page, (0.2, 0.2), (0.2, 0.8))
        page.locator("#time", has_text="could not be read").wait_for()
        server.run = network
        stroke(page, (0.3, 0.2), (0.3, 0.8))
        wait_for_answer(page, "3")
