"""Downloads from a faulty server on 127.0.0.1, of four small files in the place of MNIST's.

What is damaged or odd in data/, a full disk: faults/download.py.
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


@pytest.fixture
def faulty(server, monkeypatch):
    """Have the server offer four small files, and the code expect them. Returns the server."""
    offer_small_mnist(server, monkeypatch)
    return server


def assert_complete(folder, files=PACKED):
    """Assert that `folder` holds the four files and nothing else."""
    assert {path.name: path.read_bytes() for path in Path(folder).iterdir()} == files


BROKEN_OFF = "no connection, or broken off"
STALLS = {"stall_before": "no answer for 2 s", "stall_inside": BROKEN_OFF}
STALLS |= {"byte_by_byte": "too slow: less than 65536 bytes in 3 s"}
FAULTS = {  # the mirror's fault: the reason that the message gives
    "status_403": "HTTP status 403",
    **dict.fromkeys(["redirect_to_itself", "endless_headers", "short", "hang_up"], BROKEN_OFF),
    "page": "wrong content (its sha256 is not MNIST's)",
    "endless": "wrong content (more than MNIST's SIZE bytes)",
}


@pytest.mark.parametrize(("faults", "seconds"), [(STALLS, 2), (FAULTS, 60)], ids=["stalls", "rest"])
def test_each_faulty_mirror_is_followed_by_the_next_and_named(
    tmp_path, faulty, monkeypatch, faults, seconds
):
    monkeypatch.setattr(download, "TIMEOUT", seconds)
    monkeypatch.setattr(download, "PATIENCE", seconds + 1)
    with pytest.raises(DownloadError) as error:
        download.fetch(tmp_path, [*map(faulty.mirror, faults), "http://127.0.0.1:9"])
    name = f"{NAMES[0]}.gz"
    reasons = [f"{faulty.mirror(fault)}{name}: {reason}" for fault, reason in faults.items()]
    reasons = "; ".join([*reasons, f"http://127.0.0.1:9/{name}: {BROKEN_OFF}"])
    reasons = reasons.replace("SIZE", str(len(PACKED[name])))
    assert str(error.value) == f"{tmp_path / name}: cannot be fetched: {reasons}"
    assert list(tmp_path.iterdir()) == []


def test_a_mirror_that_failed_is_not_asked_again_as_long_as_another_serves(tmp_path, faulty):
    faults = ["page", "short", "status_403"]
    mirrors = [faulty.mirror(fault) for fault in [*faults, "good"]]
    assert download.fetch(tmp_path, mirrors) == [tmp_path / f"{name}.gz" for name in NAMES]
    assert_complete(tmp_path)
    first = f"{NAMES[0]}.gz"
    asked = [(fault, first) for fault in faults] + [("good", name) for name in PACKED]
    assert faulty.asked == asked


def test_each_file_may_come_from_another_mirror(tmp_path, faulty):
    def answer(request, body):
        mirror, name = faulty.asked[-1]
        right = (mirror == "first") == ("images" in name)
        (faulty.good if right else faulty.page)(request, body)

    faulty.first = faulty.second = answer
    download.fetch(tmp_path, [faulty.mirror("first"), faulty.mirror("second")])
    assert_complete(tmp_path)


def test_a_certificate_that_nobody_vouches_for(tmp_path, faulty):
    openssl = shutil.which("openssl")
    if not openssl:
        pytest.skip("openssl is not installed: no certificate to refuse")
    command = "req -x509 -nodes -newkey rsa:2048 -days 2 -subj /CN=localhost"
    command += " -addext subjectAltName=IP:127.0.0.1 -keyout key -out certificate"
    subprocess.run([openssl, *command.split()], cwd=tmp_path, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "certificate", tmp_path / "key")
    faulty.socket = context.wrap_socket(faulty.socket, server_side=True)
    message = "no connection that can be trusted: its certificate cannot be verified$"
    with pytest.raises(DownloadError, match=message):
        download.fetch(tmp_path / "new", [faulty.mirror("good").replace("http", "https")])
    assert faulty.asked == []


def test_addresses_come_from_the_environment(tmp_path, faulty, monkeypatch):
    mirrors = f"{faulty.mirror('status_403')}  {faulty.mirror('good').rstrip('/')}"
    monkeypatch.setenv("MNIST_MIRRORS", mirrors)
    download.fetch(tmp_path / "new" / "folder")
    assert_complete(tmp_path / "new" / "folder")
    monkeypatch.setenv("MNIST_MIRRORS", " ")
    monkeypatch.setattr(download, "MIRRORS", [faulty.mirror("good")])
    download.fetch(tmp_path / "other")
    assert_complete(tmp_path / "other")


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("mirror.example/mnist", "mirror.example/mnist"),
        ("ftp://me:s3c/r@t@127.0.0.1/", "ftp://127.0.0.1"),
        ("me:s3cret@127.0.0.1", "127.0.0.1"),
        ("http://me:s3c/r@t@127.0.0.1:9", "http://127.0.0.1:9"),
    ],
)
def test_an_address_that_is_none_or_has_a_password(tmp_path, faulty, address, shown):
    with pytest.raises(DownloadError) as error:
        download.fetch(tmp_path, [address])
    reason = BROKEN_OFF if shown.startswith("http:") else "no address, which begins with http"
    line = f"{tmp_path}/{NAMES[0]}.gz: cannot be fetched: {shown}/{NAMES[0]}.gz: {reason}"
    assert str(error.value).startswith(line)
    download.fetch(tmp_path, [address, faulty.mirror("good")])
    assert_complete(tmp_path)


def test_only_the_missing_files_are_fetched(tmp_path, faulty):
    contents = write_quartet(tmp_path)
    Path(tmp_path, NAMES[2]).unlink()
    assert download.fetch(tmp_path, [faulty.mirror("good")]) == [tmp_path / f"{NAMES[2]}.gz"]
    assert download.fetch(tmp_path, [faulty.mirror("good")]) == []
    assert faulty.asked == [("good", f"{NAMES[2]}.gz")]
    for name in (NAMES[0], NAMES[1], NAMES[3]):
        assert Path(tmp_path, name).read_bytes() == contents[name]


def test_a_folder_that_cannot_be_written_or_read(unprivileged, faulty):
    for mode, path in [(0o555, unprivileged / "new"), (0o333, unprivileged)]:
        unprivileged.chmod(mode)
        with pytest.raises(DownloadError, match=rf"^{path}: Permission denied$"):
            download.fetch(path, [faulty.mirror("good")])
    assert faulty.asked == []


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
    how = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, **how}
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


@pytest.mark.parametrize("moment", [BEFORE, AFTER], ids=["before", "after"])
def test_killed_before_or_after_a_file_is_there(tmp_path, faulty, moment):
    assert run(tmp_path, faulty.mirror("good"), moment)[0] == -signal.SIGKILL
    path = tmp_path / f"{NAMES[0]}.gz"
    assert path.exists() == (moment == AFTER)
    assert not path.exists() or path.read_bytes() == PACKED[path.name]
    assert run(tmp_path, faulty.mirror("good"))[0] == 0
    for name, content in PACKED.items():
        assert (tmp_path / name).read_bytes() == content


def test_four_processes_at_once(tmp_path, faulty):
    # One of them is killed on the way; the others must not mind.
    all_there = threading.Barrier(4, timeout=60)

    def together(request, body):
        if body == PACKED[f"{NAMES[0]}.gz"]:
            all_there.wait()
        faulty.good(request, body)

    faulty.together = together
    codes = ["download.TIMEOUT = 60"] * 3 + [BEFORE]
    processes = [start(tmp_path, faulty.mirror("together"), code) for code in codes]
    assert [process.communicate(timeout=60)[1] for process in processes] == [""] * 4
    assert [process.returncode for process in processes] == [0] * 3 + [-signal.SIGKILL]
    for name, content in PACKED.items():
        assert (tmp_path / name).read_bytes() == content


def test_the_command(tmp_path, faulty):
    names = ", ".join(f"{name}.gz" for name in NAMES)
    done = run(tmp_path, faulty.mirror("good"), umask=0o027)
    assert done == (0, f"{tmp_path}: fetched {names}\n", "")
    assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o640}
    done = run(tmp_path, "http://127.0.0.1:9")
    assert done == (0, f"{tmp_path}: fetched nothing: no file is missing\n", "")


def test_whoever_reads_the_output_may_leave(tmp_path, faulty):
    read, write = os.pipe()
    os.close(read)
    assert run(tmp_path, faulty.mirror("good"), stdout=write) == (141, None, "")
    os.close(write)
    assert_complete(tmp_path)


def test_the_command_as_it_is_called(tmp_path):
    # With every warning an error: of a module that is imported twice, for one.
    command = ["-W", "error", "-m", "data.download"]
    address = f"http://127.0.0.1:9/{NAMES[0]}.gz"
    line = f"error: {tmp_path}/{NAMES[0]}.gz: cannot be fetched: {address}: {BROKEN_OFF}\n"
    assert python(*command, tmp_path) == (4, "", line)
    assert python(*command, "a", "b")[0] == 2


@pytest.mark.skipif(not MNIST_DIR, reason="MNIST_DIR is not set")
def test_mnist_itself(tmp_path, server):
    server.files = {f"{name}.gz": Path(MNIST_DIR, f"{name}.gz").read_bytes() for name in NAMES}
    download.fetch(tmp_path, [server.mirror("page"), server.mirror("good")])
    assert_complete(tmp_path, server.files)
