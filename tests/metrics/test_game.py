"""The known game: closed forms and quadrature of the divergence, and the best discriminator where both are known."""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import multivariate_normal, norm

from rosenblatt.metrics import KnownGame, jensen_shannon, known_game, optimal_discriminator, value_at_optimum


class Mixture:
    """Equal round normal distributions, of SciPy."""

    def __init__(self, centers, deviation):
        self.centers, self.deviation = np.asarray(centers, float), deviation
        self.shape = self.centers.shape

    def log_density(self, x):
        rows = np.asarray(x, float).reshape(-1, self.shape[1])
        covariance = self.deviation**2 * np.eye(self.shape[1])
        parts = [multivariate_normal(center, covariance).logpdf(rows) for center in self.centers]
        return np.logaddexp.reduce(np.reshape(parts, (self.shape[0], -1)), axis=0) - np.log(self.shape[0])

    def sample(self, n_samples, seed):
        rng = np.random.default_rng(seed)
        modes = rng.integers(self.shape[0], size=n_samples)
        return self.centers[modes] + self.deviation * rng.normal(size=(n_samples, self.shape[1]))


LINE = Mixture([[0.0]], 1.0)
RING = Mixture(2 * np.column_stack([np.cos(np.arange(8) * np.pi / 4), np.sin(np.arange(8) * np.pi / 4)]), 0.05)


def divergence_by_quadrature(p, q):
    def integrand(x):
        log_p, log_q = p.logpdf(x), q.logpdf(x)
        log_middle = np.logaddexp(log_p, log_q) - np.log(2)
        return 0.5 * (np.exp(log_p) * (log_p - log_middle) + np.exp(log_q) * (log_q - log_middle))

    return quad(integrand, -30, 30, limit=500, points=[0, 1, 3])[0]


@pytest.mark.parametrize(("mean", "deviation"), [(1.0, 1.0), (3.0, 0.5), (0.0, 2.0)])
def test_divergence_of_two_normal_distributions_is_that_of_quadrature(mean, deviation):
    """Bias and deviation are below 0.004 with 20,000 rows."""
    q = Mixture([[mean]], deviation)
    expected = divergence_by_quadrature(norm(0, 1), norm(mean, deviation))
    assert jensen_shannon(LINE, q.sample(20_000, 0)) == pytest.approx(expected, abs=0.005)


@pytest.mark.parametrize(("density", "n_samples", "bias"), [(LINE, 10_000, 0.0004), (RING, 10_000, 0.004)])
def test_of_rows_of_the_density_itself_it_is_0_but_for_the_bias(density, n_samples, bias):
    found = [jensen_shannon(density, density.sample(n_samples, seed)) for seed in range(4)]
    assert bias / 4 < np.mean(found) < 2 * bias


@pytest.mark.parametrize("density", [LINE, RING])
def test_disjoint_distributions_have_log_2(density):
    """Inside of the box, where the data are not, and far outside of it."""
    far = density.sample(2000, 0) + 500
    assert jensen_shannon(density, far) == pytest.approx(np.log(2), abs=1e-12)
    assert jensen_shannon(RING, 0.05 * LINE.sample(4000, 0).reshape(-1, 2)) == pytest.approx(np.log(2), abs=2e-3)


def test_one_mode_of_eight_has_the_closed_form():
    """p is q / 8 there and 7 / 8 elsewhere: (7/8 log 2 + 1/8 log(2/9) + log(16/9)) / 2."""
    q = Mixture(RING.centers[:1], 0.05)
    expected = (7 / 8 * np.log(2) + np.log(2 / 9) / 8 + np.log(16 / 9)) / 2
    assert jensen_shannon(RING, q.sample(5000, 0)) == pytest.approx(expected, abs=0.003)


def test_masses_that_all_but_underflow_do_no_harm():
    """Narrow modes: most cells have masses that are 0 or less than the smallest normal number, 2e-308."""
    narrow = Mixture(RING.centers, 0.02)
    found = known_game(narrow, narrow.sample(10_000, 0))
    tiny = found.estimate.masses[found.estimate.masses > 0].min()
    assert found.divergence == pytest.approx(0.004, abs=0.002)
    found.estimate.masses[found.estimate.masses == tiny] = 5e-324
    assert KnownGame(narrow, found.estimate).divergence == pytest.approx(found.divergence, abs=1e-9)


