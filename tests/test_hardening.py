"""Surroundings that are unusual: each row was a traceback, a silent end or a wrong line once."""

import errno
import fcntl
import os
import subprocess
import sys

import pytest
from trainings import ROOT

import mlp_mnist
from data.errors import OutputError
from support import figures
from support.tensorflow1 import tf

LESSON = f"{sys.executable} {ROOT / 'mlp_mnist.py'}"
TRAINING = "--data source --limit 200 --epochs 1 --out run"
GONE = "error: working directory: No such file or directory"
AFTER_TF1 = "import sys, tensorflow.compat.v1 as tf; tf.disable_v2_behavior(); "
AFTER_TF1 += f'sys.path.append("{ROOT}"); import mlp_mnist; mlp_mnist.main()'
OPTIONS = f'import sys; sys.path.append("{ROOT}"); from support.tensorflow1 import tf; '
OPTIONS += "options = tf.Session()._config.graph_options.rewrite_options; "
OPTIONS += "sys.exit(options.auto_mixed_precision_onednn_bfloat16)"  # 1: on
SHELL = {  # as typed: exit code, standard error
    f"{sys.executable} -OO {ROOT / 'mlp_mnist.py'} --help": (0, ""),
    f"mkdir gone; cd gone; rmdir ../gone; {LESSON} --out /tmp": (3, f"{GONE}\n"),
    # So verbose that TensorFlow's lines fill whatever has taken descriptor 2.
    f"TF_CPP_MIN_LOG_LEVEL=0 {LESSON} {TRAINING} 2>&- && test ! -s run/.lock": (0, ""),
    f"{sys.executable} -c '{AFTER_TF1}' {TRAINING} 2>/dev/null": (0, ""),
    f"MNIST_BFLOAT16=1 {sys.executable} -c '{OPTIONS}'": (1, ""),
}


@pytest.mark.parametrize("command", SHELL)
def test_in_a_shell(command, small, tmp_path):
    (tmp_path / "source").symlink_to(small[1])
    done = subprocess.run(["sh", "-c", command], cwd=tmp_path, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == SHELL[command]


def test_bfloat16_is_off_otherwise():
    options = tf.Session()._config.graph_options.rewrite_options
    assert not options.auto_mixed_precision_onednn_bfloat16


@pytest.fixture
def training(small, monkeypatch):
    """Return a function that trains in a folder, without the figures."""
    monkeypatch.setattr(figures, "draw", lambda *_: None)
    return lambda out: mlp_mnist.main([*small, "--epochs", "1", "--out", str(out)])


@pytest.mark.parametrize("name", ["a b\u200cy\u00a0z\u0663", ".", "link"])
def test_names_of_the_folder(name, training, tmp_path, monkeypatch):
    here, elsewhere = tmp_path / "here", tmp_path / "elsewhere"
    here.mkdir()
    elsewhere.mkdir()
    if name == "link":
        (here / name).symlink_to(elsewhere)
    monkeypatch.chdir(here)
    training(name)
    training(name)  # which moves the first one away
    assert (here / name / "earlier-1" / "saved_model").is_dir()
    assert [*here.iterdir()] == [here / name] or name == "."
    assert (elsewhere / "earlier-1").exists() == (here / name).is_symlink() == (name == "link")


@pytest.mark.parametrize("number", [errno.ENOLCK, errno.EOPNOTSUPP, errno.EIO])
def test_a_file_system_without_locks(number, training, tmp_path, monkeypatch, capsys):
    def flock(*_):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(fcntl, "flock", flock)
    out = tmp_path / "run"
    if number == errno.EIO:  # that is another fault
        with pytest.raises(OutputError, match="run: Input/output error"):
            training(out)
        return
    training(out)
    warning = f"warning: {out}: its file system has no locks: start no second training\n"
    assert capsys.readouterr().err == warning
