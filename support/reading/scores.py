"""How often a network is right, where the digits are known."""

from collections.abc import Sequence

from sklearn.metrics import accuracy_score, confusion_matrix

NONE = 10  # in place of a digit: no answer, or more than one digit


def confusion(labels: Sequence[int], read: Sequence) -> str:
    """Return in words how many answers are right, and which digit was taken for which.

    Args:
        labels: digits [N].
        read: for each of them a digit, or a text such as "5", "5?", "12", or "" for no answer.
    """
    texts = [str(one).replace("?", "") for one in read]
    answers = [int(text) if len(text) == 1 else NONE for text in texts]
    counts = confusion_matrix(labels, answers, labels=range(11))[:10]
    columns = 11 if counts[:, NONE].any() else 10
    rows = [["", *range(10), "none"], *([digit, *row] for digit, row in enumerate(counts))]
    lines = ["".join(f"{cell:>6}" for cell in row[: columns + 1]) for row in rows]
    accuracy = f"accuracy {accuracy_score(labels, answers):.2%} of {len(answers)} images"
    return "\n".join([f"{accuracy}; a row for each digit, a column for each answer:", *lines])
