"""What a training leaves behind: it can be interrupted, damaged, gone on with and exported."""

import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from trainings import ROOT, each_lesson, run

import cnn_mnist
import data
import mlp_mnist
from support import console, figures, history, runs
from data.errors import OutputError
from support.tensorflow1 import tf

# 500 images in batches of 200: three steps an epoch, the third one short.
FLAGS = ["--data", "sample", "--limit", "500", "--batch-size", "200", "--epochs", "3"]
STEPS = 9
NAMES = ["digit", "probabilities"]  # the SavedModel's outputs


def checkpoints(folder):
    return sorted(int(path.stem.split("-")[1]) for path in Path(folder).glob("model-*.index"))


def digest(folder, step=STEPS):
    """Return the sha256 over the names and values of all variables in a checkpoint."""
    reader = tf.train.load_checkpoint(str(Path(folder) / f"model-{step}"))
    sha256 = hashlib.sha256()
    for name in sorted(reader.get_variable_to_shape_map()):
        sha256.update(name.encode() + np.asarray(reader.get_tensor(name)).tobytes())
    return sha256.hexdigest()


def recorded(folder):
    """Return history.csv without its column of seconds."""
    rows = (Path(folder) / "history.csv").read_text().splitlines()
    return [row.rpartition(",")[0] for row in rows]


@pytest.fixture(scope="module", params=[mlp_mnist, cnn_mnist], ids=["mlp_mnist", "cnn_mnist"])
def finished(request, tmp_path_factory):
    """A lesson and the folder of its uninterrupted training; not to be written to."""
    out = tmp_path_factory.mktemp(request.param.__name__) / "run"
    request.param.main([*FLAGS, "--out", str(out)])
    return request.param, out


def interrupt(monkeypatch, place, error=KeyboardInterrupt):
    """Let Ctrl-C be pressed before the step `place`, or when the function `place` is called."""
    if isinstance(place, int):
        steps = iter(range(place))

        def progress(batches, label):
            for batch in batches:
                if next(steps, None) is None:
                    raise error
                yield batch

        monkeypatch.setattr(console, "progress", progress)
    else:
        module, name = place
        original, calls = getattr(module, name), iter(range(1))

        def second_call(*args, **kwargs):
            if next(calls, None) is None:
                raise error
            return original(*args, **kwargs)

        monkeypatch.setattr(module, name, second_call)


@pytest.fixture(autouse=True)
def no_figures(monkeypatch):
    """Save a second for each training; test_lessons.py sees that the figures are drawn."""
    monkeypatch.setattr(figures, "draw", lambda *_: None)


PLACES = {
    "before the first step": 0,
    "within the first epoch": 2,
    "between two epochs": 3,
    "within the last epoch": 8,
    "while the validation images are classified": "classify",
    "while the second epoch is recorded": (runs.Run, "record"),
    "while its history is written": (history, "write"),
}


@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
def test_a_resumed_training_equals_an_uninterrupted_one(
    finished, place, tmp_path, monkeypatch, capsys
):
    lesson, whole = finished
    out = tmp_path / "run"
    with monkeypatch.context() as patch:
        interrupt(patch, (lesson, place) if isinstance(place, str) else place)
        with pytest.raises(KeyboardInterrupt):
            lesson.main([*FLAGS, "--out", str(out)])
    hint = r"^interrupted, and saved; go on with: main\(\['--data', .*, '--resume'\]\)$"
    assert re.search(hint, capsys.readouterr().out, re.M)
    assert checkpoints(out)[-1] < STEPS
    lesson.main([*FLAGS, "--out", str(out), "--resume"])
    assert digest(out) == digest(whole)
    assert recorded(out) == recorded(whole)


def test_every_epoch_leaves_a_checkpoint_and_three_are_kept(finished, tmp_path):
    lesson, whole = finished
    assert checkpoints(whole) == [3, 6, 9]
    out = tmp_path / "moved"
    out.mkdir()
    lesson.main([*FLAGS, "--epochs", "5", "--out", str(out)])
    assert checkpoints(out) == [9, 12, 15]
    assert 'model_checkpoint_path: "model-15"' in (out / "checkpoint").read_text()


