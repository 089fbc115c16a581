"""Latents: closed forms of the KL, of active units and of holes, and distances against SciPy."""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.spatial.distance import cdist
from scipy.stats import norm

from rosenblatt.metrics import active_units, hole_share, kl_of_latents
from rosenblatt.metrics.distances import distances, nearest


def test_distances_are_scipys_also_far_from_0():
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(1500, 5)) + 1e4, rng.normal(size=(80, 5)) + 1e4
    # |x|^2 + |y|^2 - 2xy has an error of about 1e-16 (distance from the centre)^2 once the centre is taken off.
    np.testing.assert_allclose(distances(a, b), cdist(a, b), rtol=1e-9)
    np.testing.assert_allclose(nearest(a, b), cdist(a, b).min(axis=1), rtol=1e-9)
    np.testing.assert_array_equal(nearest(b, b) < 1e-6, True)


def test_active_units_are_those_whose_mean_varies():
    rows = np.array([[-0.3, 5.0, 0.11], [0.3, 5.0, -0.11]])  # variances 0.09, 0 and 0.0121
    assert active_units(rows).tolist() == [True, False, True]
    assert active_units(rows, threshold=0.05).tolist() == [True, False, False]


@pytest.mark.parametrize(("mean", "deviation"), [(0.0, 1.0), (1.5, 0.2), (-0.4, 2.5)])
def test_kl_against_quadrature(mean, deviation):
    q, p = norm(mean, deviation), norm()
    expected, _ = quad(lambda z: q.pdf(z) * (q.logpdf(z) - p.logpdf(z)), mean - 12 * deviation, mean + 12 * deviation)
    np.testing.assert_allclose(kl_of_latents([[mean]], [[deviation]]), [expected], atol=1e-8)


def test_kl_is_a_mean_over_rows():
    found = kl_of_latents([[0.0, 2.0], [0.0, 0.0]], [[1.0, 1.0], [1.0, 1.0]])
    np.testing.assert_allclose(found, [0.0, 1.0])  # 2^2 / 2 and 0


def test_codes_of_the_same_distribution_lie_in_holes_by_chance():
    shares = []
    for seed in range(20):
        codes, again, sampled = np.random.default_rng(seed).normal(size=(3, 500, 3))
        shares.append(hole_share(codes, again, sampled))
    # 0.05; the quantile of 500 and the share of 500 have a variance of 0.05 * 0.95 / 500 each, so 0.003 for the mean.
    assert np.mean(shares) == pytest.approx(0.05, abs=0.018)


def test_the_share_between_two_clusters_is_the_mass_there():
    """Data at -1 and 1, samples from a uniform distribution on (-2, 2): all but 4 / 10 of them are farther than 0.2."""
    rng = np.random.default_rng(0)
    data = np.repeat([[-1.0], [1.0]], 500, axis=0) + rng.uniform(-0.001, 0.001, (1000, 1))
    # The control is uniform out to 0.2 / 0.95, so that its 95 % quantile is 0.2.
    control = np.sign(rng.normal(size=(4000, 1))) + rng.uniform(-1, 1, (4000, 1)) * 0.2 / 0.95
    sampled = np.linspace(-2, 2, 4001)[:, None]
    assert hole_share(data, control, sampled) == pytest.approx(1 - 0.8 / 4, abs=0.01)


def test_codes_that_are_not_finite_lie_in_a_hole():
    codes, again = np.random.default_rng(0).normal(size=(2, 100, 2))
    assert hole_share(codes, again, np.array([[np.nan, 0.0], [np.inf, 1.0], [0.0, 0.0], [0.1, 0.0]])) == 0.5
