"""The lessons in a real notebook, beside TensorFlow 2 as everybody uses it there."""

import textwrap

import pytest
from builders import digits, write_csv, write_quartet
from trainings import ROOT

CELLS = {
    "TensorFlow 2 is used before": """
        import os, signal, threading, time
        import tensorflow as tf
        assert (tf.constant(1) + 1).numpy() == 2
        import mlp_mnist, cnn_mnist
        def flags(*more): return ["--data", "SOURCE", "--epochs", "1", "--out", "OUT", *more]
    """,
    "a training": "mlp_mnist.main(flags())",
    "TensorFlow 2 is as it was": """
        assert tf.executing_eagerly() and (tf.constant(1) + 1).numpy() == 2
        assert "earlier-1" not in os.listdir("OUT")
    """,
    "the second one": """
        mlp_mnist.main(flags())
        assert "earlier-1" in os.listdir("OUT")
    """,
    "one that is interrupted": """
        before = signal.getsignal(signal.SIGINT)
        def interrupt():
            while not all(map(os.path.exists, ["OUT/earlier-2", "OUT/history.csv"])):
                time.sleep(0.1)
            os.kill(os.getpid(), signal.SIGINT)
        threading.Thread(target=interrupt).start()
        try:
            mlp_mnist.main(flags("--epochs", "100000"))
        except KeyboardInterrupt as error:
            kept = error  # and with it all frames of the training
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
    "as a script": """
        %run mlp_mnist.py --data SOURCE --epochs 1 --out OUT
        assert signal.getsignal(signal.SIGINT) is before
    """,
    "as a script, with an error": "%run mlp_mnist.py --data nowhere",
}


def test_the_lessons_in_a_notebook(tmp_path):
    nbclient, nbformat = map(pytest.importorskip, ("nbclient", "nbformat"))
    source, out = tmp_path / "source", tmp_path / "out"
    source.mkdir()
    write_quartet(source, train=330, test=20)
    write_csv(source / "test.csv", digits(30)[0])
    cells = []
    for code in map(textwrap.dedent, CELLS.values()):
        code = code.replace("SOURCE", str(source)).replace("OUT", str(out))
        cells.append(nbformat.v4.new_code_cell(code))
    notebook = nbformat.v4.new_notebook(cells=cells)
    where = {"metadata": {"path": str(ROOT)}}
    nbclient.NotebookClient(notebook, timeout=300, resources=where).execute()
    printed = ["".join(o.get("text", "") for o in cell.outputs) for cell in notebook.cells]
    texts = dict(zip(CELLS, printed, strict=True))
    for name in ("a training", "the second one", "resumed in a thread", "as a script"):
        assert "\ntest accuracy " in texts[name], texts
    assert "epochs are kept; go on with: main([" in texts["one that is interrupted"]
    assert "trained with other images" in texts["resumed in a thread"]
    assert not any("INFO:" in text or "WARNING:" in text for text in texts.values()), texts
    assert "submission.csv" in texts["an answer"]
    assert texts["as a script, with an error"].startswith("error: nowhere: ")