def test_a_finished_training_can_be_moved_and_resumed(finished, tmp_path, capsys):
    lesson, whole = finished
    out = tmp_path / "elsewhere"
    shutil.copytree(whole, out)
    before = (out / "history.csv").read_text()
    lesson.main([*FLAGS, "--out", str(out), "--resume"])
    assert "test accuracy" in capsys.readouterr().out
    assert digest(out) == digest(whole)
    assert (out / "history.csv").read_text() == before  # the seconds, too
    assert len(checkpoints(out)) == 3


@pytest.mark.parametrize(
    ("flags", "pattern"),
    [
        (["--epochs", "4"], r"epochs \(got 4, expected 3\)"),
        (["--batch-size", "100"], r"batch size \(got 100, expected 200\)"),
        (["--learning-rate", "0.1"], r"learning rate \(got 0.1, expected 0\.\d+\)"),
        (["--activation", "tanh"], r"activation \(got tanh, expected relu\)"),
        (["--seed", "7"], r"seed \(got 7, expected 0\)"),
        (["--limit", "499"], r"training images \(got 499 .*, expected 500 .*\)"),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)
def test_resume_with_another_flag_names_it(finished, flags, pattern):
    lesson, whole = finished
    with pytest.raises(OutputError, match=pattern) as error:
        lesson.main([*FLAGS, *flags, "--out", str(whole), "--resume"])
    assert error.value.exit_code == 5


def test_resume_and_predict_refuse_another_network(finished, tmp_path):
    lesson, whole = finished
    other = cnn_mnist if lesson is mlp_mnist else mlp_mnist
    for flags in (["--resume"], ["--predict", rows(tmp_path / "test.csv")]):
        with pytest.raises(OutputError, match=f"got {lesson.__name__}, expected {other.__name__}"):
            other.main([*FLAGS, "--out", str(whole), *flags])


def test_without_resume_a_training_is_moved_aside(tmp_path, capsys):
    out = tmp_path / "run"
    for seed in "012":
        mlp_mnist.main([*FLAGS, "--seed", seed, "--out", str(out)])
    output = capsys.readouterr().out
    for name, seed in [("run-1", 0), ("run-2", 1), ("run", 2)]:
        assert json.loads((tmp_path / name / "training.json").read_text())["seed"] == seed
        assert checkpoints(tmp_path / name) == [3, 6, 9]
        assert name == "run" or f"kept in {tmp_path / name}\n" in output


def test_a_folder_of_other_things_is_refused(tmp_path):
    (tmp_path / "thesis.tex").write_text("years of work")
    with pytest.raises(OutputError, match="holds other files"):
        mlp_mnist.main([*FLAGS, "--out", str(tmp_path)])
    assert (tmp_path / "thesis.tex").read_text() == "years of work"


def test_what_only_looks_like_ours_is_not_lost(tmp_path):
    for folder in ("theirs", "locked"):
        (tmp_path / folder).mkdir()
    (tmp_path / "theirs/training.json").write_text('{"marathon": "42 km"}')
    mlp_mnist.main([*FLAGS, "--epochs", "1", "--out", str(tmp_path / "theirs")])
    assert (tmp_path / "theirs-1/training.json").read_text() == '{"marathon": "42 km"}'
    for name in ("lock", "thesis.tex"):
        (tmp_path / "locked" / name).write_text("mine")
    with pytest.raises(OutputError, match="holds other files"):
        mlp_mnist.main([*FLAGS, "--out", str(tmp_path / "locked")])
    assert {path.read_text() for path in (tmp_path / "locked").iterdir()} == {"mine"}
    assert len(list((tmp_path / "locked").iterdir())) == 2


def test_a_lock_that_is_a_fifo_does_not_hang(tmp_path):
    os.mkfifo(tmp_path / "lock")
    with pytest.raises(OutputError):
        mlp_mnist.main([*FLAGS, "--out", str(tmp_path)])


def test_epochs_without_their_rows_are_not_counted_twice(tmp_path, monkeypatch):
    out = tmp_path / "run"
    for place, flags in [(4, []), (2, ["--resume"])]:
        with monkeypatch.context() as patch:
            interrupt(patch, place)
            with pytest.raises(KeyboardInterrupt):
                mlp_mnist.main([*FLAGS, "--out", str(out), *flags])
        if not flags:
            (out / "history.csv").unlink()
    mlp_mnist.main([*FLAGS, "--out", str(out), "--resume"])
    assert [row["epoch"] for row in history.read(out)] == [2, 3]


@pytest.mark.parametrize("missing", ["folder", "training"])
def test_resume_and_predict_need_a_training(missing, tmp_path):
    out = tmp_path / "run"
    if missing == "training":
        out.mkdir()
    for flags in (["--resume"], ["--predict", rows(tmp_path / "test.csv")]):
        with pytest.raises(OutputError, match="holds no training"):
            mlp_mnist.main([*FLAGS, "--out", str(out), *flags])


@pytest.mark.parametrize(
    "damage",
    ["truncate", "flip", "no data", "no index", "empty index", "no checkpoint"],
)
def test_a_damaged_checkpoint_is_passed_over_loudly(damage, tmp_path, capsys, monkeypatch):
    out = tmp_path / "run"
    with monkeypatch.context() as patch:
        interrupt(patch, 7)
        with pytest.raises(KeyboardInterrupt):
            mlp_mnist.main([*FLAGS, "--out", str(out)])
    assert checkpoints(out) == [3, 6, 7]
    data, index = out / "model-7.data-00000-of-00001", out / "model-7.index"
    if damage == "truncate":
        os.truncate(data, data.stat().st_size // 2)
    elif damage == "flip":
        content = bytearray(data.read_bytes())
        content[len(content) // 2] ^= 1
        data.write_bytes(content)
    elif damage == "no data":
        data.unlink()
    elif damage == "no index":
        index.unlink()
    elif damage == "empty index":
        index.write_bytes(b"")
    else:
        (out / "checkpoint").write_text("rubbish")
    capsys.readouterr()
    mlp_mnist.main([*FLAGS, "--out", str(out), "--resume"])
    output = capsys.readouterr()
    assert ("model-7: damaged" in output.err) == (damage != "no checkpoint")
    assert f"going on after step {7 if damage == 'no checkpoint' else 6}" in output.out
    mlp_mnist.main([*FLAGS, "--out", str(tmp_path / "whole")])
    assert digest(out) == digest(tmp_path / "whole")


def rows(path):
    """Write a file as Kaggle's test.csv, of one black image."""
    path.write_text(",".join(f"pixel{i}" for i in range(784)) + "\n" + "0," * 783 + "0\n")
    return str(path)


def test_predict_needs_a_checkpoint(tmp_path, monkeypatch):
    out = tmp_path / "run"
    monkeypatch.setattr(runs.Run, "restore", lambda *_: 1 / 0)  # ends before the first step
    with pytest.raises(ZeroDivisionError):
        mlp_mnist.main([*FLAGS, "--out", str(out)])
    with pytest.raises(OutputError, match="no checkpoint yet"):
        mlp_mnist.main(["--out", str(out), "--predict", rows(tmp_path / "test.csv")])


def test_a_start_that_was_aborted_leaves_nothing_to_move_aside(tmp_path, monkeypatch):
    out = tmp_path / "run"
    with monkeypatch.context() as patch:
        patch.setattr(runs.Run, "restore", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            mlp_mnist.main([*FLAGS, "--out", str(out)])
    # As a kill within atomic() leaves it.
    (out / ".training.json.0123456789abcdef.mnist-unfinished").touch()
    mlp_mnist.main([*FLAGS, "--out", str(out)])
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


@pytest.mark.parametrize("name", ["history.csv", "training.json"])
def test_a_damaged_text_file_is_named(finished, name, tmp_path):
    lesson, whole = finished
    out = tmp_path / "copy"
    shutil.copytree(whole, out)
    for content in (b"", b"epoch,loss\n1,\n", b'{"network": 1}', b"\xff\xfe"):
        if name == "history.csv" and content in (b"", b'{"network": 1}'):
            continue  # no rows: that is no damage
        (out / name).write_bytes(content)
        with pytest.raises(OutputError, match=name.replace(".", r"\.")):
            lesson.main([*FLAGS, "--out", str(out), "--resume"])


def test_files_of_other_names_are_no_checkpoints(finished, tmp_path):
    lesson, whole = finished
    out = tmp_path / "copy"
    shutil.copytree(whole, out)
    (out / "model-9-backup.index").write_bytes(b"mine")
    lesson.main(["--out", str(out), "--predict", rows(tmp_path / "test.csv")])
    assert (out / "submission.csv").read_text().startswith("ImageId,Label\n1,")


def test_only_damaged_checkpoints_are_an_error_not_a_fresh_start(tmp_path):
    out = tmp_path / "run"
    mlp_mnist.main([*FLAGS, "--out", str(out)])
    for path in out.glob("model-*.data*"):
        os.truncate(path, 100)
    with pytest.raises(OutputError, match="none of its checkpoints is whole"):
        mlp_mnist.main([*FLAGS, "--out", str(out), "--resume"])


def test_checkpoints_that_are_gone_are_an_error_not_a_fresh_start(finished, tmp_path):
    lesson, whole = finished
    out = tmp_path / "run"
    shutil.copytree(whole, out)
    for path in out.glob("model-*"):
        path.unlink()
    for flags in (["--resume"], ["--predict", rows(tmp_path / "test.csv")]):
        with pytest.raises(OutputError, match="none of its checkpoints is whole"):
            lesson.main([*FLAGS, "--out", str(out), *flags])


@pytest.mark.parametrize("name", ["history.csv", "training.json"])
@pytest.mark.parametrize("kind", ["pipe", "folder", "dangling link", "much too deep"])
def test_no_waiting_for_and_no_traceback_of_odd_files(name, kind, tmp_path):
    def describe(folder):
        return support.checkpoints.describe(folder, "mlp_mnist")

    file = tmp_path / name
    if kind == "pipe":
        os.mkfifo(file)
    elif kind == "folder":
        file.mkdir()
    elif kind == "dangling link":
        file.symlink_to("nowhere")
    else:
        file.write_text("epoch,loss\n" * (name == "history.csv") + "[" * 60_000)
    read = {"history.csv": history.read, "training.json": describe}[name]
    with pytest.raises(OutputError, match=re.escape(str(tmp_path))) as error:
        read(tmp_path)
    assert error.value.exit_code == 5


def test_a_folder_that_cannot_be_listed(unprivileged):
    out = unprivileged / "run"
    out.mkdir()
    out.chmod(0o300)
    with pytest.raises(OutputError, match="run: Permission denied"):
        support.checkpoints.steps(out)


def test_a_loss_of_nan_stops_and_keeps_the_checkpoint_before(tmp_path, monkeypatch):
    out = tmp_path / "run"
    record = runs.Run.record

    def diverge(self, epoch, loss, accuracy, seconds):
        record(self, epoch, float("nan") if epoch == 2 else loss, accuracy, seconds)

    monkeypatch.setattr(runs.Run, "record", diverge)
    with pytest.raises(OutputError, match=r"diverged in epoch 2.*lower --learning-rate"):
        mlp_mnist.main([*FLAGS, "--out", str(out)])
    assert checkpoints(out) == [3]


def start(lesson, out, *flags):
    command = [sys.executable, f"{lesson.__name__}.py", *FLAGS, "--out", str(out), *flags]
    return subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


@each_lesson
@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)], ids=["Ctrl-C", "SIGTERM"]
)
def test_a_signal_ends_a_training_cleanly(lesson, number, code, tmp_path):
    out = tmp_path / "run"
    process = start(lesson, out, "--epochs", "100000")
    try:
        deadline = time.monotonic() + 300
        while len(checkpoints(out)) < 2:
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.1)
        process.send_signal(number)
        stdout, stderr = process.communicate(timeout=60)
    finally:
        process.kill()
    assert (process.returncode, stderr) == (code, "")
    last = stdout.splitlines()[-1]
    flags = f"{lesson.__name__}.py {' '.join(FLAGS)} --out {out} --epochs 100000 --resume"
    assert last.startswith("interrupted, and saved; go on with: ")
    python, rest = last.removeprefix("interrupted, and saved; go on with: ").split(" ", 1)
    assert rest == flags
    assert (ROOT / python).samefile(sys.executable)  # that of the environment, activated or not
    assert json.loads((out / "training.json").read_text())["network"] == lesson.__name__


