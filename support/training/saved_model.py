"""Export of a trained network as a SavedModel, which TensorFlow loads without our code.

Source of the format: https://www.tensorflow.org/guide/saved_model
"""

import shutil
from pathlib import Path

from support.ground import OutputError, reported, tf

MARK = "-model.mnist-unfinished"


def save(folder: str | Path, session, images, probabilities) -> None:
    """Write FOLDER/saved_model, a SavedModel with the signature "serving_default".

    Only the trained weights go with it. It replaces an earlier export once it is whole.

    Args:
        folder: of the run.
        session: holds the values of the variables.
        images: the placeholder, uint8 [N, 784]: the signature's input "images".
        probabilities: float [N, 10]: its output of this name; "digit", int64 [N], is the likeliest.

    Raises:
        OutputError: it cannot be written.
    """
    path, new, old = (Path(folder, f) for f in ("saved_model", f".new{MARK}", f".old{MARK}"))
    with reported(path, OutputError):
        try:
            shutil.rmtree(new, ignore_errors=True)  # what a kill has left
            _write(str(new), session, images, probabilities)
            if path.exists():
                shutil.rmtree(old, ignore_errors=True)
                path.rename(old)
            new.rename(path)
        finally:
            shutil.rmtree(new, ignore_errors=True)
            shutil.rmtree(old, ignore_errors=True)


def _write(path, session, images, probabilities):
    builder = tf.saved_model.Builder(path)
    # predict_signature_def() would do the rest, and log that it calls a deprecated function.
    signature = tf.saved_model.build_signature_def(method_name="tensorflow/serving/predict")
    outputs = {"digit": tf.argmax(probabilities, axis=1), "probabilities": probabilities}
    for infos, tensors in ((signature.inputs, {"images": images}), (signature.outputs, outputs)):
        for name, tensor in tensors.items():
            infos[name].name = tensor.name
            infos[name].dtype = tensor.dtype.as_datatype_enum
            infos[name].tensor_shape.CopyFrom(tensor.shape.as_proto())
    builder.add_meta_graph_and_variables(
        session,
        [tf.saved_model.SERVING],
        signature_def_map={"serving_default": signature},
        saver=tf.train.Saver(tf.trainable_variables()),
    )
    builder.save()
