"""The maximum mean discrepancy: how far apart two distributions are, as the means of a kernel's features."""

from typing import Literal, get_args

import numpy as np

from rosenblatt.metrics.neighbours import Points

Kernel = Literal["energy", "polynomial", "gaussian"]


def mean_discrepancy(kernel: Kernel, real: Points, generated: Points, between: np.ndarray) -> float:
    """E k(x, x') + E k(y, y') - 2 E k(x, y), of pairs of different rows; see `maximum_mean_discrepancy`."""
    if kernel == "energy":
        return -_unbiased(real.within, generated.within, between)
    if kernel == "gaussian":
        scale = float(np.median(between)) or float(between.mean()) or 1.0
        return _unbiased(*(np.exp(-0.5 * (part / scale) ** 2) for part in (real.within, generated.within, between)))
    if kernel == "polynomial":
        x, y = real.rows, generated.rows
        return _unbiased(*(_cubes(a @ b.T / a.shape[1] + 1) for a, b in ((x, x), (y, y), (x, y))))
    raise ValueError(f"kernel={kernel!r}; one of {', '.join(map(repr, get_args(Kernel)))} is needed")


def _unbiased(within_real: np.ndarray, within_generated: np.ndarray, between: np.ndarray) -> float:
    return float(_mean_of_others(within_real) + _mean_of_others(within_generated) - 2 * between.mean())


def _cubes(numbers: np.ndarray) -> np.ndarray:
    return numbers * numbers * numbers  # five times as fast as ** 3


def _mean_of_others(within: np.ndarray) -> np.floating:
    n = len(within)
    return (within.sum() - np.trace(within)) / (n * (n - 1))
