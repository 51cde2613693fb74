"""Lesson 1's network on several machines, here as processes that speak over 127.0.0.1."""

import itertools
import json
import os
import re
import signal
import socket
import sys
import time
from types import SimpleNamespace

import numpy as np
import pytest
from lives import KILLED, Fork

import data

STEPS = 150


def work(cluster, job, index, last):
    """Be a task of the cluster.

    Worker 0 has no image of 5 to 9, worker 1 none of 0 to 4: who reads all has learnt from both.
    A worker is killed before its batch number `last`, while it holds a token that all wait for.
    """
    sys.path.insert(0, "docs")
    import several_machines

    load, random, batches = data.load, np.random.default_rng(), itertools.count()
    sleep = time.sleep

    def integers(high, size):
        if next(batches) == last:
            os.kill(os.getpid(), signal.SIGKILL)
        return random.integers(high, size=size)

    def halves(source):
        training, validation, test = load(source)
        np.random.default_rng = lambda: SimpleNamespace(integers=integers)
        mine = training.labels // 5 == index
        own = [a[mine].repeat(2, axis=0) for a in training]  # it takes every second one of these
        return training._replace(images=own[0], labels=own[1]), validation, test

    several_machines.STEPS, data.load = STEPS, halves
    time.sleep = lambda seconds: sleep(min(seconds, 0.2))  # it looks for the chief every 30 s
    os.environ["TF_CONFIG"] = json.dumps(
        {"cluster": cluster, "task": {"type": job, "index": index}}
    )
    several_machines.main("sample")


@pytest.fixture
def start():
    """A function that starts a task of one cluster; all are killed in the end."""
    started, sockets = [], [socket.create_server(("127.0.0.1", 0)) for _ in range(3)]
    server, *workers = (f"127.0.0.1:{each.getsockname()[1]}" for each in sockets)
    for each in sockets:  # whose ports are free from now on
        each.close()

    def start_task(job, index=0, last=None):
        started.append(Fork(work, {"ps": [server], "worker": workers}, job, index, last))
        return started[-1]

    yield start_task
    for process in started:
        process.kill()


def test_both_workers_count_and_one_that_was_killed_goes_on(start):
    start("ps")
    chief, killed = start("worker", 0), start("worker", 1, last=20)
    assert killed.end()[0] == KILLED, killed.errors
    batches, accuracies = 20, []
    for process in (chief, start("worker", 1)):
        code, errors = process.end()
        assert code == 0, errors
        assert "Traceback" not in errors
        pattern = r"(\d+) batches, test accuracy ([\d.]+)%"
        number, accuracy = re.search(pattern, process.output).groups()
        assert int(number) >= STEPS - 25
        batches += int(number)
        accuracies.append(float(accuracy))
    assert abs(batches - 2 * STEPS) <= 2  # a step took two gradients, no more, no less
    assert min(accuracies) > 75, accuracies  # half of the digits: 50 at the most
