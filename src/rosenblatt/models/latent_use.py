"""How much an encoder uses each latent: the KL of a variational autoencoder, the variance of other codes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

SILENT = 0.01  # nats: a latent with less, in the mean over rows, tells nothing of them
_CONSTANT = 1e-6  # of the largest variance: what rounding may leave of none


@dataclass(frozen=True)
class LatentUse:
    """Of each latent, how much it tells of rows.

    Attributes
    ----------
    amounts : ndarray (n_latents,)
        The mean KL from the prior, or the variance of the codes.
    unit : {"nats", "variance"}
        Which of them.
    """

    amounts: np.ndarray
    unit: Literal["nats", "variance"]

    @property
    def order(self) -> np.ndarray:
        """The numbers of the latents (n_latents,), the most used first."""
        return np.argsort(-self.amounts, kind="stable")

    @property
    def is_silent(self) -> np.ndarray:
        """Of each latent (n_latents,), whether it tells next to nothing: less than 0.01 nats, or always the same."""
        return self.amounts < (SILENT if self.unit == "nats" else _CONSTANT * self.amounts.max())


def latent_use(estimator: Any, X: Any) -> LatentUse:
    """How much a fitted estimator with ``elbo_terms``, or else with ``transform``, uses each latent on rows X."""
    if hasattr(estimator, "elbo_terms"):
        return LatentUse(estimator.elbo_terms(X)[1].astype(np.float64).mean(0), "nats")
    return LatentUse(np.asarray(estimator.transform(X), np.float64).var(0), "variance")
