"""The helpers of the tour's chapter on games."""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import norm

from rosenblatt.data import MixtureDensity
from rosenblatt.models import find_phases, measure_game
from rosenblatt.runs.chapters.digits_rows import digits_rows, images
from rosenblatt.runs.chapters.games_played import EQUILIBRIUM, LINE, digits_game, line_game, phase_of, standing


class Oracle:
    """A game whose samples have a known density, and whose discriminator is the best one."""

    def __init__(self, density):
        self.density = density

    def sample(self, n_samples, random_state):
        return self.density.sample(n_samples, random_state)

    def score_samples(self, X):
        return LINE.log_density(X) - self.density.log_density(X)

    def discriminate(self, X):
        return 1 / (1 + np.exp(-self.score_samples(X)))


@pytest.fixture(scope="module")
def played():
    return line_game().fit(LINE.sample(2000, 0))


def test_the_standing_of_a_game_by_its_own_confidences(played):
    X = LINE.sample(500, 3)
    real, fake = played.discriminate(X), played.discriminate(played.sample(500, random_state=1))
    found = standing(played, X)
    assert found.value == pytest.approx(np.log(real).mean() + np.log(1 - fake).mean(), rel=1e-5)
    assert found.of_discriminator == -found.value
    assert found.of_generator == pytest.approx(-np.log(fake).mean(), rel=1e-5)
    assert found.accuracy == (np.sum(real > 0.5) + np.sum(fake <= 0.5)) / 1000


def test_the_standing_against_samples_of_the_data_is_the_equilibrium():
    """A discriminator that says 1/2 of everything calls all rows samples: half of its answers are right."""
    assert standing(Oracle(LINE), LINE.sample(500, 3)) == pytest.approx(EQUILIBRIUM, abs=1e-12)


def test_the_best_play_against_a_generator_by_quadrature():
    """Samples of one normal distribution with the mean and the deviation of the data, against its two hills."""
    q = norm(loc=1.0, scale=np.sqrt(0.6 * 0.25 + 0.4 * 0.64 + 0.24 * 2.5**2))
    other = Oracle(MixtureDensity([1.0], q.std()))

    def p(x):
        return 0.6 * norm.pdf(x, 0.0, 0.5) + 0.4 * norm.pdf(x, 2.5, 0.8)

    def inside(x):
        a, b = p(x), q.pdf(x)
        return 0.5 * (a * np.log(2 * a / (a + b)) + b * np.log(2 * b / (a + b)))

    found = phase_of(other, LINE.sample(1000, 3))
    # The slope of the divergence in q is log(2 q / (p + q)) / 2, and gives the standard error of 10,000 samples.
    slopes = -0.5 * np.log((1 + np.exp(other.score_samples(other.sample(100_000, 5)))) / 2)
    assert found.divergence == pytest.approx(quad(inside, -5, 7)[0], abs=6 * slopes.std() / 100)
    assert found.off_best < 0.03  # of the estimate of q, at 2,000 places
    mean = quad(lambda x: p(x) ** 2 / (p(x) + q.pdf(x)), -5, 7)[0]
    assert found.real == pytest.approx(mean, abs=6 * 0.25 / np.sqrt(1000))  # D has a deviation below 0.25


def test_the_game_on_the_line_goes_through_its_five_phases(played):
    """Over five seeds all were found; the divergence was at most 0.009 at the end, and 0.17 at the start."""
    (recorder,) = played.callbacks
    X = LINE.sample(1000, 1)
    epochs = find_phases(measure_game(played, X, recorder=recorder)).epochs
    assert None not in epochs.values()
    assert list(epochs.values()) == sorted(set(epochs.values()))
    assert phase_of(played, X).divergence < 0.02 < 0.1 < phase_of(recorder.at(played, 0), X).divergence
    found = standing(played, X)
    assert found == pytest.approx(EQUILIBRIUM, abs=0.06)


def test_the_game_of_the_digits_sees_images_from_0_to_1():
    X = digits_rows(200).X
    assert (X.min(), X.max()) == (0.0, 1.0)
    game = digits_game().set_params(max_epochs=1).fit(images(X))
    assert game.data_range_ == (0.0, 1.0)
    assert game.sample(5, random_state=0).shape == (5, 8, 8)
    widths = [layer.weight.shape for layer in game.networks_["generator"].network.layers]
    assert widths == [(64, 128), (128, 128), (128, 128), (128, 64)]
