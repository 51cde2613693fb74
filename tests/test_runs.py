"""What a training leaves behind: it can be interrupted, damaged, resumed, moved and exported."""

import csv
import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import filelock
import numpy as np
import pytest
from builders import write_csv, write_quartet
from trainings import LESSONS, each_lesson

import cnn_mnist
import data
import mlp_mnist
from data.errors import OutputError
from support import checkpoints, figures, runs
from support.tensorflow1 import tf

PIXELS = np.random.default_rng(0).integers(0, 256, [50, 784], np.uint8)


@pytest.fixture(scope="module")
def flags(tmp_path_factory):
    """Return the flags of three epochs of three steps each, the third step a short one."""
    source = tmp_path_factory.mktemp("source")
    write_quartet(source, train=330, test=20)
    sizes = ["--limit", "300", "--batch-size", "128", "--epochs", "3"]
    return ["--data", str(source), *sizes]


@pytest.fixture(scope="module")
def whole(flags, tmp_path_factory):
    """Return the folders of uninterrupted trainings, {lesson: Path}; not to be written to."""
    folders = {lesson: tmp_path_factory.mktemp(lesson.__name__) / "run" for lesson in LESSONS}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(figures, "draw", lambda *_: None)
        for lesson, out in folders.items():
            lesson.main([*flags, "--out", str(out)])
    return folders


@pytest.fixture
def copy(whole, tmp_path):
    """Return a copy of mlp_mnist's folder."""
    return Path(shutil.copytree(whole[mlp_mnist], tmp_path / "run"))


@pytest.fixture(autouse=True)
def no_figures(monkeypatch):
    """Save a second for each training; test_lessons.py sees that the figures are drawn."""
    monkeypatch.setattr(figures, "draw", lambda *_: None)


def kept(folder):
    """Return the epochs of which `folder` holds a checkpoint."""
    return sorted(int(path.stem.split("-")[1]) for path in folder.glob("model-*.index"))


def values(folder, epoch=3):
    """Return all variables in a checkpoint, as hashes."""
    reader = tf.train.load_checkpoint(str(folder / f"model-{epoch}"))
    names = sorted(reader.get_variable_to_shape_map())
    assert len(names) > 15
    return {name: hashlib.sha256(reader.get_tensor(name)).hexdigest() for name in names}


def recorded(folder):
    """Return the rows of history.csv without the seconds."""
    with (folder / "history.csv").open(newline="") as file:
        return [row[:-1] for row in csv.reader(file)]


def at_call(monkeypatch, owner, name, number, action):
    """Let `action()` happen right before the call `number`, from 1, of a method or function."""
    original, calls = getattr(owner, name), iter(range(1, number))

    def call(*args, **kwargs):
        if next(calls, None) is None:
            monkeypatch.setattr(owner, name, original)
            action()
        return (original.fget if isinstance(original, property) else original)(*args, **kwargs)

    monkeypatch.setattr(owner, name, property(call) if isinstance(original, property) else call)


def press(number):
    """Return a function that sends this process a signal, which the training then notes."""

    def send():
        assert signal.getsignal(number) not in (signal.SIG_DFL, signal.default_int_handler)
        os.kill(os.getpid(), number)

    return send


INTERRUPTED = {  # where the signal comes: lesson, method of runs.Run, its call, signal, epochs kept
    "at the first step": (mlp_mnist, "checked", 1, signal.SIGINT, 0),
    "within the second epoch": (mlp_mnist, "checked", 5, signal.SIGTERM, 1),
    "at the last step": (mlp_mnist, "checked", 9, signal.SIGHUP, 2),
    "before a checkpoint is written": (mlp_mnist, "checkpoint", 2, signal.SIGINT, 2),
    "while an epoch is recorded": (mlp_mnist, "record", 1, signal.SIGINT, 1),
    "at the end": (mlp_mnist, "keep", 1, signal.SIGTERM, 3),
    "in the CNN": (cnn_mnist, "checked", 5, signal.SIGINT, 1),
}


