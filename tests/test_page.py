"""The page's server, without a browser: what it answers, what it refuses, and how it ends."""

import base64
import http.client
import json
import signal
import socket
import threading
import time
import urllib.request

import numpy as np
import pytest

import mlp_mnist
from support import page, pictures
from tests import trainings
from tests.pages import WEIGHTS, Network, served_lesson, serving, trained

DRAWN = np.zeros([140, 280], np.uint8)
DRAWN[30:110, 60:72] = DRAWN[30:110, 200:212] = 255  # two ones


@pytest.fixture
def network():
    return Network()


@pytest.fixture
def served(network):
    with serving(network) as server:
        yield server


def ask(server, method="GET", path="/", body=None, **headers):
    """Return status, headers and body of an answer. A header that is None is left out."""
    headers = {"Host": server.hosts[0], "Content-Length": body and len(body)} | headers
    connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=30)
    connection.putrequest(method, path, skip_host=True)
    for name, value in headers.items():
        if value is not None:
            connection.putheader(name.replace("_", "-"), value)
    connection.endheaders(body)
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    return answer.status, answer.headers, content


def read(server, image):
    status, _, content = ask(server, "POST", "/read", image.tobytes())
    assert status == 200
    return json.loads(content)


def array(text, dtype):
    return np.frombuffer(base64.b64decode(text), dtype)


