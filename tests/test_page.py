"""The page's server, without a browser: what it answers, what it refuses, and how it ends."""
# ruff: noqa: F401, F811

import base64
import contextlib
import http.client
import io
import json
import signal
import socket
import struct
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

import mlp_mnist
from support import pictures
from support.ground import OutputError, tf
from support.reading import answers
from support.reading.page import examples, export, model
from tests.pages import network, served, served_lesson, serving

IMAGE = bytes(784)
DRAWN = np.zeros([140, 280], np.uint8)
DRAWN[30:110, 60:72] = DRAWN[30:110, 200:212] = 255  # two ones
FAULTS = {
    "another page": (404, "GET", "index.htm"),
    "reading by GET": (405, "GET", "read/28"),
    "another method": (405, "PUT", "read/28", IMAGE),
    "no such method": (501, "BREW", ""),
    "no host": (403, "GET", "", None, {"Host": None}),
    "another host": (403, "POST", "read/28", IMAGE, {"Host": "evil.example"}),
    "another origin": (403, "POST", "read/28", IMAGE, {"Origin": "http://evil.example"}),
    "no length": (400, "POST", "read/28"),
    "other digits": (400, "POST", "read/28", None, {"Content-Length": "\u00b2"}),
    "a byte too few": (400, "POST", "read/28", IMAGE[1:]),
    "a byte too many": (400, "POST", "classify", IMAGE + b"x"),
    "too many images": (413, "POST", "classify", None, {"Content-Length": str(401 * 784)}),
    "another width": (404, "GET", "read/281"),
    "a long address": (414, "GET", "x" * 70000),
    "many headers": (431, "GET", "", None, {f"X{i}": "y" for i in range(200)}),
}
PROTECTION = {
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}


def ask(server, method="GET", path="", body=None, headers=None, secret=None):
    """Return status, headers and body of an answer. A header that is None is left out."""
    connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=30)
    secret = server.secret if secret is None else secret
    connection.putrequest(method, f"/{secret}/{path}", skip_host=True)
    length = None if body is None else len(body)
    for pair in ({"Host": server.hosts[0], "Content-Length": length} | (headers or {})).items():
        if pair[1] is not None:
            connection.putheader(*pair)
    connection.endheaders(body)
    with contextlib.closing(connection), connection.getresponse() as answer:
        return answer.status, answer.headers, answer.read()


def read(server, body, path="read/280"):
    status, _, content = ask(server, "POST", path, bytes(body))
    assert status == 200, content
    return json.loads(content)


def array(text, dtype):
    return np.frombuffer(base64.b64decode(text), dtype)


@pytest.mark.parametrize("fault", FAULTS)
def test_what_only_a_fault_or_a_stranger_asks_is_refused_in_one_line(fault, served, network):
    expected, *request = FAULTS[fault]
    status, answered, content = ask(served, *request)
    assert (status, content.count(b"\n"), b"<" in content) == (expected, 1, False)
    assert answered["Content-Type"].startswith("text/plain")
    assert not network.given
    for protected in (answered, ask(served)[1]):  # of which other sites can make no use
        policy = protected["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; script-src 'self';")
        assert ("frame-ancestors 'none'" in policy, "unsafe" in policy) == (True, False)
        for name, value in PROTECTION.items():
            assert protected[name] == value


@pytest.mark.parametrize("path", ["", "network", "weights/h1"])
def test_other_users_of_the_computer_do_not_know_the_secret(path, served):
    assert ask(served, path=path)[0] == 200
    for secret in ("", "x", served.secret[1:], served.secret + "x", "%C3%A9"):
        assert ask(served, path=path, secret=secret)[0] == 404


@pytest.mark.parametrize("sent", ["\x16\x03\x01\x02\n\n", "GET\n\n", "POST /read HTTP/1", "{}"])
def test_who_leaves_or_speaks_no_http_does_no_harm(sent, served, capfd):
    head = f"POST /{served.secret}/read/28 HTTP/1.1\r\nHost: {served.hosts[0]}\r\n"
    head += "Content-Length: 784\r\n\r\n"
    with socket.create_connection(("127.0.0.1", served.server_port)) as connection:
        connection.sendall(sent.format(head).encode())
        time.sleep(0.1)
        # Linger for 0 s: close with a reset instead of an orderly end.
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    time.sleep(0.1)
    assert ask(served)[0] == 200
    assert not capfd.readouterr().err
    with socket.create_connection(("127.0.0.1", served.server_port)) as connection:
        connection.sendall(head.encode() + IMAGE[1:])
        connection.shutdown(socket.SHUT_WR)
        assert connection.recv(99).startswith(b"HTTP/1.1 400")


def test_what_is_asked_once_and_by_either_name(served, network):
    assert served.server_address[0] == "127.0.0.1"  # this computer alone
    assert json.loads(ask(served, path="network")[2]) == {
        "name": "mlp_mnist",
        "layers": network.layers,
        "shapes": network.shapes,
        "plan": [],
        "examples": [],
        **{"sure": answers.MIN_SURE, "least": answers.MIN_DIGIT},
    }
    for name in network.shapes:
        assert ask(served, path=name)[2] == network.value(name).tobytes()
    for host in served.hosts:
        headers = {"Host": host, "Origin": f"http://{host}"}
        assert ask(served, "POST", "read/28", IMAGE, headers)[0] == 200
    for name, kind in {
        "": "text/html",
        "main.js": "text/javascript",
        "page.css": "text/css",
    }.items():
        assert ask(served, path=name)[1]["Content-Type"] == f"{kind}; charset=utf-8"