def test_half_of_the_rows_far_away():
    """q is p / 2 where data are: (log(4/3) + log(2/3) / 2 + log(2) / 2) / 2."""
    rows = LINE.sample(20_000, 0)
    rows[::2] += 1000
    expected = (np.log(4 / 3) + 0.5 * np.log(2 / 3) + 0.5 * np.log(2)) / 2
    assert jensen_shannon(LINE, rows) == pytest.approx(expected, abs=0.003)


def test_the_best_discriminator_is_that_of_the_densities():
    q = Mixture([[1.0]], 1.0)
    game = known_game(LINE, q.sample(50_000, 0))
    x = np.linspace(-1.5, 2.5, 30)[:, None]
    expected = 1 / (1 + np.exp(x[:, 0] - 0.5))  # the logit of two normal distributions is linear
    np.testing.assert_allclose(game.discriminate(x), expected, atol=0.05)
    assert game.value == pytest.approx(2 * game.divergence - np.log(4), abs=1e-12)
    at_rows = game.discriminate(LINE.sample(20_000, 1)), game.discriminate(q.sample(20_000, 2))
    value = np.log(at_rows[0]).mean() + np.log(1 - at_rows[1]).mean()  # V(D, G) as a game measures it
    assert value == pytest.approx(game.value, abs=0.03)


def test_where_a_mode_is_missed_the_best_discriminator_is_sure():
    game = known_game(RING, Mixture(RING.centers[:4], 0.05).sample(10_000, 0))
    found = game.discriminate(RING.centers)
    assert (found[4:] > 0.98).all()
    np.testing.assert_allclose(found[:4], 1 / 3, atol=0.1)  # p is q / 2
    assert (game.discriminate([[0.0, 0.0], [50.0, 50.0]]) < 0.01).all()  # where no data are


def test_the_estimate_is_a_density():
    """It sums to 1 with what lies outside, and is about that of a normal distribution."""
    found = known_game(LINE, LINE.sample(100_000, 0)).estimate
    assert found.masses.sum() + found.outside == pytest.approx(1, abs=1e-12)
    assert found.masses.min() >= 0
    x = np.linspace(-2, 2, 41)
    np.testing.assert_allclose(np.exp(found.log_density(x)), norm.pdf(x), atol=0.02)


def test_optimal_discriminator_at_the_ends():
    found = optimal_discriminator([0, -1000, -1000, -np.inf, 0, -np.inf, 700], [0, -1000, 0, 0, -np.inf, -np.inf, -700])
    np.testing.assert_allclose(found, [0.5, 0.5, 0, 0, 1, 0.5, 1], atol=1e-12)
    rng = np.random.default_rng(0)
    p, q = rng.uniform(0.1, 5, size=(2, 20))
    np.testing.assert_allclose(optimal_discriminator(np.log(p), np.log(q)), p / (p + q), rtol=1e-12)


def test_value_at_the_equilibrium_and_of_disjoint_distributions():
    assert value_at_optimum(0.0) == pytest.approx(-np.log(4), abs=1e-15)
    assert value_at_optimum(np.log(2)) == pytest.approx(0, abs=1e-15)


@pytest.mark.parametrize(
    ("density", "rows", "text"),
    [
        (Mixture(np.zeros((1, 3)), 1.0), np.zeros((20, 3)), "density has 3 dimensions; 1 or 2 are needed"),
        (LINE, np.zeros((20, 2)), "generated has 2 features and the density 1"),
        (LINE, np.zeros((9, 1)), "generated has 9 rows; at least 10"),
        (LINE, np.full((20, 1), np.nan), "generated has 20 of 20 rows with NaN"),
    ],
)
def test_what_has_no_divergence_is_refused(density, rows, text):
    with pytest.raises(ValueError, match=text):
        jensen_shannon(density, rows)


def test_collapse_to_one_point():
    """All rows alike: their density is as narrow as a cell, and the divergence all but log 2."""
    assert 0.6 < jensen_shannon(LINE, np.zeros((1000, 1))) <= np.log(2)
