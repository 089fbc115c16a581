"""What an explorer says of an estimator's latents: how much each matters, and where its codes lie."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from rosenblatt.models.latent_use import LatentUse, latent_use
from rosenblatt.models.variational import VariationalEstimator

_PRIOR = 3.0  # standard deviations of N(0, I), which hold 99.7 % of a latent
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
    use : LatentUse or None
        How important each is; None where there are no rows.
    """

    codes: np.ndarray | None
    low: np.ndarray
    high: np.ndarray
    use: LatentUse | None

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
            return cls(None, -edge, edge, None)
        codes = np.asarray(estimator.transform(X), float)
        low, high = _range(codes)
        if is_variational:
            low, high = np.minimum(low, -_PRIOR), np.maximum(high, _PRIOR)
        return cls(codes, low, high, latent_use(estimator, X))

    def content(self) -> dict[str, Any]:
        """What the page needs; ``order`` has the most important latent first, ``silent`` those that say nothing."""
        n_latents, use = len(self.low), self.use
        return {
            "order": list(range(n_latents)) if use is None else use.order.tolist(),
            "low": self.low.tolist(),
            "high": self.high.tolist(),
            "importance": None if use is None else use.amounts.tolist(),
            "unit": None if use is None else use.unit,
            "silent": [False] * n_latents if use is None else use.is_silent.tolist(),
        }


def _range(codes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    low, high = np.quantile(codes, _TAILS, axis=0)
    width = np.maximum(high - low, _NARROWEST)
    return low - _MARGIN * width, high + _MARGIN * width
