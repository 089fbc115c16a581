"""The referee of a game of two networks: who looks at it now and then, on rows that no player learns from.

Its codes and rows are drawn once, so that looks are comparable, and not from the players' random numbers. When it looks
follows from how much work the players do in an epoch and how much a look is, both counted, so that the same fit looks
in the same epochs on every machine.
"""

import math
import time
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import jax.numpy as jnp
import numpy as np

from rosenblatt.losses.adversarial import ADVERSARIAL_LOSSES
from rosenblatt.metrics.generation import Comparison
from rosenblatt.models.diagnosis import DiagnosisWarning
from rosenblatt.models.examples import Examples
from rosenblatt.models.feature_space import Features, FeatureSpace
from rosenblatt.models.game_alarms import Alarms
from rosenblatt.models.game_verdict import remedy
from rosenblatt.models.pca_yardstick import as_float64
from rosenblatt.nn.describe import describe_layers
from rosenblatt.nn.gan import Discriminator, Generator
from rosenblatt.nn.mlp import MLP
from rosenblatt.training.callbacks import Callback, Logs
from rosenblatt.training.loop import Training

PREFIX = "referee_"
DISCREPANCY, BEST_BY = f"{PREFIX}discrepancy", f"{PREFIX}shortfall"
TOLERANCE = 0.05  # of the shortfall: what chance does to precision and coverage of 500 rows
FEWEST_ROWS = 20  # with fewer, shares of rows and neighbours tell nothing
_LOOKED_AT = 500  # rows; twice as many rank generators hardly better and cost four times as much
_SHARE = 0.05  # of the players' work
_FEW_LOOKS = 12
# What a look costs beside passing networks, in multiply-adds of players, of which there are 3e10 a second: about 35 ms
# for 500 and 500 rows and 13 ms for 180 and 180.
_LOOK, _PAIR = 3e8, 3e3
_CHEAP = 1.5e9  # so that it may be taken in a short fit too
_TINY = 1e-12
_STALLING_SHARE, _STALLING_SECONDS = 0.25, 10.0


class RefereeWarning(UserWarning):
    """Looks at a game took too much of its time, so that there are fewer of them."""


@dataclass(frozen=True)
class Judged:
    """A game at one moment: rows of features and raw outputs of the discriminator, on real rows and on samples."""

    comparison: Comparison
    of_real: np.ndarray
    of_fake: np.ndarray
    generated: np.ndarray


class Referee:
    """Looks at the networks of some epochs, and gives the columns ``referee_*`` of the history.

    Parameters
    ----------
    estimator : GAN
    training_set, held_out : Examples
    features : Features, optional
        By default those of ``FeatureSpace``.
    n_rows : int, default=500
        Held-out rows, and samples, to look at.
    """

    def __init__(
        self,
        estimator: Any,
        training_set: Examples,
        held_out: Examples,
        features: Features | None = None,
        n_rows: int = _LOOKED_AT,
    ):
        rng = np.random.default_rng(0)
        chosen = _drawn(held_out.weights, len(held_out.X), rng)[:n_rows]
        self.estimator, self.training_set = estimator, training_set
        self.held_out = held_out.part(chosen)
        self.rows = as_float64(self.held_out.X).astype(np.float32)
        self.codes = rng.standard_normal((len(chosen), estimator._n_latents())).astype(np.float32)
        self.labels = None
        if self.held_out.y is not None:
            self.labels = rng.choice(self.held_out.y, len(chosen))  # in the shares that they have there
        self.features = features or FeatureSpace.of(training_set.X, estimator.image_shape_ is not None)

    def look(self, estimator: Any) -> Judged:
        """What there is to measure of the estimator's networks."""
        generated = estimator._made(self.codes, self.labels)
        rows, labels = np.concatenate([self.rows, generated]), None
        if self.held_out.y is not None and self.labels is not None:
            labels = np.concatenate([self.held_out.y, self.labels])
        of_real, of_fake = np.split(estimator._score(rows, labels), 2)
        return Judged(self.of_training.against(self.features(generated)), of_real, of_fake, generated)

    @cached_property
    def of_training(self) -> Comparison:
        """The comparison with training rows in the place of samples."""
        rng = np.random.default_rng(1)
        chosen = _drawn(self.training_set.weights, len(self.training_set.X), rng)[: len(self.rows)]
        return Comparison(self.features(self.rows), self.features(self.training_set.X[chosen]))

    @cached_property
    def of_real(self) -> dict[str, float]:
        """The same measures of training rows in the place of samples: what a perfect generator would get."""
        return self.of_training.measures()


