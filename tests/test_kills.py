"""A training that is killed at any moment, or that cannot write, loses nothing it said it saved.

Every life of a training here is a process of its own, with its own pipes, that ends by its own or
by SIGKILL. It is forked by a server that has imported TensorFlow already, as a start would
otherwise take seconds: run as a script, this file is that server.
"""

import fnmatch
import importlib
import itertools
import json
import os
import random
import re
import resource
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from builders import digits, write_csv, write_quartet
from trainings import LESSONS, ROOT, each_lesson

import mlp_mnist
from support import console, runs
from support.tensorflow1 import tf

STEPS = 3  # an epoch's: 500 images in batches of 200, the third one short
KILLED = -signal.SIGKILL
SHORT, LONG = 6, 100  # kills at random in a row, without and with `-m long`; README states them
PRELOADED = ["sklearn.metrics", "sklearn.model_selection", "tqdm", "PIL.PngImagePlugin"]
PRELOADED += ["matplotlib.backends.backend_agg", "matplotlib.colors", "matplotlib.style"]


def serve(control):
    """Fork a life for each message [lesson, flags, hook]; answer with its number, then its end."""
    control = socket.socket(fileno=control)
    for name in PRELOADED:
        importlib.import_module(name)
    assert tf.train
    while True:
        message, pipes, _, _ = socket.recv_fds(control, 2**16, 2)
        if not message:
            return
        if (pid := os.fork()) == 0:
            break
        for pipe in pipes:
            os.close(pipe)
        control.send(str(pid).encode())
        control.send(str(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])).encode())
    control.close()
    for pipe, number in zip(pipes, (1, 2), strict=True):
        os.dup2(pipe, number)
        os.close(pipe)
    # As a new process has them; the server's belonged to files perhaps.
    sys.stdout, sys.stderr = open(1, "w"), open(2, "w", buffering=1)  # noqa: SIM115
    name, flags, hook = json.loads(message)
    if hook:
        globals()[hook[0]](*hook[1:])
    sys.argv = [f"{name}.py", *flags]
    sys.exit(console.run(next(each for each in LESSONS if each.__name__ == name).main))


class Life:
    """A process of a lesson: what it printed so far, and `code`, None until it has ended."""

    def __init__(self, control, lesson, flags, hook):
        self.control, self.code, self.printed = control, None, {}
        ends = []
        for name in ("output", "errors"):
            read, write = os.pipe()
            self.printed[read] = (name, bytearray())
            ends.append(write)
        message = json.dumps([lesson.__name__, [str(flag) for flag in flags], hook])
        socket.send_fds(control, [message.encode()], ends)
        for end in ends:
            os.close(end)
        self.open = list(self.printed)
        self.pid = int(control.recv(100))

    def __getattr__(self, name):
        for stream, text in self.printed.values():
            if stream == name:
                return text.decode()
        raise AttributeError(name)

    def until(self, condition=lambda: False, seconds=120):
        """Read what is printed until `condition()`, or until the end. Return whether it was met."""
        deadline = time.monotonic() + seconds
        while not (met := condition()) and self.open:
            assert time.monotonic() < deadline, self.printed
            for pipe in select.select(self.open, [], [], 0.002)[0]:
                piece = os.read(pipe, 2**16)
                self.printed[pipe][1].extend(piece)
                if not piece:
                    self.open.remove(pipe)
                    os.close(pipe)
        if not self.open and self.code is None:
            self.code = int(self.control.recv(100))
        return met

    def kill(self):
        """Kill it, with no warning; return it at its end."""
        if self.code is None:
            os.kill(self.pid, signal.SIGKILL)  # still its number: the server has yet to wait for it
        self.until()
        return self

    def announced(self):
        """Return the last step that it said was saved: that of its last whole line of an epoch."""
        epochs = re.findall(r"^epoch (\d+)/\d+: .*\n", self.output, re.M)
        return STEPS * int(epochs[-1]) if epochs else 0

    def resumed(self):
        """Return the step after which it said to go on."""
        found = re.search(r": going on after step (\d+)\n", self.output)
        return int(found[1]) if found else None


