"""Lightning's Trainer without logger, checkpoints, progress bar and model summary."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterable
from functools import partial
from typing import Any

import lightning
import numpy as np
import torch
import torch._dynamo  # the optimizer loads it at its first use, and imports are not timed
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import cross_entropy
from torch.utils.data import DataLoader, TensorDataset

from jobs import EPSILON, Job
from peers import Result, Stopwatch
from peers.lightning_game import GameModule, Slices
from peers.torch_game import predict_game
from peers.torch_network import build, predict


class Classifier(lightning.LightningModule):
    """The job's network with its loss and optimizer."""

    def __init__(self, job: Job) -> None:
        super().__init__()
        self.job, self.model = job, build(job.network)

    def training_step(self, batch: tuple[Tensor, Tensor], batch_index: int) -> Tensor:
        rows, labels = batch
        return cross_entropy(self.model(rows), labels)

    def configure_optimizers(self) -> torch.optim.Optimizer:
        return torch.optim.Adam(self.parameters(), lr=self.job.learning_rate, betas=self.job.betas, eps=EPSILON)


class EpochListener(lightning.Callback):
    """Takes the time at the end of every epoch."""

    def __init__(self, stopwatch: Stopwatch) -> None:
        self.stopwatch = stopwatch

    def on_train_epoch_end(self, trainer: lightning.Trainer, pl_module: lightning.LightningModule) -> None:
        self.stopwatch.lap()


def train(job: Job, X: NDArray[np.float32], y: NDArray[np.int64], settings: dict[str, Any]) -> Result:
    torch.set_num_threads(settings["threads"])
    logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
    warnings.filterwarnings("ignore", module="lightning")
    stopwatch = Stopwatch()
    if job.is_game:
        module = GameModule(job)
        predictor = partial(predict_game, module.players)
    else:
        module = Classifier(job)
        predictor = partial(predict, module.model, job)
    trainer = lightning.Trainer(
        accelerator="cpu",
        max_epochs=job.epochs,
        barebones=True,
        callbacks=[EpochListener(stopwatch)],
    )
    trainer.fit(module, batches(job, X, y, settings))
    return stopwatch.result(predictor)


def batches(
    job: Job, X: NDArray[np.float32], y: NDArray[Any], settings: dict[str, Any]
) -> Iterable[list[Tensor] | Tensor]:
    """Of rows and their labels, or of rows that are their own targets alone."""
    if settings.get("data") == "tensor":
        return Slices(torch.from_numpy(X), job.batch_size)
    dataset = TensorDataset(*map(torch.from_numpy, [X] if y is X else [X, y]))
    return DataLoader(dataset, batch_size=job.batch_size, shuffle=True)
