"""skorch's NeuralNetClassifier without a validation split and without printing."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import torch
import torch._dynamo  # the optimizer loads it at its first use, and imports are not timed
from numpy.typing import NDArray
from skorch import NeuralNetClassifier
from skorch.callbacks import Callback

from jobs import EPSILON, Job
from peers import Result, Stopwatch
from peers.torch_network import build, predict


class EpochListener(Callback):
    """Takes the time at the end of every epoch."""

    def __init__(self, stopwatch: Stopwatch) -> None:
        self.stopwatch = stopwatch

    def on_epoch_end(self, net: NeuralNetClassifier, **kwargs: Any) -> None:
        self.stopwatch.lap()


def train(job: Job, X: NDArray[np.float32], y: NDArray[np.int64], settings: dict[str, Any]) -> Result:
    torch.set_num_threads(settings["threads"])
    stopwatch = Stopwatch()
    net = NeuralNetClassifier(
        build(job.network),
        criterion=torch.nn.CrossEntropyLoss,
        optimizer=torch.optim.Adam,
        optimizer__betas=job.betas,
        optimizer__eps=EPSILON,
        lr=job.learning_rate,
        batch_size=job.batch_size,
        max_epochs=job.epochs,
        iterator_train__shuffle=True,
        train_split=None,
        callbacks=[EpochListener(stopwatch)],
        verbose=0,
    )
    net.fit(X, y)
    return stopwatch.result(partial(predict, net.module_, job))
