"""Lightning's Trainer without logger, checkpoints, progress bar and model summary."""

from __future__ import annotations

import logging
import warnings
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

from jobs import BETAS, EPSILON, LEARNING_RATE, Job
from peers import Result, Stopwatch
from peers.torch_network import build


class Classifier(lightning.LightningModule):
    """The job's network with its loss and optimizer."""

    def __init__(self, job: Job) -> None:
        super().__init__()
        self.model = build(job.network)

    def training_step(self, batch: tuple[Tensor, Tensor], batch_index: int) -> Tensor:
        rows, labels = batch
        return cross_entropy(self.model(rows), labels)

    def configure_optimizers(self) -> torch.optim.Optimizer:
        return torch.optim.Adam(self.parameters(), lr=LEARNING_RATE, betas=BETAS, eps=EPSILON)


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
    module = Classifier(job)
    dataset = TensorDataset(torch.from_numpy(X), torch.from_numpy(y))
    trainer = lightning.Trainer(
        accelerator="cpu",
        max_epochs=job.epochs,
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        callbacks=[EpochListener(stopwatch)],
    )
    trainer.fit(module, DataLoader(dataset, batch_size=job.batch_size, shuffle=True))
    return stopwatch.result(partial(predict, module.model, job))
