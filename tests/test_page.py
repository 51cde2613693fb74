"""The page's server, without a browser: what it answers, what it refuses, and how it ends."""

import base64
import http.client
import json
import signal
import socket
import struct
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import mlp_mnist
from support import pictures
from tests.pages import WEIGHTS, Network, served_lesson, serving

IMAGE = bytes(784)
DRAWN = np.zeros([140, 280], np.uint8)
DRAWN[30:110, 60:72] = DRAWN[30:110, 200:212] = 255  # two ones
HEAD = "POST /read HTTP/1.1\r\nHost: {}\r\nContent-Length: 784\r\n\r\n"
FAULTS = {
    "another page": (404, "GET", "/index.html"),
    "reading by GET": (405, "GET", "/read"),
    "another method": (405, "PUT", "/read", IMAGE),
    "no such method": (501, "BREW", "/"),
    "no host": (403, "GET", "/", None, {"Host": None}),
    "another host": (403, "POST", "/read", IMAGE, {"Host": "evil.example"}),
    "another origin": (403, "POST", "/read", IMAGE, {"Origin": "http://evil.example"}),
    "a file's origin": (403, "POST", "/read", IMAGE, {"Origin": "null"}),
    "no length": (400, "POST", "/read"),
    "other digits": (400, "POST", "/read", None, {"Content-Length": "\u00b2"}),
    "a byte too few": (400, "POST", "/read", IMAGE[1:]),
    "far too large": (413, "POST", "/read", None, {"Content-Length": "9" * 99}),
    "a long address": (414, "GET", "/" + "x" * 70000),
    "many headers": (431, "GET", "/", None, {f"X{i}": "y" for i in range(200)}),
}


@pytest.fixture
def network():
    return Network()


@pytest.fixture
def served(network):
    with serving(network) as server:
        yield server


def ask(server, method="GET", path="/", body=None, headers=None):
    """Return status, headers and body of an answer. A header that is None is left out."""
    connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=30)
    connection.putrequest(method, path, skip_host=True)
    length = None if body is None else len(body)
    for pair in ({"Host": server.hosts[0], "Content-Length": length} | (headers or {})).items():
        if pair[1] is not None:
            connection.putheader(*pair)
    connection.endheaders(body)
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    return answer.status, answer.headers, content


def read(server, image):
    status, _, content = ask(server, "POST", "/read", bytes(image))
    assert status == 200
    return json.loads(content)


def array(text, dtype):
    return np.frombuffer(base64.b64decode(text), dtype)


@pytest.mark.parametrize("fault", FAULTS)
def test_what_only_a_fault_or_a_stranger_asks_is_refused_in_one_line(fault, served, network):
    expected, *request = FAULTS[fault]
    status, answered, content = ask(served, *request)
    assert (status, content.count(b"\n"), b"<" in content) == (expected, 1, False)
    assert answered["Content-Type"].startswith("text/plain")
    assert len(network.given) == 1  # by the server itself, at the start
    for protected in (answered, ask(served)[1]):  # of which other sites can make no use
        policy = protected["Content-Security-Policy"]
        assert policy.startswith("default-src 'none';")
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert protected["Cross-Origin-Resource-Policy"] == "same-origin"
        assert protected["X-Content-Type-Options"] == "nosniff"
        assert protected["Cache-Control"] == "no-store"


@pytest.mark.parametrize("sent", ["\x16\x03\x01\x02\n\n", "GET\n\n", "POST /read HTTP/1", HEAD])
def test_who_leaves_or_speaks_no_http_does_no_harm(sent, served, capfd):
    with socket.create_connection(("127.0.0.1", served.server_port)) as connection:
        connection.sendall(sent.format(served.hosts[0]).encode())
        time.sleep(0.1)
        # Linger for 0 s: close with a reset instead of an orderly end.
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    time.sleep(0.1)
    assert ask(served)[0] == 200
    assert not capfd.readouterr().err


def test_a_body_that_ends_early_is_refused(served):
    with socket.create_connection(("127.0.0.1", served.server_port)) as connection:
        connection.sendall(HEAD.format(served.hosts[0]).encode() + IMAGE[1:])
        connection.shutdown(socket.SHUT_WR)
        assert connection.recv(99).startswith(b"HTTP/1.1 400")


def test_what_is_asked_once_and_by_either_name(served):
    assert served.server_address[0] == "127.0.0.1"  # this computer alone
    assert json.loads(ask(served, path="/network")[2]) == {
        "name": "mlp_mnist",
        "layers": {"hidden_1": [4]},
        "weights": {"h1": [784, 4], "out": [4, 10]},
        "examples": [],
    }
    assert ask(served, path="/weights/h1")[2] == WEIGHTS["weights/h1"].tobytes()
    for host in served.hosts:
        headers = {"Host": host, "Origin": f"http://{host}"}
        assert ask(served, "POST", "/read", IMAGE, headers)[0] == 200


