"""A density estimated from points: SciPy's with the same width, the true one, and clouds that stay apart."""

import numpy as np
import pytest
from scipy.stats import gaussian_kde, norm

from rosenblatt.metrics import log_kernel_density
from rosenblatt.metrics.kernel_density import _BANDWIDTHS, _likeliest


def test_it_is_scipys_with_the_same_width():
    points = np.random.default_rng(0).normal(3.0, [5.0], size=(300, 1))
    places = np.linspace(-20, 30, 1100)[:, None]
    width = _likeliest(points / points.std())
    # SciPy's width is a factor of the standard deviation with n - 1 instead of n.
    scipys = gaussian_kde(points.T, bw_method=width * np.sqrt(299 / 300))
    np.testing.assert_allclose(log_kernel_density(points, places), scipys.logpdf(places.T), rtol=1e-9, atol=1e-9)


def test_the_width_is_that_of_the_largest_likelihood_of_each_point_under_the_others():
    points = np.random.default_rng(1).normal(size=(60, 2))

    def likelihood(width):
        left_out = [np.delete(points, i, axis=0) for i in range(60)]
        of_each = [np.prod(norm.pdf(x, rest, width), axis=1).mean() for x, rest in zip(points, left_out, strict=True)]
        return np.log(of_each).mean()

    assert _likeliest(points) == max(_BANDWIDTHS, key=likelihood)


def test_a_normal_in_the_plane_is_found():
    rng = np.random.default_rng(0)
    deviations = np.array([2.0, 0.1])
    points, places = (rng.normal(1.0, deviations, size=(n, 2)) for n in (2000, 400))
    true = norm.logpdf(places, 1.0, deviations).sum(axis=1)
    error = np.abs(log_kernel_density(points, places) - true)
    assert np.median(error) < 0.15  # 0.07 measured; a bandwidth of twice the size gives 0.2


def test_clouds_that_are_small_stay_apart():
    """Scott's rule, which goes by the deviation of all points, would fill the gap: 0.06 instead of 0."""
    rng = np.random.default_rng(0)
    points = rng.choice([-1.0, 1.0], (1000, 1)) + rng.normal(0, 0.02, (1000, 1))
    middle, peak = np.exp(log_kernel_density(points, [[0.0], [1.0]]))
    assert middle < 1e-6
    assert peak == pytest.approx(0.5 * norm.pdf(0, 0, 0.02), rel=0.15)


def test_points_without_spread_have_a_density():
    density = np.exp(log_kernel_density(np.full((20, 1), 5.0), [[5.0], [6.0]]))
    assert density[0] > 100
    assert density[1] == 0


def test_what_is_no_table_is_refused():
    with pytest.raises(ValueError, match=r"points have shape \(3, 1\) and places \(2, 2\); both must be rows"):
        log_kernel_density(np.zeros((3, 1)), np.zeros((2, 2)))
    with pytest.raises(ValueError, match="at least 2 points"):
        log_kernel_density(np.zeros((1, 1)), np.zeros((2, 1)))
