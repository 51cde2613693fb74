"""A training that is killed at any moment, or that cannot write, loses nothing it announced."""

import contextlib
import fnmatch
import functools
import itertools
import os
import random
import shlex
import shutil
import signal
import sys
from functools import partial

import numpy as np
import pytest
from lives import KILLED, Life, allow, die, note_calls, on_call
from trainings import LESSONS, recorded, sha256, variables

import mlp_mnist
from support.ground import tf

SHORT, LONG = 6, 100  # kills at random in a row, without and with `-m long`; the pages state them


@pytest.fixture(scope="module")
def live(small):
    """Return a function that starts a lesson with flags, in a process, and returns its Life."""
    lives = []

    def start(*flags, hook=list, lesson=mlp_mnist):
        lives.append(Life(lesson.__name__, [*small, *flags], hook))
        return lives[-1]

    yield start
    for life in lives:
        life.kill()


class Training:
    """A training of many lives: what one of them announced, those after it must not lose."""

    def __init__(self, live, out, epochs, lesson=mlp_mnist):
        self.out, self.saved = out, 0
        self.live = partial(live, "--epochs", epochs, "--out", out, lesson=lesson)

    def start(self, hook=list):
        """Return a Life that resumes it, or starts it if none has begun it."""
        begun = (self.out / "training.json").exists()
        assert begun or not self.saved
        return self.live(*["--resume"] * begun, hook=hook)

    def end(self, life):
        """Wait for the end of a life; return its exit code and what it said on standard error."""
        ended = life.end()
        assert life.resumed() is None or life.resumed() >= self.saved, life.output
        self.saved = max(self.saved, life.announced())
        return ended

    def go_on(self, hook=list):
        return self.end(self.start(hook))


def result(out):
    """Return all of a finished training that must not depend on kills; bytes as their hashes.

    Not history.csv and its curves: a row may be lost where its checkpoint was kept just before.
    """
    found = {path.name: sha256(path.read_bytes()) for path in out.glob("*.[np][pn][zg]")}
    del found["curves.png"]
    assert len(found) == 4
    for index in out.glob("model-*.index"):
        found[index.name] = variables(index.with_suffix(""))
    with tf.Graph().as_default(), tf.Session() as session:
        tf.saved_model.load(session, ["serve"], str(out / "saved_model"))
        pixels = np.random.default_rng(0).integers(0, 256, [20, 784], np.uint8)
        found["saved_model"] = session.run("probabilities:0", {"images:0": pixels}).tolist()
    return found


@pytest.fixture(scope="module")
def uninterrupted(live, tmp_path_factory):
    """A function: the folder of a training without any kill; not to be written to."""

    @functools.cache
    def get(epochs, lesson=mlp_mnist):
        folder = tmp_path_factory.mktemp("whole")
        hook = partial(note_calls, folder / "calls")
        assert Training(live, folder / "run", epochs, lesson).go_on(hook) == (0, "")
        return folder / "run"

    return get


LONGER = [pytest.param(lesson, 150, LONG, marks=pytest.mark.long) for lesson in LESSONS]


@pytest.mark.timeout(7200)
@pytest.mark.parametrize(("lesson", "epochs", "kills"), [(mlp_mnist, 12, SHORT), *LONGER])
def test_killed_at_random(lesson, epochs, kills, live, uninterrupted, tmp_path):
    chance, killed, code = random.Random(1), 0, None
    training = Training(live, tmp_path / "run", epochs, lesson)
    for _ in range(3 * kills + 3):
        life = training.start()
        if killed < kills:  # from its start, from one of its epochs, or at its end: a while later
            life.until(chance.choice([0, 1, 1, 2, 3, epochs + 1]))
            life.join(chance.random() * chance.choice([0.01, 0.1, 1.5]))
            life.kill()
        code, errors = training.end(life)
        assert (code, errors) in ((0, ""), (KILLED, ""))
        killed += code == KILLED
        if (code, killed) == (0, kills):
            break
    assert (code, killed) == (0, kills)
    expected = result(uninterrupted(epochs, lesson))
    assert result(tmp_path / "run") == expected
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_killed_before_and_after_each_kind_of_call(live, uninterrupted, tmp_path):
    """In a row: each life is killed at a later kind of call. All are real ones but the last."""
    whole, training = uninterrupted(12), Training(live, tmp_path / "run", 12)
    kinds = list(dict.fromkeys((whole.parent / "calls").read_text().splitlines()))
    assert {"replace training.json", "replace history.csv", "replace N.png"} <= set(kinds)
    kinds.append("rename .old-model.mnist-unfinished")  # the export of the kill before
    assert {"save model", "RenameFile checkpoint", "DeleteFile model-N.index"} <= set(kinds)
    for kind, moment in itertools.product(kinds, ("before", "after")):
        hook = partial(on_call, kind, moment, die)
        assert training.go_on(hook) == (KILLED, ""), (kind, moment)
    assert training.go_on() == (0, "")
    assert result(training.out) == result(whole)


