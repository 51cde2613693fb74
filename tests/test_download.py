"""Downloads from a faulty server on 127.0.0.1, of four small files in the place of MNIST's."""

import gzip
import hashlib
import json
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from builders import NAMES, digits, labels_file, quartet, write_quartet

from data import download, idx
from data.errors import DownloadError
from data.files import UNFINISHED, DataError

ROOT = Path(__file__).parent.parent
MNIST_DIR = os.environ.get("MNIST_DIR")


@pytest.fixture
def tables(server, monkeypatch):
    """Have the server offer four small files, and the code expect them. Returns its tables."""
    contents = quartet(train=240, test=40)
    packed = {name: gzip.compress(content) for name, content in contents.items()}
    server.files = {f"{name}.gz": content for name, content in packed.items()}
    tables = {
        "BYTES": {name: len(content) for name, content in packed.items()},
        "SHA256": {name: hashlib.sha256(content).hexdigest() for name, content in packed.items()},
        "FILES": {name: hashlib.sha256(text).hexdigest() for name, text in contents.items()},
    }
    monkeypatch.setattr(download, "BYTES", tables["BYTES"])
    monkeypatch.setattr(download, "SHA256", tables["SHA256"])
    monkeypatch.setattr(idx, "FILES", tables["FILES"])
    return tables


def assert_complete(folder, server):
    """Assert that `folder` holds the four files, their marks and nothing else."""
    found = {path.name: path.read_bytes() for path in Path(folder).iterdir()}
    assert found == server.files | {f"{name}.fetched": b"" for name in server.files}


