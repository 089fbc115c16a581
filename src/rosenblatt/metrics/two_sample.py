"""Whether two sets of points come from one distribution, and how far apart these are."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from rosenblatt.metrics.distances import distances


@dataclass(frozen=True)
class TwoSampleTest:
    """The energy distance of two samples.

    Attributes
    ----------
    statistic : float
        2 E|x - y| - E|x - x'| - E|y - y'|, the energy distance: 0 only where the distributions are the same.
    share : float
        That in parts of 2 E|x - y|, from 0 to 1: the distance whatever the unit and the number of points (Szekely and
        Rizzo's coefficient of inhomogeneity).
    p_value : float
        How often points of one distribution would be as far apart, by permutation. With enough points any difference
        makes it small; ``share`` says how large that is.
    """

    statistic: float
    share: float
    p_value: float


def two_sample_test(a: ArrayLike, b: ArrayLike, n_permutations: int = 199, random_state: int = 0) -> TwoSampleTest:
    """Tests whether the rows of a and of b come from one distribution, of any dimension.

    Parameters
    ----------
    a, b : array-like (n, n_features), (m, n_features)
    n_permutations : int, default=199
        Random divisions of all rows into two sets; the smallest p-value is 1 / (n_permutations + 1).
    random_state : int, default=0
        Seed of the divisions.

    Returns
    -------
    TwoSampleTest

    References
    ----------
    G. J. Szekely, M. L. Rizzo, "Energy statistics: a class of statistics based on distances", Journal of Statistical
    Planning and Inference 143, 2013.

    Examples
    --------
    >>> import numpy as np
    >>> from rosenblatt.metrics import two_sample_test
    >>> points = np.random.default_rng(0).normal(size=(400, 3))
    >>> two_sample_test(points[:200], points[200:]).p_value > 0.05, two_sample_test(points, points + 0.5).p_value
    (True, 0.005)
    """
    a, b = np.asarray(a, np.float64), np.asarray(b, np.float64)
    if a.ndim != 2 or b.ndim != 2 or a.shape[1] != b.shape[1]:
        raise ValueError(f"a has shape {a.shape} and b {b.shape}; both must be rows of as many numbers")
    points = np.concatenate([a, b])
    between = distances(points, points)
    np.fill_diagonal(between, 0)
    # With s = 1 / n for rows of a and -1 / m for those of b, the statistic is -s' D s.
    signs = np.repeat([1 / len(a), -1 / len(b)], [len(a), len(b)])
    rng = np.random.default_rng(random_state)
    divisions = np.column_stack([signs, *(rng.permutation(signs) for _ in range(n_permutations))])
    statistics = -(divisions * (between @ divisions)).sum(axis=0)
    largest = 2 * between[: len(a), len(a) :].mean()
    as_far = (statistics[1:] >= statistics[0] * (1 - 1e-12)).sum()
    share = statistics[0] / largest if largest > 0 else 0.0
    return TwoSampleTest(float(statistics[0]), float(share), float((1 + as_far) / (1 + n_permutations)))
