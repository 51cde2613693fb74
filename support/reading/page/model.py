"""A lesson's network as the page sees it: what it says, what is in it, and what it computes."""

import base64
import math

import numpy as np

from support.ground import OutputError, tf
from support.reading import answers

ACTIVATIONS = {"Relu": "relu", "Sigmoid": "sigmoid", "Tanh": "tanh", "Softmax": "softmax"}
ADDITIONS = ("Add", "AddV2", "BiasAdd")
VARIABLES = ("VariableV2", "VarHandleOp")


class Model:
    """A network and the session that holds its values.

    Attributes:
        plan: the steps from images to probabilities, as plan() returns them; [] if unknown.
        shapes: dict from the name of a variable, such as "weights/h1", to its shape, a list.
        layers: dict from a layer's name to its shape without N, a list, in the graph's order.
    """

    def __init__(self, session, network):
        self._session, self._network = session, network
        self._variables = {v.op.name: v for v in tf.trainable_variables()}
        self.shapes = {name: v.shape.as_list() for name, v in self._variables.items()}
        self.layers = {name: t.shape.as_list()[1:] for name, t in network.layers.items()}
        try:
            self.plan = plan(network)
        except OutputError:
            self.plan = []

    def probabilities(self, pixels: np.ndarray) -> np.ndarray:
        """Return float32 [N, 10] of images uint8 [N, 784]: one session.run."""
        return self._session.run(self._network.probabilities, {self._network.images: pixels})

    def look_into(self, pixels: np.ndarray) -> tuple[np.ndarray, dict]:
        """Return the probabilities and a dict of the layers' values: one session.run."""
        asked = [self._network.probabilities, self._network.layers]
        return self._session.run(asked, {self._network.images: pixels})

    def value(self, name: str) -> np.ndarray:
        """Return a variable's value, float32, by its name such as "weights/h1"."""
        return self._session.run(self._variables[name])


def description(model, lesson: str, examples: list) -> dict:
    """Return what the page must know of a network, for JSON; arguments as of server.Server."""
    known = {"layers": model.layers, "shapes": model.shapes, "plan": model.plan}
    known |= {"sure": answers.MIN_SURE, "least": answers.MIN_DIGIT}  # probabilities
    return {"name": lesson, "examples": examples} | known


def encoded(array: np.ndarray, dtype: str) -> str:
    """Return an array's values of a type, such as "<f4", in base64, for JSON."""
    return base64.b64encode(array.astype(dtype).tobytes()).decode()


def plan(network) -> list[dict]:
    """Return what the graph computes, step by step, found by walking back from probabilities.

    Args:
        network: a lesson's Net.

    Returns:
        For each step a dict, for JSON: "op", one of divide, reshape, straighten, conv, pool,
        matmul, add, relu, sigmoid, tanh, softmax; with it "weights" (the variable's name), "by"
        (a number), "to" (a shape without N), "padding" ("VALID" or "SAME") or "size" (of a
        pool), as it needs; and "layer", the name that the step's result has in network.layers.

    Raises:
        OutputError: an operation that is not among these, or is used in another way.
    """
    names = {tensor.name: name for name, tensor in network.layers.items()}
    steps, tensor = [], network.probabilities
    while tensor.op is not network.images.op:
        step, before = _step(tensor)
        if step:
            steps.append(step | ({"layer": names[tensor.name]} if tensor.name in names else {}))
        tensor = before
    return steps[::-1]


def _step(tensor):
    """Return a tensor's step, or None for one that changes nothing, and the tensor before it."""
    op = tensor.op
    if op.name.startswith("straighten/"):
        while tensor.op.name.startswith("straighten/"):
            outside = [
                each for each in tensor.op.inputs if each.shape.rank == 2 and each.shape[1] == 784
            ]
            tensor = (outside or list(tensor.op.inputs))[0]
        return {"op": "straighten"}, tensor
    kind, inputs = op.type, list(op.inputs)
    if kind in ("Cast", "Identity"):
        return None, inputs[0]
    if kind in ACTIVATIONS:
        return {"op": ACTIVATIONS[kind]}, inputs[0]
    if kind in ("MatMul", "Conv2D", *ADDITIONS):
        step = _weighing(op, kind, _variable(inputs[1]))
    else:
        step = _plain(op, kind, tensor)
    if step:
        return step, inputs[0]
    expected = "conv2d, max_pool2d, matmul, +, relu, sigmoid, tanh, reshape and softmax"
    raise OutputError("page", "cannot compute this network", f"{kind} {op.name}", expected)


def _weighing(op, kind, name):
    """Return the step of an operation with a variable; None if the page has no such step."""
    if name and kind in ADDITIONS:
        return {"op": "add", "weights": name}
    if name and kind == "MatMul" and not op.get_attr("transpose_a") | op.get_attr("transpose_b"):
        return {"op": "matmul", "weights": name}
    if name and kind == "Conv2D" and op.get_attr("data_format") == b"NHWC":
        padding = op.get_attr("padding").decode()
        if [*op.get_attr("strides"), *op.get_attr("dilations"), padding != "EXPLICIT"] == [1] * 9:
            return {"op": "conv", "weights": name, "padding": padding}
    return None


def _plain(op, kind, tensor):
    """Return the step of an operation without a variable; None if the page has no such step."""
    if kind == "RealDiv" and (by := tf.get_static_value(op.inputs[1])) is not None and by.size == 1:
        return {"op": "divide", "by": float(by)}
    if kind == "Reshape":
        to, size = tensor.shape.as_list()[1:], op.inputs[0].shape.as_list()[1:]
        if None not in to + size and math.prod(to) == math.prod(size):
            return {"op": "reshape", "to": to}
    if kind == "MaxPool" and op.get_attr("padding") == b"VALID":
        window = op.get_attr("ksize")
        if window == op.get_attr("strides") == [1, window[1], window[1], 1]:
            return {"op": "pool", "size": window[1]}
    return None


def _variable(tensor):
    """Return the name of the variable that a tensor is the value of, or None."""
    op = tensor.op
    while op.type in ("Identity", "ReadVariableOp", "Enter") and op.inputs:
        op = op.inputs[0].op
    return op.name if op.type in VARIABLES else None
