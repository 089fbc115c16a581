"""What X may look like: rows of numbers, or images, which dense networks see as rows."""

from typing import Any

import numpy as np

ImageShape = tuple[int, int, int]


def flatten_images(X: Any) -> tuple[Any, ImageShape | None]:
    """Images (n, height, width) or (n, height, width, channels) as rows, and their (height, width, channels).

    Anything else is returned as it is, with None.
    """
    shape = getattr(X, "shape", ())
    if len(shape) not in (3, 4) or not isinstance(X, np.ndarray):
        return X, None
    height, width, channels = (*shape[1:], 1)[:3]
    return X.reshape(len(X), -1), (height, width, channels)


def check_varies(X: np.ndarray, estimator_name: str) -> None:
    """Refuses a table in which no column varies.

    Raises
    ------
    ValueError
        If X has several rows and all of them are equal.
    """
    if len(X) > 1 and (X[:1] == X).all():
        raise ValueError(
            f"every column of X is constant (X has {X.shape[0]} equal rows of {X.shape[1]} columns), so "
            f"{estimator_name} has nothing to learn from; check how X was made"
        )


def as_float32(X: np.ndarray) -> np.ndarray:
    """X as contiguous float32, refusing numbers that float32 cannot hold.

    Raises
    ------
    ValueError
        If a finite number becomes infinite.
    """
    with np.errstate(over="ignore"):
        converted = np.ascontiguousarray(X, dtype=np.float32)
    if X.dtype.itemsize > 4 and X.dtype.kind == "f" and not np.isfinite(converted).all():
        raise ValueError(
            f"X holds numbers up to {np.abs(X).max():.3g}, which float32 cannot hold (at most 3.4e38); "
            "scale X first, for example with sklearn.preprocessing.StandardScaler"
        )
    return converted
