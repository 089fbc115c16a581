"""What the sets that are drawn from a seed have in common."""

from numbers import Integral

import numpy as np
from numpy.typing import ArrayLike

from rosenblatt.data.catalogue import DESCRIPTIONS
from rosenblatt.data.dataset import Dataset


def check_number(name: str, n_samples: int, n_least: int) -> None:
    if not isinstance(n_samples, Integral) or n_samples < n_least:
        raise ValueError(f"{name}: n_samples={n_samples!r}; an integer of at least {n_least} is needed.")


def drawn(name: str, X: ArrayLike, y: ArrayLike, target_names: tuple[str, ...]) -> Dataset:
    """The record of the set of that name in the catalogue: features x1, x2, ... in float32."""
    rows = np.asarray(X, dtype=np.float32)
    return Dataset(
        name=name,
        X=rows,
        y=np.asarray(y, dtype=np.int64),
        feature_names=tuple(f"x{number}" for number in range(1, rows.shape[1] + 1)),
        target_names=target_names,
        description=DESCRIPTIONS[name],
        source="generated",
    )
