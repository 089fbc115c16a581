"""Euclidean distances between points."""

import numpy as np

_AT_ONCE = 1024  # points; bounds the memory


def distances(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """The distance of each point of a from each of b (n_a, n_b); |x|^2 + |y|^2 - 2 x y, in float64.

    Points are first moved so that the mean of b is 0, without which those far from 0 would lose digits.
    """
    centre = b.mean(axis=0, dtype=np.float64)
    a, b = a - centre, b - centre
    squares = a @ (-2 * b.T)
    squares += (a**2).sum(axis=1)[:, None]
    squares += (b**2).sum(axis=1)
    return np.sqrt(np.maximum(squares, 0, out=squares), out=squares)


def nearest(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """The distance of each point of a from the nearest of b (n_a,)."""
    parts = [distances(a[start : start + _AT_ONCE], b).min(axis=1) for start in range(0, len(a), _AT_ONCE)]
    return np.concatenate(parts)
