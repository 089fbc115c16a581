"""What there is to see of a game of generator and discriminator at one moment, computed from the public verbs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from rosenblatt.display.rows import rows_like

if TYPE_CHECKING:
    from rosenblatt.models.game_recorder import GameRecorder

_RESOLUTIONS = {1: 60, 2: 80}  # places along each axis, by the number of axes
_MARGIN = 0.15  # beyond the data, in parts of their range
_FURTHEST = 0.6  # beyond the data, where samples are there
_STEP = 0.01  # standard deviations of a column, to both sides, for the slope of D
_N_DENSITY = 600  # samples from which their density is estimated
_RARE = 0.01  # of the peak of p + q: where it is less, the best D says nothing that could be learned


class GameMoment(NamedTuple):
    """A game after some epochs.

    Attributes
    ----------
    epoch : int
    fake : ndarray (n_fake, n_numbers)
        Samples.
    of_real, of_fake : ndarrays (n_real,) and (n_fake,)
        D(x) of rows and D(G(z)) of samples, 0 to 1.
    slopes : ndarray (n_fake, n_numbers) or None
        In which direction the discriminator finds samples more real: the steepest one where columns have standard
        deviation 1, as long as its output grows on a step.
    confidence, optimal : ndarrays (*shape of the grid) or None
        D everywhere, and the best that there could be, p / (p + q): NaN where hardly any rows or samples are.
    """

    epoch: int
    fake: np.ndarray
    of_real: np.ndarray
    of_fake: np.ndarray
    slopes: np.ndarray | None = None
    confidence: np.ndarray | None = None
    optimal: np.ndarray | None = None


@dataclass(frozen=True)
class Watched:
    """A fitted game, some rows of its data, and where else its discriminator is asked.

    Attributes
    ----------
    game : GAN
    rows : array-like or data frame (n_real, ...)
    labels : ndarray (n_real,) or None
    recorder : GameRecorder or None
        None where only the fitted game is watched.
    density : object with ``log_density``, or None
    random_state : int
    """

    game: Any
    rows: Any
    labels: np.ndarray | None
    recorder: GameRecorder | None
    density: Any
    random_state: int

    @property
    def real(self) -> np.ndarray:
        """The rows as numbers (n_real, n_numbers)."""
        return flat(self.rows)

    @property
    def n_axes(self) -> int:
        """Axes of the space of rows, where it can be drawn: 1 or 2, else 0."""
        is_image = getattr(self.game, "image_shape_", None) is not None
        n_numbers = self.real.shape[1]
        return 0 if is_image or n_numbers > max(_RESOLUTIONS) else n_numbers

    def at(self, epoch: int) -> Any:
        """The game as it was then."""
        return self.game if self.recorder is None else self.recorder.at(self.game, epoch)

    def moments(self, epochs: Sequence[int]) -> tuple[tuple[np.ndarray, ...], list[GameMoment]]:
        """The axes of the grid, and what there is to see after so many epochs each."""
        from rosenblatt.models.game_course import samples_of

        games = [self.at(epoch) for epoch in epochs]
        fakes = [samples_of(game, self.labels, len(self.rows), self.random_state) for game in games]
        grid = axes_around(self.real, np.concatenate([flat(fake) for fake in fakes]), self.n_axes)
        return grid, [self._moment(*each, grid) for each in zip(epochs, games, fakes, strict=True)]

    def _moment(self, epoch: int, game: Any, fake: Any, grid: tuple[np.ndarray, ...]) -> GameMoment:
        from rosenblatt.models.game_course import confidence_of

        confidence = confidence_of(game, self.rows, fake, self.labels)
        seen = GameMoment(
            epoch, flat(fake), np.asarray(confidence(self.rows, self.labels)), np.asarray(confidence(fake, self.labels))
        )
        if not grid:
            return seen
        places, shape = places_of(grid), [len(axis) for axis in grid[::-1]]
        return seen._replace(
            slopes=self._slopes(game, seen.fake),
            confidence=self._everywhere(confidence, places).reshape(shape),
            optimal=None if self.density is None else self._optimal(game, places).reshape(shape),
        )

    def _everywhere(self, confidence: Callable, places: np.ndarray) -> np.ndarray:
        """D at places; where it knows classes its mean over them, as often as each is among the rows."""
        rows = rows_like(self.rows, places)
        if self.labels is None:
            return np.asarray(confidence(rows, None), float)
        classes, counts = np.unique(self.labels, return_counts=True)
        of_classes = [np.asarray(confidence(rows, np.full(len(places), label)), float) for label in classes]
        return np.average(of_classes, axis=0, weights=counts)

    def _optimal(self, game: Any, places: np.ndarray) -> np.ndarray:
        """p / (p + q), with q from many samples."""
        from rosenblatt.metrics.kernel_density import log_kernel_density
        from rosenblatt.models.game_course import samples_of

        n_each = -(-_N_DENSITY // len(self.rows))
        labels = None if self.labels is None else np.tile(self.labels, n_each)
        samples = flat(samples_of(game, labels, n_each * len(self.rows), self.random_state))
        log_p, log_q = np.asarray(self.density.log_density(places), float), log_kernel_density(samples, places)
        either = np.logaddexp(log_p, log_q)
        best = np.exp(np.minimum(log_p - either, 0.0))
        return np.where(either > either.max() + np.log(_RARE), best, np.nan)

    def _slopes(self, game: Any, fake: np.ndarray) -> np.ndarray:
        """By central differences, which are exact between the kinks of a network of straight pieces."""
        scale = np.where(self.real.std(axis=0) > 0, self.real.std(axis=0), 1.0)
        steps = np.diag(_STEP * scale)
        beside = np.concatenate([fake + sign * step for step in steps for sign in (1, -1)])
        labels = None if self.labels is None else np.tile(self.labels, 2 * len(steps))
        scores = np.asarray(game.score_samples(rows_like(self.rows, beside), labels), float)
        up, down = scores.reshape(len(steps), 2, len(fake)).swapaxes(0, 1)
        return (up - down).T / (2 * _STEP) * scale


def flat(rows: Any) -> np.ndarray:
    """Rows or images as numbers (n, n_numbers)."""
    return np.asarray(rows, np.float64).reshape(len(rows), -1)


def axes_around(real: np.ndarray, fake: np.ndarray, n_axes: int) -> tuple[np.ndarray, ...]:
    """Places along each axis, around the data and nine in ten samples, as far as these are not too far off."""
    axes = []
    for column, samples in zip(real.T[:n_axes], fake.T[:n_axes], strict=True):
        low, high = column.min(), column.max()
        reach = (high - low) or 1.0
        from_, to = np.quantile(samples, [0.05, 0.95])
        low = min(low, max(from_, low - _FURTHEST * reach)) - _MARGIN * reach
        high = max(high, min(to, high + _FURTHEST * reach)) + _MARGIN * reach
        axes.append(np.linspace(low, high, _RESOLUTIONS[n_axes]))
    return tuple(axes)


def places_of(grid: tuple[np.ndarray, ...]) -> np.ndarray:
    """All places of a grid (n_places, n_axes), the first axis the fastest."""
    return np.stack([axis.ravel() for axis in np.meshgrid(*grid)], axis=1)
