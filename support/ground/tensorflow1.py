"""TensorFlow's 1.x interface, on demand and without its start-up noise.

`tf` stands for the module `tensorflow.compat.v1`, and imports it when the first name is asked of
it. So a lesson that only answers --help, or refuses its input, does not wait for the seconds that
the import takes.
"""

import contextlib
import importlib
import logging
import os
import types

# Products and convolutions on bfloat16, where the processor has it; variables stay float32.
BFLOAT16 = {"auto_mixed_precision_onednn_bfloat16": True}


@contextlib.contextmanager
def _silent(descriptor):
    """Drop what is written to a file descriptor, by C++ code too."""
    original = os.dup(descriptor)
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, descriptor)
    os.close(nothing)
    try:
        yield
    finally:
        os.dup2(original, descriptor)
        os.close(original)


@contextlib.contextmanager
def _environment(name, value):
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
    def __getattr__(self, name):
        # Messages from C++ below "error". Those of the import itself ignore the setting, and so
        # does one of the first session in TensorFlow 2.19 and 2.20: hence silence for both.
        os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
        # On a GPU: take the memory that is needed, and not all that there is.
        os.environ.setdefault("TF_FORCE_GPU_ALLOW_GROWTH", "true")
        # With "legacy Keras", which is not installed, TensorFlow imports none: a third of the
        # time. As the variable is taken back, tf.keras works as ever, at its first use.
        with _silent(2), _environment("TF_USE_LEGACY_KERAS", "1"):
            module = importlib.import_module("tensorflow.compat.v1")
            if os.environ.get("MNIST_BFLOAT16") == "1":  # sessions take their options from here
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


tf = _OnDemand("tensorflow.compat.v1", __doc__)
