"""A training that is killed at any moment, or that cannot write, loses nothing it announced."""

import fnmatch
import itertools
import random
import re
import shlex
import shutil
import signal
import sys
from functools import partial

import numpy as np
import pytest
from builders import digits, write_csv
from lives import KILLED, Life, allow, die, note_calls, on_call, read_only
from trainings import LESSONS, ROOT, recorded, sha256, variables

import mlp_mnist
from support.tensorflow1 import tf

SHORT, LONG = 6, 100  # kills at random in a row, without and with `-m long`; the pages state them


@pytest.fixture(scope="module")
def live(small, tmp_path_factory):
    """A function that starts a lesson in a process: live(lesson, *flags, hook=None): its Life."""

    def start(lesson, *flags, hook=None):
        given = flags if "--predict" in flags else [*small, *flags]
        return Life(tmp_path_factory.mktemp("life"), lesson, given, hook)

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TF_USE_LEGACY_KERAS", "1")  # for the process that forks: it imports no Keras
        yield start


def finish(live, lesson, *flags, hook=None):
    """Do the same and wait for the end."""
    life = live(lesson, *flags, hook=hook)
    life.until()
    return life


def resume(live, lesson, out, epochs, hook=None):
    """Resume the training in `out`, or start it if no training was begun there."""
    more = ["--resume"] if (out / "training.json").exists() else []
    return live(lesson, "--epochs", epochs, "--out", out, *more, hook=hook)


def result(out, rows=True):
    """Return all of a finished training that must not depend on kills; bytes as their hashes.

    rows: with the rows of history.csv. A row may be lost where its checkpoint was kept just before.
    """
    found = {path.name: sha256(path.read_bytes()) for path in out.glob("*.[np][pn][zg]")}
    assert len(found) == 5
    if rows:
        found["history.csv"] = recorded(out)
    else:
        del found["curves.png"]
    for index in out.glob("model-*.index"):
        found[index.name] = variables(index.with_suffix(""))
    with tf.Graph().as_default(), tf.Session() as session:
        tf.saved_model.load(session, ["serve"], str(out / "saved_model"))
        pixels = np.random.default_rng(0).integers(0, 256, [20, 784], np.uint8)
        found["saved_model"] = session.run("probabilities:0", {"images:0": pixels}).tolist()
    return found


@pytest.fixture(scope="module")
def uninterrupted(live, tmp_path_factory):
    """A function: the folder of a lesson's training without any kill; not to be written to."""
    folders = {}

    def get(lesson, epochs):
        if (lesson, epochs) not in folders:
            folder = tmp_path_factory.mktemp("whole")
            hook = partial(note_calls, folder / "calls")
            life = finish(live, lesson, "--epochs", epochs, "--out", folder / "run", hook=hook)
            assert (life.code, life.errors) == (0, "")
            folders[lesson, epochs] = folder / "run"
        return folders[lesson, epochs]

    return get


def wait_at_random(life, chance):
    """Wait for a random moment of any part of a life; return whether it lives still."""
    part, epochs = chance.choice(["start", "epochs", "epochs", "end"]), chance.randrange(1, 4)
    if part != "start":
        enough = epochs if part == "epochs" else 10**6
        life.until(lambda: life.announced() >= enough or "\ntest accuracy" in life.output)
    pause = chance.random() * chance.choice([0.01, 0.1] if part == "epochs" else [0.1, 1.5])
    try:
        life.until(seconds=pause)
    except AssertionError:
        return True
    return False


def killed_at_random(live, lesson, out, epochs, kills, seed):
    """Train, killed at random moments `kills` times in a row, and then to the end."""
    chance, saved, killed = random.Random(seed), 0, 0
    for number in range(3 * kills + 3):
        life = resume(live, lesson, out, epochs)
        if killed < kills and wait_at_random(life, chance):
            life.signal(signal.SIGKILL)
        life.until()
        assert life.code in (0, KILLED), (number, life.errors)
        assert life.errors == "", number
        if life.resumed() is not None:
            assert life.resumed() >= saved, (number, life.output)
        saved = max(saved, life.announced())
        killed += life.code == KILLED
        if life.code == 0 and killed == kills:
            return
    raise AssertionError(f"only {killed} kills")


