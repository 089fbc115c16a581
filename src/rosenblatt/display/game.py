"""A game of generator and discriminator at any moment: what the one makes, and what the other thinks of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from copy import copy
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from rosenblatt.display.animation import check_suffix, encode_animation
from rosenblatt.display.canvas import axes_or_new, font_scale
from rosenblatt.display.game_moments import GameMoment, Watched
from rosenblatt.display.game_phases import draw_key, draw_phases
from rosenblatt.display.game_pictures import Painter
from rosenblatt.display.points import draw_legend
from rosenblatt.display.rows import check_verb, drawn_images

if TYPE_CHECKING:
    from os import PathLike

    from matplotlib.axes import Axes

    from rosenblatt.models.game_phases import GamePhases
    from rosenblatt.models.game_recorder import GameRecorder

_SIZES = {"bars": (6.4, 3.6), "surface": (5.6, 5.0), "images": (4.6, 5.0), "rows": (5.0, 5.2)}  # inches


class GameDisplay:
    """Rows of the data, samples, and the discriminator's confidence at some moments of a game.

    - Rows of one number: bars of D along the line, up from 1/2 where it finds data and down where it finds samples, so
      that they vanish at the equilibrium; below, the points. Arrows show where the discriminator draws samples to.
    - Rows of two: D as colours of the plane, with the line where it is 1/2.
    - Images and longer rows: samples, or the plane in which the data are widest; below, how often the discriminator
      gives rows and samples which confidence.

    Parameters
    ----------
    real : array-like (n_real, n_numbers)
        Rows of the data.
    moments : sequence of GameMoment
        In order, at least one.
    grid : tuple of ndarrays, default=()
        The places along each axis, for rows of one or two numbers.
    axis_names : sequence of str, default=("x1", "x2")
    image_shape : (height, width, channels), optional
    phases : GamePhases, optional
        For ``plot_phases``.

    Attributes
    ----------
    kind : {"bars", "surface", "images", "rows"}
    ax_, figure_ : matplotlib axes and figure, after ``plot``
    artists_ : dict of what was drawn, by name
    axes_ : ndarray (n_rows, 5) of matplotlib axes, after ``plot_phases``

    Raises
    ------
    ValueError
        If there is no moment, or the parts do not belong together.

    Examples
    --------
    >>> import numpy as np
    >>> from rosenblatt import GAN
    >>> from rosenblatt.display import GameDisplay
    >>> from rosenblatt.models import GameRecorder
    >>> X = np.random.default_rng(0).normal(5.0, 2.0, size=(500, 1))
    >>> recorder = GameRecorder(n_snapshots=5)
    >>> game = GAN(latent_dim=2, hidden_layer_sizes=16, max_epochs=60, random_state=0, callbacks=[recorder]).fit(X)
    >>> display = GameDisplay.from_estimator(game, X, recorder=recorder)
    >>> display.kind, [moment.epoch for moment in display.moments]
    ('bars', [0, 1, 4, 15, 60])
    """

    def __init__(
        self,
        real: Any,
        moments: Sequence[GameMoment],
        *,
        grid: tuple[np.ndarray, ...] = (),
        axis_names: Sequence[str] = ("x1", "x2"),
        image_shape: tuple[int, int, int] | None = None,
        phases: GamePhases | None = None,
    ):
        self.real, self.moments, self.grid = np.asarray(real, float), list(moments), grid
        self.axis_names, self.image_shape, self.phases = tuple(axis_names), image_shape, phases
        self._painter = Painter(self.real, self.moments, grid, image_shape, self.axis_names)
        self.kind = self._painter.kind
        shapes = {np.shape(moment.fake)[1:] for moment in self.moments}
        n_numbers = self.real.shape[1] if self.real.ndim == 2 else None
        if self.real.ndim != 2 or not self.moments or shapes != {(n_numbers,)} or len(grid) not in (0, n_numbers):
            raise ValueError(
                f"real has shape {self.real.shape}, the samples of {len(self.moments)} moments are rows of shape "
                f"{sorted(shapes)}, and the grid has {len(grid)} axes; real (n, n_numbers), at least one moment with "
                "rows of as many numbers, and a grid of as many axes or of none are needed"
            )

    @classmethod
    def from_estimator(
        cls,
        game: Any,
        X: Any,
        y: Any = None,
        *,
        recorder: GameRecorder | None = None,
        epochs: Sequence[int] | None = None,
        density: Any = None,
        n_points: int = 200,
        random_state: int = 0,
        ax: Axes | None = None,
    ) -> Self:
        """Draws a fitted game, as it ended, on some rows of its data.

        Parameters
        ----------
        game : GAN
            Fitted.
        X : array-like or data frame (n, n_features), or images
        y : array-like (n,), where the model is conditional
        recorder : GameRecorder, optional
            That listened during the fit: it gives the moments before, and the phases.
        epochs : sequence of int, optional
            Of which moments there is to be something to see, beside the phases; by default all of the recorder's.
        density : object with ``log_density(places)``, optional
            Of the data, where it is known, for rows of one or two numbers: the best discriminator p / (p + q) is drawn
            too, with the density q of samples estimated from 600 of them.
        n_points : int >= 2, default=200
            Rows of X to draw, evenly spaced, and as many samples.
        random_state : int, default=0
            Of the samples' codes, which are the same at all moments.
        ax : matplotlib axes, optional

        Returns
        -------
        GameDisplay

        Raises
        ------
        TypeError
            If the estimator is no GAN.
        ValueError
            If a number is out of its range, or epochs are asked for without a recorder.
        """
        from rosenblatt.models.game_course import some_rows

        for verb in ("sample", "discriminate", "score_samples"):
            check_verb(game, verb, "give GameDisplay the moments", who="a GAN")
        if n_points < 2:
            raise ValueError(f"n_points={n_points} must be at least 2")
        if epochs is not None and recorder is None:
            raise ValueError(
                f"epochs={list(epochs)}, but only the end of the game is known; fit with callbacks=[GameRecorder()], "
                "and give it as recorder"
            )
        watched = Watched(game, *some_rows(game, X, y, n_points), recorder, density, random_state)
        phases = _phases(watched, X, y)
        grid, moments = watched.moments(_epochs(watched, epochs, phases))
        is_image = getattr(game, "image_shape_", None) is not None
        shape = drawn_images(watched.rows, game, None, "")[0].shape if is_image else None
        names = [str(name) for name in getattr(X, "columns", ("x1", "x2") if len(grid) == 2 else ("x",))]
        display = cls(watched.real, moments, grid=grid, axis_names=names, image_shape=shape, phases=phases)
        return display.plot(ax)

    def plot(self, ax: Axes | None = None, *, epoch: int | None = None) -> Self:
        """Draws one moment.

        Parameters
        ----------
        ax : matplotlib axes, optional
            Without it a figure is made.
        epoch : int, optional
            After how many epochs, or at the last moment before; by default the last moment.

        Returns
        -------
        GameDisplay
        """
        moment = self._moment(epoch)
        width, height = _SIZES[self.kind]
        size = width * font_scale(), height * font_scale()
        self.ax_ = ax = axes_or_new(ax, size)
        self.figure_ = ax.figure
        self.artists_ = self._painter.draw(ax, moment)
        self._painter.label(ax, self.artists_)
        draw_legend(self.artists_["key_ax"], below=self.kind == "surface")
        if self.kind == "surface":
            draw_key(self.artists_["surface"], [ax])
        ax.set_title(_title(moment), fontsize="medium", fontweight="normal")
        return self

    def plot_phases(self) -> Self:
        """Draws the phases of the game in a row, each at its first moment, in a figure of its own.

        Where the density of the data is known, and rows have two numbers, the best discriminator is in a row below.

        Returns
        -------
        GameDisplay

        Raises
        ------
        ValueError
            If the phases are not known.
        """
        if self.phases is None:
            raise ValueError("the phases are not known: fit with callbacks=[recorder], and give it to from_estimator")
        panels = [(name, None if epoch is None else self._moment(epoch)) for name, epoch in self.phases.epochs.items()]
        self.figure_, self.axes_, self.artists_ = draw_phases(self._painter, panels)
        self.ax_ = self.axes_[0, 0]
        return self

    def save_animation(self, path: str | PathLike[str], *, seconds: float = 0.4, dpi: float = 110) -> None:
        """Writes all moments, one after another, as an animation.

        Parameters
        ----------
        path : path
            Ends in .gif; in .html: a page with a slider, whole in one file; or in .mp4, which needs ffmpeg.
        seconds : float, default=0.4
            How long each is shown; positive.
        dpi : float, default=110
            Pixels an inch.

        Raises
        ------
        ValueError
            If the path ends otherwise, or ``seconds`` is not positive.
        FileNotFoundError
            If an MP4 is asked for and there is no ffmpeg.
        """
        path = check_suffix(path)
        if not seconds > 0:
            raise ValueError(f"seconds={seconds!r} must be positive")
        texts = [_title(moment) for moment in self.moments]
        path.write_bytes(encode_animation(path.suffix, self._pictures(dpi), texts, seconds))

    def _pictures(self, dpi: float) -> Iterator[np.ndarray]:
        """One figure, drawn anew for each moment, that pyplot does not know."""
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure

        width, height = _SIZES[self.kind]
        size = width * font_scale(), height * font_scale()
        figure = Figure(figsize=size, dpi=dpi, layout="constrained")
        canvas = FigureCanvasAgg(figure)
        drawn = copy(self)
        for moment in self.moments:
            figure.clear()
            drawn.plot(figure.subplots(), epoch=moment.epoch)
            canvas.draw()
            yield np.asarray(canvas.buffer_rgba()).copy()

    def _moment(self, epoch: int | None) -> GameMoment:
        """The last one that is not after this epoch."""
        if epoch is None:
            return self.moments[-1]
        before = [moment for moment in self.moments if moment.epoch <= epoch]
        if not before:
            epochs = [moment.epoch for moment in self.moments]
            raise ValueError(f"epoch={epoch} is before all moments, which are of the epochs {epochs}")
        return before[-1]


def _phases(watched: Watched, X: Any, y: Any) -> GamePhases | None:
    from rosenblatt.models.game_course import measure_game
    from rosenblatt.models.game_phases import find_phases

    if watched.recorder is None:
        return None
    return find_phases(measure_game(watched.game, X, y, recorder=watched.recorder, random_state=watched.random_state))


def _epochs(watched: Watched, wanted: Sequence[int] | None, phases: GamePhases | None) -> list[int]:
    """The moments that are asked for, and those of the phases."""
    if watched.recorder is None or phases is None:
        return [len(watched.game.history_)]
    of_phases = [epoch for epoch in phases.epochs.values() if epoch is not None]
    asked = watched.recorder.epochs if wanted is None else [watched.recorder.snapshot(epoch).epoch for epoch in wanted]
    return sorted({*of_phases, *asked})


def _title(moment: GameMoment) -> str:
    return f"epoch {moment.epoch}: D(x) {moment.of_real.mean():.2f}, D(G(z)) {moment.of_fake.mean():.2f}"
