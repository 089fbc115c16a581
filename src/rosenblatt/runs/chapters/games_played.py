"""The games of the tour's chapter, and what is measured of them."""

import math
from typing import NamedTuple

import numpy as np

from rosenblatt.data import MixtureDensity
from rosenblatt.metrics import known_game
from rosenblatt.models.game_recorder import GameRecorder
from rosenblatt.models.gan import GAN

LINE = MixtureDensity(np.array([0.0, 2.5]), np.array([0.5, 0.8]), np.array([0.6, 0.4]))
N_SAMPLES = 10_000  # of which their density is estimated


def line_game(random_state: int = 1) -> GAN:
    """The game on the line: numbers from four numbers of noise. D learns faster than G, so that the one can follow."""
    return GAN(
        latent_dim=4,
        hidden_layer_sizes=(64, 64),
        r1=0.02,
        batch_size=500,
        learning_rate=0.0005,
        discriminator_learning_rate=0.003,
        max_epochs=300,
        random_state=random_state,
        callbacks=[GameRecorder()],
    )


def digits_game() -> GAN:
    """The game on 8×8 images."""
    return GAN(max_epochs=200, random_state=0)


def seen_through(max_epochs: int = 30) -> GAN:
    """A game on 8×8 images, by plain gradient descent, in which the discriminator gets far ahead."""
    return GAN(
        r1=0.01,
        optimizer="sgd",
        learning_rate=0.005,
        discriminator_learning_rate=0.05,
        max_epochs=max_epochs,
        referee=False,
        random_state=0,
    )


class Standing(NamedTuple):
    """A game on rows that no player has learned from, and on as many samples.

    Attributes
    ----------
    value : float
        V(D, G), in nats.
    of_discriminator, of_generator : float
        The risks of both, without penalties.
    accuracy : float
        Share of rows and samples that the discriminator tells rightly.
    """

    value: float
    of_discriminator: float
    of_generator: float
    accuracy: float


EQUILIBRIUM = Standing(-math.log(4), 2 * math.log(2), math.log(2), 0.5)


def standing(game: GAN, X: np.ndarray) -> Standing:
    """How a non-saturating game stands; the raw outputs of its discriminator are logits of D."""
    real, fake = game.score_samples(X), game.score_samples(game.sample(len(X), random_state=1))
    risk = float(np.logaddexp(0, -real).mean() + np.logaddexp(0, fake).mean())
    accuracy = 0.5 * float((real > 0).mean() + (fake <= 0).mean())
    return Standing(-risk, risk, float(np.logaddexp(0, -fake).mean()), accuracy)


class Phase(NamedTuple):
    """A game on the line at one moment.

    Attributes
    ----------
    real, fake : float
        Mean D of rows and of samples.
    off_best : float
        Mean distance of D from p / (p + q) on both.
    divergence : float
        Of Jensen and Shannon, in nats.
    """

    real: float
    fake: float
    off_best: float
    divergence: float


def phase_of(game: GAN, X: np.ndarray) -> Phase:
    """What there is to be measured where the density of the rows is ``LINE``."""
    samples = game.sample(N_SAMPLES, random_state=0)
    known, places = known_game(LINE, samples), np.concatenate([X, samples[: len(X)]])
    learned = game.discriminate(places)
    off_best = float(np.abs(learned - known.discriminate(places)).mean())
    real, fake = learned.reshape(2, -1).mean(axis=1)
    return Phase(float(real), float(fake), off_best, known.divergence)