@pytest.mark.parametrize("case", INTERRUPTED.values(), ids=INTERRUPTED)
def test_a_resumed_training_equals_an_uninterrupted_one(
    case, flags, whole, tmp_path, monkeypatch, capsys
):
    lesson, method, call, number, epochs = case
    out = tmp_path / "run"
    # Python itself handles it, where this process ignores it, as a script's background does.
    before = signal.signal(number, signal.default_int_handler)
    try:
        at_call(monkeypatch, runs.Run, method, call, press(number))
        with pytest.raises(KeyboardInterrupt) as stop:
            lesson.main([*flags, "--out", str(out)])
        assert signal.getsignal(number) == signal.default_int_handler
    finally:
        signal.signal(number, before)
    assert stop.value.exit_code == 128 + number
    last = capsys.readouterr().out.splitlines()[-1]
    words = [*flags, "--out", str(out), "--resume"]
    hints = {0: "interrupted; no epoch was done", 3: "test accuracy 0.00% of 20 images"}
    hint = f"interrupted; {epochs} of 3 epochs are kept; go on with: main({words})"
    assert last == hints.get(epochs, hint)
    assert kept(out) == list(range(1, epochs + 1))
    lesson.main(words)
    assert f"{out}: resumed after epoch {epochs}\n" in capsys.readouterr().out
    assert values(out) == values(whole[lesson])
    assert recorded(out) == recorded(whole[lesson])


def test_three_checkpoints_are_kept_and_more_are_deleted_after_resuming(flags, copy, tmp_path):
    for end in ("index", "data-00000-of-00001"):  # as a kill between a save and a deletion leaves
        shutil.copy(copy / f"model-3.{end}", copy / f"model-0.{end}")
    assert kept(copy) == [0, 1, 2, 3]
    (copy / "model-3.index").unlink()
    mlp_mnist.main([*flags, "--out", str(copy), "--resume"])
    assert kept(copy) == [1, 2, 3]
    assert tf.train.latest_checkpoint(copy) == str(copy / "model-3")
    mlp_mnist.main([*flags, "--epochs", "5", "--out", str(tmp_path / "five")])
    assert kept(tmp_path / "five") == [3, 4, 5]


def test_a_finished_training_can_be_moved_and_resumed(flags, copy, whole, capsys):
    history = (copy / "history.csv").read_bytes()
    mlp_mnist.main([*flags, "--out", str(copy), "--resume"])
    assert "test accuracy" in capsys.readouterr().out
    assert values(copy) == values(whole[mlp_mnist])
    assert (copy / "history.csv").read_bytes() == history  # the seconds, too