def test_two_trainings_in_one_folder(tmp_path):
    out = tmp_path / "run"
    first = start(mlp_mnist, out, "--epochs", "100000")
    try:
        while not checkpoints(out):
            assert first.poll() is None
            time.sleep(0.1)
        second = run(mlp_mnist, *FLAGS, "--out", out)
        assert second.returncode == 5
        assert second.stderr == f"error: {out}: another training is writing here\n"
        assert first.poll() is None
    finally:
        first.kill()
        first.communicate()


def test_the_saved_model_answers_as_the_session_does(finished, tmp_path):
    """In plain TensorFlow 2, in a process that knows nothing of this repository."""
    lesson, whole = finished
    pixels = np.random.default_rng(0).integers(0, 256, [50, 784], np.uint8)
    np.save(tmp_path / "pixels.npy", pixels)
    code = (
        "import numpy as np, tensorflow as tf\n"
        f"model = tf.saved_model.load({str(whole / 'saved_model')!r})\n"
        "answer = model.signatures['serving_default'](images=tf.constant(np.load('pixels.npy')))\n"
        "np.savez('answer.npz', **answer)\n"
    )
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True, capture_output=True)
    answer = np.load(tmp_path / "answer.npz")
    with tf.Graph().as_default(), tf.Session() as session:
        lesson.restore(session, str(whole))
        probabilities = lesson.classify(session, pixels)
    np.testing.assert_allclose(answer["probabilities"], probabilities, rtol=1e-5, atol=1e-7)
    np.testing.assert_array_equal(answer["digit"], probabilities.argmax(axis=1))
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-5)


