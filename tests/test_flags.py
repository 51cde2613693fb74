"""The command line: help, defaults, and what a trained network brings with it.

Wrong flags, as typed: faults/arguments.py.
"""

import json
import sys

import pytest
from trainings import ROOT, each_lesson, python

import cnn_mnist
import mlp_mnist
from data.errors import OutputError
from support import checkpoints, flags

SLOW = {"tensorflow", "sklearn", "matplotlib", "pandas", "scipy", "PIL", "requests", "pooch"}


@each_lesson
def test_help_loads_nothing_slow_and_names_every_flag(lesson):
    program = (
        f"import sys, {lesson.__name__} as lesson\n"
        "try: lesson.main(['--help'])\n"
        "except SystemExit as end: assert end.code == 0\n"
        f"assert not {SLOW} & set(sys.modules), {SLOW} & set(sys.modules)"
    )
    code, output, errors = python("-c", program)
    assert (code, errors) == (0, "")
    for flag in ("data", "limit", "resume", "out", "predict", "show", "draw", "no-browser"):
        assert f"--{flag} " in output
    for flag in checkpoints.FLAGS:
        assert f"--{flag.replace('_', '-')} " in output
        assert f"[{getattr(lesson, flag.upper())}]" in output
    assert lesson.__doc__.splitlines()[0] in " ".join(output.split())


@each_lesson
def test_without_flags_a_lesson_trains_anew_into_its_own_folder(lesson):
    args = flags.parse([], vars(lesson))
    assert not any((args.data, args.limit, args.predict, args.resume, args.show, args.draw))
    assert (args.lesson, args.out) == (lesson.__name__, f"runs/{lesson.__name__[:3]}")


@pytest.mark.parametrize("use", [["--predict", f"{ROOT}/docs/my_digit.png"], ["--draw"]], ids=str)
def test_a_trained_network_brings_its_own_flags(use, tmp_path):
    description = {"lesson": "mlp_mnist", "images": "[1, 2, 3], CRC 01234567", "epochs": 7}
    description |= {"batch_size": 8, "learning_rate": 0.5, "activation": "tanh", "seed": 9}
    (tmp_path / "training.json").write_text(json.dumps(description))
    args = flags.parse([*use, "--out", str(tmp_path)], vars(mlp_mnist))
    assert (args.activation, args.seed, args.batch_size) == ("tanh", 9, 8)
    with pytest.raises(OutputError, match=r"got mlp_mnist, expected cnn_mnist"):
        flags.parse([*use, "--out", str(tmp_path)], vars(cnn_mnist))


def test_how_to_go_on_is_what_was_typed_and_resume(monkeypatch):
    assert flags.parse(["--epochs", "3"], vars(mlp_mnist)).go_on == (
        "main(['--epochs', '3', '--resume'])"
    )
    monkeypatch.setattr(sys, "argv", ["mlp_mnist.py", "--out", "my run", "--resume"])
    monkeypatch.setattr(sys, "executable", "/a b/python")
    expected = "'/a b/python' mlp_mnist.py --out 'my run' --resume"
    assert flags.parse(None, vars(mlp_mnist)).go_on == expected
