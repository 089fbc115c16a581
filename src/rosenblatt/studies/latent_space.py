"""One latent space in numbers, and what of it can be seen."""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from sklearn.metrics import silhouette_score

from rosenblatt.models.interpolation import ways
from rosenblatt.studies.latent_samples import LatentSamples, sample_latents
from rosenblatt.studies.latent_scores import (
    Ways,
    kl_to_prior,
    measure_ways,
    neighbor_error,
    off_center,
    within_class_share,
)

_NEIGHBORS = 5
_N_WAYS = 200
_N_PLACES = 65  # on each way, of which a picture shows some
_WAYS_AT_ONCE = 16
_N_SHOWN = 8  # ways that are kept


@dataclass(frozen=True)
class LatentSpace:
    """One estimator's codes of the test rows, and what it decodes.

    Attributes
    ----------
    estimator : fitted estimator
    codes : ndarray (n_test, latent_dim)
        Of a variational autoencoder the means of the posteriors.
    scores : dict of str to float
        By the names of the lines in ``LatentComparison``.
    lines : ndarray (n_lines, 65, *shape of a row)
        Decoded straight lines between the codes of pairs of test rows of different classes, where there are such.
    samples, fitted_samples : LatentSamples
        Of N(0, I), and of the Gaussian with the codes' mean and covariance.
    """

    estimator: Any
    codes: np.ndarray
    scores: dict[str, float]
    lines: np.ndarray
    samples: LatentSamples
    fitted_samples: LatentSamples


class Yardstick(NamedTuple):
    """What all estimators are measured with: rows, pairs of them from class to class, and how codes are drawn."""

    X: Any
    y: np.ndarray
    X_test: Any
    y_test: np.ndarray
    n_samples: int
    quantile: float
    random_state: int

    def measure(self, estimator: Any) -> LatentSpace:
        codes, test_codes = (np.asarray(estimator.transform(rows), np.float64) for rows in (self.X, self.X_test))
        deviations = estimator.posterior(self.X_test)[1] if hasattr(estimator, "posterior") else None
        found, lines = _decoded_ways(estimator, *(test_codes[rows] for rows in _pairs(self.y_test, self.random_state)))
        samples, fitted_samples = (self._samples(estimator, how) for how in ("standard-normal", "gaussian"))
        scores = {
            "within_class_share": within_class_share(test_codes, self.y_test),
            "silhouette": float(silhouette_score(test_codes, self.y_test)),
            "neighbor_error": neighbor_error(codes, self.y, test_codes, self.y_test, _NEIGHBORS),
            "off_center": off_center(test_codes),
            "kl_to_prior": kl_to_prior(test_codes, deviations),
            "detour": found.detour,
            "largest_step": found.largest_step,
            "prior_garbage": samples.garbage_share,
            "fitted_garbage": fitted_samples.garbage_share,
            "reconstruction_error": float(estimator.reconstruction_error(self.X_test).astype(np.float64).mean()),
        }
        return LatentSpace(estimator, test_codes, scores, lines, samples, fitted_samples)

    def _samples(self, estimator: Any, how: str) -> LatentSamples:
        drawn = {"n_samples": self.n_samples, "quantile": self.quantile, "random_state": self.random_state}
        return sample_latents(estimator, self.X, self.X_test, how=how, **drawn)


def _decoded_ways(estimator: Any, starts: np.ndarray, ends: np.ndarray) -> tuple[Ways, np.ndarray]:
    """What is measured of all ways, and the first of them; few are decoded at once, since they are many rows."""
    parts, kept = [], np.empty(0)
    for first in range(0, len(starts), _WAYS_AT_ONCE):
        part = slice(first, first + _WAYS_AT_ONCE)
        codes = ways(starts[part], ends[part], _N_PLACES)
        rows = estimator.inverse_transform(codes.reshape(-1, codes.shape[-1]))
        parts.append(measure_ways(rows.reshape(*codes.shape[:2], -1)))
        kept = kept if first else rows.reshape(*codes.shape[:2], *rows.shape[1:])[:_N_SHOWN]
    return Ways(*map(np.concatenate, zip(*parts, strict=True))), kept


def _pairs(y: np.ndarray, random_state: int) -> tuple[np.ndarray, np.ndarray]:
    """Rows, and to each one of another class."""
    rng = np.random.default_rng(random_state)
    starts = rng.integers(len(y), size=_N_WAYS)
    return starts, np.array([rng.choice(np.flatnonzero(y != y[start])) for start in starts])