@pytest.fixture(scope="module")
def public():
    """A folder that the user of the fixture `unprivileged` can read, too."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.fixture(scope="module")
def live(public):
    """A function that starts a lesson in a process: live(lesson, *flags, hook=None): its Life."""
    source = public / "source"
    source.mkdir()
    write_quartet(source, train=700, test=20)
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(
        [sys.executable, __file__, str(theirs.fileno())],
        **{"cwd": ROOT, "env": environment, "stdin": subprocess.DEVNULL},
        pass_fds=[theirs.fileno()],
    )
    theirs.close()
    sizes = ["--data", source, "--limit", "500", "--batch-size", "200"]
    with ours:
        yield lambda lesson, *flags, hook=None: Life(ours, lesson, [*sizes, *flags], hook)
    process.wait(60)


def finish(live, lesson, *flags, hook=None):
    """Do the same and wait for the end."""
    life = live(lesson, *flags, hook=hook)
    life.until()
    return life


def resume(live, lesson, out, *flags, hook=None):
    """Go on with the training in `out`, or start it if no training was begun there."""
    go_on = ["--resume"] if (out / "training.json").exists() else []
    return live(lesson, *flags, "--out", out, *go_on, hook=hook)


def result(out):
    """Return all that must not depend on kills: every file of a finished training."""
    found = {path.name: b"" for path in out.iterdir() if "tfevents" not in path.name}
    found |= {path.name: path.read_bytes() for path in out.glob("*.png")}
    rows = (out / "history.csv").read_text().splitlines()
    found["history.csv"] = [row.rpartition(",")[0] for row in rows]  # without the seconds
    for index in out.glob("model-*.index"):
        reader = tf.train.load_checkpoint(str(index.with_suffix("")))
        names = sorted(reader.get_variable_to_shape_map())
        found[index.name] = [(name, reader.get_tensor(name).tobytes()) for name in names]
    with tf.Graph().as_default(), tf.Session() as session:
        tf.saved_model.load(session, ["serve"], str(out / "saved_model"))
        pixels = np.random.default_rng(0).integers(0, 256, [20, 784], np.uint8)
        found["saved_model"] = session.run("probabilities:0", {"images:0": pixels}).tobytes()
    return found


@pytest.fixture(scope="module")
def uninterrupted(live, tmp_path_factory):
    """A function: the `result` of a lesson's training without any kill, and the kinds of calls."""
    results = {}

    def get(lesson, epochs):
        if (lesson, epochs) not in results:
            folder = tmp_path_factory.mktemp("whole")
            flags, hook = ["--epochs", epochs, "--out", folder / "run"], str(folder / "calls")
            life = finish(live, lesson, *flags, hook=["note_calls", hook])
            assert (life.code, life.errors) == (0, "")
            calls = (folder / "calls").read_text().splitlines()
            results[lesson, epochs] = result(folder / "run"), calls
        return results[lesson, epochs]

    return get


def moments(life, out, chance):
    """Return a function that says when to kill a life: at a random event of any part of it."""
    lines = chance.randrange(4)  # of epochs, printed by this life, on its way
    left = chance.choice(["curves", "confusion", "mistakes", "weights", "saved_model", "none"])
    wait = chance.choice([0, 0.001, 0.01, 0.1] if lines else [0.1, 1, 3]) * chance.random()
    met = None

    def now():
        nonlocal met
        if met is None:
            tested = "\ntest accuracy" in life.output
            late = left == "none" or any(left in path.name for path in out.glob(".*"))
            late = late or (tested and (out / f"{left}.unfinished").exists())
            if late if tested else life.output.count("\nepoch ") >= lines:
                met = time.monotonic()
        return met is not None and time.monotonic() >= met + wait

    return now


