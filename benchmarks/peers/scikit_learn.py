"""scikit-learn's MLPClassifier, its early stop switched off, with the BLAS threads that suit it best."""

from __future__ import annotations

import contextlib
import io
import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier
from threadpoolctl import threadpool_limits

from jobs import EPSILON, SEED, Job
from peers import Result, Stopwatch


class EpochListener(io.StringIO):
    """Takes the time whenever scikit-learn prints the line that ends an epoch (it has no callback for it)."""

    def __init__(self, stopwatch: Stopwatch) -> None:
        super().__init__()
        self.stopwatch = stopwatch

    def write(self, text: str) -> int:
        if text.startswith("Iteration"):
            self.stopwatch.lap()
        return len(text)


def train(job: Job, X: NDArray[np.float32], y: NDArray[np.int64], settings: dict[str, Any]) -> Result:
    estimator = MLPClassifier(
        hidden_layer_sizes=job.network.layer_sizes[1:-1],
        activation=job.network.activation,
        alpha=0.0,
        batch_size=job.batch_size,
        learning_rate_init=job.learning_rate,
        beta_1=job.betas[0],
        beta_2=job.betas[1],
        epsilon=EPSILON,
        max_iter=job.epochs,
        tol=0.0,
        n_iter_no_change=job.epochs + 1,
        random_state=SEED,
        verbose=True,
    )
    with threadpool_limits(settings["threads"], user_api="blas"), warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        stopwatch = Stopwatch()
        with contextlib.redirect_stdout(EpochListener(stopwatch)):
            estimator.fit(X, y)
        return stopwatch.result(estimator.predict_proba)
