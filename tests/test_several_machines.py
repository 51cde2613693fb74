"""Lesson 1's network on several machines, here as processes that speak over 127.0.0.1."""

import itertools
import json
import os
import re
import signal
import socket
import sys
import time

import numpy as np
import pytest
from lives import KILLED, Fork

STEPS = 150


def work(cluster, job, index=0, last=None):
    """Be a task of the cluster.

    A worker is killed before its batch number `last`, while it holds a token that all wait for.
    """
    sys.path.insert(0, "docs")
    import several_machines

    random, batches, sleep = np.random.default_rng(), itertools.count(), time.sleep

    class Random:
        def integers(self, high, size):
            if next(batches) == last:
                os.kill(os.getpid(), signal.SIGKILL)
            return random.integers(high, size=size)

    several_machines.STEPS, several_machines.np.random.default_rng = STEPS, Random
    time.sleep = lambda seconds: sleep(min(seconds, 0.2))  # it looks for the chief every 30 s
    task = {"cluster": cluster, "task": {"type": job, "index": index}}
    os.environ["TF_CONFIG"] = json.dumps(task)
    several_machines.main("sample")


@pytest.fixture
def start():
    """A function that starts a task of one cluster; all are killed in the end."""
    started, sockets = [], [socket.create_server(("127.0.0.1", 0)) for _ in range(3)]
    server, *workers = (f"127.0.0.1:{each.getsockname()[1]}" for each in sockets)
    for each in sockets:  # whose ports are free from now on
        each.close()

    def start_task(*task):
        started.append(Fork(work, {"ps": [server], "worker": workers}, *task))
        return started[-1]

    yield start_task
    for process in started:
        process.kill()


def test_both_workers_count_and_one_that_was_killed_goes_on(start):
    start("ps")
    chief, killed = start("worker", 0), start("worker", 1, 20)
    assert killed.end()[0] == KILLED, killed.errors
    batches = 20
    for process in (chief, start("worker", 1)):
        code, errors = process.end()
        assert (code, "Traceback" in errors) == (0, False), errors
        found = re.search(r"(\d+) batches, test accuracy ([\d.]+)%", process.output)
        assert float(found[2]) > 75
        batches += int(found[1])
    assert abs(batches - 2 * STEPS) <= 2  # a step took two gradients, no more, no less
