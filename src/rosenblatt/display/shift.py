"""What shifts of its images change in a convolutional network, layer by layer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np

from rosenblatt.display.canvas import MARKERS, axes_or_new, series_colors, text_color

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from rosenblatt.studies.shift import ShiftReport

_LABELS = {
    "change": "change (relative)",
    "equivariance": "equivariance error (relative)",
    "prediction": "share of images",
}


class ShiftDisplay:
    """A shift report as curves over the pixels of the shift.

    Parameters
    ----------
    report : ShiftReport

    Attributes
    ----------
    ax_, figure_ : matplotlib axes and figure, after ``plot``
    lines_ : list of matplotlib lines

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from rosenblatt import ConvClassifier
    >>> from rosenblatt.display import ShiftDisplay
    >>> digits = load_digits()
    >>> model = ConvClassifier(channels=(8,), max_epochs=3, random_state=0).fit(digits.images / 16, digits.target)
    >>> display = ShiftDisplay.from_estimator(model, digits.images[:100] / 16, max_shift=2)
    >>> [line.get_label() for line in display.lines_]
    ['image', 'convolution 1', 'pooling 1', 'outputs']
    """

    def __init__(self, report: ShiftReport):
        self.report = report

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        X: Any,
        y: Any = None,
        *,
        max_shift: int = 3,
        measure: str = "change",
        ax: Axes | None = None,
    ) -> Self:
        """Measures and draws what shifts change.

        Parameters
        ----------
        estimator, X, y, max_shift : as for ``rosenblatt.studies.shift_report``
        measure, ax : as in ``plot``

        Returns
        -------
        ShiftDisplay
        """
        from rosenblatt.studies.shift import shift_report

        return cls(shift_report(estimator, X, y, max_shift)).plot(ax, measure=measure)

    def plot(self, ax: Axes | None = None, *, measure: str = "change") -> Self:
        """Draws one measure.

        Parameters
        ----------
        ax : matplotlib axes, optional
            Without it a figure is made.
        measure : {"change", "equivariance", "prediction"}, default="change"
            How far the maps of a shifted image are from those of the image; how far from those, shifted; how many
            predictions stay, and the score.

        Returns
        -------
        ShiftDisplay

        Raises
        ------
        ValueError
            If the measure is not known, or the report does not have it.
        """
        from matplotlib.ticker import MaxNLocator

        curves = self._curves(measure)
        self.ax_ = ax = axes_or_new(ax)
        self.figure_ = ax.figure
        colors = self._colors(list(curves))
        self.lines_ = []
        for marker, (name, values) in zip(MARKERS * len(curves), curves.items(), strict=False):
            # What is pooled has the colour of what it is pooled from.
            style = {"linestyle": "--" if name.startswith("pooling") else "-", "color": colors[name]}
            self.lines_ += ax.plot(self.report.shifts, values, label=name, marker=marker, markersize=4, **style)
        ax.set_xlabel("shift in pixels")
        ax.set_ylabel(_LABELS[measure])
        ax.xaxis.set_major_locator(MaxNLocator(integer=True, steps=[1, 2, 5, 10], min_n_ticks=1))
        ax.set_ylim(bottom=0)
        ax.legend(fontsize="small")
        return self

    def _curves(self, measure: str) -> dict[str, np.ndarray]:
        report = self.report
        if measure == "change":
            return dict(zip(report.layers, report.changes, strict=True)) | {"outputs": report.output_changes}
        if measure == "equivariance":
            errors = dict(zip(report.layers[1:], report.equivariance_errors[1:], strict=True))
            curves = {name: values for name, values in errors.items() if not np.isnan(values).all()}
            if not curves:
                raise ValueError(
                    "no layer has units that see neither border nor repeated edges, so no equivariance was measured; "
                    "take larger images or a smaller max_shift"
                )
            return curves
        if measure == "prediction":
            found = {"prediction unchanged": report.unchanged, "score": report.scores}
            curves = {name: values for name, values in found.items() if values is not None}
            if not curves:
                raise ValueError("the report of a regressor has no predicted classes, and no scores without y")
            return curves
        raise ValueError(f"measure={measure!r} is not known; use one of {', '.join(map(repr, _LABELS))}")

    @staticmethod
    def _colors(names: list[str]) -> dict[str, Any]:
        """A colour for each convolution block, or for each curve of another kind; the text's for the image."""
        parts = {name: name.split()[-1] if name.split()[0] in ("convolution", "pooling") else name for name in names}
        others = list(dict.fromkeys(part for part in parts.values() if part != "image"))
        colors = dict(zip(others, series_colors(len(others)), strict=True)) | {"image": text_color()}
        return {name: colors[part] for name, part in parts.items()}