def killed_at_random(live, lesson, out, epochs, kills, seed):
    """Train, killed at random moments `kills` times in a row; return how many in which part."""
    chance, saved, killed = random.Random(seed), 0, Counter()
    for number in range(3 * kills + 3):
        life = resume(live, lesson, out, "--epochs", epochs)
        if killed.total() < kills and life.until(moments(life, out, chance)):
            life.kill()
        life.until()
        assert life.code in (0, KILLED), (number, life.errors)
        assert re.fullmatch(r"(warning: .*: damaged; trying the one before\n)?", life.errors)
        if life.resumed() is not None:
            assert life.resumed() >= saved, (number, life.output)
        saved = max(saved, life.announced())
        if life.code == KILLED:
            part = "after its first epoch" if life.announced() else "before its first epoch"
            killed["after the test" if "\ntest accuracy" in life.output else part] += 1
        elif killed.total() == kills:
            return killed
    raise AssertionError(f"only {killed} kills")


def test_killed_at_random(live, uninterrupted, tmp_path):
    out = tmp_path / "run"
    killed_at_random(live, mlp_mnist, out, 5, kills=SHORT, seed=0)
    assert result(out) == uninterrupted(mlp_mnist, 5)[0]
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


@pytest.mark.long
@pytest.mark.timeout(7200)
@each_lesson
def test_killed_at_random_very_often(live, uninterrupted, lesson, tmp_path):
    out = tmp_path / "run"
    killed = killed_at_random(live, lesson, out, 40, kills=LONG, seed=1)
    print(f"{lesson.__name__}: killed {dict(killed)}")
    assert result(out) == uninterrupted(lesson, 40)[0]
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def on_calls(act):
    """Let act(kind, moment) be called before and after each call that changes files."""
    from tensorflow.python.lib.io import _pywrap_file_io as of_tensorflow

    def watched(name, original):
        def call(*args, **kwargs):
            paths = [arg for arg in args if isinstance(arg, str | bytes | os.PathLike)]
            kind = " ".join([name, *(Path(os.fsdecode(path)).name for path in paths[-1:])])
            kind = re.sub(r"[0-9]+|[a-z]+(?=[.]png)", "N", kind)
            act(kind, "before")
            value = original(*args, **kwargs)
            act(kind, "after")
            return value

        return call

    calls = [(os, name) for name in ("mkdir", "rename", "replace", "fsync")]
    calls += [(of_tensorflow, name) for name in ("RenameFile", "DeleteFile")]
    calls += [(tf.train.Saver, "save"), (shutil, "rmtree"), (runs.Run, "_lock")]
    for owner, name in calls:
        setattr(owner, name, watched(name, getattr(owner, name)))


def note_calls(log):
    """Hook: write the kinds of the calls to the file `log`, a line for each."""

    def note(kind, moment):
        if moment == "before":
            with Path(log).open("a") as file:
                file.write(f"{kind}\n")

    on_calls(note)


def on_call(kind, moment, occurrence, action, *args):
    """Hook: do a thing right before or after one call: the first one if `occurrence` is 0."""
    left = iter(range(occurrence))

    def act(*found):
        if found == (kind, moment) and next(left, None) is None:
            globals()[action](*args)

    on_calls(act)


def die():
    """Be killed."""
    os.kill(os.getpid(), signal.SIGKILL)


