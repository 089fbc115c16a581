"""Densities: SciPy's normal distributions and quadrature as oracles, and samples that have the moments they should."""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import kstest, multivariate_normal, norm

from rosenblatt.data import MixtureDensity, SpiralDensity, density, load, spirals

NAMES = ["gaussian-mixture", "grid", "ring", "spirals"]


@pytest.mark.parametrize("dimension", [1, 2, 4])
def test_log_density_is_scipys(dimension):
    rng = np.random.default_rng(dimension)
    centers, deviations, shares = rng.normal(size=(3, dimension)), np.array([0.5, 1.0, 2.0]), np.array([1.0, 2.0, 5.0])
    x = 3 * rng.normal(size=(50, dimension))
    parts = [
        share / 8 * multivariate_normal(center, np.eye(dimension) * deviation**2).pdf(x)
        for center, deviation, share in zip(centers, deviations, shares, strict=True)
    ]
    found = MixtureDensity(centers, deviations, shares).log_density(x)
    np.testing.assert_allclose(found, np.log(np.sum(parts, axis=0)), rtol=1e-10, atol=1e-12)


def test_log_density_far_from_all_modes_is_finite():
    """e^-(10^6 / 2) is 0 in float64, its logarithm is not."""
    expected = -0.5 * 1e6 - np.log(np.sqrt(2 * np.pi))
    found = MixtureDensity([0.0, 0.0], 1.0).log_density([1000.0])
    np.testing.assert_allclose(found, [expected], rtol=1e-12)
    assert MixtureDensity([0.0], 1.0).log_density(np.zeros((0, 1))).shape == (0,)


def test_many_points_are_computed_in_parts():
    ring = MixtureDensity.ring()
    x = np.random.default_rng(0).normal(size=(2**18 + 5, 2))
    np.testing.assert_allclose(ring.log_density(x)[-5:], ring.log_density(x[-5:]), rtol=1e-12)


def test_a_mode_without_weight_is_not_there():
    only = MixtureDensity([0.0, 5.0], 1.0, [1.0, 0.0])
    np.testing.assert_allclose(only.log_density([5.0]), [norm.logpdf(5)], rtol=1e-12)
    assert only.sample(1000).max() < 5


def test_the_literatures_rings_and_grids():
    ring, grid = MixtureDensity.ring(), MixtureDensity.grid()
    np.testing.assert_allclose(np.hypot(*ring.centers.T), 2)
    np.testing.assert_allclose(ring.centers[[0, 2, 5]], [[2, 0], [0, 2], [-np.sqrt(2), -np.sqrt(2)]], atol=1e-12)
    assert (len(ring.centers), ring.deviation, ring.dimension) == (8, 0.02, 2)
    assert sorted(map(tuple, grid.centers)) == [(x, y) for x in (-4, -2, 0, 2, 4) for y in (-4, -2, 0, 2, 4)]
    assert (grid.deviation, grid.dimension) == (0.05, 2)


def spiral_by_quadrature(x, turns, n_classes, deviation):
    def integrand(r, arm):
        angle = 2 * np.pi * (turns * r + arm / n_classes)
        square = (r * np.cos(angle) - x[0]) ** 2 + (r * np.sin(angle) - x[1]) ** 2
        return 2 * r * np.exp(-square / (2 * deviation**2)) / (2 * np.pi * deviation**2 * n_classes)

    points = np.linspace(0, 1, 120)[1:-1]
    options = {"limit": 1000, "points": points, "epsabs": 0, "epsrel": 1e-10}
    return sum(quad(integrand, 0, 1, args=(arm,), **options)[0] for arm in range(n_classes))


@pytest.mark.parametrize(("turns", "n_classes", "deviation"), [(1.25, 2, 0.02), (-0.5, 3, 0.1), (0.0, 1, 0.05)])
def test_spirals_against_adaptive_quadrature(turns, n_classes, deviation):
    """On the arms, at both their ends, between arms and beyond them."""
    spiral = SpiralDensity(n_classes, turns, deviation)
    end = spiral.centers[-1]
    x = np.concatenate([spiral.sample(4), [[0.0, 0.0], end, 1.02 * end, [0.3, -0.2], [0.0, 1.1]]])
    expected = [np.log(spiral_by_quadrature(row, turns, n_classes, deviation)) for row in x]
    np.testing.assert_allclose(spiral.log_density(x), expected, atol=1e-8)


