"""Export of a trained network as a SavedModel, which TensorFlow loads without our code.

Source of the format: https://www.tensorflow.org/guide/saved_model
"""

import shutil
from pathlib import Path

from support.ground import OutputError, reported, tf


def save(folder, session, images, probabilities):
    """Write FOLDER/saved_model, a SavedModel with the signature "serving_default".

    images         the placeholder, uint8 [N, 784]: the signature's input "images"
    probabilities  float [N, 10]: its output of this name; "digit", int64 [N], is the likeliest

    Only the trained weights go with it. What an earlier export left there is replaced.
    """
    path = Path(folder, "saved_model")
    with reported(path, OutputError):
        if path.exists():
            shutil.rmtree(path)
        builder = tf.saved_model.Builder(str(path))
        signature = tf.saved_model.build_signature_def(method_name="tensorflow/serving/predict")
        outputs = {"digit": tf.argmax(probabilities, axis=1), "probabilities": probabilities}
        for infos, tensors in (
            (signature.inputs, {"images": images}),
            (signature.outputs, outputs),
        ):
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