FAULTS = {  # the mirror's fault: the reason that the message gives
    "status_404": "HTTP status 404",
    "status_500": "HTTP status 500",
    "page": r"wrong size \(got 27 bytes, expected \d+ bytes\)",
    "redirect_to_page": r"wrong size \(got 27 bytes, expected \d+ bytes\)",
    "redirect_to_itself": "HTTP status 302",
    "stall_before": r"stalled for 0.3 s after 0 bytes|timed out",
    "stall_inside": r"stalled for 0.3 s after \d{3,} bytes|timed out",
    "trickle": r"stalled for 0.3 s after \d bytes",
    "trickle_headers": r"stalled for 0.3 s after 0 bytes",
    "endless_headers": "more than 100 headers",
    "endless": r"wrong size \(got more, expected \d+ bytes\)",
    "longer": r"wrong size \(got more, expected \d+ bytes\)",
    "short": r"wrong size \(got \d+ bytes, expected \d+ bytes\)",
    "empty": r"wrong size \(got 0 bytes, expected \d+ bytes\)",
    "wrong": r"wrong content \(got sha256 [0-9a-f]{64}, expected [0-9a-f]{64}\)",
    "reset": "reset by peer",
    "hang_up": "closed connection without response",
    "no_http": "220 smtp",
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_faulty_mirror_is_followed_by_the_next_for_each_file(tmp_path, server, tables, fault):
    mirrors = [server.mirror(fault), server.mirror("good")]
    fetched = download.fetch(tmp_path, mirrors, deadline=30, patience=0.3)
    assert fetched == [tmp_path / f"{name}.gz" for name in NAMES]
    assert_complete(tmp_path, server)
    idx.read(tmp_path)
    # Once it has failed, the faulty mirror is not asked again as long as the other one serves.
    asked = [name for mirror, name in server.asked if mirror == fault and name != "x"]
    assert asked == [f"{NAMES[0]}.gz"]


@pytest.mark.parametrize("fault", FAULTS)
def test_every_address_is_listed_with_its_reason(tmp_path, server, tables, fault):
    mirrors = [server.mirror(fault), "http://127.0.0.1:9"]
    with pytest.raises(DownloadError) as error:
        download.fetch(tmp_path, mirrors, deadline=30, patience=0.3)
    name = f"{NAMES[0]}.gz"
    start = f"{tmp_path / name}: cannot be fetched: {server.mirror(fault)}{name}: "
    text, second = str(error.value).split("; ")
    assert text.startswith(start)
    assert re.search(FAULTS[fault], text.removeprefix(start))
    assert second == f"http://127.0.0.1:9/{name}: [Errno 111] Connection refused"
    assert error.value.exit_code == 4
    assert list(tmp_path.iterdir()) == []


def test_each_file_may_come_from_another_mirror(tmp_path, server, tables):
    def only(names):
        def answer(connection, body):
            name = server.asked[-1][1]
            (server.good if name in names else server.wrong)(connection, body)

        return answer

    names = [f"{name}.gz" for name in NAMES]
    server.first, server.second = only(names[::2]), only(names[1::2])
    download.fetch(tmp_path, [server.mirror("first"), server.mirror("second")])
    assert_complete(tmp_path, server)


@pytest.mark.parametrize("fault", ["stall_before", "trickle", "trickle_headers", "stall_inside"])
def test_the_deadline_holds_for_everything_together(tmp_path, server, tables, fault):
    start = time.monotonic()
    with pytest.raises(DownloadError, match=r"out of time.*; .*out of time"):
        download.fetch(tmp_path, [server.mirror(fault)] * 2, deadline=0.3, patience=1000)
    assert time.monotonic() - start < 20  # a guard against hanging, not a measurement


def test_the_deadline_holds_for_the_look_up_of_a_name(tmp_path, server, tables, monkeypatch):
    look_up = socket.getaddrinfo

    def slow(host, *rest, **more):
        if host == "mirror.example":
            server.stopped.wait()
        return look_up(host, *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", slow)
    mirrors = ["https://mirror.example/", server.mirror("good")]
    download.fetch(tmp_path, mirrors, deadline=30, patience=0.3)
    assert_complete(tmp_path, server)


def test_a_certificate_that_cannot_be_trusted_ends_it(tmp_path, server, tables):
    openssl = shutil.which("openssl")
    if not openssl:
        pytest.skip("openssl is not installed: no certificate to refuse")
    key, certificate = tmp_path / "key", tmp_path / "certificate"
    command = "req -x509 -nodes -newkey rsa:2048 -days 2 -subj /CN=localhost"
    command += f" -addext subjectAltName=IP:127.0.0.1 -keyout {key} -out {certificate}"
    subprocess.run([openssl, *command.split()], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server.certificate = context
    with pytest.raises(DownloadError, match="certificate verify failed"):
        download.fetch(tmp_path / "data", [server.mirror("good")])
    assert server.asked == []


def test_addresses_come_from_the_environment(tmp_path, server, tables, monkeypatch):
    mirrors = f"{server.mirror('status_404')}  {server.mirror('good').rstrip('/')}"
    monkeypatch.setenv("MNIST_MIRRORS", mirrors)
    download.fetch(tmp_path / "new" / "folder")
    assert_complete(tmp_path / "new" / "folder", server)
    monkeypatch.setenv("MNIST_MIRRORS", " ")
    monkeypatch.setattr(download, "MIRRORS", [server.mirror("good")])
    download.fetch(tmp_path / "other")
    assert_complete(tmp_path / "other", server)


def test_only_the_missing_files_are_fetched(tmp_path, server, tables):
    contents = write_quartet(tmp_path)
    Path(tmp_path, NAMES[2]).unlink()
    assert download.fetch(tmp_path, [server.mirror("good")]) == [tmp_path / f"{NAMES[2]}.gz"]
    assert download.fetch(tmp_path, [server.mirror("good")]) == []
    assert server.asked == [("good", f"{NAMES[2]}.gz")]
    for name in (NAMES[0], NAMES[1], NAMES[3]):
        assert Path(tmp_path, name).read_bytes() == contents[name]


def test_nothing_is_fetched_to_go_with_files_that_are_not_mnists(tmp_path, server, tables):
    write_quartet(tmp_path, seed=5)
    Path(tmp_path, NAMES[1]).unlink()
    with pytest.raises(DataError, match=f"{NAMES[0]}: not MNIST's own.*{NAMES[1]}") as error:
        download.fetch(tmp_path, [server.mirror("good")])
    assert error.value.exit_code == 3
    assert server.asked == []


def test_a_damaged_file_is_fetched_again_if_it_was_fetched_before(tmp_path, server, tables, capsys):
    download.fetch(tmp_path, [server.mirror("good")])
    path = tmp_path / f"{NAMES[1]}.gz"
    path.write_bytes(path.read_bytes()[:-1])
    assert download.fetch(tmp_path, [server.mirror("good")]) == [path]
    assert_complete(tmp_path, server)
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith(f"warning: {path}: ")
    assert captured.err.endswith("; fetching it again\n")


def test_a_damaged_file_stays_if_it_cannot_be_fetched_again(tmp_path, server, tables):
    download.fetch(tmp_path, [server.mirror("good")])
    path = tmp_path / f"{NAMES[1]}.gz"
    path.write_bytes(b"damaged")
    with pytest.raises(DownloadError):
        download.fetch(tmp_path, [server.mirror("status_404")])
    assert path.read_bytes() == b"damaged"


def test_a_persons_own_file_is_never_replaced(tmp_path, server, tables):
    write_quartet(tmp_path, packed=True)
    path = tmp_path / f"{NAMES[1]}.gz"
    path.write_bytes(b"damaged")
    with pytest.raises(DataError, match=f"^{path}: "):
        download.fetch(tmp_path, [server.mirror("good")])
    # Nor one that took the place of a fetched file and can be read.
    for name in NAMES:
        Path(tmp_path, f"{name}.gz").unlink()
    download.fetch(tmp_path, [server.mirror("good")])
    own = gzip.compress(labels_file((digits(240)[1] + 1) % 10))
    path.write_bytes(own)
    assert download.fetch(tmp_path, [server.mirror("good")]) == []
    assert path.read_bytes() == own


def test_disk_full(tmp_path, server, tables):
    code = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (5000, 5000))"
    done = run(tmp_path, [server.mirror("good")], tables, code)
    assert done.returncode == 4
    assert done.stderr == f"error: {tmp_path / NAMES[0]}.gz: File too large\n"
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written(unprivileged, server, tables):
    folder = unprivileged
    folder.chmod(0o555)
    with pytest.raises(DownloadError, match=rf"^{folder}/{NAMES[0]}.gz: Permission denied$"):
        download.fetch(folder, [server.mirror("good")])
    with pytest.raises(DownloadError, match=rf"^{folder}/new: Permission denied$"):
        download.fetch(folder / "new", [server.mirror("good")])
    assert server.asked == []


PROGRAM = """
import json, sys
sys.path.insert(0, sys.argv[1])
from data import download, idx
tables = json.loads(sys.argv[2])
download.BYTES, download.SHA256, idx.FILES = tables["BYTES"], tables["SHA256"], tables["FILES"]
{}
sys.exit(download.main(sys.argv[3:]))
"""


def start(folder, mirrors, tables, code=""):
    """Start the download command in a process of its own, after running `code` there."""
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM.format(code), ROOT, json.dumps(tables), folder],
        env={**os.environ, "MNIST_MIRRORS": " ".join(mirrors)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def run(*args):
    """Do the same and wait for the end. Returns a CompletedProcess."""
    process = start(*args)
    out, errors = process.communicate(timeout=60)
    return subprocess.CompletedProcess(process.args, process.returncode, out, errors)


KILL = "import os, signal; kill = lambda *_: os.kill(os.getpid(), signal.SIGKILL)"
MOMENTS = {
    "before the first byte is written": "from pathlib import Path; Path.write_bytes = kill",
    "after the last byte": "os.fsync = kill",
    "before the rename": "from pathlib import Path; Path.replace = kill",
    "after the rename": (
        "from pathlib import Path; rename = Path.replace; "
        "Path.replace = lambda *paths: kill(rename(*paths))"
    ),
}


@pytest.mark.parametrize("moment", MOMENTS.values(), ids=MOMENTS)
def test_killed_at_a_critical_moment(tmp_path, server, tables, moment):
    killed = run(tmp_path, [server.mirror("good")], tables, f"{KILL}; {moment}")
    assert killed.returncode == -signal.SIGKILL
    path = tmp_path / f"{NAMES[0]}.gz"
    assert not path.exists() or path.read_bytes() == server.files[path.name]
    assert run(tmp_path, [server.mirror("good")], tables).returncode == 0
    # A file that appeared just before the kill has no mark: it counts as the person's own.
    for name in set(server.files) - {path.name}:
        assert Path(tmp_path, f"{name}.fetched").exists()
    Path(tmp_path, f"{path.name}.fetched").touch()
    assert_complete(tmp_path, server)


def test_killed_while_the_server_stalls(tmp_path, server, tables):
    process = start(tmp_path, [server.mirror("stall_inside")], tables)
    with process:
        while not server.asked:
            time.sleep(0.01)
        assert [path.suffix for path in tmp_path.iterdir()] == [UNFINISHED]
        process.kill()
    download.fetch(tmp_path, [server.mirror("good")])
    assert_complete(tmp_path, server)


def test_eight_processes_at_once(tmp_path, server, tables):
    # One of them is killed on the way; the others must not mind, nor sweep each other's files.
    killed = f"{KILL}; os.fsync = kill"
    all_there = threading.Barrier(8, timeout=60)

    def together(connection, body):
        if body == server.files[f"{NAMES[0]}.gz"]:
            all_there.wait()
        server.good(connection, body)

    server.together = together
    processes = [
        start(tmp_path, [server.mirror("together")], tables, killed if number == 3 else "")
        for number in range(8)
    ]
    for number, process in enumerate(processes):
        _, errors = process.communicate(timeout=60)
        assert errors == ""
        assert process.returncode == (-signal.SIGKILL if number == 3 else 0)
    download.fetch(tmp_path, [server.mirror("good")])
    assert_complete(tmp_path, server)


def test_the_command(tmp_path, server, tables):
    done = run(tmp_path, [server.mirror("good")], tables)
    assert (done.returncode, done.stderr) == (0, "")
    names = ", ".join(f"{name}.gz" for name in NAMES)
    assert done.stdout == f"{tmp_path}: fetched {names}\n"
    done = run(tmp_path, ["http://127.0.0.1:9"], tables)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"{tmp_path}: fetched nothing: no file is missing\n"


def test_the_command_as_it_is_called(tmp_path):
    command = [sys.executable, "-m", "data.download"]
    done = subprocess.run([*command, tmp_path], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 4
    assert done.stdout == ""
    address = f"http://127.0.0.1:9/{NAMES[0]}.gz"
    assert done.stderr == (
        f"error: {tmp_path}/{NAMES[0]}.gz: cannot be fetched: "
        f"{address}: [Errno 111] Connection refused\n"
    )
    done = subprocess.run([*command, "a", "b"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 2


@pytest.mark.skipif(not MNIST_DIR, reason="MNIST_DIR is not set")
def test_mnist_itself(tmp_path, server):
    server.files = {f"{name}.gz": Path(MNIST_DIR, f"{name}.gz").read_bytes() for name in NAMES}
    download.fetch(tmp_path, [server.mirror("wrong"), server.mirror("good")])
    assert_complete(tmp_path, server)
    assert idx.read(tmp_path).is_mnist
