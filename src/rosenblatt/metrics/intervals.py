"""How certain a comparison of two sets of rows is."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import t

from rosenblatt.metrics.generation import Comparison


class Interval(NamedTuple):
    """A statistic with its uncertainty.

    Attributes
    ----------
    estimate : float
        Of all rows.
    low, high : float
        Interval of what the statistic is on average over sets of as many rows.
    of_half : float
        The mean of the statistic with half the rows: how far it is from ``estimate`` tells how much the number of rows
        matters. ``2 * estimate - of_half`` is without bias of the order 1 / n, which a Fréchet distance has.
    """

    estimate: float
    low: float
    high: float
    of_half: float


def bootstrap_interval(
    statistic: Callable[[Comparison], float],
    real: ArrayLike,
    generated: ArrayLike,
    n_resamples: int = 50,
    level: float = 0.95,
    random_state: int = 0,
) -> Interval:
    """The interval of a measure of generation, from halves of the rows.

    Parameters
    ----------
    statistic : callable
        A number of a `Comparison`, such as ``Comparison.frechet_distance`` or
        ``lambda comparison: comparison.precision_recall(k=5).recall``.
    real : array-like (n, n_features)
    generated : array-like (m, n_features)
        At least 4 rows each, and 2 k + 2 for a statistic of k neighbours.
    n_resamples : int, default=50
        Halves that are looked at, at least 2. With 50 the width is within 20 % of what it is with many, 19 times
        of 20.
    level : float, default=0.95
        Of the interval.
    random_state : int, default=0
        Seed of the halves.

    Returns
    -------
    Interval

    Raises
    ------
    ValueError
        If rows are too few, numbers not finite, or a parameter is out of its range.

    See Also
    --------
    bootstrap_intervals : Those of several statistics at once, for little more than the time of one.

    Notes
    -----
    The usual bootstrap repeats rows, and a repeated row is its own nearest neighbour. So halves are drawn without
    repetition. For a statistic that is nearly a mean, its variance among halves of n rows is s^2 / (n / 2) (1 - 1 / 2)
    = s^2 / n, just that of the statistic of n rows: the delete-half jackknife of Shao and Wu. The interval is the
    estimate and Student's t of their standard deviations to either side. It is one of what the statistic is on average
    *with as many rows*, which for precision, recall and coverage is their only meaning.

    How often an interval of 95 % held that average, least and most over ten simulations (300 and 1,000 rows; normal in
    2, 8 and 64 dimensions, equal, shifted and narrower, one mode of two missed, a quarter of the rows astray; 200 or
    300 trials each, the bootstrap 75 trials with 300 rows only):

    ==================  ==============  ========================  ===================
    measure             halves          bootstrap by repetition   binomial, of shares
    ==================  ==============  ========================  ===================
    precision           0.97 to 0.99    0.00 to 0.32              0.63 to 0.95
    recall              0.64 to 1.00    0.00 to 0.39              0.25 to 0.92
    density             0.92 to 1.00    0.35 to 0.83
    coverage            0.94 to 0.99    0.00 to 0.64              0.69 to 0.93
    discrepancy         0.94 to 1.00    0.00 to 0.96
    Fréchet distance    0.95 to 1.00    0.00 to 0.97
    ==================  ==============  ========================  ===================

    The 0.64, and 0.80 with 300 rows, is recall where a mode of two is missed: it hangs on the few generated rows
    farthest out, whose neighbourhoods reach the other mode; otherwise it was 0.96 or more. For equal distributions the
    intervals of the discrepancy and of the Fréchet distance are up to 1.9 times too wide: there these fall as 1 / n,
    not as its root. Where all halves agree, as on a precision of 1, the interval has no width.

    References
    ----------
    J. Shao, C. F. J. Wu, "A general theory for jackknife variance estimation", Annals of Statistics 17, 1989.

    Examples
    --------
    >>> import numpy as np
    >>> from rosenblatt.metrics import Comparison, bootstrap_interval
    >>> rows = np.random.default_rng(0).normal(size=(400, 2))
    >>> found = bootstrap_interval(Comparison.frechet_distance, rows[:200], rows[200:] + [1, 0])
    >>> found.low < 1 < found.high
    True
    """
    comparison = Comparison(real, generated)
    named = bootstrap_intervals(
        lambda each: {"statistic": statistic(each)}, comparison, n_resamples, level, random_state
    )
    return named["statistic"]


def bootstrap_intervals(
    statistics: Callable[[Comparison], Mapping[str, float]],
    comparison: Comparison,
    n_resamples: int = 50,
    level: float = 0.95,
    random_state: int = 0,
) -> dict[str, Interval]:
    """The intervals of several measures, all from the same halves; see `bootstrap_interval`.

    Parameters
    ----------
    statistics : callable
        Named numbers of a `Comparison`, such as ``Comparison.measures``.
    comparison : Comparison
        Of all rows.
    n_resamples : int, default=50
    level : float, default=0.95
    random_state : int, default=0

    Returns
    -------
    dict of str to Interval

    Examples
    --------
    >>> import numpy as np
    >>> from rosenblatt.metrics import Comparison, bootstrap_intervals
    >>> rows = np.random.default_rng(0).normal(size=(400, 2))
    >>> found = bootstrap_intervals(Comparison.measures, Comparison(rows[:200], rows[200:]))
    >>> found["density"].low < 1 < found["density"].high
    True
    """
    if not 0 < level < 1:
        raise ValueError(f"level={level}; a share between 0 and 1 is needed, such as 0.95")
    if n_resamples < 2:
        raise ValueError(f"n_resamples={n_resamples}; at least 2 are needed, and 50 for a width to rely on")
    fewest = min(len(comparison.real), len(comparison.generated))
    if fewest < 4:
        raise ValueError(
            f"{fewest} rows cannot be halved to 2 or more; at least 4 real and 4 generated rows are needed"
        )
    rng = np.random.default_rng(random_state)
    halves = [statistics(_half(comparison, rng)) for _ in range(n_resamples)]
    quantile = float(t.ppf((1 + level) / 2, n_resamples - 1))
    return {
        name: _interval(estimate, np.array([half[name] for half in halves]), quantile)
        for name, estimate in statistics(comparison).items()
    }


def _half(comparison: Comparison, rng: np.random.Generator) -> Comparison:
    real, generated = (rng.permutation(len(rows))[: len(rows) // 2] for rows in (comparison.real, comparison.generated))
    return comparison.subset(real, generated)


def _interval(estimate: float, of_halves: np.ndarray, quantile: float) -> Interval:
    margin = quantile * float(of_halves.std(ddof=1))
    return Interval(float(estimate), float(estimate - margin), float(estimate + margin), float(of_halves.mean()))
