"""TensorFlow's 1.x interface, on demand and without its start-up noise.

`tf` stands for the module `tensorflow.compat.v1`, and imports it when the first name is asked of
it. So a lesson that only answers --help, or refuses its input, does not wait for the seconds that
the import takes.
"""

import contextlib
import importlib
import logging
import os
import subprocess
import sys
import types
from collections.abc import Iterator
from typing import Any

from support.ground.errors import DataError

# Products and convolutions on bfloat16, where the processor has it; variables stay float32.
BFLOAT16 = {"auto_mixed_precision_onednn_bfloat16": True}
# Prints its input at end of file, unless the input ends in a zero byte.
HELD_BACK = "import sys; text = sys.stdin.buffer.read(); "
HELD_BACK += "text.endswith(b'\\0') or sys.stderr.buffer.write(text)"
BROKEN = "is not installed, or broken: {} (try: {} -m pip install --force-reinstall tensorflow-cpu"
BROKEN += '; with a GPU, "tensorflow[and-cuda]" instead of tensorflow-cpu)'


def precision() -> str:
    """Return on what products are computed: "float32", or "bfloat16"."""
    return "bfloat16" if os.environ.get("MNIST_BFLOAT16") == "1" else "float32"


@contextlib.contextmanager
def _held_back(descriptor: int) -> Iterator[None]:
    """Hold back what is written to a file descriptor, by C++ code too: it is shown after a failure.

    A process of its own holds it, as C++ code may end this one, which then shows nothing.
    """
    command = [sys.executable, "-I", "-S", "-c", HELD_BACK]
    # In a session of its own: a Ctrl-C in the terminal is not meant for it.
    holder = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, start_new_session=True
    )
    assert holder.stdin
    original = os.dup(descriptor)
    os.dup2(holder.stdin.fileno(), descriptor)
    try:
        yield
        os.write(descriptor, b"\0")
    finally:
        os.dup2(original, descriptor)
        os.close(original)
        holder.communicate()


@contextlib.contextmanager
def _environment(name: str, value: str) -> Iterator[None]:
    """Set an environment variable for a while."""
    before = os.environ.get(name)
    os.environ[name] = value
    try:
        yield
    finally:
        del os.environ[name]
        if before is not None:
            os.environ[name] = before


class _OnDemand(types.ModuleType):
    def __getattr__(self, name: str) -> Any:
        # Silence C++ messages below "error". Those of the import itself ignore the setting, and so
        # does one of the first session in TensorFlow 2.19 and 2.20: both are held back.
        os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
        # On a GPU: take the memory that is needed, and not all that there is.
        os.environ.setdefault("TF_FORCE_GPU_ALLOW_GROWTH", "true")
        # With "legacy Keras", which is not installed, TensorFlow imports none, which saves a third
        # of the time. As the variable is taken back, tf.keras works as ever, at its first use.
        # A part of Keras that is always imported makes a folder in the home folder, or, where there
        # is none, one called "~": os.devnull prevents that.
        keras_home = os.environ.get("KERAS_HOME", os.devnull)
        with (
            _held_back(2),
            _environment("TF_USE_LEGACY_KERAS", "1"),
            _environment("KERAS_HOME", keras_home),
        ):
            module = _imported()
            if precision() == "bfloat16":  # sessions take their options from here
                module.config.optimizer.set_experimental_options(BFLOAT16)
            with module.Graph().as_default(), module.Session() as session:
                session.run(module.constant(0))
        # tf.train.Saver warns of functions that it calls itself; and where TensorFlow was imported
        # before, as in a notebook, it tells what it restores.
        logging.getLogger("tensorflow").addFilter(
            lambda record: record.levelno > logging.INFO and "saver.py" not in record.getMessage()
        )
        # From here on the names are found without __getattr__.
        vars(self).update(vars(module))
        return getattr(module, name)


def _imported() -> types.ModuleType:
    """Import TensorFlow, or raise DataError."""
    try:
        module = importlib.import_module("tensorflow.compat.v1")
        module.Session  # noqa: B018  # half of TensorFlow has none
        return module
    except (ImportError, AttributeError) as problem:
        if "failed to map segment" in str(problem):  # there is not enough memory
            raise
        # TensorFlow gives its own error as the text of a traceback.
        lines = [line for line in str(problem).splitlines() if "Error: " in line]
        text = BROKEN.format((lines or [str(problem)])[-1], sys.executable)
        raise DataError("TensorFlow", text) from problem


tf = _OnDemand("tensorflow.compat.v1", __doc__)
