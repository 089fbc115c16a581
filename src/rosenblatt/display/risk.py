"""The risk by epoch: what a fit achieved on the rows that it learned from, and on others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np

from rosenblatt.display.canvas import axes_or_new, series_colors, text_color

if TYPE_CHECKING:
    from matplotlib.axes import Axes


class RiskDisplay:
    """Training and validation risk (or another column of the history) by epoch.

    Parameters
    ----------
    epochs : array-like of int (n_epochs,)
    train, validation : array-like (n_epochs,) or None, default=None
        At least one of them.
    best_epoch : int or None, default=None
        Marked where it is given.
    measure : str, default="risk"
        What the numbers are.

    Attributes
    ----------
    ax_, figure_ : matplotlib axes and figure, after ``plot``
    train_line_, validation_line_, best_line_ : matplotlib lines, or None where they are not drawn

    Raises
    ------
    ValueError
        If there is neither a training nor a validation column, or their lengths differ from that of ``epochs``.

    Examples
    --------
    >>> from rosenblatt import MLPClassifier
    >>> from rosenblatt.data import load
    >>> from rosenblatt.display import RiskDisplay
    >>> moons = load("moons")
    >>> model = MLPClassifier(max_epochs=5, random_state=0).fit(moons.X, moons.y)
    >>> RiskDisplay.from_estimator(model).ax_.get_xlabel()
    'epoch'
    """

    def __init__(
        self,
        epochs: Any,
        *,
        train: Any = None,
        validation: Any = None,
        best_epoch: int | None = None,
        measure: str = "risk",
    ):
        if train is None and validation is None:
            raise ValueError("there is nothing to draw: give train, validation, or both")
        self.epochs = np.asarray(epochs)
        self.train = _column("train", train, self.epochs)
        self.validation = _column("validation", validation, self.epochs)
        self.best_epoch = best_epoch
        self.measure = measure

    @classmethod
    def from_estimator(
        cls, estimator: Any, *, measure: str = "risk", log_scale: bool = False, ax: Axes | None = None
    ) -> Self:
        """Draws the history of a fitted estimator.

        Parameters
        ----------
        estimator : estimator with ``history_``
            Fitted.
        measure : str, default="risk"
            The columns "train_" and "validation_" + measure: "accuracy", or "mistakes" of a perceptron.
        log_scale : bool, default=False
        ax : matplotlib axes, optional

        Returns
        -------
        RiskDisplay

        Raises
        ------
        TypeError
            If the estimator has no history.
        ValueError
            If its history has no such columns.
        """
        from sklearn.utils.validation import check_is_fitted

        check_is_fitted(estimator)
        if not hasattr(estimator, "history_"):
            raise TypeError(f"{type(estimator).__name__} has no history_; an estimator of rosenblatt is needed")
        best = getattr(estimator, "best_epoch_", None)
        return cls.from_history(estimator.history_, best_epoch=best, measure=measure, log_scale=log_scale, ax=ax)

    @classmethod
    def from_history(
        cls,
        history: Any,
        *,
        best_epoch: int | None = None,
        measure: str = "risk",
        log_scale: bool = False,
        ax: Axes | None = None,
    ) -> Self:
        """Draws columns of a history: a mapping from names to arrays, such as ``history_`` or a data frame.

        The best epoch is only marked where there is a validation column. Other parameters are those of
        ``from_estimator``.
        """
        columns = {part: f"{part}_{measure}" for part in ("train", "validation")}
        found = {part: history[name] for part, name in columns.items() if name in history}
        if not found:
            raise ValueError(
                f"the history has neither {columns['train']!r} nor {columns['validation']!r}; it has "
                f"{', '.join(history)}"
            )
        marked = best_epoch if "validation" in found else None
        display = cls(history["epoch"], **found, best_epoch=marked, measure=measure)
        return display.plot(ax, log_scale=log_scale)

    def plot(self, ax: Axes | None = None, *, log_scale: bool = False) -> Self:
        """Draws the curves.

        Parameters
        ----------
        ax : matplotlib axes, optional
            Without it a figure is made.
        log_scale : bool, default=False
            Whether the risk has a logarithmic scale.

        Returns
        -------
        RiskDisplay
        """
        from matplotlib.ticker import MaxNLocator

        self.ax_ = ax = axes_or_new(ax)
        self.figure_ = ax.figure
        train_color, validation_color = series_colors(2)
        style = "-" if self.validation is None else "--"
        self.train_line_ = self._curve("train", self.train, color=train_color, linestyle=style)
        self.validation_line_ = self._curve("validation", self.validation, color=validation_color)
        self.best_line_ = self._mark_best()
        ax.set_xlabel("epoch")
        ax.set_ylabel(self.measure)
        ax.xaxis.set_major_locator(MaxNLocator(integer=True, steps=[1, 2, 5, 10], min_n_ticks=1))
        if log_scale:
            ax.set_yscale("log")
        ax.legend(fontsize="small")
        return self

    def _curve(self, name: str, values: np.ndarray | None, **style: Any) -> Any:
        if values is None:
            return None
        marker = "o" if len(values) == 1 else None  # one epoch makes no line
        return self.ax_.plot(self.epochs, values, label=name, marker=marker, **style)[0]

    def _mark_best(self) -> Any:
        if self.best_epoch is None:
            return None
        best = self.ax_.axvline(
            self.best_epoch, color=text_color(), linewidth=1, linestyle=":", label=self._best_text()
        )
        if self.validation is not None:
            height = self.validation[self.epochs == self.best_epoch]
            self.ax_.plot([self.best_epoch] * len(height), height, "o", color=series_colors(2)[1])
        return best

    def _best_text(self) -> str:
        values = self.train if self.validation is None else self.validation
        found = [] if values is None else values[self.epochs == self.best_epoch]
        return f"best epoch {self.best_epoch}" + (f": {found[0]:.4g}" if len(found) else "")


def _column(name: str, values: Any, epochs: np.ndarray) -> np.ndarray | None:
    if values is None:
        return None
    values = np.asarray(values, float)
    if values.shape != epochs.shape:
        raise ValueError(f"{name} has shape {values.shape} and epochs {epochs.shape}; each epoch needs one number")
    return values
