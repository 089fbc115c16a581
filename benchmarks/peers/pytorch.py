"""PyTorch written well: data in one tensor, one permutation an epoch, fused Adam, no DataLoader, best threads.

``settings["compile"]`` says what goes through torch.compile: nothing, the loss, or the loss and the optimizer's step;
in a game the losses and steps of both players.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import torch
import torch._dynamo  # the optimizer loads it at its first use, and imports are not timed
from numpy.typing import NDArray
from torch import Tensor, nn

from jobs import EPSILON, Job
from peers import Result, Stopwatch
from peers.torch_game import build_players, game_step, predict_game
from peers.torch_network import build, loss_for, predict


def train(job: Job, X: NDArray[np.float32], y: NDArray[np.int64], settings: dict[str, Any]) -> Result:
    torch.set_num_threads(settings["threads"])
    stopwatch = Stopwatch()
    what_to_compile = settings.get("compile", "")
    if job.is_game:
        model, predictor = build_players(job.network), predict_game
        step = game_step(model, job, what_to_compile)
    else:
        model, predictor = build(job.network), partial(predict, job=job)
        step = training_step(model, job, what_to_compile)
    rows, labels = torch.from_numpy(X), torch.from_numpy(y)
    for _ in range(job.epochs):
        for indices in torch.randperm(len(rows)).split(job.batch_size):
            batch = rows[indices]
            step(batch, batch if y is X else labels[indices])
        stopwatch.lap()
    return stopwatch.result(lambda X: predictor(model, X=X))


def training_step(model: nn.Module, job: Job, what_to_compile: str) -> Callable[[Tensor, Tensor], None]:
    loss = loss_for(job)
    optimizer = torch.optim.Adam(model.parameters(), lr=job.learning_rate, betas=job.betas, eps=EPSILON, fused=True)

    def loss_of(rows: Tensor, labels: Tensor) -> Tensor:
        return loss(model(rows), labels)

    loss_function = torch.compile(loss_of, dynamic=False) if what_to_compile else loss_of
    update = torch.compile(optimizer.step) if "step" in what_to_compile else optimizer.step

    def step(rows: Tensor, labels: Tensor) -> None:
        optimizer.zero_grad(set_to_none=True)
        loss_function(rows, labels).backward()
        update()

    return step
