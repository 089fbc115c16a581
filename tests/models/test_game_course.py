"""What is measured of a recorded game is what its networks say at each moment, and its phases are there."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import energy_distance

from rosenblatt import GAN
from rosenblatt.models import GameRecorder, find_phases, measure_game
from rosenblatt.models.game_course import confidence_of

ROWS = np.random.default_rng(0).normal(5.0, 2.0, size=(1000, 1))


def played(X=ROWS, y=None, **fields):
    recorder = GameRecorder(n_snapshots=fields.pop("n_snapshots", 12))
    shared = {"latent_dim": 2, "hidden_layer_sizes": (16,), "random_state": 0, "callbacks": [recorder]}
    return GAN(**shared | fields).fit(X, y), recorder


@pytest.fixture(scope="module")
def learned():
    """A game with a slow generator, so that the discriminator leads at first."""
    return played(learning_rate=2e-4, discriminator_learning_rate=2e-3, max_epochs=120)


@pytest.fixture(scope="module")
def course(learned):
    game, recorder = learned
    return measure_game(game, ROWS, recorder=recorder)


def test_columns_are_what_the_networks_say(learned, course):
    game, recorder = learned
    some = ROWS[np.linspace(0, 999, 500).round().astype(int)]
    np.testing.assert_array_equal(course.epochs, recorder.epochs)
    for i, epoch in enumerate(recorder.epochs):
        then = recorder.at(game, epoch)
        samples = then.sample(500, random_state=0)
        assert course.real[i] == pytest.approx(then.discriminate(some).mean(), rel=1e-6)
        assert course.fake[i] == pytest.approx(then.discriminate(samples).mean(), rel=1e-6)
        # SciPy gives the square root of 2 E|x - y| - E|x - x'| - E|y - y'|, in units of the rows.
        share = energy_distance(some[:, 0], samples[:, 0]) ** 2 / (2 * abs(some - samples.T).mean())
        assert course.distance[i] == pytest.approx(share, rel=1e-4, abs=1e-6)


def test_a_game_that_was_learned_has_its_phases(course):
    """On seeds 0 to 3 all five were found, the equilibrium at epoch 31 or 49; seed 4 would take longer."""
    phases = find_phases(course)
    places = list(phases.places.values())
    assert None not in places
    assert places == sorted(places)
    assert course.distance[phases.equilibrium] < 0.2 * course.distance[0]


def test_a_discriminator_that_wins_leaves_no_equilibrium():
    """A generator that hardly moves, on two clouds with nothing between them."""
    X = np.sign(ROWS - 5.0) + 0.01 * ROWS
    fields = {"learning_rate": 1e-7, "discriminator_learning_rate": 0.01, "r1": 0.0, "max_epochs": 40}
    game, recorder = played(X, n_snapshots=6, **fields)
    phases = find_phases(measure_game(game, X, recorder=recorder))
    assert list(phases.places.values()) == [0, 1, None, None, None]
    assert phases.course.lead[-1] > 0.2  # 0.32, 0.71 and 0.62 on seeds 0 to 2; 0 where it cannot tell


def test_classes_are_compared_with_their_rows():
    """Samples are like the rows as a whole; only together with the classes is it seen that they ignore them."""
    rng = np.random.default_rng(0)
    y = np.repeat(["low", "high"], 300)
    X = np.where(y == "low", -2.0, 2.0)[:, None] + rng.normal(0, 0.5, (600, 1))
    game, recorder = played(X, y, conditional=True, max_epochs=3, n_snapshots=3)

    class Ignores:
        conditional = True

        def with_networks(self, networks):
            return self

        def sample(self, n_samples, y, random_state):
            return np.random.default_rng(random_state).permutation(X)[:n_samples]

        def discriminate(self, X, y):
            return np.full(len(X), 0.5)

    ignoring = measure_game(Ignores(), X, y, recorder=recorder)
    assert (ignoring.p_value < 0.01).all()
    alone = Ignores()
    alone.conditional, alone.discriminate = False, lambda X, y=None: np.full(len(X), 0.5)
    alone.sample = lambda n_samples, random_state: rng.permutation(X)[:n_samples]
    assert (measure_game(alone, X, recorder=recorder).p_value > 0.05).all()
    assert measure_game(game, X, y, recorder=recorder, n_rows=100).epochs.tolist() == [0, 1, 3]
    with pytest.raises(ValueError, match="the model is conditional, and got no y for 600 rows"):
        measure_game(game, X, recorder=recorder)


def test_columns_of_any_units_count_alike():
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"small": rng.normal(0, 1e-3, 300), "large": rng.normal(1e3, 1e3, 300)})
    game, recorder = played(X, max_epochs=2, n_snapshots=3)
    as_frame = measure_game(game, X, recorder=recorder, n_rows=200)

    class Moved:
        """Samples of which the small column alone is off."""

        def with_networks(self, networks):
            return self

        def sample(self, n_samples, random_state):
            return np.random.default_rng(1).permutation(X.to_numpy())[:n_samples] + np.array([3e-3, 0.0])

        def discriminate(self, X, y):
            return np.full(len(X), 0.5)

    moved = measure_game(Moved(), X, recorder=recorder, n_rows=200)
    assert (moved.distance > 0.2).all()  # in units of the data it would be invisible: 0.003 of 1000
    assert as_frame.distance.shape == (3,)


def test_a_critic_is_read_relative_to_its_middle():
    game, recorder = played(loss="wasserstein", max_epochs=3, n_snapshots=3)
    course = measure_game(game, ROWS, recorder=recorder)
    samples = game.sample(300, random_state=0)
    scores = [game.score_samples(rows) for rows in (ROWS, samples)]
    middle = sum(score.mean() for score in scores) / 2
    expected = 1 / (1 + np.exp(middle - scores[0]))
    np.testing.assert_allclose(confidence_of(game, ROWS, samples, None)(ROWS, None), expected, rtol=1e-5)
    assert ((course.real - 0.5) * (course.fake - 0.5) < 1e-3).all()  # on both sides of the middle


def test_what_cannot_be_measured_is_refused(learned):
    with pytest.raises(ValueError, match="it has heard no fit yet"):
        measure_game(learned[0], ROWS, recorder=GameRecorder())
    with pytest.raises(ValueError, match="n_rows=1 must be at least 2"):
        measure_game(learned[0], ROWS, recorder=learned[1], n_rows=1)