@pytest.mark.parametrize(
    ("other", "problem"),
    [
        (["--epochs", "4"], "epochs (got 4, expected 3)"),
        (["--batch-size", "100"], "batch size (got 100, expected 128)"),
        (["--learning-rate", "0.1"], "learning rate (got 0.1, expected 0.003)"),
        (["--activation", "tanh"], "activation (got tanh, expected relu)"),
        (["--seed", "7"], "seed (got 7, expected 0)"),
        (["--limit", "299"], "images (got [299, 28, 20], CRC "),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)
def test_resume_with_another_flag_names_it(flags, whole, other, problem):
    out = whole[mlp_mnist]
    with pytest.raises(OutputError, match=re.escape(f"{out}: trained with other {problem}")):
        mlp_mnist.main([*flags, *other, "--out", str(out), "--resume"])


def test_without_resume_a_training_is_moved_into_earlier(flags, copy, whole, capsys):
    (copy / "notes.txt").write_text("mine")
    (copy / "submission.csv").write_text("an answer")
    for number in (1, 2):
        seed = ["--seed", str(number), "--epochs", "1"]
        mlp_mnist.main([*flags, *seed, "--out", str(copy)])
        earlier = copy / f"earlier-{number}"
        assert f"{copy}: held a training already, which is kept in {earlier}\n" in (
            capsys.readouterr().out
        )
        assert json.loads((earlier / "training.json").read_text())["seed"] == number - 1
    assert values(copy / "earlier-1") == values(whole[mlp_mnist])
    left = {path.name for path in whole[mlp_mnist].iterdir()} - {".lock"} | {"submission.csv"}
    assert {path.name for path in (copy / "earlier-1").iterdir()} == left
    assert kept(copy) == kept(copy / "earlier-2") == [1]
    assert (copy / "notes.txt").read_text() == "mine"
    assert not (copy / "submission.csv").exists()
    mlp_mnist.main([*flags, "--out", str(copy / "earlier-1"), "--resume"])  # a folder like others


def test_a_start_that_was_aborted_leaves_nothing_to_move(flags, tmp_path, monkeypatch):
    out, words = tmp_path / "run", [*flags, "--epochs", "1", "--out", str(tmp_path / "run")]
    at_call(monkeypatch, runs.Run, "resume", 1, lambda: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        mlp_mnist.main(words)
    rows = str(write_csv(tmp_path / "test.csv", PIXELS[:1]))
    with pytest.raises(OutputError, match=f"{out}: holds no checkpoint yet"):
        mlp_mnist.main(["--out", str(out), "--predict", rows])
    mlp_mnist.main([*words, "--resume"])
    shutil.rmtree(out)
    at_call(monkeypatch, runs.Run, "resume", 1, lambda: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        mlp_mnist.main(words)
    mlp_mnist.main(words)
    assert not [*out.glob("earlier-*")]


def test_what_only_looks_like_ours_is_not_touched(flags, tmp_path):
    for name in ("thesis.tex", "training.json"):
        folder = tmp_path / name
        folder.mkdir()
        (folder / name).write_text('{"marathon": "42 km"}')
        with pytest.raises(OutputError, match=r"holds other files|cannot be read as"):
            mlp_mnist.main([*flags, "--out", str(folder)])
        assert (folder / name).read_text() == '{"marathon": "42 km"}'
        assert {path.name for path in folder.iterdir()} <= {name, ".lock"}


def test_two_trainings_never_write_into_one_folder(flags, copy):
    before = sorted(copy.iterdir())
    for more in ([], ["--resume"]):
        with (
            filelock.FileLock(copy / ".lock"),
            pytest.raises(OutputError, match=f"{copy}: another training is writing here"),
        ):
            mlp_mnist.main([*flags, "--out", str(copy), *more])
    assert sorted(copy.iterdir()) == before


@pytest.mark.parametrize("method", ["checked", "checkpoint", "record", "keep"])
@pytest.mark.parametrize("new", [True, False], ids=["replaced", "gone"])
def test_a_folder_that_is_moved_away_is_noticed(flags, tmp_path, monkeypatch, method, new):
    out = tmp_path / "run"

    def move():
        out.rename(tmp_path / "moved")
        if new:
            out.mkdir()

    at_call(monkeypatch, runs.Run, method, 1, move)
    problem = "was moved away during the training" if new else "No such file or directory"
    with pytest.raises(OutputError, match=f"^{out}: {problem}$"):
        mlp_mnist.main([*flags, "--epochs", "1", "--out", str(out)])
    assert [*out.rglob("*")] == []


def test_a_loss_of_nan_stops_and_keeps_the_checkpoints_before(flags, tmp_path, monkeypatch):
    out, schedule = tmp_path / "run", mlp_mnist.schedule
    nan_later = lambda progress: schedule(progress) if progress < 0.4 else float("nan")  # noqa: E731
    monkeypatch.setattr(mlp_mnist, "schedule", nan_later)
    with pytest.raises(OutputError, match=r"diverged.*\(got loss nan, expected a lower --learning"):
        mlp_mnist.main([*flags, "--out", str(out)])
    assert kept(out) == [1]


def test_rows_that_are_gone_are_not_made_up(flags, copy, whole):
    (copy / "history.csv").unlink()
    for path in copy.glob("model-3.*"):
        path.unlink()
    mlp_mnist.main([*flags, "--out", str(copy), "--resume"])
    assert recorded(copy)[1:] == recorded(whole[mlp_mnist])[3:]


def flip(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def halve(path):
    os.truncate(path, path.stat().st_size // 2)


DAMAGES = {
    "data cut": ("data-00000-of-00001", halve),
    "data flipped": ("data-00000-of-00001", flip),
    "no data": ("data-00000-of-00001", Path.unlink),
    "index cut": ("index", halve),
    "index empty": ("index", lambda path: path.write_bytes(b"")),
    "index binary": ("index", lambda path: path.write_bytes(bytes(range(256)) * 8)),
    "no index": ("index", Path.unlink),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_checkpoint_is_passed_over_loudly(damage, flags, copy, whole, tmp_path, capsys):
    end, change = DAMAGES[damage]
    change(copy / f"model-3.{end}")
    mlp_mnist.main([*flags, "--out", str(copy), "--resume"])
    output = capsys.readouterr()
    # A kill can leave data without their index: there never was such a checkpoint.
    loud = f"warning: {copy}/model-3: damaged; trying the one before\n"
    assert output.err == ("" if damage == "no index" else loud)
    assert f"{copy}: resumed after epoch 2\n" in output.out
    assert values(copy) == values(whole[mlp_mnist])

    for number in (1, 2, 3):
        change(copy / f"model-{number}.{end}")
    rows = str(write_csv(tmp_path / "test.csv", PIXELS[:1]))
    for words in ([*flags, "--resume"], ["--predict", rows]):
        with pytest.raises(OutputError, match=f"{copy}: none of its checkpoints is whole"):
            mlp_mnist.main([*words, "--out", str(copy)])


def test_the_file_checkpoint_is_not_relied_on(flags, copy, capsys):
    for content in (b"rubbish", bytes(range(256)), b'model_checkpoint_path: "model-1"\n'):
        (copy / "checkpoint").write_bytes(content)
        mlp_mnist.main([*flags, "--out", str(copy), "--resume"])
        assert f"{copy}: resumed after epoch 3\n" in capsys.readouterr().out
    for path in copy.glob("model-*"):
        path.unlink()
    with pytest.raises(OutputError, match="none of its checkpoints is whole"):
        mlp_mnist.main([*flags, "--out", str(copy), "--resume"])


def test_a_checkpoint_that_a_training_beside_us_deletes_is_no_damage(copy, monkeypatch, capsys):
    def newer():
        for path in [*copy.glob("model-3.*")]:
            path.rename(path.with_name(path.name.replace("3", "4", 1)))

    (copy / "model-9-backup.index").write_bytes(b"mine, and no checkpoint")
    at_call(monkeypatch, tf.train, "load_checkpoint", 1, newer)
    assert checkpoints.latest(copy) == str(copy / "model-4")
    assert capsys.readouterr().err == ""


ODD = {  # what stands in the place of a file
    "FIFO": os.mkfifo,
    "folder": Path.mkdir,
    "dangling link": lambda file: file.symlink_to("nowhere"),
    "binary": lambda file: file.write_bytes(bytes(range(256))),
    "other keys": lambda file: file.write_text('epoch,loss\n1,\n{"lesson": 1}'),
    "much too deep": lambda file: file.write_text("epoch,loss\n" + "[" * 60_000),
    "much too deep as JSON": lambda file: file.write_text("[" * 60_000 + "\n1"),
}


@pytest.mark.parametrize("name", ["history.csv", "training.json"])
@pytest.mark.parametrize("odd", ODD)
def test_no_waiting_for_and_no_traceback_of_odd_files(name, odd, tmp_path):
    ODD[odd](tmp_path / name)
    if name == "training.json":
        with pytest.raises(OutputError, match=f"^{tmp_path}(/training.json)?: "):
            checkpoints.describe(tmp_path)
    elif odd == "dangling link":
        assert checkpoints.read_history(tmp_path, 3) == []
    else:
        with pytest.raises(OutputError, match=f"^{tmp_path}/history.csv: "):
            checkpoints.read_history(tmp_path, 3)


def test_history_is_read_as_it_was_written(tmp_path):
    rows = [{"epoch": n, "loss": 0.1 / n, "accuracy": 1 / n, "seconds": 1e-9} for n in (1, 2, 3)]
    checkpoints.write_history(tmp_path, rows)
    assert checkpoints.read_history(tmp_path, 3) == rows
    assert checkpoints.read_history(tmp_path, 2) == rows[:2]
    header, first, *_ = (tmp_path / "history.csv").read_text().splitlines()
    assert (header, first) == ("epoch,loss,accuracy,seconds", "1,0.1,1.0,1e-09")


def test_a_folder_that_cannot_be_listed(unprivileged):
    out = unprivileged / "run"
    out.mkdir()
    out.chmod(0o300)
    with pytest.raises(OutputError, match="run: Permission denied"):
        checkpoints.paths(out)


def test_the_saved_model_answers_as_the_session_does(whole, flags, tmp_path):
    """In plain TensorFlow 2, in a process that knows nothing of this repository."""
    np.save(tmp_path / "pixels.npy", PIXELS)
    code = (
        "import sys, numpy as np, tensorflow as tf\n"
        "pixels = tf.constant(np.load('pixels.npy'))\n"
        "for number, path in enumerate(sys.argv[1:]):\n"
        "    answer = tf.saved_model.load(path).signatures['serving_default'](images=pixels)\n"
        "    np.savez(f'{number}.npz', **answer)\n"
    )
    paths = [str(out / "saved_model") for out in whole.values()]
    command = [sys.executable, "-c", code, *paths]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    validation = data.load(flags[1])[1]
    for number, (lesson, out) in enumerate(whole.items()):
        answer = np.load(tmp_path / f"{number}.npz")
        with tf.Graph().as_default(), tf.Session() as session:
            network = lesson.build(mlp_mnist.flags.parse([], vars(lesson)))
            tf.train.Saver().restore(session, checkpoints.latest(out))
            probabilities = lesson.classify(session, network, PIXELS)
            digits = lesson.classify(session, network, validation.images).argmax(axis=1)
        np.testing.assert_allclose(answer["probabilities"], probabilities, rtol=1e-5, atol=1e-7)
        np.testing.assert_array_equal(answer["digit"], probabilities.argmax(axis=1))
        # And these are the weights that were validated.
        accuracy = float(recorded(out)[-1][2])
        assert np.mean(digits == validation.labels) == pytest.approx(accuracy, abs=1e-9)


@each_lesson
def test_tensorboard_events_hold_graph_and_scalars(lesson, whole):
    scalars, scopes = {}, set()
    for path in whole[lesson].glob("events.out.tfevents.*"):
        for event in tf.train.summary_iterator(str(path)):
            for value in event.summary.value:
                scalars.setdefault(value.tag, []).append((event.step, value.simple_value))
            if event.graph_def:
                graph = tf.GraphDef.FromString(event.graph_def)
                scopes |= {node.name.split("/")[0] for node in graph.node}
    for tag, column in [("training_loss", 1), ("validation_accuracy", 2)]:
        expected = [
            (int(row[0]), pytest.approx(float(row[column]), rel=1e-4))
            for row in recorded(whole[lesson])[1:]
        ]
        assert scalars[tag] == expected
    assert {"images", "labels", "weights", "biases", "distort", "probabilities"} <= scopes
