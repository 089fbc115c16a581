"""Euclidean distances between points."""

import numpy as np
from scipy.spatial.distance import cdist

# Products up to which one core computes them all, pair by pair: in 0.7 ms at most, which is no longer than the product
# of matrices takes, whose threads wait for one another for 16 ms where something else has the cores.
_FEW_PRODUCTS = 2**21
_AT_ONCE = 1024  # points; bounds the memory
_ROUNDING = 1e-14  # of |x|^2: squares of distances below are rounding errors, about 50 times the last bit


def distances(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """The distance of each point of a from each of b (n_a, n_b), in float64; of many, by |x|^2 + |y|^2 - 2 x y.

    Points then are first moved so that the mean of b is 0, without which those far from 0 would lose digits. What is
    below the rounding error, 1e-7 of the distance from that mean, is 0: so equal points have the distance 0.
    """
    if a.size * len(b) <= _FEW_PRODUCTS:
        return cdist(a, b)
    centre = b.mean(axis=0, dtype=np.float64)
    a, b = a - centre, b - centre
    squares_a = (a**2).sum(axis=1)[:, None]
    squares = a @ (-2 * b.T)
    squares += squares_a
    squares += (b**2).sum(axis=1)
    squares[squares < _ROUNDING * squares_a] = 0
    return np.sqrt(np.maximum(squares, 0, out=squares), out=squares)


def nearest(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """The distance of each point of a from the nearest of b (n_a,)."""
    return nearest_rows(a, b)[1]


def nearest_rows(a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """For each point of a which row of b is the nearest, and its distance, computed from their difference."""
    parts = [distances(a[start : start + _AT_ONCE], b).argmin(axis=1) for start in range(0, len(a), _AT_ONCE)]
    rows = np.concatenate(parts)
    return rows, np.linalg.norm(np.asarray(a, np.float64) - b[rows], axis=1)
