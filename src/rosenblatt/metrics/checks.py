"""Rows of numbers, as the measures need them."""

import numpy as np
from numpy.typing import ArrayLike


def finite_rows(name: str, rows: ArrayLike, n_least: int = 2) -> np.ndarray:
    """Rows as float64 (n, n_features), or a ValueError that says what is wrong with them."""
    array = np.asarray(rows, np.float64)
    if array.ndim != 2:
        raise ValueError(f"{name} has shape {array.shape}; rows of features are needed, (n_rows, n_features)")
    if len(array) < n_least:
        raise ValueError(f"{name} has {len(array)} rows; at least {n_least} are needed")
    n_bad = len(array) - np.isfinite(array).all(axis=1).sum()
    if n_bad:
        raise ValueError(
            f"{name} has {n_bad} of {len(array)} rows with NaN or infinite numbers; finite numbers are needed: leave "
            "those rows out, or look for what made them"
        )
    return array


def pair_of_rows(
    first: str, a: ArrayLike, second: str, b: ArrayLike, n_least: int = 2
) -> tuple[np.ndarray, np.ndarray]:
    """Both as `finite_rows`, with as many features."""
    rows_a, rows_b = finite_rows(first, a, n_least), finite_rows(second, b, n_least)
    if rows_a.shape[1] != rows_b.shape[1]:
        raise ValueError(f"{first} has {rows_a.shape[1]} features and {second} {rows_b.shape[1]}; both need the same")
    return rows_a, rows_b
