"""Write digits.ipynb: the course up to lesson 1's mistakes, with the code of its pages.

    python docs/notebook.py

The pages' text becomes text, their Python becomes cells to run, and what they say is printed is
left out, as the cells print it.
"""

import json
import re
from pathlib import Path

HERE = Path(__file__).parent
PAGES = ["first_look.md", "perceptron.md"]
TITLE = """# Handwritten digits: the course as a notebook

Written by `python docs/notebook.py` from the pages [first_look.md](first_look.md) and
[perceptron.md](perceptron.md). Run the cells in their order, from the top; all of them take three
minutes on two cores. Without a connection to the Internet, they use the 5,000 digits that are in
`data/`, and the figures are a little lower.
"""
SETTING = """import os
import sys

if not os.path.exists("mlp_mnist.py"):  # the kernel starts in docs/
    os.chdir("..")
sys.path.insert(0, os.getcwd())
"""


def cells():
    """Yield the kind of each cell, "markdown" or "code", and its text."""
    yield "markdown", TITLE
    yield "code", SETTING
    for page in PAGES:
        text = (HERE / page).read_text().split("\n## Exercises\n")[0]
        # A block of Python that is not quoted from a file, and what the page says it prints.
        parts = re.split(r"^```python\n(.*?)^```\n(?:\n```\n.*?^```\n)?", text, flags=re.M | re.S)
        for number, part in enumerate(parts):
            if part.strip():
                yield "code" if number % 2 else "markdown", part.strip() + "\n"


def notebook():
    """Return the notebook as a dict, in Jupyter's format 4.5, without any output."""
    found = []
    for number, (kind, text) in enumerate(cells()):
        cell = {"cell_type": kind, "id": f"cell-{number}", "metadata": {}}
        cell |= {"execution_count": None, "outputs": []} if kind == "code" else {}
        found.append(cell | {"source": text.rstrip("\n").splitlines(keepends=True)})
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    metadata = {"kernelspec": kernel, "language_info": {"name": "python"}}
    return {"cells": found, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}


if __name__ == "__main__":
    text = json.dumps(notebook(), indent=1, ensure_ascii=False)
    (HERE / "digits.ipynb").write_text(text + "\n")
