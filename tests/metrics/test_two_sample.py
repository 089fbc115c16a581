"""The two-sample test: its statistic against SciPy, its p-value by all divisions, its size and its power."""

from itertools import combinations

import numpy as np
import pytest
from scipy.spatial.distance import cdist
from scipy.stats import energy_distance

from rosenblatt.metrics import two_sample_test


def test_in_one_dimension_it_is_scipys_energy_distance():
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=60), rng.exponential(size=45)
    found = two_sample_test(a[:, None], b[:, None])
    assert found.statistic == pytest.approx(energy_distance(a, b) ** 2, rel=1e-9)  # SciPy has its root
    assert found.share == pytest.approx(energy_distance(a, b) ** 2 / (2 * np.abs(a[:, None] - b).mean()), rel=1e-9)


def test_the_p_value_is_that_of_all_divisions():
    rng = np.random.default_rng(1)
    a, b = rng.normal(size=(5, 2)), rng.normal(size=(4, 2)) + 1
    points = np.concatenate([a, b])

    def statistic(first):
        x, y = points[list(first)], points[[i for i in range(9) if i not in first]]
        return 2 * cdist(x, y).mean() - cdist(x, x).mean() - cdist(y, y).mean()

    every = [statistic(first) for first in combinations(range(9), 5)]
    exact = np.mean([each >= every[0] - 1e-12 for each in every])
    found = two_sample_test(a, b, n_permutations=5000)
    assert found.p_value == pytest.approx(exact, abs=6 * np.sqrt(exact * (1 - exact) / 5000))


def test_size_and_power():
    """At a level of 5 % it rejects 5 % of pairs of equal distributions, and more of those that are apart."""
    rng = np.random.default_rng(0)
    equal, apart = [], []
    for _ in range(200):
        a, b = rng.normal(size=(2, 40, 4))
        equal.append(two_sample_test(a, b, 99).p_value <= 0.05)
        apart.append(two_sample_test(a, b + 0.5 / 2, 99).p_value <= 0.05)  # |shift| = 0.5 in 4 dimensions
    # In 1000 trials: 0.045 and 0.39. The standard errors of 200 are 0.015 and 0.034.
    assert 0.0 < np.mean(equal) < 0.11
    assert 0.2 < np.mean(apart) < 0.6


def test_far_apart_and_identical():
    points = np.random.default_rng(0).normal(size=(50, 3))
    far = two_sample_test(points, points + 1e6)
    assert far.share == pytest.approx(1, abs=1e-5)
    assert far.p_value == pytest.approx(1 / 200)
    same = two_sample_test(np.zeros((5, 2)), np.zeros((4, 2)))
    assert (same.statistic, same.share, same.p_value) == (0.0, 0.0, 1.0)


def test_rows_of_other_lengths_are_refused():
    with pytest.raises(ValueError, match="both must be rows of as many numbers"):
        two_sample_test(np.zeros((3, 2)), np.zeros((3, 4)))
