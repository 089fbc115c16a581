"""One process of the benchmark: ``worker.py '{"task": ..., "out": FILE, ...}'`` does the task and writes FILE as JSON.

Tasks: ``data`` (write a job's arrays), ``machine`` (measure the matrix product), ``train`` (train one contestant).
"""

from __future__ import annotations

import importlib
import json
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jobs import JOBS, SEED, Job, load_data, save_data
from peers import CONTESTANTS, Prediction

MATRIX_SIZE = 3072
REPETITIONS = 5
ROWS_AT_ONCE = 5_000
N_DIRECTIONS = 64
TINY = 1e-7  # float32 probabilities closer to 1 than about this are 1


def make_data(job: str, folder: str) -> dict[str, Any]:
    save_data(JOBS[job], Path(folder))
    return {}


def measure_machine() -> dict[str, Any]:
    """GFLOP/s of a large float32 matrix product, the best of a few, in NumPy and in JAX."""
    import jax

    generator = np.random.default_rng(SEED)
    a, b = (generator.standard_normal((MATRIX_SIZE, MATRIX_SIZE), dtype=np.float32) for _ in range(2))
    on_device = jax.device_put(a), jax.device_put(b)
    product = jax.jit(lambda x, y: x @ y)
    return {
        "numpy": best_gflops(lambda: a @ b),
        "jax": best_gflops(lambda: product(*on_device).block_until_ready()),
    }


def best_gflops(multiply: Callable[[], object]) -> float:
    multiply()
    seconds = []
    for _ in range(REPETITIONS):
        start = time.perf_counter()
        multiply()
        seconds.append(time.perf_counter() - start)
    return 2 * MATRIX_SIZE**3 / min(seconds) / 1e9


def train(job: str, contestant: str, settings: dict[str, Any], folder: str) -> dict[str, Any]:
    X, y = load_data(Path(folder))
    module = importlib.import_module(CONTESTANTS[contestant].module)
    result = module.train(JOBS[job], X, y, settings)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    measures = quality(JOBS[job], result.predict(X), X, y)
    return {
        "epoch_seconds": result.epoch_seconds,
        "fit_seconds": result.fit_seconds,
        "breakdown": result.breakdown,
        "peak_mebibytes": peak,
        "n_rows": len(X),
        **dict(zip(JOBS[job].measures, measures, strict=True)),
    }


def quality(job: Job, predicted: Prediction, X: NDArray[Any], y: NDArray[Any]) -> tuple[float, ...]:
    """The job's measures, by the same NumPy for every contestant: the loss that it minimises, and what tells more.

    Of classes that is the share of right answers. Of a game the loss is the discriminator's, and as no loss tells how
    far a game has come, the distance of the generated rows from the real ones follows.
    """
    if job.is_game:
        of_real, samples, of_fake = predicted
        return discriminator_risk(of_real, of_fake), sliced_distance(samples, X)
    if job.is_variational:
        return (negative_elbo(*predicted, X),)
    predicted = np.asarray(predicted)
    if job.classifies:
        return cross_entropy(predicted, y), float(np.mean(predicted.argmax(axis=1) == y))
    return (float(np.square(predicted - y).mean(dtype=np.float64)),)


def discriminator_risk(of_real: NDArray[np.floating], of_fake: NDArray[np.floating]) -> float:
    """Mean -log D(x) of real rows and mean -log(1 - D(x)) of generated ones, in nats, from logits; 2 log 2 is a tie."""
    return float(
        np.logaddexp(0, -of_real.astype(np.float64)).mean() + np.logaddexp(0, of_fake.astype(np.float64)).mean()
    )


def sliced_distance(samples: NDArray[np.floating], rows: NDArray[np.floating]) -> float:
    """Mean Wasserstein-1 distance of the projections of both on random directions of length 1."""
    directions = np.random.default_rng(SEED).standard_normal((rows.shape[1], N_DIRECTIONS))
    directions = (directions / np.linalg.norm(directions, axis=0)).astype(np.float32)
    return float(np.abs(np.sort(samples @ directions, axis=0) - np.sort(rows @ directions, axis=0)).mean())


def cross_entropy(probabilities: NDArray[np.floating], y: NDArray[Any]) -> float:
    """Mean -log p(correct class) in nats."""
    of_correct_class = probabilities[np.arange(len(y)), y].astype(np.float64)
    return float(-np.log(np.maximum(of_correct_class, np.finfo(np.float32).tiny)).mean())


def negative_elbo(
    probabilities: NDArray[np.floating],
    means: NDArray[np.floating],
    log_variances: NDArray[np.floating],
    X: NDArray[Any],
) -> float:
    """Mean over rows, in nats, of -log p(x | z) for Bernoulli pixels with one z a row, and KL(q(z | x) || N(0, I))."""
    log_p = np.empty(len(X))
    for start in range(0, len(X), ROWS_AT_ONCE):
        rows = slice(start, start + ROWS_AT_ONCE)
        p, x = np.clip(probabilities[rows].astype(np.float64), TINY, 1 - TINY), X[rows]
        log_p[rows] = (x * np.log(p) + (1 - x) * np.log1p(-p)).sum(axis=1)
    means, log_variances = means.astype(np.float64), log_variances.astype(np.float64)
    divergences = 0.5 * (np.exp(log_variances) + means**2 - 1 - log_variances).sum(axis=1)
    return float((divergences - log_p).mean())


TASKS: dict[str, Callable[..., dict[str, Any]]] = {"data": make_data, "machine": measure_machine, "train": train}

if __name__ == "__main__":
    arguments = json.loads(sys.argv[1])
    out, task = Path(arguments.pop("out")), arguments.pop("task")
    out.write_text(json.dumps(TASKS[task](**arguments)))
