"""How a game of generator and discriminator went, measured at the moments that a recorder kept."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from rosenblatt.metrics.two_sample import two_sample_test
from rosenblatt.models.game_recorder import GameRecorder


@dataclass(frozen=True)
class GameCourse:
    """The state of a game at some moments.

    Attributes
    ----------
    epochs : ndarray of int (n_moments,)
        Ascending; 0 is the start.
    real, fake : ndarrays (n_moments,)
        Mean D(x) of rows, and mean D(G(z)) of samples.
    distance : ndarray (n_moments,)
        Between rows and samples, as a share of the largest that there could be: ``TwoSampleTest.share``.
    p_value : ndarray (n_moments,)
        How often rows and samples of one distribution would be as far apart.
    middle : float, default=0.5
        What D is at the equilibrium.
    """

    epochs: np.ndarray
    real: np.ndarray
    fake: np.ndarray
    distance: np.ndarray
    p_value: np.ndarray
    middle: float = 0.5

    def __post_init__(self):
        columns = (self.epochs, self.real, self.fake, self.distance, self.p_value)
        shapes = [np.shape(column) for column in columns]
        if len(set(shapes)) > 1 or len(shapes[0]) != 1 or not shapes[0][0]:
            raise ValueError(f"the columns have shapes {shapes}; a number for each moment is needed in each, (n,)")
        if (np.diff(self.epochs) <= 0).any():
            raise ValueError(f"epochs={np.asarray(self.epochs).tolist()} must be ascending")

    @property
    def lead(self) -> np.ndarray:
        """By how much more the discriminator believes rows than samples (n_moments,): 0 where it cannot tell."""
        return self.real - self.fake


def measure_game(
    game: Any, X: Any, y: Any = None, *, recorder: GameRecorder, n_rows: int = 500, random_state: int = 0
) -> GameCourse:
    """Measures a game at each snapshot, on rows of X and as many samples, always of the same codes.

    Parameters
    ----------
    game : GAN
        Fitted, while ``recorder`` listened.
    X : array-like or data frame (n, n_features), or images
        What was learned from, or better other rows of its kind.
    y : array-like (n,), where the model is conditional
        The classes; samples are of the same ones, and are then compared with rows together with their classes.
    recorder : GameRecorder
    n_rows : int >= 2, default=500
        Rows of X to look at, evenly spaced. The more, the smaller the differences that are found.
    random_state : int, default=0

    Returns
    -------
    GameCourse

    Raises
    ------
    ValueError
        If the recorder has no snapshots, or rows or classes do not fit the model.

    Notes
    -----
    Distances are between rows whose columns have standard deviation 1, or between images. The critic of a Wasserstein
    game gives no probabilities; its D is the logistic function of how far its output is from the middle between its
    means on rows and samples.
    """
    if n_rows < 2:
        raise ValueError(f"n_rows={n_rows} must be at least 2")
    recorder.snapshot(recorder.epochs[0] if recorder.epochs else 0)  # or says why there is none
    rows, labels = some_rows(game, X, y, n_rows)
    as_points = _points_like(rows, labels, getattr(game, "image_shape_", None))
    points, columns = as_points(rows), []
    for epoch in recorder.epochs:
        then = recorder.at(game, epoch)
        samples = samples_of(then, labels, len(rows), random_state)
        confidence = confidence_of(then, rows, samples, labels)
        test = two_sample_test(points, as_points(samples), random_state=random_state)
        means = confidence(rows, labels).mean(), confidence(samples, labels).mean()
        columns.append((epoch, *means, test.share, test.p_value))
    epochs, *others = zip(*columns, strict=True)
    middle = (1.0 - getattr(game, "label_smoothing", 0.0)) / 2
    return GameCourse(np.array(epochs), *map(np.array, others), middle=middle)


def some_rows(game: Any, X: Any, y: Any, n_rows: int) -> tuple[Any, np.ndarray | None]:
    """At most so many rows of X, evenly spaced, and their classes where the model knows any."""
    chosen = np.linspace(0, len(X) - 1, min(n_rows, len(X))).round().astype(int)
    rows = X.iloc[chosen] if hasattr(X, "iloc") else X[chosen] if hasattr(X, "columns") else np.asarray(X)[chosen]
    if not getattr(game, "conditional", False):
        return rows, None
    if y is None or len(y) != len(X):
        got = "no y" if y is None else f"{len(y)} classes"
        raise ValueError(f"the model is conditional, and got {got} for {len(X)} rows; give y, the class of each row")
    return rows, np.asarray(y)[chosen]


def samples_of(game: Any, labels: np.ndarray | None, n_samples: int, random_state: int) -> Any:
    """Samples (n_samples, ...), of these classes where the model knows any."""
    if labels is None:
        return game.sample(n_samples, random_state=random_state)
    return game.sample(n_samples, y=labels, random_state=random_state)


def confidence_of(
    game: Any, rows: Any, samples: Any, labels: np.ndarray | None
) -> Callable[[Any, np.ndarray | None], np.ndarray]:
    """D as a function of rows and classes, from 0 to 1.

    Of a critic without probabilities it is the logistic function of its output less the middle between its means on
    ``rows`` and ``samples``.
    """
    if getattr(game, "loss", None) != "wasserstein":
        return game.discriminate
    middle = 0.5 * (game.score_samples(rows, labels).mean() + game.score_samples(samples, labels).mean())
    return lambda X, y: 0.5 + 0.5 * np.tanh(0.5 * (game.score_samples(X, y) - middle))


def _points_like(rows: Any, labels: np.ndarray | None, image_shape: tuple[int, ...] | None) -> Callable:
    """A function from rows to points (n, n_numbers) of which all numbers count alike; classes are numbers too."""
    flat = _flat(rows)
    deviations = flat.std(axis=0) if image_shape is None else np.full(flat.shape[1], flat.std())
    scale = np.where(deviations > 0, deviations, 1.0)
    classes = np.empty((len(flat), 0))
    if labels is not None:
        classes = np.sqrt(flat.shape[1]) * (labels[:, None] == np.unique(labels))
    return lambda rows: np.hstack([_flat(rows) / scale, classes])


def _flat(rows: Any) -> np.ndarray:
    return np.asarray(rows, np.float64).reshape(len(rows), -1)
