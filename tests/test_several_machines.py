"""Lesson 1's network on several machines, here as processes that speak over 127.0.0.1."""

import json
import re
import signal
import socket
import subprocess
import sys

import pytest
from trainings import ROOT

STEPS = 150

# Worker 0 has no image of 5 to 9, worker 1 none of 0 to 4: who reads all has learnt from both.
# A worker is killed before its batch number `last`, while it holds a token that all wait for.
PROGRAM = """
import os, signal, sys, time
sys.path.insert(0, "docs")
import numpy as np
import data, several_machines

index, several_machines.STEPS, last = map(int, sys.argv[1:])
load, random = data.load, np.random.default_rng()

class Random:
    batches = 0

    def integers(self, high, size):
        if self.batches == last:
            os.kill(os.getpid(), signal.SIGKILL)
        self.batches += 1
        return random.integers(high, size=size)

def halves(source):
    training, validation, test = load(source)
    np.random.default_rng = Random
    mine = training.labels // 5 == index
    own = [a[mine].repeat(2, axis=0) for a in training]  # it takes every second one of these
    return training._replace(images=own[0], labels=own[1]), validation, test

sleep = time.sleep
time.sleep = lambda seconds: sleep(min(seconds, 0.2))  # a worker looks every 30 s for the chief
data.load = halves
several_machines.main("sample")
"""


@pytest.fixture
def start():
    """A function that starts a task of one cluster; all are killed in the end."""
    started, sockets = [], [socket.create_server(("127.0.0.1", 0)) for _ in range(3)]
    server, *workers = (f"127.0.0.1:{each.getsockname()[1]}" for each in sockets)
    for each in sockets:  # whose ports are free from now on
        each.close()

    def start_task(job, index=0, last=-1):
        task = {"type": job, "index": index}
        config = {"cluster": {"ps": [server], "worker": workers}, "task": task}
        command = [sys.executable, "-c", PROGRAM, str(index), str(STEPS), str(last)]
        environment = {"TF_CONFIG": json.dumps(config), "TF_CPP_MIN_LOG_LEVEL": "3", "PATH": ""}
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        started.append(subprocess.Popen(command, cwd=ROOT, env=environment, **pipes))
        return started[-1]

    yield start_task
    for process in started:
        process.kill()
        process.communicate()


def test_both_workers_count_and_one_that_was_killed_goes_on(start):
    start("ps")
    chief, killed = start("worker", 0), start("worker", 1, last=20)
    assert killed.wait() == -signal.SIGKILL, killed.stderr.read()
    batches, accuracies = 20, []
    for process in (chief, start("worker", 1)):
        output, errors = process.communicate()
        assert process.returncode == 0, errors
        assert "Traceback" not in errors
        number, accuracy = re.search(r"(\d+) batches, test accuracy ([\d.]+)%", output).groups()
        assert int(number) >= STEPS - 25
        batches += int(number)
        accuracies.append(float(accuracy))
    assert abs(batches - 2 * STEPS) <= 2  # a step took two gradients, no more, no less
    assert min(accuracies) > 75, accuracies  # half of the digits: 50 at the most