def allow(size):
    """Let no file grow beyond `size` bytes: to a program it is as if the disk were full there."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


def test_killed_before_and_after_each_kind_of_call(live, uninterrupted, tmp_path):
    """In a row: each life is killed at a later kind of call. All are real ones but the last."""
    out, saved = tmp_path / "run", 0
    whole, calls = uninterrupted(mlp_mnist, 8)
    kinds = list(dict.fromkeys(calls))
    assert {"replace training.json", "replace history.csv", "replace N.png"} <= set(kinds)
    assert {"save model", "RenameFile checkpoint", "DeleteFile model-N.index"} <= set(kinds)
    # An exported model stands in the way only after one of these kills.
    kinds.insert(kinds.index("rename saved_model") + 1, "rename saved_model.old")
    for kind, moment in [*itertools.product(kinds, ("before", "after")), ("none", "")]:
        hook = ["on_call", kind, moment, 0, "die"]
        life = resume(live, mlp_mnist, out, "--epochs", 8, hook=hook)
        life.until()
        assert (life.code, life.errors) == (0 if kind == "none" else KILLED, ""), (kind, moment)
        assert saved == 0 or life.resumed() >= saved, (kind, moment)
        saved = max(saved, life.announced())
    assert result(out) == whole


@pytest.mark.long
@pytest.mark.timeout(7200)
@each_lesson
def test_killed_before_and_after_every_call(live, uninterrupted, lesson, tmp_path):
    """One kill in each training, which is then gone on with."""
    whole, calls = uninterrupted(lesson, 5)
    print(f"{lesson.__name__}: {len(calls)} calls, {2 * len(calls)} kills")
    for number, moment in itertools.product(range(len(calls)), ("before", "after")):
        out, kind = tmp_path / "run", calls[number]
        hook = ["on_call", kind, moment, calls[:number].count(kind), "die"]
        killed = finish(live, lesson, "--epochs", 5, "--out", out, hook=hook)
        assert killed.code == KILLED, (number, kind, moment)
        life = resume(live, lesson, out, "--epochs", 5)
        life.until()
        assert (life.code, life.errors) == (0, ""), (number, kind, moment)
        assert (life.resumed() or 0) >= killed.announced(), (number, kind, moment)
        assert result(out) == whole, (number, kind, moment)
        shutil.rmtree(out)


@pytest.fixture(scope="module")
def finished(live, public):
    """The folder of a training of three epochs; not to be written to."""
    out = public / "finished"
    assert finish(live, mlp_mnist, "--epochs", 3, "--out", out).code == 0
    return out


def test_what_a_kill_leaves_of_the_saver_of_tensorflow(live, finished, tmp_path):
    """It renames its files in C++, where no hook reaches: the states between are made by hand."""
    out, whole = tmp_path / "run", result(finished)
    states = {
        "the data half written": ["model-9.index", "model-9.data-00000-of-00001"],
        "the data renamed, the index not": ["model-9.index"],
        "an old one deleted by half": ["model-3.index"],
    }
    for state, missing in states.items():
        shutil.copytree(finished, out)
        for name in missing:
            (out / name).unlink()
        for number in (8, 9):
            for name in ("data-00000-of-00001", "index"):
                (out / f"model-{number}.{name}.tempstate1234567890").write_bytes(b"half")
        (out / f"checkpoint.tmp{'0123456789abcdef' * 2}").touch()
        life = resume(live, mlp_mnist, out, "--epochs", 3)
        life.until()
        loud = f"warning: {out}/model-9: damaged; trying the one before\n"
        assert life.errors == (loud if state == "the data renamed, the index not" else ""), state
        assert (life.code, life.resumed()) == (0, 9 if state.startswith("an old") else 6), state
        expected = {name: whole[name] for name in whole if not name.startswith("model-3")}
        assert result(out) == (expected if state.startswith("an old") else whole), state
        shutil.rmtree(out)


def test_killed_while_the_first_checkpoint_is_written(live, finished, tmp_path):
    out = tmp_path / "run"
    shutil.copytree(finished, out)
    for path in [*out.glob("model-*"), out / "checkpoint", out / "saved_model"]:
        if path.name != "model-3.data-00000-of-00001":
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    life = resume(live, mlp_mnist, out, "--epochs", 3)
    life.until()
    assert (life.code, life.errors, life.resumed()) == (0, "", 0)
    assert result(out) == result(finished)


def test_a_checkpoint_too_many_is_deleted(live, finished, tmp_path):
    """As a kill between a save and the deletion after it leaves one."""
    out = tmp_path / "run"
    shutil.copytree(finished, out)
    for name in ("index", "data-00000-of-00001"):
        shutil.copy(out / f"model-3.{name}", out / f"model-2.{name}")
    assert finish(live, mlp_mnist, "--epochs", 3, "--out", out, "--resume").code == 0
    assert result(out) == result(finished)


# The call, and how often it was made before, after which no file may grow beyond so many bytes:
# and the file that this hits.
DISK_FULL = [
    ("_lock", 0, 10, "training.json"),
    ("_lock", 0, 10_000, "events.out.tfevents.*"),
    ("_lock", 0, 50, "events.out.tfevents.*"),
    ("fsync", 0, 1_000_000, "model-3.data-00000-of-00001"),
    ("RenameFile checkpoint", 0, 50, "history.csv"),
    ("RenameFile checkpoint", 0, 10_000, "events.out.tfevents.*"),
    ("RenameFile checkpoint", 0, 1_000_000, "model-*.data-00000-of-00001"),
    ("RenameFile checkpoint", 2, 1_000, "curves.png"),
    ("replace N.png", 0, 1_000, "confusion.png"),
    ("replace N.png", 3, 1_000, "saved_model.unfinished/variables/*"),
    ("save variables", 0, 10, "saved_model.unfinished/saved_model.pb"),
]


def test_a_full_disk_anywhere(live, finished, tmp_path):
    """In a row, in one folder: each life finds the disk full at a later place."""
    out, saved = tmp_path / "run", 0
    for call, occurrence, size, name in [*DISK_FULL, ("none", 0, 0, "")]:
        hook = ["on_call", call, "after", occurrence, "allow", size]
        life = resume(live, mlp_mnist, out, "--epochs", 3, hook=hook)
        life.until()
        if name:
            expected = f"error: {out}/{name}: File too large\n"
            assert (life.code, fnmatch.fnmatch(life.errors, expected)) == (5, True), life.errors
            strays = [*out.glob(".*"), *out.glob("*tempstate*"), *out.glob("*unfinished*")]
            assert strays == [], (call, name)
        assert saved == 0 or life.resumed() >= saved, (call, name)
        saved = max(saved, life.announced())
    assert (life.code, life.errors) == (0, "")
    assert result(out) == result(finished)


def test_a_full_disk_while_a_submission_is_written(live, finished, tmp_path):
    out = tmp_path / "run"
    shutil.copytree(finished, out)
    (out / "submission.csv").write_text("the one before")
    images, _ = digits(300)
    rows = write_csv(tmp_path / "test.csv", images)
    life = finish(live, mlp_mnist, "--out", out, "--predict", rows, hook=["allow", 10])
    assert life.errors == f"error: {out}/submission.csv: File too large\n"
    assert (life.code, (out / "submission.csv").read_text()) == (5, "the one before")
    killed = ["on_call", "replace submission.csv", "before", 0, "die"]
    life = finish(live, mlp_mnist, "--out", out, "--predict", rows, hook=killed)
    assert (life.code, (out / "submission.csv").read_text()) == (KILLED, "the one before")
    assert len([*out.glob(".*")]) == 1
    assert finish(live, mlp_mnist, "--out", out, "--predict", rows).code == 0
    assert len((out / "submission.csv").read_text().splitlines()) == 301
    assert [*out.glob(".*")] == []


def test_a_disk_that_is_really_full(live, finished, tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=10m", "tmpfs", disk]
    if not shutil.which("mount") or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("cannot mount a small file system here")
    try:
        life = finish(live, mlp_mnist, "--epochs", 3, "--out", disk / "run")
        file = disk / "run" / "model-9.data-00000-of-00001"
        assert life.errors == f"error: {file}: No space left on device\n"
        assert (life.code, life.announced()) == (5, 6)
        subprocess.run(["mount", "-o", "remount,size=100m", disk], check=True)
        life = finish(live, mlp_mnist, "--epochs", 3, "--out", disk / "run", "--resume")
        assert (life.code, life.errors, life.resumed()) == (0, "", 6)
        assert result(disk / "run") == result(finished)
    finally:
        subprocess.run(["umount", disk], check=True)


def become_read_only(folder, *call):
    """Hook: be a user whom permissions bind, and let `folder` be read-only, now or at a call."""
    if os.geteuid() == 0:
        os.seteuid(65534)
    on_call(*call, "make_read_only", folder) if call else make_read_only(folder)


def make_read_only(folder):
    """Let nobody write in `folder`."""
    Path(folder).chmod(0o555)


def test_a_read_only_folder(live, finished, unprivileged):
    out = unprivileged / "run"
    flags = ["--epochs", 3, "--out", out]
    fresh = finish(live, mlp_mnist, *flags, hook=["become_read_only", str(unprivileged)])
    assert (fresh.code, fresh.errors) == (5, f"error: {out}: Permission denied\n")
    unprivileged.chmod(0o755)
    assert [*unprivileged.iterdir()] == []
    call = ["RenameFile checkpoint", "after", 0]
    life = finish(live, mlp_mnist, *flags, hook=["become_read_only", str(out), *call])
    assert (life.code, life.errors) == (5, f"error: {out}/history.csv: Permission denied\n")
    before = sorted(out.iterdir())
    again = finish(live, mlp_mnist, *flags, "--resume", hook=["become_read_only", str(out)])
    assert again.code == 5
    assert fnmatch.fnmatch(again.errors, f"error: {out}/events.*: Permission denied\n")
    out.chmod(0o755)
    assert sorted(out.iterdir()) == before
    cured = finish(live, mlp_mnist, *flags, "--resume")
    assert (cured.code, cured.errors, cured.resumed()) == (0, "", life.announced())
    assert result(out) == result(finished)


def test_a_folder_that_is_deleted_while_training(live, tmp_path):
    out = tmp_path / "run"
    hook = ["on_call", "RenameFile checkpoint", "after", 0, "delete", str(out)]
    life = finish(live, mlp_mnist, "--epochs", 3, "--out", out, hook=hook)
    assert life.errors == f"error: {out}/history.csv: No such file or directory\n"
    assert (life.code, out.exists()) == (5, False)


def delete(folder):
    """Delete a folder, as another program would."""
    subprocess.run(["rm", "-r", folder], check=True)


@pytest.mark.parametrize("below", ["", "/run"], ids=["a file", "below a file"])
def test_out_is_no_folder(live, below, tmp_path):
    file = tmp_path / "file"
    file.write_text("years of work")
    life = finish(live, mlp_mnist, "--epochs", 1, "--out", f"{file}{below}")
    problem = "Not a directory" if below else "File exists"
    assert (life.code, life.errors) == (5, f"error: {file}{below}: {problem}\n")
    life = finish(live, mlp_mnist, "--epochs", 1, "--out", f"{file}{below}", "--resume")
    assert (life.code, life.errors.count("\n")) == (5, 1)
    assert life.errors.startswith(f"error: {file}{below}: holds no training")
    assert file.read_text() == "years of work"


@pytest.mark.parametrize("name", ["checkpoint", "model-9.index", "model-9.data-00000-of-00001"])
def test_an_unreadable_file_of_a_checkpoint(live, finished, name, unprivileged):
    out, hook = unprivileged / "run", ["become_read_only", "/nowhere", "none", "", 0]
    shutil.copytree(finished, out, copy_function=shutil.copyfile)
    (out / name).chmod(0)
    life = finish(live, mlp_mnist, "--epochs", 3, "--out", out, "--resume", hook=hook)
    loud = f"warning: {out}/model-9: damaged; trying the one before\n"
    assert (life.code, life.errors) == (0, "" if name == "checkpoint" else loud)
    assert life.resumed() == (9 if name == "checkpoint" else 6)
    assert result(out) == result(finished)


def test_a_folder_named_as_a_checkpoint(live, finished, tmp_path):
    out = tmp_path / "run"
    shutil.copytree(finished, out)
    (out / "model-9.index").unlink()
    (out / "model-9.index").mkdir()
    life = finish(live, mlp_mnist, "--epochs", 3, "--out", out, "--resume")
    warning = f"warning: {out}/model-9: damaged; trying the one before\n"
    assert life.errors == f"{warning}error: {out}/model-9.index: Is a directory\n"
    assert (life.code, [*out.glob("*tempstate*")]) == (5, [])
    (out / "model-9.index").rmdir()
    assert finish(live, mlp_mnist, "--epochs", 3, "--out", out, "--resume").code == 0
    assert result(out) == result(finished)


def test_a_full_disk_behind_the_output(live, tmp_path):
    command = [sys.executable, "mlp_mnist.py", "--data", tmp_path, "--out", tmp_path / "run"]
    write_quartet(tmp_path)
    with Path("/dev/full").open("w") as full:
        ended = subprocess.run(command, cwd=ROOT, stdout=full, stderr=subprocess.PIPE, text=True)
    assert ended.stderr == "error: standard output: No space left on device\n"
    assert ended.returncode == 5


if __name__ == "__main__":
    serve(int(sys.argv[1]))
