"""How often a network is right, where the digits are known."""

import numpy as np
from sklearn.metrics import confusion_matrix

NONE = 10  # in place of a digit: no answer, or more than one digit


def confusion(labels: np.ndarray, answers: np.ndarray) -> str:
    """Return in words how many answers are right, and which digit was taken for which.

    Args:
        labels: integers [N], 0 to 9.
        answers: integers [N], 0 to 9 or NONE.
    """
    counts = confusion_matrix(labels, answers, labels=range(11))[:10]
    columns = 11 if counts[:, NONE].any() else 10
    rows = [["", *range(10), "none"], *([digit, *row] for digit, row in enumerate(counts))]
    lines = ["".join(f"{cell:>6}" for cell in row[: columns + 1]) for row in rows]
    accuracy = f"accuracy {np.mean(labels == answers):.2%} of {len(labels)} images"
    return "\n".join([f"{accuracy}; a row for each digit, a column for each answer:", *lines])
