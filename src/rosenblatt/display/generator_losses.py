"""How long the generator's slope is where the discriminator sees through its samples, with both of its losses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np

from rosenblatt.display.canvas import axes_or_new, font_scale, page_color, series_colors, size_in_inches
from rosenblatt.display.game import GameDisplay

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from rosenblatt.studies.generator_losses import GeneratorLossComparison

_FORMULAS = {"saturating": "log(1 − D)", "non-saturating": "−log D"}
_SLOPES = {"saturating": "D", "non-saturating": "1 − D"}
_N_PLACES = 200
_EDGE = 0.003  # of D, from where on the curves are drawn on a logarithmic scale
_PANEL = (4.4, 3.9)  # inches


class GeneratorLossDisplay:
    """The length of the generator's slope over D(G(z)), a point for each epoch, of both losses from one seed.

    The curves are how long the slopes of the two losses are in the discriminator's logit: D of log(1 - D), which
    vanishes where the discriminator sees through the samples, and 1 - D of -log D. What a parameter of the generator
    feels is that times how the logit goes with it, which differs from game to game and from epoch to epoch; the curves
    are drawn with the factor that is usual among all epochs.

    Parameters
    ----------
    comparison : GeneratorLossComparison
    displays : dict of GameDisplay by loss, optional
        For ``plot_games``.

    Attributes
    ----------
    ax_, figure_ : matplotlib axes and figure, after ``plot``
    points_, curves_ : dicts of matplotlib collections and lines, by loss
    factor : float
        Of the curves.
    axes_ : ndarray (3,) of matplotlib axes, after ``plot_games``

    Examples
    --------
    >>> import numpy as np
    >>> from rosenblatt import GAN
    >>> from rosenblatt.display import GeneratorLossDisplay
    >>> X = np.random.default_rng(0).normal(5.0, 0.1, size=(500, 1))
    >>> game = GAN(latent_dim=2, hidden_layer_sizes=16, discriminator_steps=4, r1=0.0, max_epochs=20, random_state=0)
    >>> display = GeneratorLossDisplay.from_estimator(game, X)
    >>> sorted(display.points_)
    ['non-saturating', 'saturating']
    """

    def __init__(self, comparison: GeneratorLossComparison, displays: dict[str, GameDisplay] | None = None):
        from rosenblatt.studies.generator_losses import logit_slopes

        self.comparison, self.displays = comparison, displays
        ratios = [
            played.gradient_norm / np.maximum(logit_slopes(played.confidence)[loss], 1e-12)
            for loss, played in comparison.games.items()
        ]
        self.factor = float(np.median(np.concatenate(ratios)))

    @classmethod
    def from_estimator(
        cls, game: Any, X: Any, y: Any = None, *, n_snapshots: int = 24, n_rows: int = 500, ax: Axes | None = None
    ) -> Self:
        """Plays a game with both losses, and draws the generator's slopes.

        Parameters
        ----------
        game, X, y, n_snapshots, n_rows : as for ``rosenblatt.studies.compare_generator_losses``
        ax : matplotlib axes, optional

        Returns
        -------
        GeneratorLossDisplay
        """
        from rosenblatt.studies.generator_losses import compare_generator_losses

        comparison = compare_generator_losses(game, X, y, n_snapshots=n_snapshots, n_rows=n_rows)
        displays = {
            loss: GameDisplay.of_game(played.game, X, y, recorder=played.recorder)
            for loss, played in comparison.games.items()
        }
        return cls(comparison, displays).plot(ax)

    def plot(self, ax: Axes | None = None) -> Self:
        """Draws the slopes of all epochs, and the curves.

        Parameters
        ----------
        ax : matplotlib axes, optional
            Without it a figure is made.

        Returns
        -------
        GeneratorLossDisplay
        """
        from rosenblatt.studies.generator_losses import logit_slopes

        self.ax_ = ax = axes_or_new(ax, (6.4 * font_scale(), 4.4 * font_scale()))
        self.figure_, self.points_, self.curves_ = ax.figure, {}, {}
        places = np.linspace(_EDGE, 1 - _EDGE, _N_PLACES)
        slopes = logit_slopes(places)
        colors = dict(zip(slopes, series_colors(4)[2:], strict=True))  # the first two are those of data and samples
        for loss, played in self.comparison.games.items():
            style = {"color": colors[loss], "s": 22, "edgecolors": [page_color(ax)], "linewidths": 0.3, "zorder": 3}
            name = f"{loss}: {_FORMULAS[loss]}"
            self.points_[loss] = ax.scatter(played.confidence, played.gradient_norm, label=name, **style)
            name = f"slope in the logit: {_SLOPES[loss]}"
            (self.curves_[loss],) = ax.plot(places, self.factor * slopes[loss], color=colors[loss], label=name)
        ax.set_yscale("log")
        ax.set(xlim=(0, 1), xlabel="D(G(z)), mean of an epoch", ylabel="|∇G|, mean of an epoch")
        self._draw_legend()
        return self

    def plot_games(self, *, epoch: int | None = None) -> Self:
        """Draws both games at one moment, and the slopes beside them, in a figure of its own.

        Parameters
        ----------
        epoch : int, optional
            After how many epochs, or at the last moment before; by default the end.

        Returns
        -------
        GeneratorLossDisplay

        Raises
        ------
        ValueError
            If there are no displays of the games.
        """
        from matplotlib import pyplot

        if self.displays is None:
            raise ValueError("the games are not known: use from_estimator, or give a GameDisplay of each loss")
        width, height = (inches * font_scale() for inches in _PANEL)
        figure, axes = pyplot.subplots(1, 3, figsize=(3 * width, height), layout="constrained")
        for ax, (loss, display) in zip(axes, self.displays.items(), strict=False):
            display.plot(ax, epoch=epoch, legend=False)
            ax.set_title(f"{loss}\n{ax.get_title()}", fontsize="medium", fontweight="normal")
        self.plot(axes[2])
        self.figure_, self.axes_ = figure, axes
        return self

    def _draw_legend(self) -> None:
        """Above the points, where they leave room."""
        low, high = self.ax_.get_ylim()
        self.ax_.set_ylim(low, high * (high / low) ** 0.45)
        self.ax_.legend(loc="upper center", ncols=1, fontsize="small", frameon=False)
        size_in_inches(self.ax_)