LONGER = [pytest.param(lesson, 150, LONG, marks=pytest.mark.long) for lesson in LESSONS]


@pytest.mark.timeout(7200)
@pytest.mark.parametrize(("lesson", "epochs", "kills"), [(mlp_mnist, 8, SHORT), *LONGER])
def test_killed_at_random(lesson, epochs, kills, live, uninterrupted, tmp_path):
    killed_at_random(live, lesson, tmp_path / "run", epochs, kills, seed=1)
    expected = result(uninterrupted(lesson, epochs), rows=False)
    assert result(tmp_path / "run", rows=False) == expected
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_killed_before_and_after_each_kind_of_call(live, uninterrupted, tmp_path):
    """In a row: each life is killed at a later kind of call. All are real ones but the last."""
    out, saved = tmp_path / "run", 0
    whole = uninterrupted(mlp_mnist, 12)
    kinds = list(dict.fromkeys((whole.parent / "calls").read_text().splitlines()))
    assert {"replace training.json", "replace history.csv", "replace N.png"} <= set(kinds)
    assert {"save model", "RenameFile checkpoint", "DeleteFile model-N.index"} <= set(kinds)
    kinds.append("rmtree saved_model")  # of the kill before
    for kind, moment in [*itertools.product(kinds, ("before", "after")), ("none", "")]:
        life = resume(live, mlp_mnist, out, 12, hook=partial(on_call, kind, moment, 0, die))
        life.until()
        assert (life.code, life.errors) == (0 if kind == "none" else KILLED, ""), (kind, moment)
        assert saved == 0 or life.resumed() >= saved, (kind, moment)
        saved = max(saved, life.announced())
    assert result(out, rows=False) == result(whole, rows=False)


def test_killed_while_an_earlier_training_is_moved_away(live, uninterrupted, tmp_path):
    out, whole = tmp_path / "run", result(uninterrupted(mlp_mnist, 3))
    shutil.copytree(uninterrupted(mlp_mnist, 3), out)
    for number in itertools.count():
        hook = partial(on_call, "rename *", "before", min(number, 2), die)
        life = finish(live, mlp_mnist, "--epochs", 3, "--out", out, hook=hook)
        assert (life.code, life.errors) in ((0, ""), (KILLED, ""))
        if life.code == 0:
            break
    assert number >= 5
    assert result(out) == whole
    for name in ("model-3.index", "history.csv", "saved_model", "curves.png"):
        assert len([*out.glob(f"earlier-*/{name}")]) == 1, name
    for index in out.glob("earlier-*/model-*.index"):
        assert index.with_name("training.json").exists(), index


def test_ctrl_c_ends_a_training_and_says_how_to_go_on(live, tmp_path):
    out = tmp_path / "run"
    life = live(mlp_mnist, "--epochs", 200, "--out", out)
    life.until(lambda: life.announced() >= 2)
    for _ in range(5):  # a person who presses Ctrl-C once, presses it again
        life.signal(signal.SIGINT)
    life.until()
    assert (life.code, life.errors) == (130, "")
    pattern = r"interrupted; (\d+) of 200 epochs are kept; go on with: (.*)"
    kept, command = re.fullmatch(pattern, life.output.splitlines()[-1]).groups()
    assert int(kept) == life.announced()
    python, script, *flags = shlex.split(command)
    assert (ROOT / python).samefile(sys.executable)  # of the environment, activated or not
    assert (script, flags[-3:]) == ("mlp_mnist.py", ["--out", str(out), "--resume"])


def test_two_trainings_and_a_folder_that_is_moved_meanwhile(live, uninterrupted, tmp_path):
    out = tmp_path / "run"
    sleeper = live(mlp_mnist, "--epochs", 200, "--out", out)
    sleeper.until(lambda: sleeper.announced() >= 2)
    sleeper.signal(signal.SIGSTOP)
    before = sorted(out.iterdir())
    flags = ["--epochs", 3, "--out", out]
    for more in ([], ["--resume"]):
        second = finish(live, mlp_mnist, "--epochs", 200, "--out", out, *more)
        problem = f"error: {out}: another training is writing here\n"
        assert (second.code, second.errors) == (5, problem)
    assert sorted(out.iterdir()) == before
    out.rename(tmp_path / "moved")
    third = finish(live, mlp_mnist, *flags)
    assert (third.code, third.errors) == (0, "")
    sleeper.signal(signal.SIGCONT)
    sleeper.until()
    problem = f"error: {out}: was moved away during the training\n"
    assert (sleeper.code, sleeper.errors) == (5, problem)
    assert result(out) == result(uninterrupted(mlp_mnist, 3))


