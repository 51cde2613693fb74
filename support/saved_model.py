"""Export of a trained graph as a SavedModel, which TensorFlow loads without our code.

Source of the format: https://www.tensorflow.org/guide/saved_model
"""

import contextlib
import shutil
from pathlib import Path

from data.errors import OutputError
from data.files import reported
from support.tensorflow1 import tf


def save(folder, session, inputs, outputs):
    """Write FOLDER/saved_model, a SavedModel with the signature "serving_default".

    inputs, outputs  dicts of name: tensor. What an earlier export left there is replaced.
    """
    path, new, old = (Path(folder, f"saved_model{end}") for end in ("", ".unfinished", ".old"))
    with reported(path, OutputError), contextlib.ExitStack() as stack:
        for left in (new, old):  # by a process that was killed
            if left.exists():
                shutil.rmtree(left)
            stack.callback(shutil.rmtree, left, ignore_errors=True)
        builder = tf.saved_model.Builder(str(new))
        signature = tf.saved_model.build_signature_def(method_name="tensorflow/serving/predict")
        for infos, tensors in ((signature.inputs, inputs), (signature.outputs, outputs)):
            for name, tensor in tensors.items():
                infos[name].name = tensor.name
                infos[name].dtype = tensor.dtype.as_datatype_enum
                infos[name].tensor_shape.CopyFrom(tensor.shape.as_proto())
        builder.add_meta_graph_and_variables(
            session, [tf.saved_model.SERVING], {"serving_default": signature}
        )
        builder.save()
        if path.exists():
            path.rename(old)  # deleted only then: what bears the name is whole at any time
        new.rename(path)
