"""Numbers of a latent space, against closed forms, sampling and brute force."""

import numpy as np
import pytest
from scipy.spatial.distance import cdist
from scipy.stats import multivariate_normal

from rosenblatt.studies.latent_scores import kl_to_prior, measure_ways, neighbor_error, off_center, within_class_share


@pytest.fixture(scope="module")
def normal():
    """Codes (4000, 3) of two classes, normal around +-(2, 0, 0) with variances 1, 4 and 9."""
    rng = np.random.default_rng(0)
    y = np.repeat([0, 1], 2000)
    return rng.normal(size=(4000, 3)) * [1, 2, 3] + (4 * y - 2)[:, None] * [1, 0, 0], y


def test_variance_within_classes(normal):
    codes, y = normal
    # Within: 1 + 4 + 9; between: 2^2. The standard error of each variance v is v sqrt(2 / 4000), together about 0.002.
    assert within_class_share(codes, y) == pytest.approx(14 / 18, abs=6 * 0.003)
    total = ((codes[:, None] - codes[None, ::40]) ** 2).sum(-1)  # between pairs of one class, and between all
    same = y[:, None] == y[None, ::40]
    assert within_class_share(codes, y) == pytest.approx(total[same].mean() / total.mean(), abs=0.02)


def test_variance_within_classes_does_not_depend_on_the_axes(normal):
    codes, y = normal
    turned = np.linalg.qr(np.random.default_rng(1).normal(size=(3, 3)))[0]
    assert within_class_share(7 * codes @ turned + 3, y) == pytest.approx(within_class_share(codes, y), rel=1e-9)


def test_classes_that_are_points_and_classes_that_are_not_there(normal):
    codes, y = normal
    assert within_class_share(np.eye(3)[y], y) == pytest.approx(0, abs=1e-12)
    assert within_class_share(np.concatenate([codes, codes]), np.repeat([0, 1], 4000)) == pytest.approx(1, rel=1e-12)
    assert within_class_share(np.ones((4000, 2)), y) == 1


def test_the_neighbours_vote_is_that_of_brute_force(normal):
    codes, y = normal
    train, test = slice(None, None, 4), slice(1, None, 4)
    nearest = np.argsort(cdist(codes[test], codes[train]), axis=1)[:, :5]
    wrong = (y[train][nearest].mean(axis=1) > 0.5) != y[test]
    assert 0 < wrong.mean() < 0.5
    found = neighbor_error(codes[train], y[train], codes[test], y[test], 5)
    assert found == pytest.approx(wrong.mean(), rel=1e-12)


def test_distance_of_the_mean_from_0():
    codes = np.array([[3.0, 4.0], [-3.0, -4.0]])
    assert off_center(codes) == 0
    assert off_center(codes[:1]) == pytest.approx(1, rel=1e-12)
    shifted = np.random.default_rng(0).normal([2, 0, 0, 0], size=(100_000, 4))
    # |mean|^2 = 4 and E|z|^2 = 4 + 4.
    assert off_center(shifted) == pytest.approx(np.sqrt(0.5), abs=0.01)
    assert off_center(9 * shifted) == pytest.approx(off_center(shifted), rel=1e-12)
    assert off_center(np.zeros((5, 2))) == 0


def gaussian_codes(mean, root):
    """Codes whose mean is ``mean`` and whose covariance is ``root root'``, exactly."""
    d = len(mean)
    return mean + np.concatenate([np.eye(d), -np.eye(d)]) * np.sqrt(d) @ root.T


def test_the_kl_to_the_prior_is_that_of_sampling():
    mean, root = np.array([0.5, -1.0]), np.array([[1.5, 0.0], [0.4, 0.6]])
    codes = gaussian_codes(mean, root)
    np.testing.assert_allclose(np.cov(codes, rowvar=False, ddof=0), root @ root.T, atol=1e-12)
    posterior, prior = multivariate_normal(mean, root @ root.T), multivariate_normal(np.zeros(2))
    drawn = posterior.rvs(200_000, random_state=0)
    differences = (posterior.logpdf(drawn) - prior.logpdf(drawn)) / 2
    error = differences.std() / np.sqrt(len(drawn))
    assert kl_to_prior(codes) == pytest.approx(differences.mean(), abs=6 * error)


def test_the_kl_of_single_latents_has_a_closed_form():
    assert kl_to_prior(gaussian_codes(np.zeros(3), np.eye(3))) == pytest.approx(0, abs=1e-12)
    one = np.array([[-2.0], [4.0]])  # mean 1, variance 9
    assert kl_to_prior(one) == pytest.approx((9 + 1 - 1 - np.log(9)) / 2, rel=1e-12)


def test_posteriors_add_their_variances_to_that_of_their_means():
    means, deviations = gaussian_codes(np.zeros(2), np.diag([0.6, 0.0])), np.full((4, 2), [0.8, 1.0])
    assert kl_to_prior(means, deviations) == pytest.approx(0, abs=1e-12)  # 0.36 + 0.64, and 0 + 1
    uneven = np.array([[np.sqrt(0.28), 1.0], [1.0, 1.0]] * 2)  # mean square 0.64
    assert kl_to_prior(means, uneven) == pytest.approx(0, abs=1e-12)
    assert kl_to_prior(means) == np.inf


def test_ways_that_are_straight_and_even():
    lines = np.linspace([0.0, 1.0, 2.0], [3.0, -1.0, 5.0], 9)[None]
    ways = measure_ways(lines)
    assert ways.detour == pytest.approx(1, rel=1e-12)
    assert ways.largest_step == pytest.approx(1, rel=1e-12)


def test_ways_along_an_arc():
    angles = np.linspace(0, np.pi / 2, 1001)
    ways = measure_ways(np.stack([np.cos(angles), np.sin(angles)], axis=1)[None])
    # A quarter of a circle by its chord; the error of 1,000 chords is 1e-7.
    assert ways.detour == pytest.approx(np.pi / 2 / np.sqrt(2), rel=1e-6)
    assert ways.largest_step == pytest.approx(1, rel=1e-9)


def test_lengths_are_summed_over_ways_before_they_are_divided():
    there = np.array([[0.0], [1.0], [2.0]])
    back = np.array([[0.0], [5.0], [0.0]])
    assert measure_ways(np.stack([there, back])).detour == pytest.approx((2 + 10) / (2 + 0))
    assert measure_ways(back[None]).detour == np.inf


def test_all_change_in_one_step():
    cliff = np.repeat([[0.0], [4.0]], [5, 4], axis=0)
    ways = measure_ways(np.stack([cliff, np.linspace([0.0], [1.0], 9), np.zeros((9, 1))]))
    np.testing.assert_allclose(ways.steps[0], [0, 0, 0, 0, 4, 0, 0, 0])
    assert ways.largest_step == pytest.approx((8 + 1) / 2)  # the way on which nothing changes does not count
    assert ways.detour == pytest.approx(1)
    still = measure_ways(np.zeros((2, 4, 3)))
    assert (still.detour, still.largest_step) == (1, 1)
