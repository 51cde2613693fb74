"""What stands between a lesson and the terminal: exit codes, signals, streams, flags, surroundings.

Wrong flags, as typed: faults/arguments.py.
"""

import json
import os
import shlex
import signal
import subprocess
import sys

import pytest
from trainings import ROOT, each_lesson, parsed, python

import cnn_mnist
import mlp_mnist
from support.ground import Interrupted, OutputError, Signals, UsageError, tf
from support.training.description import FLAGS

PRELUDE = "import os, signal, sys\nfrom support import ground\nfrom support.ground import *\n"
NO_MEMORY = "error: not enough memory (when training, try a smaller --batch-size)"
EXHAUSTED = "raise tf.errors.ResourceExhaustedError(None, None, "
FAULTS = {  # what main() does: the exit code, the last line on standard error
    "raise DataError('f', 'bad', 1, 2)": (3, "error: f: bad (got 1, expected 2)"),
    "raise DownloadError('f', 'gone')": (4, "error: f: gone"),
    "raise OutputError('a\\nb\\udcff', 'bad')": (5, "error: a\\nb\\udcff: bad"),
    "raise MemoryError": (3, NO_MEMORY),
    "raise SystemError('x returned NULL without setting an exception')": (3, NO_MEMORY),
    "raise ImportError('x.so: failed to map segment from shared object')": (3, NO_MEMORY),
    "raise RuntimeError('can\\'t start new thread')": (3, NO_MEMORY),
    "raise OSError(12, 'Cannot allocate memory', 'types')": (3, NO_MEMORY),
    f"{EXHAUSTED}'OOM when allocating tensor')": (3, NO_MEMORY),
    f"{EXHAUSTED}'a; No space left on device')": (5, "error: a: No space left on device"),
    "open('/nowhere/file')": (5, "error: /nowhere/file: No such file or directory"),
    "raise KeyboardInterrupt": (130, ""),
    "os.kill(os.getpid(), signal.SIGINT)": (130, ""),
    "os.kill(os.getpid(), signal.SIGTERM)": (143, ""),
    "os.kill(os.getpid(), signal.SIGHUP)": (129, ""),
    "pass": (0, ""),
    # A Ctrl-C while Python itself ends.
    "__import__('atexit').register(os.kill, os.getpid(), signal.SIGINT)": (0, ""),
    # Bugs, which shall show their traceback.
    "raise ZeroDivisionError('ours')": (1, "ZeroDivisionError: ours"),
    "raise SystemError('of C code')": (1, "SystemError: of C code"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_every_end_has_its_exit_code_and_its_line(fault):
    code, output, errors = python("-c", f"{PRELUDE}def main(): {fault}\nground.run(main)")
    assert (code, errors.rpartition("\n")[0].split("\n")[-1]) == FAULTS[fault]
    assert (output, code == 1 or errors.count("\n") < 2) == ("", True), errors


def test_a_second_signal_while_the_first_is_answered():
    """At lines of the way out: the code stays that of a signal, and there is no traceback."""
    program = f"""{PRELUDE}
from support.ground import console
lines = int(sys.argv[1])
def trace(frame, event, _):
    global lines
    lines -= event == "line" and frame.f_code.co_filename == console.__file__
    if lines < 0:
        sys.settrace(None)
        os.kill(os.getpid(), signal.SIGINT)
    return trace
def main():
    sys.settrace(trace)
    sys._getframe(1).f_trace = sys._getframe(2).f_trace = trace
    os.kill(os.getpid(), signal.SIGTERM)
ground.run(main)
"""
    for line in range(0, 30, 3):
        code, output, errors = python("-c", program, line)
        assert (code in (143, 130), output, errors) == (True, "", ""), line


STUBS = {  # a TensorFlow that does this: how the lesson ends, and what it says
    "os.write(2, b'needs AVX\\n'); os.abort()": (-signal.SIGABRT, "needs AVX\n"),
    "raise ImportError('a\\nImportError: x.so: no such file\\nb')": (
        3,
        f"error: TensorFlow: is not installed, or broken: ImportError: x.so: no such file (try: "
        f"{sys.executable} -m pip install --force-reinstall tensorflow-cpu; with a GPU, "
        '"tensorflow[and-cuda]" instead of tensorflow-cpu)\n',
    ),
}


@pytest.mark.parametrize("stub", STUBS)
def test_what_tensorflow_says_when_it_cannot_be_imported_is_seen(stub, tmp_path):
    (tmp_path / "tensorflow.py").write_text(f"import os\n{stub}\n")
    program = f"{PRELUDE}sys.path.insert(0, {str(tmp_path)!r})\nground.run(lambda: tf.Session)"
    code, output, errors = python("-c", program)
    assert (code, output, errors) == (STUBS[stub][0], "", STUBS[stub][1])


def test_signals_are_noted_and_looked_at_when_asked():
    def signalled(*errors):
        with Signals() as signals:
            os.kill(os.getpid(), signal.SIGHUP)  # ignored
            signals.check()
            os.kill(os.getpid(), signal.SIGTERM)
            for error in errors:
                raise error

    ignored = signal.signal(signal.SIGHUP, signal.SIG_IGN)  # as nohup wants it
    try:
        with pytest.raises(OutputError, match="is not hidden"):
            signalled(OutputError("f", "is not hidden"))
        with pytest.raises(Interrupted):
            signalled()
    finally:
        signal.signal(signal.SIGHUP, ignored)


SLOW = {"tensorflow", "sklearn", "matplotlib", "pandas", "scipy", "PIL", "requests"}


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
    for flag in FLAGS:
        assert f"--{flag.replace('_', '-')} " in output
        assert f"[{getattr(lesson, flag.upper())}]" in output
    assert lesson.__doc__.splitlines()[0] in " ".join(output.split())


@each_lesson
def test_without_flags_a_lesson_trains_anew_into_its_own_folder(lesson):
    args = parsed(lesson, [])
    assert not any((args.data, args.limit, args.predict, args.resume, args.show, args.draw))
    assert (args.lesson, args.out) == (lesson.__name__, f"runs/{lesson.__name__[:3]}")


@pytest.mark.parametrize("use", [["--predict", f"{ROOT}/docs/my_digit.png"], ["--draw"]], ids=str)
def test_a_trained_network_brings_its_own_flags(use, tmp_path):
    description = {"lesson": "mlp_mnist", "images": "[1, 2, 3], CRC 01234567", "epochs": 7}
    description |= {"batch_size": 8, "learning_rate": 0.5, "activation": "tanh", "seed": 9}
    (tmp_path / "training.json").write_text(json.dumps(description))
    args = parsed(mlp_mnist, [*use, "--out", str(tmp_path)])
    assert (args.activation, args.seed, args.batch_size) == ("tanh", 9, 8)
    with pytest.raises(OutputError, match=r"got mlp_mnist, expected cnn_mnist"):
        parsed(cnn_mnist, [*use, "--out", str(tmp_path)])


def test_the_home_folder_of_a_path_that_no_shell_has_seen(monkeypatch):
    monkeypatch.setenv("HOME", "/home/me")
    args = parsed(mlp_mnist, ["--out", "~/run", "--data", "~"])
    assert (args.out, args.data) == ("/home/me/run", "/home/me")
    assert parsed(mlp_mnist, "--out ~run").out == "~run"
    with pytest.raises(UsageError, match="No closing quotation"):
        parsed(mlp_mnist, "--out 'run")


def test_how_to_go_on_is_what_was_typed_and_resume(monkeypatch):
    for argv in (["--epochs", 3], "--epochs '3'"):
        assert parsed(mlp_mnist, argv).resume_command == "main(['--epochs', '3', '--resume'])"
    monkeypatch.setattr(sys, "argv", ["mlp_mnist.py", "--out", "my run", "--resume"])
    monkeypatch.setattr(sys, "executable", "/a b/python")
    expected = "'/a b/python' mlp_mnist.py --out 'my run' --resume"
    assert parsed(mlp_mnist, None).resume_command == expected


def run(main):
    """Return a shell's words for a program that calls ground.run(main)."""
    return shlex.join([sys.executable, "-c", f"{PRELUDE}def main(): {main}\nground.run(main)"])


LESSON = f"{sys.executable} {ROOT / 'mlp_mnist.py'}"
TRAINING = "--data source --limit 200 --epochs 1 --out run"
GONE = "error: working directory: No such file or directory\n"
FULL = "error: standard output: No space left on device\n"
LONG = run("print('x' * 10**6)")
AFTER_TF1 = "import tensorflow.compat.v1 as tf; tf.disable_v2_behavior(); "
AFTER_TF1 += "import mlp_mnist; mlp_mnist.main()"
BFLOAT16 = "sys.exit(tf.Session()._config.graph_options.rewrite_options"
BFLOAT16 += ".auto_mixed_precision_onednn_bfloat16)"  # 1: on
SHELL = {  # each was a traceback, a silent end or a wrong line once: exit code, standard error
    f"{sys.executable} -OO {ROOT / 'mlp_mnist.py'} --help": (0, ""),
    f"mkdir gone; cd gone; rmdir ../gone; {LESSON} --out /tmp": (3, GONE),
    f"{LONG} >/dev/full": (5, FULL),
    f"({LONG}; echo $? >&2) | :": (0, "141\n"),
    f"{LONG} <&- >&- 2>&-": (0, ""),
    f"{run('raise DataError(1, 2)')} 2>/dev/full": (3, ""),
    # A line is seen at once, and any name can be printed.
    f"PYTHONIOENCODING=ascii {run('print(chr(0xdcff)); os._exit(7)')} >&2": (7, "\\udcff\n"),
    # So verbose that TensorFlow's lines fill whatever has taken descriptor 2.
    f"TF_CPP_MIN_LOG_LEVEL=0 {LESSON} {TRAINING} 2>&- && test ! -s run/.lock": (0, ""),
    f"{sys.executable} -c '{AFTER_TF1}' {TRAINING} 2>/dev/null": (0, ""),
    f"HOME=. {run('tf.Session')} && test ! -e .keras": (0, ""),
    f"MNIST_BFLOAT16=1 {run(BFLOAT16)}": (1, ""),
}


@pytest.mark.parametrize("command", SHELL)
def test_unusual_surroundings(command, small, tmp_path, monkeypatch):
    (tmp_path / "source").symlink_to(small[1])
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    done = subprocess.run(["sh", "-c", command], cwd=tmp_path, stderr=subprocess.PIPE, text=True)
    assert (done.returncode, done.stderr) == SHELL[command]


def test_bfloat16_is_off_otherwise():
    options = tf.Session()._config.graph_options.rewrite_options
    assert not options.auto_mixed_precision_onednn_bfloat16
