"""What an explorer says of an estimator's latents: how much each matters, and where its codes lie."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from rosenblatt.models.variational import VariationalEstimator

_PRIOR = 3.0  # standard deviations of N(0, I), which hold 99.7 % of a latent
_SILENT = 0.01  # nats below which a latent tells the decoder nothing
_TAILS = (0.005, 0.995)  # quantiles of the codes, between which a slider moves
_MARGIN = 0.1  # of that distance, added on either side
_NARROWEST = 1e-6  # the range of a latent that does not vary


@dataclass(frozen=True)
class Latents:
    """The latents of an estimator, and the codes of rows.

    Attributes
    ----------
    codes : ndarray (n_samples, latent_dim) or None
    low, high : ndarray (latent_dim,)
        Between which each is explored.
    importance : ndarray (latent_dim,) or None
        The mean KL in nats, or the variance of the codes; None where there are no rows.
    unit : {"nats", "variance"} or None
    """

    codes: np.ndarray | None
    low: np.ndarray
    high: np.ndarray
    importance: np.ndarray | None
    unit: str | None

    @classmethod
    def of(cls, estimator: Any, X: Any) -> Latents:
        """The latents as rows show them; those of a VAE, without rows, as its prior has them.

        Raises
        ------
        ValueError
            If an autoencoder gets no rows.
        """
        is_variational = isinstance(estimator, VariationalEstimator)
        if X is None:
            if not is_variational:
                raise ValueError(
                    f"the codes of an {type(estimator).__name__} may lie anywhere, so that rows have to show where: "
                    "pass X, such as the rows that it was fitted on"
                )
            edge = np.full(estimator.networks_["model"].latent_dim, _PRIOR)
            return cls(None, -edge, edge, None, None)
        codes = np.asarray(estimator.transform(X), float)
        low, high = _range(codes)
        if is_variational:
            kl = np.asarray(estimator.elbo_terms(X)[1], float).mean(axis=0)
            return cls(codes, np.minimum(low, -_PRIOR), np.maximum(high, _PRIOR), kl, "nats")
        return cls(codes, low, high, codes.var(axis=0), "variance")

    def content(self) -> dict[str, Any]:
        """What the page needs; ``order`` has the most important latent first, ``silent`` those that say nothing."""
        n_latents = len(self.low)
        importance = np.zeros(n_latents) if self.importance is None else self.importance
        is_silent = (importance < _SILENT) & (self.unit == "nats")
        return {
            "order": np.argsort(-importance, kind="stable").tolist(),
            "low": self.low.tolist(),
            "high": self.high.tolist(),
            "importance": None if self.importance is None else self.importance.tolist(),
            "unit": self.unit,
            "silent": is_silent.tolist(),
        }


def _range(codes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    low, high = np.quantile(codes, _TAILS, axis=0)
    width = np.maximum(high - low, _NARROWEST)
    return low - _MARGIN * width, high + _MARGIN * width
