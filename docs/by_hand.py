"""Lesson 1's network and its training, in NumPy alone: every gradient is written out.

python docs/by_hand.py [SOURCE]    trains for a minute; see backpropagation.md
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

import numpy as np

import data

EPOCHS, BATCH_SIZE, LEARNING_RATE = 12, 64, 0.1
SHAPES = {"h1": (784, 256), "h2": (256, 256), "out": (256, 10)}  # of the weights: inputs, units


def variables(seed):
    """Return weights, random with variance 2 / inputs, and biases of zero, as in lesson 1."""
    normal = np.random.default_rng(seed).standard_normal
    weights = {n: normal(s, np.float32) * np.float32(2 / s[0]) ** 0.5 for n, s in SHAPES.items()}
    return weights, {n: np.zeros(s[1], np.float32) for n, s in SHAPES.items()}


def model(x, weights, biases):
    """Return both hidden layers, [N, 256] each, and the logits [N, 10] of images x [N, 784]."""
    h1 = np.maximum(x @ weights["h1"] + biases["h1"], 0)
    h2 = np.maximum(h1 @ weights["h2"] + biases["h2"], 0)
    return h1, h2, h2 @ weights["out"] + biases["out"]


def gradients(x, labels, weights, biases):
    """Return the loss of a batch, and its gradients by weights and by biases, as two dicts."""
    h1, h2, logits = model(x, weights, biases)
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))  # e**0 at most: none overflows
    probabilities = powers / powers.sum(axis=1, keepdims=True)  # softmax
    one_hot = np.eye(10, dtype=np.float32)[labels]  # [N, 10]
    loss = -np.log((probabilities * one_hot).sum(axis=1)).mean()  # cross-entropy
    # Backwards from here. d_NAME is the derivative of the loss by NAME, and has its shape.
    d_logits = (probabilities - one_hot) / len(x)
    d_h2 = d_logits @ weights["out"].T
    d_sum_2 = d_h2 * (h2 > 0)
    d_h1 = d_sum_2 @ weights["h2"].T
    d_sum_1 = d_h1 * (h1 > 0)
    d_weights = {"h1": x.T @ d_sum_1, "h2": h1.T @ d_sum_2, "out": h2.T @ d_logits}
    d_biases = {"h1": d_sum_1.sum(0), "h2": d_sum_2.sum(0), "out": d_logits.sum(0)}
    return loss, d_weights, d_biases


def main(source=None):
    """Train with plain steps, and print the accuracy on the validation images after each epoch."""
    training, validation, _ = data.load(source)
    weights, biases = variables(seed=0)
    for epoch in range(EPOCHS):
        order = np.random.default_rng([0, epoch]).permutation(len(training.images))
        for start in range(0, len(order), BATCH_SIZE):
            batch = order[start : start + BATCH_SIZE]
            x = training.images[batch] / np.float32(255)
            _, d_weights, d_biases = gradients(x, training.labels[batch], weights, biases)
            for name in SHAPES:
                weights[name] -= LEARNING_RATE * d_weights[name]
                biases[name] -= LEARNING_RATE * d_biases[name]
        *_, logits = model(validation.images / np.float32(255), weights, biases)
        accuracy = np.mean(logits.argmax(axis=1) == validation.labels)
        print(f"epoch {epoch + 1}/{EPOCHS}: validation accuracy {accuracy:.2%}")


if __name__ == "__main__":
    main(*sys.argv[1:])
