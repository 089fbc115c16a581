"""PyTorch as the tutorials write it: TensorDataset, DataLoader, plain Adam."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import torch
import torch._dynamo  # the optimizer loads it at its first use, and imports are not timed
from numpy.typing import NDArray
from torch.utils.data import DataLoader, TensorDataset

from jobs import EPSILON, Job
from peers import Result, Stopwatch
from peers.torch_network import build, loss_for, predict


def train(job: Job, X: NDArray[np.float32], y: NDArray[np.int64], settings: dict[str, Any]) -> Result:
    torch.set_num_threads(settings["threads"])
    stopwatch = Stopwatch()
    model = build(job.network)
    optimizer = torch.optim.Adam(model.parameters(), lr=job.learning_rate, betas=job.betas, eps=EPSILON)
    criterion = loss_for(job)
    dataset = TensorDataset(*map(torch.from_numpy, [X] if y is X else [X, y]))
    loader = DataLoader(dataset, batch_size=job.batch_size, shuffle=True)
    for _ in range(job.epochs):
        for rows, *labels in loader:
            optimizer.zero_grad()
            loss = criterion(model(rows), *(labels or [rows]))
            loss.backward()
            optimizer.step()
        stopwatch.lap()
    return stopwatch.result(partial(predict, model, job))