# The call, and how often it was made before, after which no file may grow beyond so many bytes:
# and the file that this hits.
DISK_FULL = [
    ("acquire", 0, 10, "training.json"),
    ("fsync", 0, 1_000_000, "model-1.data-*"),
    ("RenameFile checkpoint", 0, 50, "history.csv"),
    ("RenameFile checkpoint", 0, 10_000, "events.out.tfevents.*"),
    ("acquire", 0, 1_000_000, "model-3.data-*"),
    ("replace N.png", 0, 1_000, "confusion.png"),
    ("replace N.png", 3, 1_000, "examples.npz"),
    ("replace examples.npz", 0, 1_000, "saved_model/variables/*"),
    ("save variables", 0, 10, "saved_model/saved_model.pb"),
]


def test_a_full_disk_anywhere(live, uninterrupted, tmp_path):
    """In a row, in one folder: each life finds the disk full at a later place."""
    out, saved = tmp_path / "run", 0
    for call, occurrence, size, name in [*DISK_FULL, ("none", 0, 0, "")]:
        hook = partial(on_call, call, "after", occurrence, allow, size)
        life = resume(live, mlp_mnist, out, 3, hook=hook)
        life.until()
        if name:
            expected = f"error: {out}/{name}: File too large\n"
            assert fnmatch.fnmatch(life.errors, expected), (expected, life.errors)
            assert life.code == 5
            assert [path for path in out.glob(".*") if path.name != ".lock"] == [], (call, name)
        assert saved == 0 or life.resumed() >= saved, (call, name)
        saved = max(saved, life.announced())
    assert (life.code, life.errors) == (0, "")
    assert result(out, rows=False) == result(uninterrupted(mlp_mnist, 3), rows=False)


def test_a_full_disk_or_a_kill_while_a_submission_is_written(live, uninterrupted, tmp_path):
    out = shutil.copytree(uninterrupted(mlp_mnist, 3), tmp_path / "run")
    (out / "submission.csv").write_text("the one before")
    rows = write_csv(tmp_path / "test.csv", digits(300)[0])

    kill = partial(on_call, "replace sub*", "before", 0, die)
    for hook, code in ((partial(allow, 10), 5), (kill, KILLED)):
        life = finish(live, mlp_mnist, "--out", out, "--predict", rows, hook=hook)
        assert (life.code, (out / "submission.csv").read_text()) == (code, "the one before")
    assert finish(live, mlp_mnist, "--out", out, "--predict", rows).code == 0
    assert len((out / "submission.csv").read_text().splitlines()) == 301


def test_a_read_only_folder(live, uninterrupted, tmp_path):
    out = tmp_path / "run"
    flags = ["--epochs", 3, "--out", out]
    fresh = finish(live, mlp_mnist, *flags, hook=partial(read_only, tmp_path))
    assert (fresh.code, fresh.errors) == (5, f"error: {out}: Permission denied\n")
    tmp_path.chmod(0o755)
    assert [*tmp_path.iterdir()] == []
    call = ["RenameFile checkpoint", "after", 0]
    life = finish(live, mlp_mnist, *flags, hook=partial(read_only, out, *call))
    assert (life.code, life.errors) == (5, f"error: {out}/history.csv: Permission denied\n")
    again = finish(live, mlp_mnist, *flags, "--resume", hook=partial(read_only, out))
    assert (again.code, again.errors.count("\n")) == (5, 1)
    assert re.match(f"error: {out}.*: Permission denied\n", again.errors)
    out.chmod(0o755)
    cured = finish(live, mlp_mnist, *flags, "--resume")
    assert (cured.code, cured.errors, cured.resumed()) == (0, "", 1)
    assert result(out, rows=False) == result(uninterrupted(mlp_mnist, 3), rows=False)
