"""Fixtures for all tests. None of them, and no test, needs a network."""

import os
import signal
import subprocess

import hypothesis
import permissions
import pytest
from builders import write_quartet
from faulty_server import FaultyServer
from filelock import FileLock
from trainings import trained

# No deadline: these machines are busy. No database: it would be a folder in the checkout.
everywhere = hypothesis.settings(deadline=None, database=None, print_blob=True)
hypothesis.settings.register_profile("tests", everywhere, max_examples=200, derandomize=True)
hypothesis.settings.register_profile("long", everywhere, max_examples=20_000)
hypothesis.settings.load_profile("tests")

# What a script starts in the background ignores Ctrl-C, or under nohup the terminal's end, and so
# would all that it starts. That a signal is handled is not inherited.
for number in (signal.SIGINT, signal.SIGHUP):
    if signal.getsignal(number) == signal.SIG_IGN:
        signal.signal(number, lambda *_: None)


@pytest.fixture(autouse=True)
def no_network(monkeypatch):
    """Point every download of this process and its children at a port where nobody answers."""
    monkeypatch.setenv("MNIST_MIRRORS", "http://127.0.0.1:9/")
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
def unprivileged(tmp_path):
    """Return a folder, and be bound by permissions, as root, too; nothing in it need be undone."""
    permissions.bind()
    yield tmp_path
    permissions.bind(False)
    subprocess.run(["chmod", "-R", "u+rwx", tmp_path], check=True)


@pytest.fixture
def server():
    """A FaultyServer without files yet: a test puts them into `server.files`."""
    server = FaultyServer({})
    yield server
    server.stop()


@pytest.fixture(scope="session")
def small(tmp_path_factory):
    """Return the flags of a training on few images: three steps each epoch, the third short."""
    source = tmp_path_factory.mktemp("small") / "source"
    write_quartet(source, train=330, test=10)
    return ["--data", str(source), "--limit", "300", "--batch-size", "128"]


@pytest.fixture(scope="session")
def on_sample(tmp_path_factory, worker_id):
    """A function: the folder of a lesson's training on 5,000 real digits, and what it printed.

    It trains once, for whichever test of whichever process asks first; for all, it is read-only.
    """
    base = tmp_path_factory.getbasetemp()
    shared = base if worker_id == "master" else base.parent
    # Where there is no place for a cache, as of Matplotlib's fonts, a lesson is as quiet.
    homeless = os.environ | {"HOME": "/dev/null", "XDG_CONFIG_HOME": "", "XDG_CACHE_HOME": ""}

    def get(lesson):
        out = shared / lesson.__name__
        log, epochs = out.with_suffix(".log"), {"mlp_mnist": 15, "cnn_mnist": 10}[out.name]
        with FileLock(out.with_suffix(".lock")):
            if not log.exists():
                log.write_text(trained(lesson, out, epochs, "--data", "sample", env=homeless))
        return out, log.read_text()

    return get
