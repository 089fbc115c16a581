"""The contestants: one module each, with a function ``train(job, X, y, settings) -> Result``.

``X`` is float32 of shape (n_rows, n_features), ``y`` int64 classes of shape (n_rows,), or float32 numbers of shape
(n_rows, n_outputs) where the job does not classify; ``settings`` is one of the dictionaries that `Contestant.settings`
lists for this peer. Importing a module imports all that its training needs, because imports are not timed.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jobs import Job

OURS = "rosenblatt"
THREADS = sorted({1, os.cpu_count() or 1})

Prediction = NDArray[np.floating] | tuple[NDArray[np.floating], ...]


@dataclass
class Result:
    """What a contestant hands back: seconds of every epoch and of the whole fit, and how it predicts.

    ``predict`` gives probabilities of classes, or numbers; of a VAE three arrays: the probabilities of pixels that are
    decoded from codes drawn of the posterior, and that posterior's means and log-variances (n_rows, latent_dim); of a
    game the discriminator's logits of the rows (n_rows,), as many generated rows, and the logits of these.
    ``breakdown`` holds the seconds that a contestant itself says it spent, by purpose.
    """

    epoch_seconds: list[float]
    fit_seconds: float
    predict: Callable[[NDArray[np.float32]], Prediction]
    breakdown: dict[str, float] = field(default_factory=dict)


class Stopwatch:
    """Wall-clock seconds between the ends of epochs; the first epoch counts from the making of the stopwatch."""

    def __init__(self) -> None:
        self.times = [time.perf_counter()]

    def lap(self) -> None:
        self.times.append(time.perf_counter())

    def result(self, predict: Callable[[NDArray[np.float32]], Prediction], **more: Any) -> Result:
        """Stop, and pack what was measured."""
        fit_seconds = time.perf_counter() - self.times[0]
        return Result(np.diff(self.times).tolist(), fit_seconds, predict, **more)


@dataclass(frozen=True)
class Contestant:
    """A module of this package, the settings worth trying, and where it keeps compiled programs between processes.

    The settings are a function of the job because some pay off in long runs only. ``cache`` holds the environment
    variables that direct a persistent compilation cache to ``{folder}``; it is empty for who has none.
    """

    module: str
    settings: Callable[[Job], Iterator[dict[str, Any]]]
    cache: dict[str, str] = field(default_factory=dict)


def default_only(job: Job) -> Iterator[dict[str, Any]]:
    yield {}


def threads(job: Job) -> Iterator[dict[str, Any]]:
    yield from ({"threads": n} for n in THREADS)


def threads_and_compilation(job: Job) -> Iterator[dict[str, Any]]:
    """torch.compile takes longer than the whole ``digits`` fit, so it is tried in steady-state jobs only."""
    yield from threads(job)
    if job.measure == "rate":
        yield from ({"threads": n, "compile": what} for n in THREADS for what in ("loss", "loss and step"))


def threads_and_data(job: Job) -> Iterator[dict[str, Any]]:
    """In games also without a DataLoader."""
    yield from threads(job)
    if job.is_game:
        yield from ({"threads": n, "data": "tensor"} for n in THREADS)


def steps_per_execution(job: Job) -> Iterator[dict[str, Any]]:
    yield from ({"steps_per_execution": n} for n in (1, 32))


JAX_CACHE = {
    "JAX_COMPILATION_CACHE_DIR": "{folder}",
    "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
    "JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES": "-1",
}

CONTESTANTS = {
    OURS: Contestant("peers.ours", default_only, {"ROSENBLATT_CACHE": "{folder}"}),
    "scikit-learn": Contestant("peers.scikit_learn", threads),
    "pytorch": Contestant("peers.pytorch", threads_and_compilation),
    "pytorch-dataloader": Contestant("peers.pytorch_dataloader", threads),
    "keras-jax": Contestant("peers.keras_jax", steps_per_execution, JAX_CACHE),
    "skorch": Contestant("peers.skorch_net", threads),
    "lightning": Contestant("peers.lightning_trainer", threads_and_data),
    "pythae": Contestant("peers.pythae_trainer", threads),
}
