"""Modes: counts by hand, the shares of normal distributions, and rows that belong to none."""

import numpy as np
import pytest
from scipy.stats import chi2

from rosenblatt.metrics import modes_covered

RING = 2 * np.column_stack([np.cos(np.arange(8) * np.pi / 4), np.sin(np.arange(8) * np.pi / 4)])


def test_counts_by_hand():
    found = modes_covered([[0.0, 0.29], [0.0, 0.31], [5.0, 5.0], [1.0, 1.0]], [[0, 0], [1, 1], [2, 2]], 0.1)
    assert found.counts.tolist() == [1, 1, 0]
    assert (found.n_modes, found.high_quality) == (2, 0.5)


@pytest.mark.parametrize("n_features", [1, 2, 5])
def test_of_the_mixture_itself_as_many_are_good_as_the_chi_squared_says(n_features):
    rng = np.random.default_rng(0)
    centers = 10 * rng.permutation(6)[:, None] * np.ones(n_features)
    samples = np.repeat(centers, 2000, axis=0) + 0.3 * rng.normal(size=(12_000, n_features))
    found = modes_covered(samples, centers, 0.3)
    expected = chi2.cdf(9, n_features)
    assert found.n_modes == 6
    assert found.high_quality == pytest.approx(expected, abs=6 * np.sqrt(expected * (1 - expected) / 12_000))
    assert found.counts.sum() == round(found.high_quality * 12_000)


def test_collapse_and_misses():
    rng = np.random.default_rng(0)
    one = modes_covered(RING[3] + 0.02 * rng.normal(size=(500, 2)), RING, 0.02)
    assert (one.n_modes, np.flatnonzero(one.counts).tolist()) == (1, [3])
    assert modes_covered(np.zeros((10, 2)), RING, 0.02) == (0, 0, pytest.approx(np.zeros(8)))


def test_each_mode_may_have_a_deviation_of_its_own():
    """At 2, between modes at 0 (deviation 1) and 3 (deviation 0.1), the wide one is nearer in deviations."""
    found = modes_covered([[2.0]], [[0.0], [3.0]], [1.0, 0.1])
    assert found.counts.tolist() == [1, 0]
    assert modes_covered([[2.0]], [[0.0], [3.0]], [1.0, 0.1], n_deviations=1.5).n_modes == 0


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (([[0.0]], RING, 0.1), "generated has 1 features and centers 2"),
        (([[0.0, np.nan]], RING, 0.1), "generated has 1 of 1 rows with NaN"),
        ((RING, RING, 0.0), "deviation=0.0; finite numbers above 0"),
        ((RING, RING, [0.1, 0.2]), r"deviation has shape \(2,\); one number, or one for each of 8 centers"),
    ],
)
def test_what_cannot_be_counted_is_refused(arguments, text):
    with pytest.raises(ValueError, match=text):
        modes_covered(*arguments)
