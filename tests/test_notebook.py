"""Real notebooks: the lessons beside TensorFlow 2, as everybody uses it there; and the course."""

import importlib
import json
import re
import textwrap

import pytest
from builders import digits, write_csv, write_quartet
from trainings import ROOT

CELLS = {
    "a run, and TensorFlow 2 is as it was": """
        import os, signal, threading, time
        import tensorflow as tf
        import mlp_mnist, cnn_mnist
        def flags(*more): return ["--data", "SOURCE", "--epochs", "1", "--out", "OUT", *more]
        mlp_mnist.main(flags())
        assert (tf.constant(1) + 1).numpy() == 2
    """,
    "one that is interrupted": """
        before = signal.getsignal(signal.SIGINT)
        def interrupt():
            while not all(map(os.path.exists, ["OUT/earlier-1", "OUT/history.csv"])):
                time.sleep(0.1)
            os.kill(os.getpid(), signal.SIGINT)
        threading.Thread(target=interrupt).start()
        try:
            mlp_mnist.main(flags("--epochs", "100000"))
        except KeyboardInterrupt as error:
            kept = error  # and with it all frames of the run
        assert kept and signal.getsignal(signal.SIGINT) is before
    """,
    "resumed in a thread": """
        def resume():
            try:
                mlp_mnist.main(flags("--epochs", "100000", "--limit", "10", "--resume"))
            except Exception as error:
                print(error)
            cnn_mnist.main(flags("--out", "OUT/cnn"))
        thread = threading.Thread(target=resume)
        thread.start()
        thread.join()
    """,
    "an answer": 'mlp_mnist.main(["--predict", "SOURCE/test.csv", "--out", "OUT"])',
    "as a script, with an error": "%run mlp_mnist.py --data nowhere",
}


def executed(notebook, folder):
    """Run a notebook, a dict, in a folder; return the outputs of each of its cells of code."""
    nbclient, nbformat = map(pytest.importorskip, ("nbclient", "nbformat"))
    node = nbformat.reads(json.dumps(notebook), as_version=4)
    where = {"metadata": {"path": str(folder)}}
    nbclient.NotebookClient(node, timeout=300, resources=where).execute()
    return [cell.outputs for cell in node.cells if cell.cell_type == "code"]


def printed(outputs):
    return "".join(output.get("text", "") for output in outputs)


def test_the_lessons_in_a_notebook(tmp_path):
    source, cells = tmp_path / "source", []
    write_quartet(source, train=330, test=20)
    write_csv(source / "test.csv", digits(30)[0])
    for code in map(textwrap.dedent, CELLS.values()):
        code = code.replace("SOURCE", str(source)).replace("OUT", str(tmp_path / "out"))
        cells.append({"cell_type": "code", "metadata": {}, "source": code, "outputs": []})
    whole = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 4}
    texts = dict(zip(CELLS, map(printed, executed(whole, ROOT)), strict=True))
    assert "\ntest accuracy " in texts["a run, and TensorFlow 2 is as it was"]
    assert "epochs are kept; go on with: main([" in texts["one that is interrupted"]
    assert re.search(r"trained with other images[^$]*\ntest acc", texts["resumed in a thread"])
    assert not any("INFO:" in text or "WARNING:" in text for text in texts.values()), texts
    assert "submission.csv" in texts["an answer"]
    assert texts["as a script, with an error"].startswith("error: nowhere: ")


def test_the_course_as_a_notebook_is_that_of_the_pages_and_runs(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "docs")
    whole = importlib.import_module("notebook").notebook()
    assert whole == json.loads((ROOT / "docs/digits.ipynb").read_text())
    outputs = [output for each in executed(whole, ROOT / "docs") for output in each]
    assert sum("image/png" in output.get("data", {}) for output in outputs) == 4
    accuracies = re.findall(r"accuracy (\d+\.\d)%", printed(outputs))
    assert float(accuracies[1]) > 70  # the nearest mean
