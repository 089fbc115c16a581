"""How well is learned from few labels: accuracy over the number of labels a class, with bands over seeds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from rosenblatt.display.canvas import MARKERS, axes_or_new, series_colors

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from rosenblatt.studies.fine_tuning import FineTuningReport
    from rosenblatt.studies.representation import RepresentationReport

_BAND = 0.2  # opacity


class LabelCurveDisplay:
    """Curves of a report over the number of labels a class: means over seeds, in bands of one standard deviation.

    Parameters
    ----------
    n_labels : array-like of int (n_counts,)
        Labelled rows of each class.
    curves : mapping of str to array-like (n_counts, n_seeds)
        Scores by name.
    title : str, default=""

    Attributes
    ----------
    ax_, figure_ : matplotlib axes and figure, after ``plot``
    lines_ : list of matplotlib lines
    bands_ : list of matplotlib collections
        Empty where there is one seed only.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from rosenblatt import Autoencoder
    >>> from rosenblatt.display import LabelCurveDisplay
    >>> X, y = load_digits(return_X_y=True)
    >>> encoder = Autoencoder(latent_dim=16, learning_rate=0.003, max_epochs=40, random_state=0).fit(X[:1300] / 16)
    >>> display = LabelCurveDisplay.from_estimator(
    ...     encoder, X[:1300] / 16, y[:1300], X[1300:] / 16, y[1300:], n_labels=(1, 10), n_seeds=2
    ... )
    >>> [line.get_label() for line in display.lines_]
    ['raw rows', 'PCA, 16 components', 'Autoencoder, 16 numbers']
    """

    def __init__(self, n_labels: Any, curves: Mapping[str, Any], title: str = ""):
        self.n_labels = np.asarray(n_labels)
        self.curves = {name: np.asarray(curve, float) for name, curve in curves.items()}
        self.title = title
        for name, curve in self.curves.items():
            if curve.ndim != 2 or len(curve) != len(self.n_labels):
                raise ValueError(
                    f"the curve {name!r} has shape {curve.shape}; ({len(self.n_labels)}, n_seeds) is needed, a row for "
                    "each of n_labels"
                )

    @classmethod
    def from_report(
        cls,
        report: RepresentationReport | FineTuningReport,
        *,
        classifier: str | None = None,
        ax: Axes | None = None,
    ) -> Self:
        """Draws the curves of a report.

        Parameters
        ----------
        report : RepresentationReport or FineTuningReport
        classifier : str, optional
            Of a RepresentationReport, one of its ``classifiers``; its first by default.
        ax : matplotlib axes, optional
            Without it a figure is made.

        Returns
        -------
        LabelCurveDisplay

        Raises
        ------
        ValueError
            If the report has no such classifier.
        """
        from rosenblatt.studies.fine_tuning import FineTuningReport

        if isinstance(report, FineTuningReport):
            if classifier is not None:
                raise ValueError(f"classifier={classifier!r}, but a FineTuningReport is of one network: leave it out")
            return cls(report.n_labels, report.curves()).plot(ax)
        classifier = report.classifiers[0] if classifier is None else classifier
        return cls(report.n_labels, report.curves(classifier), classifier).plot(ax)

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        X: Any,
        y: Any,
        X_test: Any,
        y_test: Any,
        *,
        n_labels: Any = (1, 3, 10, 30),
        n_seeds: int = 5,
        classifier: str | None = None,
        ax: Axes | None = None,
    ) -> Self:
        """Measures and draws what a classifier learns from an encoder's codes, beside raw rows and PCA.

        Parameters
        ----------
        estimator, X, y, X_test, y_test, n_labels, n_seeds : as for ``rosenblatt.studies.representation_report``
        classifier, ax : as for ``from_report``

        Returns
        -------
        LabelCurveDisplay
        """
        from rosenblatt.studies.representation import representation_report

        report = representation_report(estimator, X, y, X_test, y_test, n_labels=n_labels, n_seeds=n_seeds)
        return cls.from_report(report, classifier=classifier, ax=ax)

    def plot(self, ax: Axes | None = None) -> Self:
        """Draws the curves.

        Parameters
        ----------
        ax : matplotlib axes, optional
            Without it a figure is made.

        Returns
        -------
        LabelCurveDisplay
        """
        from matplotlib.ticker import NullLocator

        self.ax_ = ax = axes_or_new(ax)
        self.figure_ = ax.figure
        self.lines_, self.bands_ = [], []
        for color, marker, (name, curve) in zip(
            series_colors(len(self.curves)), MARKERS * len(self.curves), self.curves.items(), strict=False
        ):
            mean = curve.mean(axis=1)
            self.lines_ += ax.plot(self.n_labels, mean, label=name, color=color, marker=marker, markersize=4)
            if curve.shape[1] > 1:
                spread = curve.std(axis=1, ddof=1)
                band = ax.fill_between(
                    self.n_labels, mean - spread, mean + spread, color=color, alpha=_BAND, linewidth=0
                )
                self.bands_.append(band)
        ax.set_xscale("log")
        ax.set_xticks(self.n_labels, [f"{n:,}" for n in self.n_labels])
        ax.xaxis.set_minor_locator(NullLocator())
        ax.set_xlabel("labels a class")
        ax.set_ylabel("test accuracy")
        ax.set_title(self.title)
        ax.legend(fontsize="small")
        return self
