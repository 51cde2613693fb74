"""Downloads from a faulty server on 127.0.0.1, of four small files in the place of MNIST's.

What is damaged or odd in data/, a full disk, no permission: faults/download.py.
"""

import os
import shutil
import signal
import ssl
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from builders import NAMES, write_quartet
from faulty_server import PACKED, offer_small_mnist
from trainings import ROOT, python

from data import download
from support.ground import DownloadError

MNIST_DIR = os.environ.get("MNIST_DIR")
FIRST = f"{NAMES[0]}.gz"


@pytest.fixture
def faulty(server, monkeypatch):
    """Have the server offer four small files, and the code expect them. Returns the server."""
    offer_small_mnist(server, monkeypatch)
    return server


def assert_complete(folder, files=PACKED):
    """Assert that `folder` holds the four files and nothing else but what a kill left."""
    found = {path.name: path.read_bytes() for path in Path(folder).iterdir()}
    left = {name: content for name, content in found.items() if name.endswith("-unfinished")}
    assert found == files | left
    return left


def fails(folder, mirrors):
    """Return what is said of the first file, for which every mirror fails."""
    with pytest.raises(DownloadError) as error:
        download.fetch(folder, mirrors)
    assert list(folder.iterdir()) == []
    return str(error.value).removeprefix(f"{folder / FIRST}: cannot be fetched: ")


BROKEN_OFF = "no connection, or broken off"
STALLS = {"stall_before": "no answer for 2 s", "stall_inside": BROKEN_OFF}
STALLS |= {"byte_by_byte": "too slow: less than 65536 bytes in 3 s"}
FAULTS = {  # the mirror's fault: the reason that the message gives
    "status_403": "HTTP status 403",
    **dict.fromkeys(["redirect_to_itself", "endless_headers", "short", "hang_up"], BROKEN_OFF),
    "page": "wrong content (its sha256 is not MNIST's)",
    "endless": f"wrong content (more than MNIST's {len(PACKED[FIRST])} bytes)",
}


@pytest.mark.parametrize(("faults", "seconds"), [(STALLS, 2), (FAULTS, 60)], ids=["stalls", "rest"])
def test_each_faulty_mirror_is_named(tmp_path, faulty, monkeypatch, faults, seconds):
    monkeypatch.setattr(download, "TIMEOUT", seconds)
    monkeypatch.setattr(download, "PATIENCE", seconds + 1)
    reasons = [f"{faulty.mirror(fault)}{FIRST}: {reason}" for fault, reason in faults.items()]
    assert fails(tmp_path, [*map(faulty.mirror, faults)]) == "; ".join(reasons)


def test_a_mirror_that_failed_is_not_asked_again_as_long_as_another_serves(tmp_path, faulty):
    faults = ["page", "short", "status_403"]
    mirrors = [faulty.mirror(fault) for fault in [*faults, "good"]]
    assert download.fetch(tmp_path, mirrors) == [tmp_path / f"{name}.gz" for name in NAMES]
    assert_complete(tmp_path)
    assert faulty.asked == [(f, FIRST) for f in faults] + [("good", name) for name in PACKED]


def test_each_file_may_come_from_another_mirror(tmp_path, faulty):
    def answer(request, body):
        mirror, name = faulty.asked[-1]
        right = (mirror == "first") == ("images" in name)
        (faulty.good if right else faulty.page)(request, body)

    faulty.first = faulty.second = answer
    download.fetch(tmp_path, [faulty.mirror("first"), faulty.mirror("second")])
    assert_complete(tmp_path)


def test_a_certificate_that_nobody_vouches_for(tmp_path, faulty):
    if not shutil.which("openssl"):
        pytest.skip("openssl is not installed: no certificate to refuse")
    command = "openssl req -x509 -nodes -newkey rsa:2048 -days 2 -subj /CN=localhost"
    command += " -addext subjectAltName=IP:127.0.0.1 -keyout key -out certificate"
    subprocess.run(command.split(), cwd=tmp_path, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "certificate", tmp_path / "key")
    faulty.socket = context.wrap_socket(faulty.socket, server_side=True)
    said = fails(tmp_path / "new", [faulty.mirror("good").replace("http", "https")])
    assert said.endswith(": no connection that can be trusted: its certificate cannot be verified")
    assert faulty.asked == []


NO_ADDRESS = "not an http:// or https:// address"
ADDRESSES = {  # what is no address or has a password: what is said, without it
    "mirror.example/mnist": f"mirror.example/mnist/{FIRST}: {NO_ADDRESS}",
    "ftp://me:s3c/r@t@127.0.0.1/": f"ftp://127.0.0.1/{FIRST}: {NO_ADDRESS}",
    "me:s3cret@127.0.0.1": f"127.0.0.1/{FIRST}: {NO_ADDRESS}",
    "http://me:s3c/r@t@127.0.0.1:9": f"http://127.0.0.1:9/{FIRST}: {BROKEN_OFF}",
}


