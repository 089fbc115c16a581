"""The rate-distortion curve of variational autoencoders: what their codes cost, and what they leave out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from rosenblatt.display.canvas import axes_or_new, font_points, series_colors, size_in_inches, text_color, text_points

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from rosenblatt.studies.rate_distortion import BetaSweep

_OFFSET = 5.0  # points from a point to its label, to the right and up
_LINE = 1.4  # height of a label, in font sizes
_MARGINS = (0.18, 0.12)  # of the axes, for labels
_LEFT = 0.06  # of the range of rates, to the left of them
_SMALLEST_RANGE = 0.1  # nats


class RateDistortionDisplay:
    """Distortion over rate of fits with several beta, each point with its beta.

    The dashed line is where distortion + rate is the same as at the best fit, -ELBO: points above it have a worse
    bound on log p(x), the further the worse. With larger beta points are further to the left: codes tell less of the
    row, and reconstructions are worse.

    Parameters
    ----------
    sweep : BetaSweep

    Attributes
    ----------
    ax_, figure_ : matplotlib axes and figure, after ``plot``
    curve_ : matplotlib line
        Through the points, in the order of beta.
    bound_line_ : matplotlib line
    labels_ : list of matplotlib texts
        Points that are too near to have a label each share one.

    Examples
    --------
    >>> from rosenblatt import VAE
    >>> from rosenblatt.display import RateDistortionDisplay
    >>> from sklearn.datasets import load_digits
    >>> X = load_digits().data / 16
    >>> model = VAE(latent_dim=8, loss="bernoulli", learning_rate=0.005, max_epochs=20, random_state=0)
    >>> display = RateDistortionDisplay.from_estimator(model, X[:1200], X[1200:], betas=(0.25, 4))
    >>> [label.get_text() for label in display.labels_]
    ['β = 0.25', 'β = 4']
    """

    def __init__(self, sweep: BetaSweep):
        self.sweep = sweep

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        X: Any,
        X_test: Any,
        *,
        betas: Sequence[float] = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0),
        ax: Axes | None = None,
    ) -> Self:
        """Fits the estimator with several beta, and draws what codes cost and leave out.

        Parameters
        ----------
        estimator, X, X_test, betas : as for ``rosenblatt.studies.beta_sweep``
        ax : matplotlib axes, optional

        Returns
        -------
        RateDistortionDisplay
        """
        from rosenblatt.studies.rate_distortion import beta_sweep

        return cls(beta_sweep(estimator, X, X_test, betas=betas)).plot(ax)

    def plot(self, ax: Axes | None = None) -> Self:
        """Draws the curve.

        Parameters
        ----------
        ax : matplotlib axes, optional
            Without it a figure is made.

        Returns
        -------
        RateDistortionDisplay
        """
        sweep = self.sweep
        self.ax_ = ax = axes_or_new(ax)
        self.figure_ = ax.figure
        (self.curve_,) = ax.plot(sweep.rates, sweep.distortions, color=series_colors(1)[0], marker="o", markersize=5)
        corner, total = (sweep.rates[sweep.best], sweep.distortions[sweep.best]), -sweep.elbos[sweep.best]
        style = {"color": text_color(), "linestyle": "--", "linewidth": 1.0, "zorder": 1}
        name = f"distortion + rate = {_signed(total)},\nthe best ELBO (β = {sweep.betas[sweep.best]:g})"
        self.bound_line_ = ax.axline(corner, slope=-1, label=name, **style)
        ax.margins(*_MARGINS)
        ax.set_xlim(left=sweep.rates.min() - _LEFT * max(float(np.ptp(sweep.rates)), _SMALLEST_RANGE))
        ax.set_xlabel("rate: KL, nats a row")
        ax.set_ylabel("distortion: −log p(x | z), nats a row")
        ax.set_title("the further above the line, the worse the ELBO", fontsize="small", fontweight="normal")
        ax.legend(fontsize="small", loc="upper right")
        self.labels_ = [self._label(*group) for group in self._groups()]
        return self

    def _label(self, place: int, text: str) -> Any:
        style = {"xytext": (_OFFSET, _OFFSET), "textcoords": "offset points", "fontsize": "small"}
        return self.ax_.annotate(text, (self.sweep.rates[place], self.sweep.distortions[place]), **style)

    def _groups(self) -> list[tuple[int, str]]:
        """Where a label is, and what it says; labels that would overlap are one, at the first of their points."""
        size_in_inches(self.ax_)  # lays the figure out, so that places on the page are known
        points = np.stack([self.sweep.rates, self.sweep.distortions], axis=1)
        places = self.ax_.transData.transform(points) * 72 / self.ax_.figure.dpi
        font = font_points("small")
        order = np.argsort(places[:, 0])
        groups: list[list[int]] = []
        for i in order:
            if groups:
                width = text_points(self._text(groups[-1]), font) + font / 2
                across, along = np.abs(places[i] - places[groups[-1][0]])
                if across < width and along < _LINE * font:
                    groups[-1].append(i)
                    continue
            groups.append([i])
        return [(group[0], self._text(group)) for group in sorted(groups, key=min)]

    def _text(self, group: list[int]) -> str:
        return "β = " + ", ".join(f"{self.sweep.betas[i]:g}" for i in sorted(group))


def _signed(value: float) -> str:
    """A number with the minus sign that axes have."""
    return f"{value:.1f}".replace("-", "−")