def test_prediction_uses_the_weights_that_were_validated(finished):
    """The averaged ones: after so few steps, others give another accuracy."""
    lesson, whole = finished
    _, validation, _ = data.load("sample")
    with tf.Graph().as_default(), tf.Session() as session:
        lesson.restore(session, str(whole))
        digits = lesson.classify(session, validation.images).argmax(axis=1)
    accuracy = history.read(whole)[-1]["accuracy"]
    assert np.mean(digits == validation.labels) == pytest.approx(accuracy, abs=1e-9)


def test_saved_model_cli_runs_it(finished, tmp_path):
    lesson, whole = finished
    pixels = np.random.default_rng(0).integers(0, 256, [3, 784], np.uint8)
    np.save(tmp_path / "pixels.npy", pixels)
    command = [str(Path(sys.executable).with_name("saved_model_cli")), "run", "--dir"]
    command += [str(whole / "saved_model"), "--tag_set", "serve", "--signature_def"]
    command += ["serving_default", "--inputs", "images=pixels.npy", "--outdir", "answer"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    answer = {name: np.load(tmp_path / "answer" / f"{name}.npy") for name in NAMES}
    with tf.Graph().as_default(), tf.Session() as session:
        lesson.restore(session, str(whole))
        probabilities = lesson.classify(session, pixels)
    np.testing.assert_allclose(answer["probabilities"], probabilities, rtol=1e-5, atol=1e-7)
    np.testing.assert_array_equal(answer["digit"], probabilities.argmax(axis=1))


def test_tensorboard_events_hold_graph_and_scalars(finished):
    _, whole = finished
    scalars, scopes = {}, set()
    for path in sorted(whole.glob("events.out.tfevents.*")):
        for event in tf.train.summary_iterator(str(path)):
            for value in event.summary.value:
                scalars.setdefault(value.tag, []).append((event.step, value.simple_value))
            if event.graph_def:
                graph = tf.GraphDef.FromString(event.graph_def)
                scopes |= {node.name.split("/")[0] for node in graph.node}
    table = [row.split(",") for row in recorded(whole)[1:]]
    for tag, column in [("training_loss", 1), ("validation_accuracy", 2)]:
        expected = [(int(row[0]), pytest.approx(float(row[column]), rel=1e-4)) for row in table]
        assert scalars[tag] == expected
    assert {"images", "labels", "weights", "biases", "train", "probabilities"} <= scopes
