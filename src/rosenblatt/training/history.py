"""What a fit recorded: a column for each number, a row for each epoch."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np


class History(Mapping[str, np.ndarray]):
    """Columns by name, as NumPy arrays with one entry an epoch.

    ``epoch`` counts from 1. ``train_risk`` and ``validation_risk`` are the risk J of the notes: the mean loss plus the
    penalties; the mean of ``train_risk`` is over the epoch's steps, each before its update. ``data_seconds`` (drawing
    the batches), ``compile_seconds``, ``step_seconds`` and ``evaluation_seconds`` are wall-clock.

    Examples
    --------
    >>> history = History()
    >>> history.append({"epoch": 1, "train_risk": 0.5})
    >>> history["train_risk"]
    array([0.5])
    """

    def __init__(self, rows: list[dict[str, float]] | None = None):
        self.rows = list(rows or [])

    def append(self, row: dict[str, float]) -> None:
        """Adds the numbers of one epoch."""
        self.rows.append(dict(row))

    def __getitem__(self, column: str) -> np.ndarray:
        if column not in list(self):
            raise KeyError(f"no column {column!r}; the history has {', '.join(self) or 'no columns yet'}")
        whole = column == "epoch"
        return np.array([row.get(column, np.nan) for row in self.rows], int if whole else float)

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys(name for row in self.rows for name in row))

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __repr__(self) -> str:
        return f"History({len(self.rows)} epochs: {', '.join(self)})"

    def to_frame(self) -> Any:
        """The columns as a pandas DataFrame (needs pandas)."""
        import pandas as pd

        return pd.DataFrame(dict(self))
