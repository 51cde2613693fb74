"""What a training leaves behind: it can be interrupted, damaged, resumed, moved and exported."""

import errno
import fcntl
import itertools
import json
import os
import re
import shutil
import signal
from pathlib import Path
from unittest import mock

import numpy as np
import pytest
from builders import write_csv
from trainings import LESSONS, each_lesson, recorded, variables

import cnn_mnist
import data
import mlp_mnist
from support.ground import OutputError, tf
from support.training import checkpoints, description, figures, history, runs

PIXELS = np.random.default_rng(0).integers(0, 256, [50, 784], np.uint8)
NONE_WHOLE = "none of its checkpoints is whole"


@pytest.fixture(scope="module", autouse=True)
def no_figures():
    """Save a second for each training; test_lessons.py sees that the figures are drawn."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(figures, "draw", lambda *_: None)
        yield


@pytest.fixture(scope="module")
def words(small):
    """Return the flags of a training of three epochs."""
    return [*small, "--epochs", "3"]


@pytest.fixture(scope="module")
def whole(words, tmp_path_factory):
    """Return the folders of uninterrupted trainings, {lesson: Path}; not to be written to."""
    folders = {lesson: tmp_path_factory.mktemp(lesson.__name__) / "run" for lesson in LESSONS}
    for lesson, out in folders.items():
        lesson.main([*words, "--out", str(out)])
    return folders


@pytest.fixture
def copy(whole, tmp_path):
    """Return a copy of mlp_mnist's folder."""
    return Path(shutil.copytree(whole[mlp_mnist], tmp_path / "run"))


@pytest.fixture
def train(words):
    """Return a function that trains lesson 1 in a folder, with more flags."""
    return lambda out, *more: mlp_mnist.main([*words, "--out", str(out), *more])


@pytest.fixture
def one_row(tmp_path_factory):
    """Return the name of a file of one row to predict."""
    return str(write_csv(tmp_path_factory.mktemp("rows") / "test.csv", PIXELS[:1]))


def refused(problem):
    return pytest.raises(OutputError, match=problem)


def kept(folder):
    """Return the epochs of which `folder` holds a checkpoint."""
    return sorted(int(path.stem.split("-")[1]) for path in folder.glob("model-*.index"))


def at_call(monkeypatch, owner, name, number, action):
    """Let `action()` happen right before the call `number`, from 1, of a function."""
    original, calls = getattr(owner, name), itertools.count(1)

    def call(*args, **kwargs):
        if next(calls) == number:
            action()
        return original(*args, **kwargs)

    monkeypatch.setattr(owner, name, call)


INTERRUPTED = {  # where the signal comes: lesson, function, its call, signal, epochs kept
    "at the first step": (mlp_mnist, runs.Run, "note", 1, signal.SIGINT, 0),
    "within the second epoch": (mlp_mnist, runs.Run, "note", 5, signal.SIGTERM, 1),
    "before a checkpoint is written": (mlp_mnist, mlp_mnist, "classify", 2, signal.SIGHUP, 2),
    "while an epoch is recorded": (mlp_mnist, runs.Run, "save", 1, signal.SIGINT, 1),
    "at the end": (mlp_mnist, runs.Run, "finish", 1, signal.SIGTERM, 3),
    "in the CNN": (cnn_mnist, runs.Run, "note", 5, signal.SIGINT, 1),
}


@pytest.mark.parametrize("case", INTERRUPTED.values(), ids=INTERRUPTED)
def test_a_resumed_training_equals_an_uninterrupted_one(
    case, words, whole, tmp_path, monkeypatch, capsys
):
    lesson, owner, name, call, number, epochs = case
    out, before = tmp_path / "run", signal.getsignal(number)
    at_call(monkeypatch, owner, name, call, lambda: os.kill(os.getpid(), number))
    with pytest.raises(KeyboardInterrupt) as stop:
        lesson.main([*words, "--out", str(out)])
    assert signal.getsignal(number) == before
    assert stop.value.exit_code == 128 + number
    resume = [*words, "--out", str(out), "--resume"]
    hint = f"interrupted; {epochs} of 3 epochs are kept; go on with: main({resume})"
    hint = {0: "interrupted; no epoch was done", 3: "test accuracy "}.get(epochs, hint)
    assert capsys.readouterr().out.splitlines()[-1].startswith(hint)
    assert kept(out) == list(range(1, epochs + 1))
    lesson.main(resume)
    assert f"{out}: resumed after epoch {epochs}\n" in capsys.readouterr().out
    assert variables(out / "model-3") == variables(whole[lesson] / "model-3")
    assert recorded(out) == recorded(whole[lesson])


