"""Train lesson 1's network on several machines at once: a parameter server and its workers.

    python docs/several_machines.py [SOURCE]    once for each task, as scaling.md shows

The server keeps the variables. Every worker computes gradients from its own share of the images,
and a step takes the mean of all workers' gradients. The first worker, the *chief*, must live to the
end; another one that was killed can be started again.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

import numpy as np

import data
import mlp_mnist
from support.ground import tf

STEPS = 600  # steps of all workers together: each takes one batch of every worker
BATCH_SIZE = 128  # images of one worker


def build(workers):
    """Add lesson 1's model, with gradients that are averaged over the workers, to the graph."""
    images = tf.placeholder(tf.uint8, [None, 784])
    labels = tf.placeholder(tf.uint8, [None])
    weights, biases = mlp_mnist.variables()
    logits, _ = mlp_mnist.model(tf.cast(images, tf.float32) / 255, weights, biases, "relu")
    loss = tf.losses.softmax_cross_entropy(tf.one_hot(labels, 10), logits)
    adam = tf.train.AdamOptimizer(1e-3)
    optimizer = tf.train.SyncReplicasOptimizer(adam, workers, total_num_replicas=workers)
    step = tf.train.create_global_step()
    train_op = optimizer.minimize(loss, step)
    # The chief's thread is to take the session's end for its own, without a traceback.
    thread = optimizer.get_chief_queue_runner()
    thread._queue_closed_exception_types += (tf.errors.CancelledError,)
    return images, labels, step, optimizer, train_op, tf.argmax(logits, 1)


def main(source=None):
    """Serve the variables, or train as a worker until STEPS steps are done, and test."""
    task = tf.distribute.cluster_resolver.TFConfigClusterResolver()
    cluster, index = task.cluster_spec(), task.task_id
    server = tf.train.Server(cluster, job_name=task.task_type, task_index=index)
    if task.task_type == "ps":
        server.join()  # answers the workers until a signal comes
    training, _, test = data.load(source)
    workers, here = cluster.num_tasks("worker"), f"/job:worker/task:{index}"
    pixels, truth = training.images[index::workers], training.labels[index::workers]
    # Variables go to the parameter server, all other operations stay on this worker.
    device = tf.train.replica_device_setter(cluster=cluster, worker_device=here)
    # Without the filter a session waits for every worker, also for one that was killed.
    config = tf.ConfigProto(device_filters=["/job:ps", here])
    with tf.Graph().as_default(), tf.device(device):
        images, labels, step, optimizer, train_op, digits = build(workers)
        # No tokens in advance: so that the first step, too, waits for every worker.
        hooks = [optimizer.make_session_run_hook(is_chief=index == 0, num_tokens=0)]
        options = {"is_chief": index == 0, "hooks": hooks, "stop_grace_period_secs": 1}
        random = np.random.default_rng()  # a worker that was started anew takes other batches
        with tf.train.MonitoredTrainingSession(server.target, config=config, **options) as session:
            batches = 0
            while session.run(step) < STEPS:  # a run of its own: read after the step, not during it
                batch = random.integers(len(pixels), size=BATCH_SIZE)
                session.run(train_op, {images: pixels[batch], labels: truth[batch]})
                batches += 1
        # The variables are still there, on the parameter server, for any session that asks.
        with tf.Session(server.target, config=config) as session:
            right = session.run(digits, {images: test.images}) == test.labels
        print(f"worker {index}: {batches} batches, test accuracy {np.mean(right):.2%}", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
