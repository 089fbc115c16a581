"""What X may look like: rows of numbers, or images, which dense networks see as rows."""

import math
from collections import Counter
from typing import Any

import numpy as np

from rosenblatt.data.wording import listed

ImageShape = tuple[int, int, int]


def flatten_images(X: Any) -> tuple[Any, ImageShape | None]:
    """Images (n, height, width) or (n, height, width, channels) as rows, and their (height, width, channels).

    A list of images is as good as an array of them. Anything else is returned as it is, with None.

    Raises
    ------
    ValueError
        If the images do not all have the same shape, or have too many axes.
    """
    X = _in_one_array(X)
    if not isinstance(X, np.ndarray) or X.ndim < 3:
        return X, None
    if X.ndim > 4:
        raise ValueError(
            f"X has shape {X.shape}, {X.ndim} axes; give rows (n, features), or images (n, height, width) or "
            "(n, height, width, channels)"
        )
    height, width, channels = (*X.shape[1:], 1)[:3]
    return X.reshape(len(X), math.prod(X.shape[1:])), (height, width, channels)


def _in_one_array(X: Any) -> Any:
    """Images that are not in one NumPy array, such as a list of them, in one; anything else as it is."""
    if not isinstance(X, list | tuple | np.ndarray):
        return np.asarray(X) if len(getattr(X, "shape", ())) > 2 else X
    if len(X) == 0 or (isinstance(X, np.ndarray) and (X.dtype != object or X.ndim != 1)):
        return X
    try:
        shapes = Counter(map(np.shape, X))
    except ValueError:  # rows of different lengths, which scikit-learn refuses
        return X
    if max(map(len, shapes)) < 2:
        return X
    if len(shapes) > 1:
        found = listed(f"{shape} ({count} of them)" for shape, count in shapes.most_common())
        raise ValueError(
            f"X holds images of {len(shapes)} shapes: {found}. All need the same: resize or crop them first, or read "
            "their folder with rosenblatt.data.load(folder, image_shape=(height, width))"
        )
    return np.stack([np.asarray(image) for image in X])


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
