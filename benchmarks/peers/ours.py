"""Our own estimator as a user would call it; epochs are timed by a plain callback."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jobs import LEARNING_RATE, SEED, ConvNetwork, DenseNetwork, Job
from peers import Result, Stopwatch
from rosenblatt import ConvClassifier, MLPClassifier

PURPOSES = ("data_seconds", "compile_seconds", "step_seconds", "evaluation_seconds")

for library in ("jax", "equinox", "optax"):  # imports are not timed, and ours may be lazy
    import_module(library)


def estimator_for(network: DenseNetwork | ConvNetwork) -> MLPClassifier | ConvClassifier:
    if isinstance(network, ConvNetwork):
        return ConvClassifier(image_shape=network.image_shape, channels=network.channels, hidden_layer_sizes=())
    return MLPClassifier(hidden_layer_sizes=network.layer_sizes[1:-1], activation=network.activation)


def train(job: Job, X: NDArray[np.float32], y: NDArray[np.int64], settings: dict[str, Any]) -> Result:
    stopwatch = Stopwatch()
    estimator = estimator_for(job.network).set_params(
        batch_size=job.batch_size,
        max_epochs=job.epochs,
        initializer="glorot",
        optimizer="adam",
        learning_rate=LEARNING_RATE,
        random_state=SEED,
        verbose=0,
        callbacks=[lambda epoch, logs: stopwatch.lap()],
    )
    estimator.fit(X, y)
    breakdown = {purpose: float(np.sum(estimator.history_[purpose])) for purpose in PURPOSES}
    return stopwatch.result(estimator.predict_proba, breakdown=breakdown)