def test_addresses_come_from_the_environment(tmp_path, faulty, monkeypatch):
    assert fails(tmp_path, [*ADDRESSES]) == "; ".join(ADDRESSES.values())
    monkeypatch.setattr(download, "MIRRORS", [faulty.mirror("good")])
    mirrors = "  ".join([*ADDRESSES, faulty.mirror("page").rstrip("/"), faulty.mirror("good")])
    for value, folder in [(mirrors, tmp_path / "new/folder"), (" ", tmp_path / "other")]:
        monkeypatch.setenv("MNIST_MIRRORS", value)
        download.fetch(folder)
        assert_complete(folder)
    assert faulty.asked[:2] == [("page", FIRST), ("good", FIRST)]


PROGRAM = """
import sys
from data import download, idx
from faulty_server import TABLES
from support import ground
download.SHA256, download.SIZES = TABLES["SHA256"], TABLES["SIZES"]
idx.FILES = TABLES["FILES"]
{}
ground.run(lambda: download.main(sys.argv[1:]))
"""


def start(folder, mirror, code="", **how):
    """Start the download command in a process of its own, after running `code` there."""
    how |= {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    env = {**os.environ, "MNIST_MIRRORS": mirror, "PYTHONPATH": f"{ROOT}:{ROOT}/tests"}
    return subprocess.Popen([sys.executable, "-c", PROGRAM.format(code), folder], env=env, **how)


def run(*args, **how):
    """Do the same and wait for the end. Returns the exit code, the output and the errors."""
    process = start(*args, **how)
    out, errors = process.communicate(timeout=60)
    return process.returncode, out, errors


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_stopped_while_the_server_stalls(tmp_path, faulty, number):
    # A script's background processes ignore SIGINT, and their children inherit that.
    code = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
    with start(tmp_path, faulty.mirror("stall_inside"), code) as process:
        while not faulty.asked:
            time.sleep(0.01)
        process.send_signal(number)
        assert process.communicate(timeout=60) == ("", "")
    assert process.returncode == 128 + number
    assert list(tmp_path.iterdir()) == []


KILL = "import os, signal, pathlib; kill = lambda *_: os.kill(os.getpid(), signal.SIGKILL); "
BEFORE = f"{KILL}pathlib.Path.replace = kill"
AFTER = f"{KILL}replace = pathlib.Path.replace; "
AFTER += "pathlib.Path.replace = lambda *paths: kill(replace(*paths))"


def test_four_processes_at_once_of_which_two_are_killed(tmp_path, faulty):
    all_there = threading.Barrier(4, timeout=60)

    def together(request, body):
        if body == PACKED[FIRST]:
            all_there.wait()
        faulty.good(request, body)

    faulty.together = together
    codes = ["download.TIMEOUT = 60"] * 2 + [BEFORE, AFTER]
    processes = [start(tmp_path, faulty.mirror("together"), code) for code in codes]
    assert [process.communicate(timeout=60)[1] for process in processes] == [""] * 4
    assert [process.returncode for process in processes] == [0] * 2 + [-signal.SIGKILL] * 2
    assert len(assert_complete(tmp_path)) == 1


def test_killed_after_a_file_is_there(tmp_path, faulty):
    assert run(tmp_path, faulty.mirror("good"), AFTER)[0] == -signal.SIGKILL
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [PACKED[FIRST]]
    done = run(tmp_path, faulty.mirror("good"), umask=0o027)
    names = ", ".join(f"{name}.gz" for name in NAMES[1:])
    assert done == (0, f"{tmp_path}: fetched {names}\n", "")
    assert {path.stat().st_mode & 0o777 for path in tmp_path.glob("t10k*")} == {0o640}
    assert assert_complete(tmp_path) == {}


def test_the_command_as_it_is_called(tmp_path):
    # With every warning an error: of a module that is imported twice, for one.
    command = ["-W", "error", "-m", "data.download"]
    line = f"cannot be fetched: http://127.0.0.1:9/{FIRST}: {BROKEN_OFF}\n"
    assert python(*command, tmp_path) == (4, "", f"error: {tmp_path / FIRST}: {line}")
    assert python(*command, "a", "b")[0] == 2
    write_quartet(tmp_path)
    said = f"{tmp_path}: fetched nothing: no file is missing\n"
    assert python(*command, tmp_path) == (0, said, "")


@pytest.mark.skipif(not MNIST_DIR, reason="MNIST_DIR is not set")
def test_mnist_itself(tmp_path, server):
    server.files = {f"{name}.gz": Path(MNIST_DIR, f"{name}.gz").read_bytes() for name in NAMES}
    download.fetch(tmp_path, [server.mirror("page"), server.mirror("good")])
    assert_complete(tmp_path, server.files)