class Looks(Callback):
    """A referee as the engine's judge: it looks at the first epoch, when so many have passed, and at the last one.

    It hears the fit too, and warns of an alarm in the epoch from which on it stands. A fit that is resumed knows the
    looks before, and does not warn again.

    Parameters
    ----------
    referee : Referee
    last : int
        The epoch that is looked at in any case.
    """

    def __init__(self, referee: Referee, last: int):
        self.referee, self.last = referee, last
        self.alarms = Alarms(referee.of_real)
        self._training: Training | None = None
        self.every = 0  # not known before the networks are
        self._began, self._seconds, self._n_looks, self._warned = time.perf_counter(), 0.0, 0, False

    def __call__(self, epoch: int, networks: dict[str, Any]) -> Logs:
        estimator = self.referee.estimator
        if not self.every:
            self.every = epochs_between_looks(estimator, networks, self.referee, self.last)
        if epoch % self.every and epoch not in (1, self.last):
            return {}
        began = time.perf_counter()
        found = columns(self.referee.look(estimator._playing_with(networks)), estimator.loss)
        found["shortfall"] = shortfall(found, self.referee.of_real)
        self._mind_the_clock(time.perf_counter() - began)
        return {f"{PREFIX}{name}": value for name, value in found.items()}

    def on_train_begin(self, training: Training) -> None:
        self._training = training
        for look in looks_of(training.history):
            self.alarms.hear(look, int(look["epoch"]) * training.n_steps)

    def on_epoch_end(self, epoch: int, logs: Logs) -> None:
        if DISCREPANCY not in logs or self._training is None:
            return
        found = self.alarms.hear(_look_of(logs), self._training.state.step)
        if found:
            what, _ = remedy(found, self.alarms.state, self.referee.estimator)
            warnings.warn(
                f"the game of this {type(self.referee.estimator).__name__} at epoch {epoch} of {self.last}: {found}. "
                f"{what}. It goes on; referee=False ends this",
                DiagnosisWarning,
                stacklevel=2,
            )

    def on_train_end(self, training: Training) -> None:
        self._training = None

    def _mind_the_clock(self, seconds: float) -> None:
        """Halves the number of looks where the count of work was far from true, as on an unusual machine."""
        if self._n_looks:  # the first one compiles what later ones, and samples, share
            self._seconds += seconds
        self._n_looks += 1
        share = self._seconds / (time.perf_counter() - self._began)
        if self._seconds < _STALLING_SECONDS or share < _STALLING_SHARE:
            return
        self.every *= 2
        if not self._warned:
            warnings.warn(
                f"the referee took {share:.0%} of the fit so far ({self._seconds:.0f} s): from now on it looks at half "
                "as many epochs, and at fewer again if that is still too much. This depends on the clock, so another "
                "run may keep another best epoch; referee=False has no looks",
                RefereeWarning,
                stacklevel=2,
            )
        self._warned = True


def columns(judged: Judged, loss: str) -> dict[str, float]:
    """Means, shares and measures by name."""
    said = {name: float(sum(part.mean() for part in parts)) for name, parts in opinions(judged, loss).items()}
    return said | judged.comparison.measures()


def shortfall(found: Mapping[str, float], of_real: Mapping[str, float]) -> float:
    """By how much samples fall short of real rows: 0 or less is nothing, and more than 2 is all.

    The distance sees where samples are as a whole, and no structure that is fine beside it: among many narrow heaps
    it hardly tells samples that lie between them. Precision and coverage, which go by nearest neighbours, do.
    """
    missing = (max(1 - found[name] / max(of_real[name], _TINY), 0.0) for name in ("precision", "coverage"))
    return found["discrepancy"] + sum(missing)


def opinions(judged: Judged, loss: str) -> dict[str, tuple[np.ndarray, ...]]:
    """What the discriminator says of each row, by name: columns, the sum of whose means is the number of that name."""
    losses = ADVERSARIAL_LOSSES[loss]
    real, fake = (jnp.asarray(outputs) for outputs in (judged.of_real, judged.of_fake))
    middle = losses.boundary if losses.boundary is not None else 0.5 * (float(real.mean()) + float(fake.mean()))
    named = {
        "real": (losses.confidence(real),),
        "fake": (losses.confidence(fake),),
        "accuracy_real": (real > middle,),
        "accuracy_fake": (fake < middle,),
        "discriminator_risk": (losses.real(real), losses.fake(fake)),
        "generator_risk": (losses.generator(fake),),
    }
    return {name: tuple(np.asarray(part, np.float64) for part in parts) for name, parts in named.items()}


def epochs_between_looks(estimator: Any, networks: dict[str, Any], referee: Referee, last: int) -> int:
    """After how many epochs the players' work is so much that a look is its ``_SHARE``; fewer where looks are cheap."""
    generator, discriminator = (_multiply_adds(networks[name]) for name in ("generator", "discriminator"))
    penalised = estimator._r1() > 0 or estimator._gradient_penalty() > 0
    # A slope costs twice what its value does, that in parameters and inputs; a penalty is once more as much.
    of_discriminator = generator + (12 if penalised else 6) * discriminator
    of_row = int(estimator.discriminator_steps) * of_discriminator + 3 * generator + 2 * discriminator
    n_rows, n_looked_at = len(referee.training_set.X), len(referee.rows)
    look = n_looked_at * (generator + 2 * discriminator) + _LOOK + _PAIR * n_looked_at**2
    every = math.ceil(look / (_SHARE * n_rows * of_row))
    return max(1, min(every, last // _FEW_LOOKS) if look < _CHEAP else every)


def looks_of(history: Mapping[str, Any]) -> list[dict[str, float]]:
    """What the referee saw, look by look, with the epoch."""
    names = [name for name in history if name.startswith(PREFIX)]
    if not names:
        return []
    columns = {"epoch": history["epoch"]} | {name.removeprefix(PREFIX): history[name] for name in names}
    return [
        {name: float(column[i]) for name, column in columns.items()}
        for i in np.flatnonzero(np.isfinite(history[DISCREPANCY]))
    ]


def _look_of(logs: Logs) -> dict[str, float]:
    """The same of one epoch."""
    return {name.removeprefix(PREFIX): value for name, value in logs.items() if name.startswith(PREFIX)}


def _multiply_adds(network: Generator | Discriminator) -> int:
    inner = network.network
    head = inner if isinstance(inner, MLP) else inner.head
    return sum(layer.multiply_adds for layer in describe_layers(network, head.n_inputs))


def _drawn(weights: np.ndarray | None, n_rows: int, rng: np.random.Generator) -> np.ndarray:
    """Rows in random order; of those with weights, each is kept with a chance in proportion to its weight."""
    order = rng.permutation(n_rows)
    if weights is None:
        return order
    kept = rng.random(n_rows) * weights.max() < weights
    return order[kept[order]]