def test_killed_while_an_earlier_training_is_moved_away(live, uninterrupted, tmp_path):
    out, whole = tmp_path / "run", uninterrupted(3)
    shutil.copytree(whole, out)
    for kind in ("history.csv", "saved_model", "model-N.index", "earlier-N"):
        hook = partial(on_call, f"rename {kind}", "before", die)
        assert live("--epochs", 3, "--out", out, hook=hook).end() == (KILLED, ""), kind
    assert live("--epochs", 3, "--out", out).end() == (0, "")
    for folder in (out, out / "earlier-1"):
        assert result(folder) == result(whole)
        assert recorded(folder) == recorded(whole)
    left = {path.name for path in whole.iterdir()} - {".lock"}
    assert {path.name for path in (out / "earlier-1").iterdir()} == left
    assert [path.name for path in out.glob(".*")] == [".lock"]


def test_a_second_training_is_refused_and_ctrl_c_says_how_to_go_on(live, tmp_path):
    out = tmp_path / "run"
    flags = ["--epochs", 200, "--out", out]
    life = live(*flags)
    life.until(epoch=2)
    os.kill(life.pid, signal.SIGSTOP)
    before = sorted(out.iterdir())
    for more in ([], ["--resume"]):
        problem = f"error: {out}: another training is writing here\n"
        assert live(*flags, *more).end() == (5, problem)
    assert sorted(out.iterdir()) == before
    os.kill(life.pid, signal.SIGCONT)
    with contextlib.suppress(ProcessLookupError):  # it may have ended
        for _ in range(5):  # a person who presses Ctrl-C once, presses it again
            os.kill(life.pid, signal.SIGINT)
    assert life.end() == (130, "")
    kept = f"interrupted; {life.announced()} of 200 epochs are kept; go on with: "
    command = shlex.join([sys.executable, "mlp_mnist.py", *life.flags, "--resume"])
    assert life.output.splitlines()[-1] == kept + command


DISK_FULL = [  # after which call no file may grow beyond how many bytes, and the file that it hits
    ("acquire", 10, "training.json"),
    ("fsync", 1_000_000, "model-1.data-*"),
    ("RenameFile checkpoint", 50, "history.csv"),
    ("RenameFile checkpoint", 10_000, "events.out.tfevents.*"),
    ("acquire", 1_000_000, "model-3.data-*"),
    ("rmtree .new-model.mnist-unfinished", 1_000, ".new-model.mnist-unfinished/variables/*"),
    ("save variables", 10, ".new-model.mnist-unfinished/saved_model.pb"),
    ("rename saved_model", 1_000, "examples.npz"),
    ("replace N.png", 1_000, "confusion.png"),
]


def test_a_full_disk_anywhere(live, uninterrupted, tmp_path):
    """In a row, in one folder: each life finds the disk full at a later place."""
    out = tmp_path / "run"
    training = Training(live, out, 3)
    for call, size, name in DISK_FULL:
        code, errors = training.go_on(partial(on_call, call, "after", allow, size))
        expected = f"error: {out}/{name}: File too large\n"
        assert (code, fnmatch.fnmatch(errors, expected)) == (5, True), (expected, errors)
        assert [path for path in out.glob(".*") if path.name != ".lock"] == [], (call, name)
    assert training.go_on() == (0, "")
    assert result(out) == result(uninterrupted(3))
