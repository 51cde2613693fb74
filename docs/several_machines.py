"""Train lesson 1's network on several machines at once: a parameter server and its workers.

    python docs/several_machines.py [SOURCE]    once for each task, with TF_CONFIG set: see tf1.md

The server keeps the variables. Every worker computes gradients from its own share of the images,
and a step takes the mean of all workers' gradients. The first worker, the *chief*, must live to the
end; another one that was killed can be started again.
"""

import json
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

import numpy as np

import data
import mlp_mnist
from support.tensorflow1 import tf

STEPS = 600  # steps of all workers together: each takes one batch of every worker
BATCH_SIZE = 128  # images of one worker


class Synchronous(tf.train.SyncReplicasOptimizer):
    """The optimizer, whose thread in the chief takes the session's end for its own, quietly."""

    def get_chief_queue_runner(self):
        thread = super().get_chief_queue_runner()
        ends = (tf.errors.OutOfRangeError, tf.errors.CancelledError)
        with tf.device(thread.queue.queue_ref.device):
            return tf.train.QueueRunner(
                thread.queue, thread.enqueue_ops, queue_closed_exception_types=ends
            )


def build(workers):
    """Add lesson 1's model, with gradients that are averaged over the workers, to the graph."""
    images = tf.placeholder(tf.uint8, [None, 784])
    labels = tf.placeholder(tf.uint8, [None])
    weights, biases = mlp_mnist.variables()
    x = tf.cast(images, tf.float32) / 255
    logits, _ = mlp_mnist.model(x, weights, biases, mlp_mnist.ACTIVATION)
    loss = tf.losses.softmax_cross_entropy(tf.one_hot(labels, 10), logits)
    adam = tf.train.AdamOptimizer(1e-3)
    optimizer = Synchronous(adam, workers, total_num_replicas=workers)
    step = tf.train.create_global_step()
    train_op = optimizer.minimize(loss, step)
    right = tf.equal(tf.argmax(logits, 1), tf.cast(labels, tf.int64))
    accuracy = tf.reduce_mean(tf.cast(right, tf.float32))
    return images, labels, step, optimizer, train_op, accuracy


def work(server, cluster, index, source):
    """Train as the worker `index` until STEPS steps are done, then print the test accuracy."""
    workers = cluster.num_tasks("worker")
    training, _, test = data.load(source)
    pixels, truth = training.images[index::workers], training.labels[index::workers]
    here = f"/job:worker/task:{index}"
    # Variables go to the parameter server, all other operations stay on this worker.
    device = tf.train.replica_device_setter(cluster=cluster, worker_device=here)
    # Without the filter a session waits for every worker, also for one that was killed.
    config = tf.ConfigProto(device_filters=["/job:ps", here])
    with tf.Graph().as_default(), tf.device(device):
        images, labels, step, optimizer, train_op, accuracy = build(workers)
        # No tokens in advance: so that the first step, too, waits for every worker.
        hooks = [optimizer.make_session_run_hook(is_chief=index == 0, num_tokens=0)]
        random = np.random.default_rng()  # a worker that was started anew takes other batches
        options = {"is_chief": index == 0, "hooks": hooks, "stop_grace_period_secs": 1}
        with tf.train.MonitoredTrainingSession(server.target, config=config, **options) as session:
            batches = 0
            while session.run(step) < STEPS:
                batch = random.integers(len(pixels), size=BATCH_SIZE)
                session.run(train_op, {images: pixels[batch], labels: truth[batch]})
                batches += 1
            share = session.run(accuracy, {images: test.images, labels: test.labels})
        print(f"worker {index}: {batches} batches, test accuracy {share:.2%}", flush=True)


def main(source=None):
    settings = json.loads(os.environ["TF_CONFIG"])
    cluster = tf.train.ClusterSpec(settings["cluster"])
    job, index = settings["task"]["type"], settings["task"]["index"]
    server = tf.train.Server(cluster, job_name=job, task_index=index)
    if job == "ps":
        server.join()  # answers the workers until a signal comes
    work(server, cluster, index, source)


if __name__ == "__main__":
    main(*sys.argv[1:])
