"""Why the generator's loss is not the one of the paper's game: both losses from one seed, and the slopes they give.

In the saturating game the generator descends log(1 - D(G(z))), whose slope in the discriminator's logit is -D(G(z)):
hardly any, as long as the discriminator sees through the samples, which is where there is most to learn. The
non-saturating loss -log D(G(z)) has the slope -(1 - D(G(z))) there, which then is the strongest.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from rich.table import Table
from sklearn.base import clone

from rosenblatt.models.game_course import GameCourse, measure_game
from rosenblatt.models.game_recorder import GameRecorder
from rosenblatt.models.tables import PrintedTable

LOSSES = ("saturating", "non-saturating")


@dataclass(frozen=True)
class GeneratorGame:
    """One of the two games.

    Attributes
    ----------
    game : GAN
        Fitted.
    recorder : GameRecorder
    course : GameCourse
    confidence : ndarray (n_epochs,)
        Mean D(G(z)) that the generator saw in each epoch.
    gradient_norm : ndarray (n_epochs,)
        Mean length of the slope that it descended.
    """

    game: Any
    recorder: GameRecorder
    course: GameCourse
    confidence: np.ndarray
    gradient_norm: np.ndarray


@dataclass(frozen=True)
class GeneratorLossComparison(PrintedTable):
    """The same game with both losses of the generator; prints as a table.

    Attributes
    ----------
    saturating, non_saturating : GeneratorGame
    n_rows : int
        That were learned from, and held out.

    References
    ----------
    I. Goodfellow et al., "Generative adversarial nets", NIPS 2014, section 3.
    """

    saturating: GeneratorGame
    non_saturating: GeneratorGame
    n_rows: int

    @property
    def games(self) -> dict[str, GeneratorGame]:
        """Both, by the name of the loss."""
        return dict(zip(LOSSES, (self.saturating, self.non_saturating), strict=True))

    def __rich__(self) -> Table:
        table = Table(
            title=f"The generator's two losses, from one seed, on {self.n_rows:,} rows",
            caption="lowest D(G(z)): of an epoch's mean, and the length of the generator's slope in that epoch\n"
            "distance: between rows and samples, 0 to 1, at the start and at the end; p: of the test for the end",
        )
        table.add_column("loss")
        for name in ("lowest D(G(z))", "in epoch", "slope there", "distance at first", "at the end", "p"):
            table.add_column(name, justify="right")
        for name, played in self.games.items():
            lowest = int(played.confidence.argmin())
            first, last = played.course.distance[[0, -1]]
            slope = f"{played.gradient_norm[lowest]:.2g}"
            ends = f"{first:.3f}", f"{last:.3f}", f"{played.course.p_value[-1]:.3f}"
            table.add_row(name, f"{played.confidence[lowest]:.3f}", f"{lowest + 1}", slope, *ends)
        return table


def logit_slopes(confidence: Any) -> dict[str, np.ndarray]:
    """How long the slope of each loss is in the discriminator's logit, at D(G(z)).

    Parameters
    ----------
    confidence : array-like of float in [0, 1]
        D(G(z)).

    Returns
    -------
    dict of ndarrays of the same shape
        "saturating": D, and "non-saturating": 1 - D.

    Examples
    --------
    >>> from rosenblatt.studies.generator_losses import logit_slopes
    >>> {loss: slope.tolist() for loss, slope in logit_slopes([0.0, 0.25, 1.0]).items()}
    {'saturating': [0.0, 0.25, 1.0], 'non-saturating': [1.0, 0.75, 0.0]}
    """
    confidence = np.asarray(confidence, float)
    return dict(zip(LOSSES, (confidence, 1.0 - confidence), strict=True))


def compare_generator_losses(
    game: Any, X: Any, y: Any = None, *, n_snapshots: int = 24, n_rows: int = 500
) -> GeneratorLossComparison:
    """Plays a game twice, with the saturating and with the non-saturating loss, and the same networks at the start.

    Parameters
    ----------
    game : GAN
        Whose clones are fitted, each with its ``loss``; it stays as it is. Its ``random_state`` must be a number, so
        that both start alike and see the same batches and codes. The difference shows where the discriminator gets
        ahead: with a few ``discriminator_steps``, or a larger ``discriminator_learning_rate``, and a small ``r1``.
    X : array-like or data frame (n, n_features), or images
    y : array-like (n,), where the model is conditional
    n_snapshots : int >= 3, default=24
        Moments of each game that are kept, as for ``GameRecorder``.
    n_rows : int >= 2, default=500
        Rows on which they are measured, as for ``measure_game``.

    Returns
    -------
    GeneratorLossComparison

    Raises
    ------
    TypeError
        If the estimator is no GAN.
    ValueError
        If its ``random_state`` is not a number, or it does not fit X.

    Examples
    --------
    >>> import numpy as np
    >>> from rosenblatt import GAN
    >>> from rosenblatt.studies import compare_generator_losses
    >>> X = np.random.default_rng(0).normal(5.0, 0.1, size=(500, 1))
    >>> game = GAN(latent_dim=2, hidden_layer_sizes=16, discriminator_steps=4, r1=0.0, max_epochs=20, random_state=0)
    >>> comparison = compare_generator_losses(game, X)
    >>> list(comparison.games)
    ['saturating', 'non-saturating']
    """
    if not hasattr(game, "with_networks") or not hasattr(game, "loss"):
        raise TypeError(f"got {type(game).__name__}; a GAN, fitted or not, is needed, whose two losses are compared")
    if not isinstance(game.random_state, int | np.integer):
        raise ValueError(
            f"random_state={game.random_state!r}; both games must start alike, so give a number, such as random_state=0"
        )
    saturating, non_saturating = (_play(loss, game, X, y, n_snapshots, n_rows) for loss in LOSSES)
    return GeneratorLossComparison(saturating, non_saturating, len(X))


def _play(loss: str, game: Any, X: Any, y: Any, n_snapshots: int, n_rows: int) -> GeneratorGame:
    recorder = GameRecorder(n_snapshots)
    copied: Any = clone(game)
    fitted = copied.set_params(loss=loss, callbacks=[*copied.callbacks, recorder]).fit(X, y)
    columns = (fitted.history_["train_generator_fake"], fitted.history_["train_generator_gradient_norm"])
    course = measure_game(fitted, X, y, recorder=recorder, n_rows=n_rows)
    return GeneratorGame(fitted, recorder, course, *(np.asarray(column, float) for column in columns))
