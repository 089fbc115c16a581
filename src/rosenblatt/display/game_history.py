"""How a game went, epoch by epoch: what the discriminator says, and how far samples are from the data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np

from rosenblatt.display.canvas import axes_or_new, series_colors, text_color

if TYPE_CHECKING:
    from matplotlib.axes import Axes


class GameHistoryDisplay:
    """Mean D(x) of rows and D(G(z)) of samples by epoch, which meet at 1/2, and the referee's discrepancy.

    Parameters
    ----------
    epochs : array-like of int (n_epochs,)
    real, fake : array-like (n_epochs,)
        Mean D(x), and mean D(G(z)).
    discrepancy : array-like (n_epochs,) or None, default=None
        Between rows and samples; NaN in epochs in which nobody looked.
    middle : float or None, default=0.5
        D at the equilibrium; None where the discriminator gives no probabilities.
    best_epoch : int or None, default=None
        Marked where it is given.

    Attributes
    ----------
    ax_, figure_ : matplotlib axes and figure, after ``plot``
    lines_ : dict of matplotlib lines by name

    Raises
    ------
    ValueError
        If the columns differ in length.

    Examples
    --------
    >>> import numpy as np
    >>> from rosenblatt import GAN
    >>> from rosenblatt.display import GameHistoryDisplay
    >>> X = np.random.default_rng(0).normal(5.0, 2.0, size=(500, 1))
    >>> game = GAN(hidden_layer_sizes=16, max_epochs=20, random_state=0).fit(X)
    >>> sorted(GameHistoryDisplay.from_estimator(game).lines_)[-2:]
    ['fake', 'real']
    """

    def __init__(
        self,
        epochs: Any,
        real: Any,
        fake: Any,
        *,
        discrepancy: Any = None,
        middle: float | None = 0.5,
        best_epoch: int | None = None,
    ):
        self.epochs, self.real, self.fake = (np.asarray(column) for column in (epochs, real, fake))
        self.discrepancy = None if discrepancy is None else np.asarray(discrepancy, float)
        self.middle, self.best_epoch = middle, best_epoch
        columns = [self.real, self.fake, *([] if self.discrepancy is None else [self.discrepancy])]
        if any(column.shape != (len(self.epochs),) for column in columns):
            shapes = [column.shape for column in columns]
            raise ValueError(f"epochs has shape {self.epochs.shape} and the columns {shapes}; all need the same length")

    @classmethod
    def from_estimator(cls, game: Any, *, ax: Axes | None = None) -> Self:
        """Draws the history of a fitted GAN.

        Parameters
        ----------
        game : GAN
            Fitted.
        ax : matplotlib axes, optional

        Returns
        -------
        GameHistoryDisplay

        Raises
        ------
        TypeError
            If the estimator is no GAN.
        """
        history = getattr(game, "history_", {})
        if "train_discriminator_real" not in history:
            raise TypeError(f"{type(game).__name__} has no history of a game; a fitted GAN is needed")
        looked = "referee_discrepancy" in history
        kept = game.best_epoch_ if getattr(game, "restore_best", False) and looked else None
        probabilities = game.loss != "wasserstein"
        display = cls(
            history["epoch"],
            history["train_discriminator_real"],
            history["train_discriminator_fake"],
            discrepancy=history["referee_discrepancy"] if looked else None,
            middle=(1 - game.label_smoothing) / 2 if probabilities else None,
            best_epoch=kept,
        )
        return display.plot(ax)

    def plot(self, ax: Axes | None = None) -> Self:
        """Draws the curves.

        Parameters
        ----------
        ax : matplotlib axes, optional
            Without it a figure is made.

        Returns
        -------
        GameHistoryDisplay
        """
        from matplotlib.ticker import MaxNLocator

        self.ax_ = ax = axes_or_new(ax)
        self.figure_ = ax.figure
        real_color, fake_color, third = series_colors(3)
        marker = "o" if len(self.epochs) == 1 else None  # one epoch makes no line
        curves = {
            "real": ("D(x) of rows", self.real, real_color),
            "fake": ("D(G(z)) of samples", self.fake, fake_color),
        }
        self.lines_ = {
            name: ax.plot(self.epochs, values, color=color, label=label, marker=marker)[0]
            for name, (label, values, color) in curves.items()
        }
        if self.discrepancy is not None:
            looked = np.isfinite(self.discrepancy)
            style: dict[str, Any] = {"color": third, "marker": ".", "linestyle": "--", "label": "discrepancy, held out"}
            self.lines_["discrepancy"] = ax.plot(self.epochs[looked], self.discrepancy[looked], **style)[0]
        if self.middle is not None:
            self.lines_["middle"] = ax.axhline(self.middle, color=text_color(), linewidth=0.8, linestyle=":")
        if self.best_epoch is not None:
            label = f"kept: epoch {self.best_epoch}"
            self.lines_["best"] = ax.axvline(
                self.best_epoch, color=text_color(), linewidth=1, linestyle="-.", label=label
            )
        ax.set_xlabel("epoch")
        ax.set_ylabel("D" if self.middle is not None else "critic")
        ax.xaxis.set_major_locator(MaxNLocator(integer=True, steps=[1, 2, 5, 10], min_n_ticks=1))
        ax.legend(fontsize="small")
        return self
