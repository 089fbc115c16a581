"""Learning from few labelled rows of many: which rows have labels, and how results over seeds are written."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from rich.table import Table
from sklearn.utils import column_or_1d
from sklearn.utils.multiclass import check_classification_targets


def check_study(y: Any, n_labels: Sequence[int], n_seeds: int) -> tuple[np.ndarray, np.ndarray]:
    """The labels and the numbers of labels a class, as arrays.

    Raises
    ------
    ValueError
        If y holds no classes, or a class has fewer rows than labels are asked for, or a number is out of its range.
    """
    labels = column_or_1d(y)
    check_classification_targets(labels)
    counts = np.asarray(n_labels)
    if counts.ndim != 1 or counts.size == 0 or counts.dtype.kind not in "iu" or counts.min() < 1:
        raise ValueError(f"n_labels={n_labels!r}; whole numbers above 0 are needed, such as (1, 10, 100)")
    if not isinstance(n_seeds, int | np.integer) or n_seeds < 1:
        raise ValueError(f"n_seeds={n_seeds!r}; a whole number above 0 is needed")
    classes, sizes = np.unique(labels, return_counts=True)
    if len(classes) < 2:
        raise ValueError(f"y holds one class only, {classes.tolist()[0]!r}; at least two are needed to tell apart")
    if counts.max() > sizes.min():
        raise ValueError(
            f"n_labels={n_labels!r} asks for {counts.max()} rows of each class, but class "
            f"{classes.tolist()[sizes.argmin()]!r} has {sizes.min()}: ask for fewer, or give more rows"
        )
    return labels, np.unique(counts)


def labelled_rows(y: np.ndarray, n_labels: np.ndarray, seed: int) -> list[np.ndarray]:
    """For each number of labels, the indices of so many rows of each class; the fewer are among the more."""
    rng = np.random.default_rng(seed)
    drawn = [rng.permutation(np.flatnonzero(y == label)) for label in np.unique(y)]
    return [np.concatenate([rows[:n] for rows in drawn]) for n in n_labels]


def mean_and_spread(values: np.ndarray) -> str:
    """The mean over seeds, and their standard deviation where there are several."""
    spread = f" ± {np.std(values, ddof=1):.3f}" if len(values) > 1 else ""
    return f"{np.mean(values):.3f}{spread}"


def label_table(title: str, caption: str, n_labels: np.ndarray) -> Table:
    """An empty table with a column for each number of labels."""
    table = Table(title=title, caption=caption)
    table.add_column("labels a class")
    for n in n_labels:
        table.add_column(f"{n}", justify="right")
    return table


def written_rows(curves: dict[str, np.ndarray]) -> Iterator[tuple[str, ...]]:
    """The lines of a table: name, and each number of labels' mean and spread."""
    for name, curve in curves.items():
        yield f"  {name}", *map(mean_and_spread, curve)