def test_a_drawing_is_prepared_as_a_picture_is_and_answered_with_its_layers(served):
    answer = read(served, DRAWN)
    assert answer["text"].replace(" ", "") == "33"
    expected = pictures.find(255 - DRAWN, "drawing").digits
    for digit, prepared in zip(answer["digits"], expected, strict=True):
        assert (digit["text"], digit["box"]) == ("3", list(prepared.box))
        np.testing.assert_array_equal(array(digit["pixels"], "u1"), prepared.pixels)
        layer = array(digit["layers"]["hidden_1"], "<f4")
        np.testing.assert_array_equal(layer, prepared.pixels[300:304] / np.float32(3))
        assert np.argmax(digit["probabilities"]) == 3
    for width in (140, 280):
        assert read(served, bytes(140 * width)) == {"text": "", "digits": []}
    example = np.random.default_rng(0).integers(256, size=784, dtype=np.uint8)
    (digit,) = read(served, example)["digits"]  # which is read as it is
    np.testing.assert_array_equal(array(digit["pixels"], "u1"), example)


def test_a_fault_of_ours_is_told_and_ends_nothing(served, network, capfd):
    served.run = None
    status, _, content = ask(served, "POST", "/read", DRAWN.tobytes())
    assert (status, content.count(b"\n")) == (500, 1)
    error = capfd.readouterr().err
    assert error.startswith(f"error: {served.url}: ")
    assert error.count("\n") == 1
    served.run = network
    assert read(served, DRAWN)["digits"]


def test_two_tabs_share_the_session_one_run_at_a_time(served, network):
    network.pause = 0.02
    with ThreadPoolExecutor(6) as tabs:
        list(tabs.map(lambda _: read(served, DRAWN), range(6)))
    assert network.most == 1
    assert len(network.given) > 6


def test_closing_waits_for_a_run_and_lets_no_other_begin(served, network):
    network.pause = 0.5
    tab = threading.Thread(target=read, args=(served, IMAGE))
    tab.start()
    while tab.is_alive() and not network.running:
        time.sleep(0.01)
    served.server_close()
    assert not network.running
    assert not served.lock.acquire(blocking=False)
    served.lock.release()  # or the fixture, which closes again, would wait for it
    tab.join()


EXAMPLES = {"images": np.full([2, 784], 7, np.uint8), "labels": np.uint8([4, 5]), "digits": [9, 5]}
DAMAGED = {
    "empty": lambda path: path.write_bytes(b""),
    "cut": lambda path: path.write_bytes(path.read_bytes()[:-99]),
    "one array": lambda path: np.save(path.open("wb"), EXAMPLES["images"]),
    "one of three": lambda path: np.savez(path, images=EXAMPLES["images"]),
    "fewer labels": lambda path: np.savez(path, **EXAMPLES | {"labels": [4]}),
    "a folder": lambda path: (path.unlink(), path.mkdir()),
}


@pytest.mark.parametrize("fault", [None, *DAMAGED])
def test_examples_are_shown_or_left_out_with_a_warning(fault, network, tmp_path, capfd):
    path = tmp_path / "examples.npz"
    np.savez(path, **EXAMPLES)
    DAMAGED.get(fault, lambda path: None)(path)
    with serving(network, path) as server:
        examples = json.loads(server.files["/network"][1])["examples"]
    errors = capfd.readouterr().err
    if fault:
        assert examples == []
        assert errors.startswith(f"warning: {path}: ")
        assert errors.count("\n") == 1
    else:
        assert [digits for _, *digits in examples] == [[4, 9], [5, 5]]
        assert array(examples[0][0], "u1").tolist() == [7] * 784
        assert not errors


ENDS = [(signal.SIGINT, True, []), (signal.SIGTERM, True, ["--no-browser"])]


@pytest.mark.parametrize(("signum", "screen", "flags"), [*ENDS, (signal.SIGINT, False, [])])
def test_a_browser_is_opened_where_there_is_one_and_a_signal_ends_all_quietly(
    signum, screen, flags, on_sample, tmp_path, monkeypatch
):
    command, asked = tmp_path / "browser", tmp_path / "asked"
    script = f"echo $1 > {asked}.part; mv {asked}.part {asked}; exec sleep 9 >&- 2>&-"
    command.write_text(f"#!/bin/sh\n{script}\n")
    command.chmod(0o755)
    monkeypatch.setenv("BROWSER", str(command))
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    monkeypatch.setenv("DISPLAY", ":99")
    if not screen:
        monkeypatch.delenv("DISPLAY")
    with served_lesson(mlp_mnist, on_sample(mlp_mnist)[0], *flags) as (process, url):
        for _ in range(100 if screen and not flags else 5):
            if asked.exists():
                break
            time.sleep(0.1)
        process.send_signal(signum)
        process.wait(60)
        assert (process.returncode, process.stdout.read()) == (128 + signum, "")
        assert process.stderr.read() == ""
    assert asked.exists() == (screen and not flags)
    assert not asked.exists() or asked.read_text() == f"{url}\n"
