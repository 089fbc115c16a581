"""Data frames: what is remembered of one, so that rows that a model makes can be one of the same columns again."""

from importlib import import_module
from typing import Any

import numpy as np


def frame_kind(X: Any) -> tuple[str, tuple[str, ...]] | None:
    """The library of a frame ("pandas" or "polars") and the dtypes of its columns; None for anything else."""
    library = type(X).__module__.split(".")[0]
    if library not in ("pandas", "polars") or not hasattr(X, "columns"):
        return None
    return library, tuple(str(np.asarray(X[name]).dtype) for name in X.columns)


def as_frame(rows: np.ndarray, kind: tuple[str, tuple[str, ...]], names: np.ndarray) -> Any:
    """The rows as a frame of that kind; numbers of whole-number columns are rounded, truth values compared to 1/2."""
    library, dtypes = kind
    columns = {str(name): _as(rows[:, i], dtype) for i, (name, dtype) in enumerate(zip(names, dtypes, strict=True))}
    return import_module(library).DataFrame(columns)


def _as(column: np.ndarray, dtype: str) -> np.ndarray:
    kind = np.dtype(dtype).kind
    if kind == "b":
        return column > 0.5
    if kind in "iu":
        limits = np.iinfo(dtype)
        return np.clip(np.rint(column.astype(np.float64)), limits.min, limits.max).astype(dtype)
    return column.astype(dtype) if kind == "f" else column
