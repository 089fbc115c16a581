"""Numbers that say how a latent space is ordered: its classes, where its codes lie, and what lies between them.

Each is a function of arrays, so that it can be had of any encoder and decoder.
"""

from typing import NamedTuple

import numpy as np
from sklearn.neighbors import KNeighborsClassifier


class Ways(NamedTuple):
    """How decoded rows change on ways between codes.

    The length of a decoded way is that of a curve on the manifold of what the decoder can make (Arvanitidis, Hansen and
    Hauberg, "Latent space oddity: on the curvature of deep generative models", ICLR 2018), in as many steps as are
    given.

    Attributes
    ----------
    steps : ndarray (n_ways, n_steps)
        |x_(t+1) - x_t|.
    distances : ndarray (n_ways,)
        From the first row of each way to its last.
    """

    steps: np.ndarray
    distances: np.ndarray

    @property
    def detour(self) -> float:
        """The lengths of the ways by the straight distances of their ends, both summed over ways.

        1 where each is a straight line, and more the more a way turns, or goes back and forth.
        """
        length, distance = self.steps.sum(), self.distances.sum()
        if distance == 0:
            return 1.0 if length == 0 else float("inf")
        return float(length / distance)

    @property
    def largest_step(self) -> float:
        """The largest step of a way by the mean one, the mean over ways on which anything changes.

        1 where all steps are equal, and as many as there are steps where all change is in one.
        """
        moving = self.steps[self.steps.sum(axis=1) > 0]
        return float((moving.max(axis=1) / moving.mean(axis=1)).mean()) if len(moving) else 1.0


def measure_ways(lines: np.ndarray) -> Ways:
    """Of decoded ways (n_ways, n_places, n_features), of at least two places each."""
    steps = np.linalg.norm(np.diff(lines, axis=1), axis=-1)
    return Ways(steps, np.linalg.norm(lines[:, -1] - lines[:, 0], axis=-1))


def within_class_share(codes: np.ndarray, y: np.ndarray) -> float:
    """The share of the variance of codes (n_samples, n_latents) that is within classes.

    0 is where each class is one point, 1 where all have the same mean. The variance is the trace of the covariance, so
    that turning codes, or multiplying all by one number, changes nothing. What is left of 1 is the correlation ratio.
    """
    residuals = codes.copy()
    for label in np.unique(y):
        residuals[y == label] -= codes[y == label].mean(axis=0)
    total = codes.var(axis=0).sum()
    return float(residuals.var(axis=0).sum() / total) if total > 0 else 1.0


def neighbor_error(
    codes: np.ndarray, y: np.ndarray, codes_test: np.ndarray, y_test: np.ndarray, n_neighbors: int
) -> float:
    """The share of test codes that the vote of the nearest codes puts in another class: how far classes overlap.

    As the number of codes grows, it comes near the error that is left where classes overlap (Cover and Hart, "Nearest
    neighbor pattern classification", IEEE Transactions on Information Theory 13, 1967).
    """
    return 1.0 - float(KNeighborsClassifier(n_neighbors).fit(codes, y).score(codes_test, y_test))


def off_center(codes: np.ndarray) -> float:
    """The distance of the mean code from 0, by the root mean square of the distances of codes from 0: 0 to 1."""
    size = np.sqrt((codes**2).sum(axis=1).mean())
    return float(np.linalg.norm(codes.mean(axis=0)) / size) if size > 0 else 0.0


def kl_to_prior(means: np.ndarray, deviations: np.ndarray | None = None) -> float:
    """KL(N(m, S) || N(0, I)) in nats a latent, of the Gaussian with the moments of the codes.

    (trace S + m'm - n_latents - log det S) / (2 n_latents). With ``deviations``, codes are normal around ``means``
    (n_samples, n_latents), so that S is the covariance of the means and, on its diagonal, the mean variance. It is
    infinite where codes have no volume.
    """
    mean, n_latents = means.mean(axis=0), means.shape[1]
    covariance = np.atleast_2d(np.cov(means, rowvar=False, ddof=0))
    if deviations is not None:
        covariance = covariance + np.diag((deviations**2).mean(axis=0))
    sign, log_determinant = np.linalg.slogdet(covariance)
    if sign <= 0:
        return float("inf")
    return float(np.trace(covariance) + mean @ mean - n_latents - log_determinant) / (2 * n_latents)
