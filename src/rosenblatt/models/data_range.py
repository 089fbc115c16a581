"""The scale on which rows are learned: columns made comparable, or bounded numbers such as pixels put from -1 to 1."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from rosenblatt.data.wording import listed

Range = tuple[float, float]

_MOST_NAMED = 5


def range_of(given: Any, X: np.ndarray, are_images: bool) -> Range | None:
    """The numbers between which all rows lie, once bytes are numbers from 0 to 1; None where nothing is promised.

    Images of other numbers than those from 0 to 1 are bounded by the smallest and the largest that ``X`` has.

    Raises
    ------
    ValueError
        If what is ``given`` is not finite or its lower end is not below the upper one, a range is given for bytes, or
        none is given for images of one number.
    """
    is_bytes = X.dtype == np.uint8
    if isinstance(given, str):  # "auto"
        if is_bytes or not are_images:
            return (0.0, 1.0) if is_bytes else None
        low, high = float(X.min()), float(X.max())
        if low >= 0 and high <= 1:
            return 0.0, 1.0
        if low == high:
            raise ValueError(
                f"all pixels of X are {low:g}, so they have no range to be generated in: give data_range=(low, high), "
                "what pixels are between"
            )
        return low, high
    if given is None:
        return None
    low, high = map(float, given)
    if not (low < high and math.isfinite(high - low)):
        raise ValueError(
            f"data_range=({low:g}, {high:g}); two finite numbers are needed, the first below the second, or None where "
            "the numbers have no bounds"
        )
    if is_bytes:
        raise ValueError(
            f"data_range=({low:g}, {high:g}) is given for bytes (uint8), which are scaled to 0 to 1: leave "
            "data_range='auto', or make X what it is to be, such as X.astype(float)"
        )
    return low, high


def check_range(X: np.ndarray, promised: Range | None, are_images: bool) -> None:
    """Refuses rows outside the range that was promised.

    Raises
    ------
    ValueError
        Naming what X holds, and what to do.
    """
    if promised is None or X.dtype == np.uint8:
        return
    low, high = float(X.min()), float(X.max())
    if low < promised[0] or high > promised[1]:
        what = "images" if are_images else "rows"
        raise ValueError(
            f"X holds {what} with numbers from {low:g} to {high:g}, outside the range {promised[0]:g} to "
            f"{promised[1]:g} that they are generated in: give data_range=({low:g}, {high:g}), or what the numbers are "
            "between in all data, or None where they have no bounds; or scale X"
        )


def centers_and_scales(
    X: np.ndarray, promised: Range | None, are_images: bool, names: Sequence[str] | None
) -> tuple[np.ndarray, np.ndarray]:
    """What is subtracted from rows and what they are divided by then, float32: numbers, or one for each column.

    Bounded numbers come to lie from -1 to 1, and columns without bounds have mean 0 and standard deviation 1, or all
    pixels of images together.

    Raises
    ------
    ValueError
        If there is but one row, or a column is constant, so that it has no scale.
    """
    if promised is not None:
        low, high = promised
        return np.array((low + high) / 2, np.float32), np.array((high - low) / 2, np.float32)
    if len(X) < 2:
        raise ValueError("X has n_samples=1 row, which has no scale to be learned on: give more, or give data_range")
    axis = None if are_images else 0
    exact = X.astype(np.float64)
    center, scale = exact.mean(axis=axis), exact.std(axis=axis)
    # The deviation of equal numbers may come out as a rounding error of their mean.
    constant = np.flatnonzero((X[:1] == X).all(axis=0)) if axis == 0 else np.array([], int)
    if len(constant):
        raise ValueError(_constant(X, constant, names))
    return np.asarray(center, np.float32), np.asarray(np.maximum(scale, np.finfo(np.float32).tiny), np.float32)


def _constant(X: np.ndarray, columns: np.ndarray, names: Sequence[str] | None) -> str:
    shown = [f"{repr(str(names[c])) if names is not None else c} ({X[0, c]:g})" for c in columns[:_MOST_NAMED]]
    more = f" and {len(columns) - _MOST_NAMED} more" if len(columns) > _MOST_NAMED else ""
    return (
        f"{len(columns)} of {X.shape[1]} columns of X are constant, so they have no scale to be learned on: "
        f"{listed(shown)}{more}. Drop them; or where the numbers are bounded, such as pixels, give the bounds: "
        f"data_range=({X.min():g}, {X.max():g})"
    )