def test_spirals_are_those_of_the_data_set():
    """The mean log density of the set's own rows is minus the entropy, as of the density's samples."""
    spiral = SpiralDensity()
    ours = spiral.log_density(spiral.sample(2000, random_state=1))
    theirs = spiral.log_density(spirals(2000, random_state=2).X)
    assert abs(ours.mean() - theirs.mean()) < 6 * np.hypot(ours.std(), theirs.std()) / np.sqrt(2000)
    away = np.linalg.norm(spirals(500, noise=0.0).X[:, None] - spiral.centers, axis=2).min(axis=1)
    assert away.max() < 0.51 * 0.02  # centres lie one deviation apart


@pytest.mark.parametrize("name", NAMES)
def test_densities_integrate_to_1(name):
    """By midpoints a third of a deviation apart, which are exact to 1e-9 for normal distributions."""
    truth = density(name)
    step = truth.deviation / 3
    low, high = truth.centers.min(axis=0) - 7 * truth.deviation, truth.centers.max(axis=0) + 7 * truth.deviation
    axes = [np.arange(a, b, step) for a, b in zip(low, high, strict=True)]
    x = np.stack(np.meshgrid(*axes), axis=-1).reshape(-1, truth.dimension)
    assert np.exp(truth.log_density(x)).sum() * step**truth.dimension == pytest.approx(1, abs=1e-8)


@pytest.mark.parametrize("name", NAMES)
def test_samples_repeat_with_their_seed(name):
    truth = density(name)
    np.testing.assert_array_equal(truth.sample(20, random_state=3), truth.sample(20, random_state=3))
    assert not np.array_equal(truth.sample(20, random_state=3), truth.sample(20, random_state=4))
    assert truth.sample(20).shape == (20, truth.dimension) == load(name).X[:20].shape


def test_samples_have_the_distribution():
    mixture = MixtureDensity([-1.0, 2.0], [0.5, 1.5], [1, 3])
    found = kstest(mixture.sample(4000)[:, 0], lambda x: norm.cdf(x, -1, 0.5) / 4 + 3 * norm.cdf(x, 2, 1.5) / 4)
    assert found.pvalue > 0.001


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda: MixtureDensity([[[0.0]]], 1.0), "one finite row .or number. a mode is needed"),
        (lambda: MixtureDensity([np.nan], 1.0), "one finite row"),
        (lambda: MixtureDensity([], 1.0), "one finite row"),
        (lambda: MixtureDensity([0.0], 0.0), "deviation=0.0; a number above 0, or one for each of 1 modes"),
        (lambda: MixtureDensity([0.0, 1.0], [1.0, 1.0, 1.0]), "one for each of 2 modes"),
        (lambda: MixtureDensity([0.0, 1.0], 1.0, [1.0, -1.0]), "one share, 0 or more, for each of 2 modes"),
        (lambda: MixtureDensity([0.0, 1.0], 1.0, [0.0, 0.0]), "one share, 0 or more"),
        (lambda: MixtureDensity.ring(0), "n_modes=0; at least 1"),
        (lambda: MixtureDensity.grid(0), "n_side=0; at least 1"),
        (lambda: MixtureDensity.ring().log_density([1.0, 2.0]), r"x has shape \(2,\); rows of 2 numbers"),
        (lambda: SpiralDensity(n_classes=0), "n_classes=0; at least 1 arm"),
        (lambda: SpiralDensity(deviation=0.0), "deviation=0.0; a number above 0"),
        (lambda: density("moons"), "density of 'moons' is not known; known are those of gaussian-mixture, grid, ring"),
    ],
)
def test_parameters_out_of_range(call, text):
    with pytest.raises(ValueError, match=text):
        call()
