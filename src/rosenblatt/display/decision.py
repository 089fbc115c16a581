"""What a classifier decides everywhere in the plane."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, Self

import numpy as np

from rosenblatt.display.canvas import Color, axes_or_new, page_color, series_colors, text_color
from rosenblatt.display.points import draw_classes, draw_legend, point_style
from rosenblatt.display.rows import rows_like

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_STRENGTH = 0.4  # of a region's colour where its class is certain
_MOST_CLASSES = 50


class DecisionDisplay:
    """Regions coloured by class, the paler the less certain, with the boundary between them and the points.

    Parameters
    ----------
    x1, x2 : ndarray (n_columns,) and (n_rows,)
        Coordinates of the grid, rising.
    probabilities : ndarray (n_rows, n_columns, n_classes)
        Of each class at each place; 1 and 0 where only a decision is known.
    classes : sequence (n_classes,)
    scores : ndarray (n_rows, n_columns, n_classes), optional
        Boundaries are where the two largest are equal; by default the probabilities.
    X : ndarray (n_samples, 2), optional
        Points to draw.
    y : ndarray (n_samples,), optional
        Their classes.
    axis_names : (str, str), default=("x1", "x2")
    class_names : sequence of str, optional
        For the legend; by default the classes.

    Attributes
    ----------
    ax_, figure_ : matplotlib axes and figure, after ``plot``
    surface_ : matplotlib image
    boundaries_ : list of matplotlib contour sets
    points_ : list of matplotlib collections, one for each class

    Notes
    -----
    scikit-learn's ``DecisionBoundaryDisplay`` does this for estimators; here are also plain functions, the colours of
    the settings, and one mixture of all classes' colours.

    Examples
    --------
    >>> import numpy as np
    >>> from rosenblatt.display import DecisionDisplay
    >>> corners = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
    >>> gate = DecisionDisplay.from_estimator(lambda X: X.sum(axis=1) > 1, corners, [0, 0, 0, 1], margin=0.5)
    >>> gate.classes.tolist()
    [0, 1]
    """

    def __init__(
        self,
        x1: np.ndarray,
        x2: np.ndarray,
        probabilities: np.ndarray,
        classes: Any,
        *,
        scores: np.ndarray | None = None,
        X: np.ndarray | None = None,
        y: Any = None,
        axis_names: Sequence[str] = ("x1", "x2"),
        class_names: Sequence[str] | None = None,
    ):
        self.x1, self.x2, self.probabilities = x1, x2, probabilities
        self.classes = np.asarray(classes)
        self.scores = probabilities if scores is None else scores
        self.X, self.y = X, None if y is None else np.asarray(y)
        self.axis_names = axis_names
        self.class_names = [str(label) for label in (self.classes if class_names is None else class_names)]
        if len(self.class_names) != len(self.classes):
            raise ValueError(
                f"there are {len(self.class_names)} class names and {len(self.classes)} classes "
                f"({self.classes.tolist()}); give one for each"
            )

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        X: Any,
        y: Any = None,
        *,
        resolution: int = 200,
        margin: float = 0.1,
        class_names: Sequence[str] | None = None,
        ax: Axes | None = None,
    ) -> Self:
        """Draws the decisions of a fitted classifier, or of a function, around some points.

        Parameters
        ----------
        estimator : classifier, or callable
            Fitted; its ``predict_proba`` is drawn, or else its ``predict``. A callable takes rows (n, 2) and returns
            a class for each (n,), or probabilities (n, n_classes).
        X : array-like or data frame (n_samples, 2)
        y : array-like (n_samples,), optional
            Without it points are drawn in one colour.
        resolution : int, default=200
            At least 2: places on each side of the grid.
        margin : float, default=0.1
            At least 0: how far the picture goes beyond the points, relative to their range.
        class_names : sequence of str, optional
            For the legend, a name for each class.
        ax : matplotlib axes, optional

        Returns
        -------
        DecisionDisplay

        Raises
        ------
        TypeError
            If the estimator is a regressor, or neither classifier nor callable.
        ValueError
            If X has not two columns, or y not one class for each row.
        """
        points, names = _check_points(X, estimator)
        if resolution < 2 or margin < 0:
            raise ValueError(f"resolution={resolution} must be at least 2, and margin={margin} at least 0")
        x1, x2 = (_ticks(column, resolution, margin) for column in points.T)
        grid = np.stack([axis.ravel() for axis in np.meshgrid(x1, x2)], axis=1)
        y = _check_labels(y, len(points))
        decisions = _decide(estimator, rows_like(X, grid), y)
        shape = (len(x2), len(x1), len(decisions.classes))
        display = cls(
            x1,
            x2,
            decisions.probabilities.reshape(shape),
            decisions.classes,
            scores=decisions.scores.reshape(shape),
            X=points,
            y=y,
            axis_names=names,
            class_names=class_names,
        )
        return display.plot(ax)

    def plot(self, ax: Axes | None = None) -> Self:
        """Draws regions, boundary and points.

        Parameters
        ----------
        ax : matplotlib axes, optional
            Without it a figure is made.

        Returns
        -------
        DecisionDisplay
        """
        self.ax_ = ax = axes_or_new(ax)
        self.figure_ = ax.figure
        colors = series_colors(len(self.classes))
        extent = (self.x1[0], self.x1[-1], self.x2[0], self.x2[-1])
        self.surface_ = ax.imshow(
            self._colored(colors), extent=extent, origin="lower", aspect="auto", interpolation="bilinear"
        )
        self.boundaries_ = self._draw_boundaries()
        self.points_ = self._draw_points()
        ax.set(xlim=extent[:2], ylim=extent[2:], xlabel=self.axis_names[0], ylabel=self.axis_names[1])
        return self

    def _colored(self, colors: list[Color]) -> np.ndarray:
        """The classes' colours, mixed by probability; where no class is more probable than others, the page."""
        chance = 1.0 / len(self.classes)
        certainty = (self.probabilities.max(axis=2) - chance) / (1.0 - chance) if chance < 1 else 1.0
        share, page = _STRENGTH * np.atleast_3d(certainty), np.array(page_color(self.ax_))
        return np.clip(page + share * (self.probabilities @ np.array(colors) - page), 0.0, 1.0)

    def _draw_boundaries(self) -> list[Any]:
        boundaries = []
        for number in range(len(self.classes) - 1):
            lead = self.scores[:, :, number] - np.delete(self.scores, number, axis=2).max(axis=2)
            if lead.min() < 0 < lead.max():
                style = {"colors": [text_color()], "linewidths": 1.0}
                boundaries.append(self.ax_.contour(self.x1, self.x2, lead, levels=[0.0], **style))
        return boundaries

    def _draw_points(self) -> list[Any]:
        if self.X is None:
            return []
        if self.y is None:
            return [self.ax_.scatter(*self.X.T, color=text_color(), **point_style(self.ax_, len(self.X)))]
        points = draw_classes(self.ax_, self.X, self.y, self.classes, self.class_names)
        draw_legend(self.ax_)
        return points


