"""Where walks through a latent space begin, and how far they go."""

from __future__ import annotations

from typing import Any

import numpy as np


def has_prior(estimator: Any) -> bool:
    """Whether codes are drawn from N(0, I), as those of a variational autoencoder are."""
    return hasattr(estimator, "posterior")


def n_latents(estimator: Any) -> int:
    """How many numbers a code of a fitted transformer has."""
    return len(estimator.get_feature_names_out())


def first_code(estimator: Any, codes: np.ndarray | None, start: Any) -> np.ndarray:
    """The code (n_latents,) of the row ``start``; without one 0 where there is a prior, else the mean of codes."""
    if start is not None:
        row = start if hasattr(start, "columns") else np.asarray(start)[None]
        return np.asarray(estimator.transform(row), float)[0]
    return np.zeros(n_latents(estimator)) if codes is None or has_prior(estimator) else codes.mean(0)


def chosen_ticks(n_places: int, most: int) -> np.ndarray:
    """At most so many of the places, both ends among them, the same from either end; evenly spaced if possible."""
    if n_places <= most:
        return np.arange(n_places)
    for n_ticks in range(most, most // 2 + 1, -1):
        if (n_places - 1) % (n_ticks - 1) == 0:
            return np.linspace(0, n_places - 1, n_ticks).astype(int)
    n_ticks = most - (most - n_places) % 2
    lower = np.linspace(0, n_places - 1, n_ticks)[: (n_ticks + 1) // 2].round().astype(int)
    return np.union1d(lower, n_places - 1 - lower)