def test_a_drawing_is_prepared_as_a_picture_is_and_answered_with_its_layers(served):
    answer = read(served, DRAWN)
    assert answer["text"].replace(" ", "") == "33"
    expected = pictures.find(255 - DRAWN, "drawing").digits
    for digit, prepared in zip(answer["digits"], expected, strict=True):
        assert (digit["text"], digit["box"]) == ("3", list(prepared.box))
        np.testing.assert_array_equal(array(digit["pixels"], "u1"), prepared.pixels)
        layer = array(digit["layers"]["h1"], "<f4")
        np.testing.assert_array_equal(layer, prepared.pixels[300:304] / np.float32(3))
        assert np.argmax(digit["own"]) == np.argmax(digit["probabilities"]) == 3
    sheets = np.stack([DRAWN, DRAWN])
    sheets[0, :, :140], sheets[1, :, 140:] = 0, 0  # what overlaps comes on two sheets
    assert [digit["box"] for digit in read(served, sheets)["digits"]] == [
        digit["box"] for digit in answer["digits"]
    ]
    assert read(served, np.zeros_like(DRAWN)) == {"text": "", "warnings": [], "digits": []}
    dotted = DRAWN.copy()
    dotted[100:110, 90:100] = 255
    assert "a dot" in read(served, dotted)["warnings"][0]
    example = np.random.default_rng(0).integers(256, size=784, dtype=np.uint8)
    (digit,) = read(served, example, "read/28")["digits"]  # which is read as it is
    np.testing.assert_array_equal(array(digit["pixels"], "u1"), example)
    three = np.frombuffer(ask(served, "POST", "classify", bytes(3 * 784))[2], "<f4")
    assert three.reshape(3, 10).argmax(axis=1).tolist() == [3, 3, 3]


def test_a_picture_file_is_read_as_by_predict_and_a_bad_one_is_said(served):
    file = io.BytesIO()
    Image.fromarray(255 - DRAWN).save(file, "png")
    answer = read(served, file.getvalue(), "picture")
    assert (answer["text"].replace(" ", ""), answer["size"]) == ("33", [280, 140])
    assert Image.open(io.BytesIO(base64.b64decode(answer["image"]))).size == (280, 140)
    error = read(served, b"no picture", "picture")["error"]
    assert error.startswith("picture: not a picture")


def test_a_fault_of_ours_is_told_and_ends_nothing(served, network, capfd):
    network.probabilities = None
    status, _, content = ask(served, "POST", "read/280", DRAWN.tobytes())
    assert (status, content.count(b"\n")) == (500, 1)
    error = capfd.readouterr().err
    assert error.startswith(f"error: {served.hosts[0]}: ")
    assert error.count("\n") == 1
    del network.probabilities
    assert read(served, DRAWN)["digits"]


def test_the_session_is_used_by_one_thread_whoever_asks(served, network):
    network.pause = 0.02
    with ThreadPoolExecutor(6) as tabs:
        list(tabs.map(lambda _: read(served, DRAWN), range(6)))
    assert network.most == 1
    assert len(network.given) > 6


def test_who_waits_at_the_end_is_not_left_waiting(network):
    with serving(network) as server:
        network.pause = 0.3
        tab = threading.Thread(target=ask, args=(server, "POST", "read/28", IMAGE))
        tab.start()
        while not network.running:
            time.sleep(0.01)
    assert not network.running
    tab.join(20)
    assert not tab.is_alive()


EXAMPLES = {"images": np.full([3, 784], 7, np.uint8), "labels": [4, 5, 4], "digits": [9, 5, 4]}
DAMAGED = {
    "empty": lambda path: path.write_bytes(b""),
    "cut": lambda path: path.write_bytes(path.read_bytes()[:-99]),
    "one of three": lambda path: np.savez(path, images=EXAMPLES["images"]),
    "a folder": lambda path: (path.unlink(), path.mkdir()),
}


@pytest.mark.parametrize("fault", [None, *DAMAGED])
def test_examples_are_shown_or_left_out_with_a_warning(fault, tmp_path, capfd):
    path = tmp_path / "examples.npz"
    np.savez(path, **EXAMPLES)
    DAMAGED.get(fault, lambda path: None)(path)
    found, errors = examples.read(path), capfd.readouterr().err
    if fault:
        assert found == []
        assert errors.startswith(f"warning: {path}: ")
        assert errors.count("\n") == 1
    else:  # one of each digit, read as it is meant; then what was misread
        assert [digits for _, *digits in found] == [[4, 4], [5, 5], [4, 9]]
        assert array(found[0][0], "u1").tolist() == [7] * 784
        assert not errors


def test_a_network_that_the_page_cannot_compute_is_refused_in_one_line(tmp_path):
    with tf.Graph().as_default(), tf.Session() as session:
        images = tf.placeholder(tf.uint8, [None, 784])
        weights = tf.Variable(tf.zeros([784, 10]), name="weights/out")
        logits = tf.matmul(tf.cast(images, tf.float32) / 255, weights)
        session.run(tf.global_variables_initializer())
        args = SimpleNamespace(export=str(tmp_path / "x.html"), out=tmp_path, lesson="mine")
        for function, known in ((tf.nn.softmax, True), (tf.nn.softplus, False)):
            network = SimpleNamespace(images=images, probabilities=function(logits), layers={})
            assert bool(model.Model(session, network).plan) == known
            if not known:
                with pytest.raises(OutputError, match=r"cannot compute .*Softplus"):
                    export.write(session, network, args)
        assert not list(tmp_path.iterdir())


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
    out = on_sample(mlp_mnist)[0]
    with served_lesson(mlp_mnist, "--draw", "--out", out, *flags) as (process, url):
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