IMAGE = bytes(784)
FAULTS = {
    "another page": (404, "GET", "/index.html", None, {}),
    "a folder above": (404, "GET", "/../README.md", None, {}),
    "weights that are not": (404, "GET", "/weights/h9", None, {}),
    "reading by GET": (405, "GET", "/read", None, {}),
    "posting to the page": (405, "POST", "/", IMAGE, {}),
    "PUT": (405, "PUT", "/read", IMAGE, {}),
    "DELETE": (405, "DELETE", "/network", None, {}),
    "OPTIONS": (405, "OPTIONS", "/read", None, {}),
    "no such method": (501, "BREW", "/", None, {}),
    "no host": (403, "GET", "/", None, {"Host": None}),
    "another host": (403, "GET", "/", None, {"Host": "evil.example"}),
    "another host, posting": (403, "POST", "/read", IMAGE, {"Host": "evil.example"}),
    "another port": (403, "GET", "/", None, {"Host": "127.0.0.1:1"}),
    "another origin": (403, "POST", "/read", IMAGE, {"Origin": "http://evil.example"}),
    "a file's origin": (403, "POST", "/read", IMAGE, {"Origin": "null"}),
    "another site's picture": (403, "GET", "/network", None, {"Origin": "https://127.0.0.1"}),
    "no length": (400, "POST", "/read", None, {}),
    "no number": (400, "POST", "/read", None, {"Content_Length": "many"}),
    "below zero": (400, "POST", "/read", None, {"Content_Length": "-1"}),
    "other digits": (400, "POST", "/read", None, {"Content_Length": "\u00b2"}),
    "in chunks": (400, "POST", "/read", None, {"Transfer_Encoding": "chunked"}),
    "empty": (400, "POST", "/read", b"", {}),
    "a byte too few": (400, "POST", "/read", IMAGE[1:], {}),
    "a byte too many": (400, "POST", "/read", IMAGE + b"x", {}),
    "too large": (413, "POST", "/read", None, {"Content_Length": "39201"}),
    "far too large": (413, "POST", "/read", None, {"Content_Length": "9" * 99}),
    "a long address": (414, "GET", "/" + "x" * 70000, None, {}),
    "many headers": (431, "GET", "/", None, {f"X{i}": "y" for i in range(200)}),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_what_only_a_fault_or_a_stranger_asks_is_refused_in_one_line(fault, served, network):
    expected, *request, headers = FAULTS[fault]
    status, answered, content = ask(served, *request, **headers)
    assert status == expected
    assert content.count(b"\n") == 1
    assert b"<" not in content
    assert answered["Content-Type"].startswith("text/plain")
    assert len(network.given) == 1  # by the server itself, at the start
    assert ask(served)[0] == 200


def test_no_answer_may_be_used_by_other_sites(served):
    for _, answered, _ in (ask(served), ask(served, path="/nothing"), ask(served, "BREW")):
        policy = answered["Content-Security-Policy"]
        assert policy.startswith("default-src 'none';")
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert answered["Cross-Origin-Resource-Policy"] == "same-origin"
        assert answered["X-Content-Type-Options"] == "nosniff"
        assert answered["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "sent", [b"\x16\x03\x01\x02\x00\x01\n\n", b"GET\n\n", b"POST /read HTTP/1"]
)
def test_what_is_no_request_does_no_harm(sent, served, capfd):
    with socket.create_connection(("127.0.0.1", served.server_port)) as connection:
        connection.sendall(sent)
    assert ask(served)[0] == 200
    assert not capfd.readouterr().err


def test_a_body_that_ends_early_is_refused(served):
    with socket.create_connection(("127.0.0.1", served.server_port)) as connection:
        head = f"POST /read HTTP/1.1\r\nHost: {served.hosts[0]}\r\nContent-Length: 784\r\n\r\n"
        connection.sendall(head.encode() + bytes(783))
        connection.shutdown(socket.SHUT_WR)
        assert connection.recv(99).startswith(b"HTTP/1.1 400")


@pytest.mark.parametrize("host", [0, 1])
def test_the_page_itself_is_answered_by_both_its_names(host, served):
    host = served.hosts[host]
    answer = ask(served, "POST", "/read", IMAGE, Host=host, Origin=f"http://{host}")
    assert answer[0] == 200


def test_the_server_listens_on_this_computer_alone(served):
    assert served.server_address[0] == "127.0.0.1"
    assert "http://" not in ask(served)[2].decode().replace("http://www.w3.org/2000/svg", "")


def test_what_is_drawn_once(served):
    network = json.loads(ask(served, path="/network")[2])
    assert network == {
        "name": "mlp_mnist",
        "layers": {"hidden_1": [4]},
        "weights": {"h1": [784, 4], "out": [4, 10]},
        "examples": [],
    }
    assert ask(served, path="/weights/h1")[2] == WEIGHTS["weights/h1"].tobytes()
    assert ask(served, path="/alive")[0] == 200


def test_a_drawing_is_prepared_as_a_picture_is_and_answered_with_its_layers(served, network):
    answer = read(served, DRAWN)
    expected = pictures.find(255 - DRAWN, "drawing").digits
    assert [digit["text"] for digit in answer["digits"]] == ["3", "3"]
    assert answer["text"].replace(" ", "") == "33"
    for digit, prepared in zip(answer["digits"], expected, strict=True):
        assert digit["box"] == list(prepared.box)
        np.testing.assert_array_equal(array(digit["pixels"], "u1"), prepared.pixels)
        np.testing.assert_array_equal(
            array(digit["layers"]["hidden_1"], "<f4"), prepared.pixels[:4] / np.float32(3)
        )
        assert np.argmax(digit["probabilities"]) == 3


def test_an_example_is_read_as_it_is(served, network):
    image = np.random.default_rng(0).integers(256, size=784, dtype=np.uint8)
    (digit,) = read(served, image)["digits"]
    np.testing.assert_array_equal(network.given[-1], [image])
    np.testing.assert_array_equal(array(digit["pixels"], "u1"), image)


@pytest.mark.parametrize("size", [140, 280])
def test_paper_alone_is_no_digit(size, served):
    assert read(served, np.zeros([140, size], np.uint8)) == {"text": "", "digits": []}


def test_a_fault_of_ours_is_told_and_ends_nothing(served, network, monkeypatch, capfd):
    def fail(pixels):
        raise ValueError("no\nsuch shape")

    with monkeypatch.context() as change:
        change.setattr(served, "run", fail)
        status, _, content = ask(served, "POST", "/read", DRAWN.tobytes())
    assert (status, content.count(b"\n")) == (500, 1)
    error = capfd.readouterr().err
    assert error.startswith("error: http://127.0.0.1:")
    assert error.count("\n") == 1
    assert read(served, DRAWN)["digits"]


def test_two_tabs_share_the_session_one_run_at_a_time(served, network):
    network.pause = 0.02
    tabs = [threading.Thread(target=read, args=(served, DRAWN)) for _ in range(6)]
    for tab in tabs:
        tab.start()
    for tab in tabs:
        tab.join()
    assert network.most == 1
    assert len(network.given) > 6


def test_closing_waits_for_a_run_and_lets_no_other_begin(served, network):
    network.pause = 0.5
    tab = threading.Thread(target=read, args=(served, np.frombuffer(IMAGE, np.uint8)))
    tab.start()
    while not network.running:
        time.sleep(0.01)
    served.server_close()
    assert not network.running
    assert not served.lock.acquire(blocking=False)
    tab.join()


ROWS = {"images": np.full([2, 784], 7, np.uint8), "labels": np.uint8([4, 5]), "digits": [9, 5]}


@pytest.mark.parametrize("shape", [[2, 784], [2, 28, 28]])
def test_examples_of_the_training_are_shown(shape, tmp_path):
    np.savez(tmp_path / "examples.npz", **ROWS | {"images": ROWS["images"].reshape(shape)})
    with page.Server(Network(), WEIGHTS, "mlp_mnist", tmp_path / "examples.npz") as server:
        examples = json.loads(server.files["/network"][1])["examples"]
    assert [digits for _, *digits in examples] == [[4, 9], [5, 5]]
    assert array(examples[0][0], "u1").tolist() == [7] * 784


@pytest.mark.parametrize(
    "fault", ["empty", "text", "no rows", "cut", "one array", "other", "folder"]
)
def test_damaged_examples_are_left_out_with_a_warning(fault, tmp_path, capfd):
    path = tmp_path / "examples.npz"
    np.savez(path, **ROWS)
    whole = path.read_bytes()
    path.write_bytes({"text": b"hello", "cut": whole[:-99]}.get(fault, b""))
    if fault == "no rows":
        np.savez(path, images=ROWS["images"])
    if fault == "other":
        np.savez(path, **ROWS | {"images": np.zeros([2, 5])})
    if fault == "one array":
        np.save(tmp_path / "x.npy", ROWS["images"])
        path.write_bytes((tmp_path / "x.npy").read_bytes())
    if fault == "folder":
        path.unlink()
        path.mkdir()
    with page.Server(Network(), WEIGHTS, "mlp_mnist", path) as server:
        assert json.loads(server.files["/network"][1])["examples"] == []
    errors = capfd.readouterr().err
    assert errors.startswith(f"warning: {path}: ")
    assert errors.count("\n") == 1


@pytest.fixture(scope="module")
def out(tmp_path_factory):
    return trained(mlp_mnist, tmp_path_factory.mktemp("page") / "mlp", 1)


@pytest.mark.parametrize(("signum", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_nothing_but_a_signal_ends_it_and_that_quietly(signum, code, out):
    with served_lesson(mlp_mnist, out) as (process, url):
        assert url.startswith("http://127.0.0.1:")
        assert urllib.request.urlopen(url).status == 200
        process.send_signal(signum)
        rest, errors = process.communicate(timeout=60)
    assert process.returncode == code
    assert (rest, errors) == ("", "")


@pytest.mark.parametrize(
    ("screen", "flags", "opened"),
    [(True, (), True), (True, ("--no-browser",), False), (False, (), False)],
)
def test_a_browser_is_opened_where_there_is_one(screen, flags, opened, out, tmp_path, monkeypatch):
    command = tmp_path / "browser"
    command.write_text(f"#!/bin/sh\necho $1 > {tmp_path}/asked\nread forever\n")
    command.chmod(0o755)
    monkeypatch.setenv("BROWSER", str(command))
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    if screen:
        monkeypatch.setenv("DISPLAY", ":99")
    with served_lesson(mlp_mnist, out, *flags) as (_, url):
        assert urllib.request.urlopen(url).status == 200
        asked = tmp_path / "asked"
        for _ in range(100 if opened else 5):
            if asked.exists() and asked.read_text().endswith("\n"):
                break
            time.sleep(0.1)
    assert asked.exists() == opened
    assert not opened or asked.read_text() == f"{url}\n"


def test_without_a_trained_network_one_line_says_how_to_get_one(tmp_path):
    code, output, errors = trainings.run(mlp_mnist, "--draw", "--out", tmp_path / "none")
    assert (code, output, errors.count("\n")) == (5, "", 1)
    assert "train first" in errors