def _check_points(X: Any, estimator: Any) -> tuple[np.ndarray, tuple[str, str]]:
    points = np.asarray(X, float)
    if points.ndim != 2 or points.shape[1] != 2 or not len(points):
        raise ValueError(
            f"X has shape {points.shape}; decisions can be drawn over two features only: rows (n, 2) are needed, at "
            "least one"
        )
    names = getattr(X, "columns", getattr(estimator, "feature_names_in_", ("x1", "x2")))
    return points, (str(names[0]), str(names[1]))


def _check_labels(y: Any, n_points: int) -> np.ndarray | None:
    if y is None:
        return None
    y = np.asarray(y)
    if y.shape != (n_points,):
        raise ValueError(f"y has shape {y.shape} and X has {n_points} rows; one class for each row is needed")
    return y


def _ticks(column: np.ndarray, resolution: int, margin: float) -> np.ndarray:
    low, high = column.min(), column.max()
    beyond = margin * (high - low) if high > low else max(margin, 0.5)
    return np.linspace(low - beyond, high + beyond, resolution)


class _Decisions(NamedTuple):
    """Of each class at each place (n, n_classes)."""

    probabilities: np.ndarray
    classes: np.ndarray
    scores: np.ndarray


def _decide(estimator: Any, grid: Any, y: np.ndarray | None) -> _Decisions:
    from sklearn.base import is_classifier

    if hasattr(estimator, "predict_proba"):
        probabilities = np.asarray(estimator.predict_proba(grid))
        decisions = _Decisions(probabilities, np.asarray(estimator.classes_), probabilities)
    elif hasattr(estimator, "predict") and is_classifier(estimator):
        decisions = _decide_by_classes(estimator, grid)
    elif callable(estimator) and not hasattr(estimator, "predict"):
        decisions = _decide_by_function(estimator, grid, y)
    else:
        raise TypeError(
            f"got {type(estimator).__name__}; a fitted classifier, or a function that returns classes, is needed"
        )
    unknown = np.setdiff1d([] if y is None else y, decisions.classes)
    if len(unknown):
        raise ValueError(f"y holds {unknown[:5].tolist()}, and the classes are {decisions.classes[:20].tolist()}")
    return decisions


def _decide_by_classes(estimator: Any, grid: Any) -> _Decisions:
    """By ``predict``; the boundary by ``decision_function``, which is smooth where decisions are steps."""
    predicted = np.asarray(estimator.predict(grid))
    classes = np.asarray(estimator.classes_)
    one_hot = (predicted[:, None] == classes).astype(float)
    scores = np.asarray(estimator.decision_function(grid)) if hasattr(estimator, "decision_function") else one_hot
    scores = np.column_stack([-scores, scores]) if scores.ndim == 1 else scores
    return _Decisions(one_hot, classes, scores if scores.shape == one_hot.shape else one_hot)


def _decide_by_function(function: Callable[[Any], Any], grid: Any, y: np.ndarray | None) -> _Decisions:
    returned = np.asarray(function(grid))
    if returned.shape[:1] != (len(grid),):
        raise ValueError(
            f"the function returned shape {returned.shape} for {len(grid)} rows; a class for each is needed"
        )
    if returned.ndim == 2 and returned.shape[1] > 1:
        classes = np.arange(returned.shape[1]) if y is None else np.unique(y)
        return _Decisions(returned, classes, returned)
    predicted = returned.ravel().astype(int) if returned.dtype == bool else returned.ravel()
    classes = np.unique(predicted if y is None else np.concatenate([predicted, y]))
    if len(classes) > _MOST_CLASSES:
        raise ValueError(
            f"the function returned {len(classes)} different values; it should return a class for each row (compare "
            "with a threshold), or probabilities (n, n_classes)"
        )
    one_hot = (predicted[:, None] == classes).astype(float)
    return _Decisions(one_hot, classes, one_hot)
