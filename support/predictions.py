"""What `--predict` reads, and what it answers."""

from pathlib import Path

from data import kaggle
from support import pictures


def read(file):
    """Return the images in a file: uint8 [N, 784].

    N is 1 for a picture (PNG, JPEG), and the number of rows for Kaggle's test.csv. DataError if
    it is neither or cannot be read.
    """
    if file.lower().endswith(".csv"):
        return kaggle.read_test(file)
    return pictures.read(file).reshape(1, 784)


def report(file, images, probabilities, args):
    """Print the digit and the probabilities of a picture, or write a CSV file's submission.

    images         uint8 [N, 784], as `read` returned them
    probabilities  float [N, 10]
    args           `out`: the folder for submission.csv; `show`: print the picture too
    """
    if file.lower().endswith(".csv"):
        path = Path(args.out) / "submission.csv"
        kaggle.write_submission(path, probabilities.argmax(axis=1))
        print(f"{file}: {len(images)} rows classified, written to {path}")
        return
    if args.show:
        print(pictures.as_text(images[0]))
    percent = "  ".join(f"{digit}: {share:.1%}" for digit, share in enumerate(probabilities[0]))
    print(f"{file}: {probabilities[0].argmax()}   ({percent})")
