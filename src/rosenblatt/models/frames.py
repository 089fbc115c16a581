"""Data frames: what is remembered of one, so that rows that a model makes can be one of the same columns again."""

from importlib import import_module
from typing import Any, NamedTuple

import numpy as np


class FrameKind(NamedTuple):
    """The library of a frame, and the names and dtypes of its columns."""

    library: str
    names: tuple[Any, ...]
    dtypes: tuple[str, ...]


def frame_kind(X: Any) -> FrameKind | None:
    """What a frame of pandas or polars is like; None for anything else."""
    library = type(X).__module__.split(".")[0]
    if library not in ("pandas", "polars") or not hasattr(X, "columns"):
        return None
    names = tuple(name.item() if isinstance(name, np.generic) else name for name in X.columns)
    column = (lambda i: X.iloc[:, i]) if library == "pandas" else X.to_series
    return FrameKind(library, names, tuple(_dtype_of(column(i)) for i in range(len(names))))


def as_frame(rows: np.ndarray, kind: FrameKind) -> Any:
    """The rows as a frame of that kind; numbers of whole-number columns are rounded, truth values compared to 1/2."""
    columns = {str(i): _as(rows[:, i], dtype) for i, dtype in enumerate(kind.dtypes)}
    frame = import_module(kind.library).DataFrame(columns)
    frame.columns = list(kind.names)  # afterwards, since names may be numbers
    return frame


def _dtype_of(column: Any) -> str:
    values = np.asarray(column)
    return str((values if values.dtype != object else np.array(values.tolist())).dtype)  # pandas' nullable numbers


def _as(column: np.ndarray, dtype: str) -> np.ndarray:
    kind = np.dtype(dtype).kind
    if kind == "b":
        return column > 0.5
    if kind in "iu":
        limits = np.iinfo(dtype)
        return np.clip(np.rint(column.astype(np.float64)), limits.min, limits.max).astype(dtype)
    return column.astype(dtype) if kind == "f" else column
