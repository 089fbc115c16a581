"""The worst mistakes of a classifier of images: those that it was most sure of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from rosenblatt.display.canvas import axes_or_new
from rosenblatt.display.images import ImagesDisplay, check_images, rows_as_images

if TYPE_CHECKING:
    from matplotlib.axes import Axes


class MistakesDisplay:
    """Images that were classified wrongly, by the loss of the row, the largest first.

    Parameters
    ----------
    images : array-like (n_mistakes, height, width) or (n_mistakes, height, width, channels)
    true_labels, predicted_labels : sequence (n_mistakes,)
    probabilities : array-like (n_mistakes,)
        Of the predicted label.
    losses : array-like (n_mistakes,)
        In nats: minus the log probability of the true label.
    n_rows : int, optional
        How many rows were classified, rightly or wrongly.

    Attributes
    ----------
    ax_, figure_ : matplotlib axes and figure, after ``plot``
    images_, captions_ : lists of matplotlib images and texts

    Examples
    --------
    >>> from rosenblatt import MLPClassifier
    >>> from rosenblatt.data import load
    >>> from rosenblatt.display import MistakesDisplay
    >>> X, X_test, y, y_test = load("digits").split()
    >>> model = MLPClassifier(max_epochs=20, random_state=0).fit(X, y)
    >>> display = MistakesDisplay.from_estimator(model, X_test, y_test, image_shape=(8, 8))
    >>> display.true_labels.shape == display.losses.shape
    True
    """

    def __init__(
        self,
        images: Any,
        true_labels: Any,
        predicted_labels: Any,
        probabilities: Any,
        losses: Any,
        *,
        n_rows: int | None = None,
    ):
        worst_first = np.argsort(-np.asarray(losses), kind="stable")
        self.images = np.asarray(images)[worst_first]
        self.true_labels = np.asarray(true_labels)[worst_first]
        self.predicted_labels = np.asarray(predicted_labels)[worst_first]
        self.probabilities = np.asarray(probabilities, float)[worst_first]
        self.losses = np.asarray(losses, float)[worst_first]
        self.n_rows = n_rows

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        X: Any,
        y: Any,
        *,
        image_shape: tuple[int, ...] | None = None,
        class_names: Sequence[str] | None = None,
        n_images: int = 12,
        n_columns: int | None = None,
        cmap: Any = None,
        ax: Axes | None = None,
    ) -> Self:
        """Draws the worst mistakes of a fitted classifier on (X, y).

        Parameters
        ----------
        estimator : classifier with ``predict_proba``
            Fitted.
        X : array-like (n_samples, n_features), or images
        y : array-like (n_samples,)
        image_shape : (height, width) or (height, width, channels), optional
            Of the rows of X; by default what the estimator was fitted on, where it was fitted on images.
        class_names : sequence of str, optional
            A name for each of ``estimator.classes_``.
        n_images, n_columns, cmap, ax
            As in ``plot``.

        Returns
        -------
        MistakesDisplay

        Raises
        ------
        TypeError
            If the estimator gives no probabilities.
        ValueError
            If X is not made of images, or y or the names do not fit.
        """
        from sklearn.utils.validation import check_is_fitted

        check_is_fitted(estimator)
        if not hasattr(estimator, "predict_proba"):
            raise TypeError(
                f"{type(estimator).__name__} has no predict_proba, and mistakes are sorted by their probability; use "
                "a classifier that has"
            )
        shape = image_shape or getattr(estimator, "image_shape_", None)
        images = rows_as_images(X, shape)
        return cls.from_predictions(
            images,
            y,
            estimator.predict_proba(X),
            classes=estimator.classes_,
            class_names=class_names,
            n_images=n_images,
            n_columns=n_columns,
            cmap=cmap,
            ax=ax,
        )

    @classmethod
    def from_predictions(
        cls,
        images: Any,
        y_true: Any,
        y_proba: Any,
        *,
        classes: Any = None,
        class_names: Sequence[str] | None = None,
        n_images: int = 12,
        n_columns: int | None = None,
        cmap: Any = None,
        ax: Axes | None = None,
    ) -> Self:
        """Draws the worst mistakes among predicted probabilities.

        Parameters
        ----------
        images : array-like (n_samples, height, width) or (n_samples, height, width, channels)
        y_true : array-like (n_samples,)
        y_proba : array-like (n_samples, n_classes)
        classes : array-like (n_classes,), optional
            The label of each column of ``y_proba``; 0, 1, 2, ... by default.
        class_names, n_images, n_columns, cmap, ax
            As in ``from_estimator``.

        Returns
        -------
        MistakesDisplay
        """
        images, y_true, y_proba = check_images(images), np.asarray(y_true), np.asarray(y_proba, float)
        if y_true.ndim != 1 or y_proba.ndim != 2 or not len(images) == len(y_true) == len(y_proba):
            raise ValueError(
                f"{len(images)} images, y_true of shape {y_true.shape} and y_proba of shape {y_proba.shape} do not "
                "belong together; one label and one row of probabilities for each image is needed"
            )
        codes = _codes(y_true, classes, y_proba.shape[1])
        names = _names(classes, class_names, y_proba.shape[1])
        predicted, rows = y_proba.argmax(1), np.arange(len(y_true))
        wrong = rows[predicted != codes]
        of_true = np.maximum(y_proba[wrong, codes[wrong]], np.finfo(float).tiny)
        display = cls(
            images[wrong],
            names[codes[wrong]],
            names[predicted[wrong]],
            y_proba[wrong, predicted[wrong]],
            -np.log(of_true),
            n_rows=len(y_true),
        )
        return display.plot(ax, n_images=n_images, n_columns=n_columns, cmap=cmap)

    def plot(
        self, ax: Axes | None = None, *, n_images: int = 12, n_columns: int | None = None, cmap: Any = None
    ) -> Self:
        """Draws the worst mistakes, each with its true label, and the predicted one with its probability.

        Parameters
        ----------
        ax : matplotlib axes, optional
            Without it a figure of fitting size is made.
        n_images : int, default=12
            At least 1: how many, at most.
        n_columns, cmap
            As for ``ImagesDisplay.plot``.

        Returns
        -------
        MistakesDisplay
        """
        if n_images < 1:
            raise ValueError(f"n_images={n_images}; at least 1 is needed")
        n_drawn = min(n_images, len(self.images))
        title = self._title(n_drawn)
        if n_drawn:
            grid = ImagesDisplay(self.images[:n_drawn], self._captions()[:n_drawn], title=title)
            grid.plot(ax, n_columns=n_columns, cmap=cmap)
            self.ax_, self.images_, self.captions_ = grid.ax_, grid.images_, grid.captions_
        else:
            self.ax_, self.images_, self.captions_ = axes_or_new(ax, (4.0, 0.6)), [], []
            self.ax_.set_axis_off()
            self.ax_.set_title(title)
        self.figure_ = self.ax_.figure
        return self

    def _captions(self) -> list[str]:
        cases = zip(self.true_labels, self.predicted_labels, self.probabilities, strict=True)
        return [f"is {true}\nread as {predicted}, {probability:.0%}" for true, predicted, probability in cases]

    def _title(self, n_drawn: int) -> str:
        n_mistakes = len(self.images)
        among = "" if self.n_rows is None else f" among {self.n_rows:,} images"
        if n_mistakes == 0:
            return f"no mistake{among}"
        counted = f"{n_mistakes:,} mistake{'' if n_mistakes == 1 else 's'}{among}"
        if n_drawn == n_mistakes:
            return counted
        return f"the {'' if n_drawn == 1 else f'{n_drawn} '}worst of {counted}"


def _codes(y_true: np.ndarray, classes: Any, n_classes: int) -> np.ndarray:
    """The column of each true label."""
    classes = np.arange(n_classes) if classes is None else np.asarray(classes)
    if len(classes) != n_classes:
        raise ValueError(f"there are {len(classes)} classes and {n_classes} columns of y_proba; give one for each")
    unknown = np.setdiff1d(y_true, classes)
    if len(unknown):
        raise ValueError(f"y holds {unknown[:5].tolist()}, and the classes are {classes[:20].tolist()}")
    order = np.argsort(classes)
    return order[np.searchsorted(classes, y_true, sorter=order)]


def _names(classes: Any, class_names: Sequence[str] | None, n_classes: int) -> np.ndarray:
    """The name of each column."""
    if class_names is None:
        return np.asarray([str(label) for label in (range(n_classes) if classes is None else classes)])
    if len(class_names) != n_classes:
        raise ValueError(f"there are {len(class_names)} class names and {n_classes} classes; give one for each")
    return np.asarray([str(name) for name in class_names])
