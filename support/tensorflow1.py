"""TensorFlow's 1.x interface, on demand and without its start-up noise.

`tf` stands for the module `tensorflow.compat.v1` and imports it when the first name is asked of
it. So a lesson that only answers --help, or refuses its input, does not wait for the seconds that
the import takes.
"""

import contextlib
import importlib.util
import logging
import os
import sys
import tempfile
import types


@contextlib.contextmanager
def _held_back(stream: int):
    """Hold back what is written to a file descriptor, by C++ code too; show it after an error."""
    with tempfile.TemporaryFile() as held:
        original = os.dup(stream)
        os.dup2(held.fileno(), stream)
        try:
            yield
        except Exception:
            held.seek(0)
            os.write(original, held.read())
            raise
        finally:
            os.dup2(original, stream)
            os.close(original)


@contextlib.contextmanager
def _without_keras():
    """Keep `import tensorflow` from importing Keras: a third of its time, and not used here.

    TensorFlow's own __init__ imports keras.src.optimizers inside a `try ... except ImportError`;
    a module that is no package makes Python raise just that. TensorFlow also asks where Keras
    lies, so that afterwards `tf.keras` works as ever: it is loaded at its first use.
    """
    spec = None if "keras" in sys.modules else importlib.util.find_spec("keras")
    if spec:
        sys.modules["keras"] = types.ModuleType("keras")
        sys.modules["keras"].__spec__ = spec
    try:
        yield
    finally:
        if spec:
            del sys.modules["keras"]


class _OnDemand(types.ModuleType):
    def __getattr__(self, name):
        # C++ messages below "error". Those of the import itself ignore the setting, so these are
        # held back as a whole.
        os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
        # On a GPU: take the memory that is needed, and not all that there is.
        os.environ.setdefault("TF_FORCE_GPU_ALLOW_GROWTH", "true")
        with _held_back(2), _without_keras():
            module = importlib.import_module("tensorflow.compat.v1")
        # tf.train.Saver warns of its own function, once it deletes its first old checkpoint.
        logging.getLogger("tensorflow").addFilter(
            lambda record: "remove_checkpoint" not in record.getMessage()
        )
        # From here on the names are found without __getattr__.
        vars(self).update(vars(module))
        return getattr(module, name)


tf = _OnDemand("tensorflow.compat.v1", __doc__)
