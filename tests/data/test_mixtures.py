"""Sets drawn from mixtures: where their modes are, how many rows each has, and that the seed decides."""

import numpy as np
import pytest
from scipy.stats import kstest

from rosenblatt.data import density, gaussian_mixture, grid, load, ring

SETS = [gaussian_mixture, grid, ring]


@pytest.mark.parametrize("draw", SETS)
def test_same_seed_same_rows_and_other_seed_other_rows(draw):
    first, second = draw(), load(draw.__name__.replace("_", "-"))
    np.testing.assert_array_equal(first.X, second.X)
    np.testing.assert_array_equal(first.y, second.y)
    assert not np.array_equal(first.X, draw(random_state=1).X)
    assert (first.X.dtype, first.y.dtype, len(first.X)) == (np.float32, np.int64, 1000)


@pytest.mark.parametrize("draw", SETS)
@pytest.mark.parametrize("n_samples", [1, 4, 101])
def test_class_sizes_differ_by_at_most_one(draw, n_samples):
    dataset = draw(n_samples=n_samples)
    sizes = np.bincount(dataset.y, minlength=len(dataset.target_names))
    assert len(sizes) == len(dataset.target_names)
    assert sizes.sum() == len(dataset.X) == n_samples
    assert np.ptp(sizes) <= 1


@pytest.mark.parametrize("draw", SETS)
def test_rows_lie_around_their_modes_in_random_order(draw):
    dataset = draw(20_000)
    truth = density(dataset.name)
    away = (dataset.X - truth.centers[dataset.y]) / truth.deviation
    assert kstest(away.ravel(), "norm").pvalue > 0.001
    assert 0.4 < np.mean(np.diff(dataset.y) != 0) < 0.98
    assert dataset.feature_names == ("x1", "x2")[: truth.dimension]


def test_weights_are_shares_and_deviations_may_differ():
    dataset = gaussian_mixture(4000, centers=[[0.0, 0, 0], [9, 9, 9]], deviation=[0.1, 2.0], weights=[1, 3])
    assert np.bincount(dataset.y).tolist() == [1000, 3000]
    assert dataset.X.shape == (4000, 3)
    assert dataset.X[dataset.y == 0].std() == pytest.approx(0.1, rel=6 / np.sqrt(2 * 3000))
    assert (dataset.X[dataset.y == 1] - 9).std() == pytest.approx(2, rel=6 / np.sqrt(2 * 9000))


def test_parameters_change_the_set():
    assert np.hypot(*ring(n_modes=5, radius=7.0, deviation=1e-3).X.T) == pytest.approx(7, abs=0.01)
    assert np.abs(grid(n_side=2, spacing=6.0, deviation=1e-3).X) == pytest.approx(3, abs=0.01)


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda: ring(n_samples=0), "ring: n_samples=0; an integer of at least 1"),
        (lambda: grid(n_samples=2.5), "grid: n_samples=2.5; an integer"),
        (lambda: ring(deviation=-1.0), "deviation=.*; a number above 0"),
        (lambda: gaussian_mixture(weights=[1.0]), "one share, 0 or more, for each of 2 modes"),
    ],
)
def test_parameters_out_of_range(call, text):
    with pytest.raises(ValueError, match=text):
        call()