def test_three_checkpoints_are_kept_and_more_are_deleted_after_resuming(train, copy, tmp_path):
    for end in ("index", "data-00000-of-00001"):  # as a kill between a save and a deletion leaves
        shutil.copy(copy / f"model-3.{end}", copy / f"model-0.{end}")
    (copy / "model-3.index").unlink()
    train(copy, "--resume")
    assert kept(copy) == [1, 2, 3]
    assert tf.train.latest_checkpoint(copy) == str(copy / "model-3")
    train(tmp_path / "five", "--epochs", "5")
    assert kept(tmp_path / "five") == [3, 4, 5]


def test_without_resume_a_training_is_moved_into_earlier(train, copy, whole, capsys):
    (copy / "notes.txt").write_text("mine")
    (copy / "submission.csv").write_text("an answer")
    for number in (1, 2):
        train(copy, "--seed", str(number), "--epochs", "1")
        earlier = copy / f"earlier-{number}"
        line = f"{copy}: held a training already, which is kept in {earlier}\n"
        assert line in capsys.readouterr().out
        assert json.loads((earlier / "training.json").read_text())["seed"] == number - 1
    assert variables(copy / "earlier-1" / "model-3") == variables(whole[mlp_mnist] / "model-3")
    left = {path.name for path in whole[mlp_mnist].iterdir()} - {".lock"} | {"submission.csv"}
    assert {path.name for path in (copy / "earlier-1").iterdir()} == left
    assert kept(copy) == kept(copy / "earlier-2") == [1]
    assert (copy / "notes.txt").read_text() == "mine"
    assert not (copy / "submission.csv").exists()
    train(copy / "earlier-1", "--resume")  # a folder like others


def test_resume_with_another_flag_names_it(train, whole):
    stored = description.read(whole[mlp_mnist])
    for name in [*description.FLAGS, "images", "lesson", "precision"]:
        problem = f"trained with other {name.replace('_', ' ')} \\(got new, expected "
        with refused(f"^{whole[mlp_mnist]}: {problem}"):
            description.compare(whole[mlp_mnist], {**stored, name: "new"})
    with refused(r"other seed \(got 7, expected 0\)"):
        train(whole[mlp_mnist], "--seed", "7", "--resume")


def test_resume_on_another_machine_warns(train, copy, capsys):
    stored = description.read(copy)
    description.write(copy, stored | {"tensorflow": "1.15", "intra_op_threads": 99})
    train(copy, "--resume")
    differ = f"tensorflow {tf.__version__} instead of 1.15, "
    differ += f"intra op threads {stored['intra_op_threads']} instead of 99"
    assert capsys.readouterr().err == f"warning: {copy}: the last digits may differ: {differ}\n"


def test_an_earlier_run_whose_checkpoints_were_deleted_is_not_overwritten(train, copy):
    for path in [*copy.glob("model-*"), copy / "checkpoint"]:
        path.unlink()
    with refused(NONE_WHOLE):
        train(copy, "--resume")
    before = recorded(copy)
    train(copy, "--epochs", "1")
    assert recorded(copy / "earlier-1") == before


def test_a_kill_within_the_first_checkpoint_is_a_fresh_start(train, tmp_path, whole):
    shutil.copy(whole[mlp_mnist] / "training.json", tmp_path)
    (tmp_path / "model-1.data-00000-of-00001").write_bytes(b"all of it, but its index")
    train(tmp_path, "--resume")
    assert variables(tmp_path / "model-3") == variables(whole[mlp_mnist] / "model-3")


def test_an_earlier_run_is_moved_whole_or_not_at_all(train, unprivileged):
    out = unprivileged / "run"
    train(out, "--epochs", "1")
    before = sorted(path.relative_to(out) for path in out.rglob("*"))
    (out / "saved_model").chmod(0o555)  # a folder that is not one's own cannot be moved
    with refused(f"^{out}/saved_model: Permission denied$"):
        train(out, "--epochs", "1")
    assert sorted(path.relative_to(out) for path in out.rglob("*")) == before
    (out / "saved_model").chmod(0o755)


def test_an_export_that_fails_leaves_the_one_before(train, copy, monkeypatch):
    before = (copy / "saved_model/saved_model.pb").read_bytes()
    monkeypatch.setattr(tf.saved_model, "Builder", lambda path: Path(path).mkdir() or 1 / 0)
    with pytest.raises(ZeroDivisionError):
        train(copy, "--resume")
    assert (copy / "saved_model/saved_model.pb").read_bytes() == before
    assert {path.name for path in copy.glob(".*")} <= {".lock"}  # older locks go with the run


def test_figures_that_cannot_be_drawn_cost_a_warning_only(train, copy, monkeypatch, capsys):
    shutil.rmtree(copy / "saved_model")
    monkeypatch.setattr(figures, "draw", lambda *_: 1 / 0)
    train(copy, "--resume")
    line = "its figures are not drawn: ZeroDivisionError('division by zero')"
    assert capsys.readouterr().err == f"warning: {copy}: {line}\n"
    assert (copy / "saved_model").is_dir()


@pytest.mark.parametrize(("name", "found"), [("biases/b1", "none"), ("weights/h1", "[784, 256]")])
def test_another_network_than_the_graphs_is_named(name, found, copy):
    problem = f"another network than this lesson's: variable {name} (got {found}, expected [256])"
    with tf.Graph().as_default(), refused(re.escape(f"{copy}/model-3: {problem}")):
        tf.Variable(np.zeros([256], np.float32), name=name)
        checkpoints.latest(copy)


@pytest.mark.parametrize("more", [[], ["--resume"]], ids=str)
def test_a_start_that_was_aborted_leaves_nothing_to_move(
    more, train, tmp_path, one_row, monkeypatch
):
    at_call(monkeypatch, runs.Run, "begin", 1, lambda: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        train(tmp_path, "--epochs", "1")
    with refused(f"{tmp_path}: holds no checkpoint yet"):
        mlp_mnist.main(["--out", str(tmp_path), "--predict", one_row])
    train(tmp_path, "--epochs", "1", *more)
    assert not [*tmp_path.glob("earlier-*")]


MOVED = {  # when the folder is moved away, and something takes its place: before a first call
    "at a step": (runs.Run, "note", True),
    "at a step, for good": (runs.Run, "note", False),
    "before a checkpoint": (mlp_mnist, "classify", True),
    "before an epoch is recorded": (runs.Run, "save", True),
    "at the end": (runs.Run, "finish", True),
}


@pytest.mark.parametrize("moment", MOVED)
def test_a_folder_that_is_moved_away_is_noticed(moment, train, tmp_path, monkeypatch):
    (owner, name, again), out = MOVED[moment], tmp_path / "run"
    if name == "note":  # and not at the epoch's end
        at_call(monkeypatch, mlp_mnist, "classify", 1, lambda: pytest.fail("noticed late"))
    at_call(
        monkeypatch, owner, name, 1, lambda: out.rename(tmp_path / "x") and again and out.mkdir()
    )
    problem = "was moved away during the training" if again else "No such file or directory"
    with refused(f"^{out}: {problem}$"):
        train(out, "--epochs", "1")
    assert [*out.rglob("*")] == []


@pytest.mark.parametrize("name", ["a b\u200cy\u00a0z\u0663", ".", "link"])
def test_names_of_the_folder(name, train, tmp_path, monkeypatch):
    here, elsewhere = tmp_path / "here", tmp_path / "elsewhere"
    for folder in (here, elsewhere):
        folder.mkdir()
    if name == "link":
        (here / name).symlink_to(elsewhere)
    monkeypatch.chdir(here)
    for _ in range(2):  # the second one moves the first one away
        train(name, "--epochs", "1")
    assert (here / name / "earlier-1" / "saved_model").is_dir()
    assert [*here.iterdir()] == [here / name] or name == "."
    assert (elsewhere / "earlier-1").exists() == (here / name).is_symlink() == (name == "link")


def test_a_lock_that_is_deleted_is_noticed(train, tmp_path, monkeypatch):
    """A second run has it, and has moved the first one's files away."""
    lock = tmp_path / ".lock"
    at_call(monkeypatch, runs.Run, "note", 5, lambda: lock.unlink() or lock.touch())
    with refused(f"^{lock}: was deleted during the training"):
        train(tmp_path)
    assert kept(tmp_path) == [1]


@pytest.mark.parametrize("number", [errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOSYS, errno.EIO])
def test_a_file_system_without_locks(number, train, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(fcntl, "flock", mock.Mock(side_effect=OSError(number, "told")))
    if number == errno.EIO:  # that is another fault
        with refused(f"^{tmp_path}/[.]lock: told$"):
            train(tmp_path)
    else:
        train(tmp_path, "--epochs", "1")
        warning = "its file system has no locks: start no second training"
        assert capsys.readouterr().err == f"warning: {tmp_path}: {warning}\n"


def test_a_loss_of_nan_stops_and_keeps_the_checkpoints_before(train, tmp_path, monkeypatch):
    schedule = mlp_mnist.schedule
    late_nan = lambda progress: schedule(progress) if progress < 0.4 else np.nan  # noqa: E731
    monkeypatch.setattr(mlp_mnist, "schedule", late_nan)
    with refused(r"diverged.*\(got loss nan, expected a lower --learning"):
        train(tmp_path)
    assert kept(tmp_path) == [1]


def test_rows_that_are_gone_are_not_made_up(train, copy, whole):
    (copy / "history.csv").unlink()
    (copy / "model-3.index").unlink()
    train(copy, "--resume")
    assert recorded(copy) == [["epoch", "loss", "accuracy"], recorded(whole[mlp_mnist])[3]]


def flip(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


DATA = "data-00000-of-00001"
DAMAGES = {  # the end of a file's name, what is done to it, whether it is told: a kill can leave
    # data without their index, and there never was such a checkpoint
    "data cut": (DATA, lambda path: os.truncate(path, path.stat().st_size // 2), True),
    "data flipped": (DATA, flip, True),
    "no data": (DATA, Path.unlink, True),
    "index empty": ("index", lambda path: path.write_bytes(b""), True),
    "index binary": ("index", lambda path: path.write_bytes(bytes(range(256)) * 8), True),
    "index flipped": ("index", flip, True),
    "no index": ("index", Path.unlink, False),
    "dangling index": ("index", lambda path: path.unlink() or path.symlink_to("nowhere"), True),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_checkpoint_is_passed_over_and_is_no_fresh_start(
    damage, train, copy, whole, one_row, capsys
):
    end, change, told = DAMAGES[damage]
    change(copy / f"model-3.{end}")
    assert checkpoints.latest(copy) == str(copy / "model-2")
    warning = f"warning: {copy}/model-3: damaged; trying the one before\n" * told
    assert capsys.readouterr().err == warning
    if damage in ("index flipped", "data cut"):
        train(copy, "--resume")
        output = capsys.readouterr()
        assert output.err == warning
        assert f"{copy}: resumed after epoch 2\n" in output.out
        assert variables(copy / "model-3") == variables(whole[mlp_mnist] / "model-3")
    for path in copy.glob(f"model-*.{end}"):
        if path.name != f"model-3.{end}" or damage in ("index flipped", "data cut"):
            change(path)  # but not twice: a byte that is flipped twice is whole again
    with refused(f"{copy}: {NONE_WHOLE}"):
        train(copy, "--resume")
    with refused(f"{copy}: {NONE_WHOLE}"):
        mlp_mnist.main(["--out", str(copy), "--predict", one_row])


@pytest.mark.parametrize("content", [bytes(range(256)), b'model_checkpoint_path: "model-1"\n'])
def test_a_finished_training_resumes_whatever_the_file_checkpoint_says(
    content, train, copy, whole, capsys
):
    (copy / "checkpoint").write_bytes(content)
    train(copy, "--resume")
    output = capsys.readouterr().out
    assert f"{copy}: resumed after epoch 3\n" in output
    assert "test accuracy" in output
    assert variables(copy / "model-3") == variables(whole[mlp_mnist] / "model-3")
    before = (whole[mlp_mnist] / "history.csv").read_bytes()
    assert (copy / "history.csv").read_bytes() == before  # the seconds, too


def test_a_checkpoint_that_a_training_beside_us_deletes_is_no_damage(copy, monkeypatch, capsys):
    def newer():
        for path in [*copy.glob("model-3.*")]:
            path.rename(path.with_name(path.name.replace("3", "4", 1)))

    (copy / "model-9-backup.index").write_bytes(b"mine, and no checkpoint")
    (copy / "model-0007.index").write_bytes(b"nor this")
    at_call(monkeypatch, tf.train, "load_checkpoint", 1, newer)
    assert checkpoints.latest(copy) == str(copy / "model-4")
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("make", [os.mkfifo, Path.mkdir])
def test_no_waiting_for_and_no_traceback_of_an_odd_history(make, tmp_path):
    make(tmp_path / "history.csv")
    with refused(f"^{tmp_path}/history.csv: "):
        history.read(tmp_path, 3)


@each_lesson
def test_the_saved_model_answers_as_the_session_does(lesson, whole, words):
    """In plain TensorFlow 2; test_docs.py loads it in a process that does not know the lesson."""
    import tensorflow

    signature = tensorflow.saved_model.load(whole[lesson] / "saved_model").signatures
    answer = signature["serving_default"](images=tensorflow.constant(PIXELS))
    validation = data.load(words[1])[1]
    with tf.Graph().as_default(), tf.Session() as session:
        network = lesson.build(0, "relu")
        tf.train.Saver().restore(session, checkpoints.latest(whole[lesson]))
        probabilities = lesson.classify(session, network, PIXELS)
        digits = lesson.classify(session, network, validation.images).argmax(axis=1)
    np.testing.assert_allclose(answer["probabilities"], probabilities, rtol=1e-5, atol=1e-7)
    np.testing.assert_array_equal(answer["digit"], probabilities.argmax(axis=1))
    # And these are the weights that were validated.
    accuracy = float(recorded(whole[lesson])[-1][2])
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
    rows = np.array(recorded(whole[lesson])[1:], float)
    for tag, column in [("training_loss", 1), ("validation_accuracy", 2)]:
        np.testing.assert_allclose(scalars[tag], rows[:, [0, column]], rtol=1e-4)
    assert {"images", "labels", "weights", "biases", "distort", "probabilities"} <= scopes
