"""The surface that a decoder spans: a grid over two latents, each place of it decoded."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from rosenblatt.display.canvas import axes_or_new, font_scale, short_number, size_in_inches
from rosenblatt.display.latent_steps import chosen_ticks, first_code, has_prior, n_latents
from rosenblatt.display.rows import check_verb, drawn_images
from rosenblatt.display.tiles import SIGNAL, Palette

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_SIDE = 4.6  # inches of the longer side of the mosaic, in a figure of its own
_N_TICKS = 5


class ManifoldDisplay:
    """Decoded images over two latents, as one picture without gaps; the numbers at its sides are those of the latents.

    Parameters
    ----------
    images : array-like (n_down, n_across, height, width) or (n_down, n_across, height, width, channels)
        The first row of images is the lowest. Signals are images of height 1.
    x_values, y_values : array-like (n_across,) and (n_down,)
        The latents' numbers.
    axis_names : sequence of 2 str, default=("latent 1", "latent 2")
    title : str, default=""

    Attributes
    ----------
    ax_, figure_ : matplotlib axes and figure, after ``plot``
    mosaic_ : matplotlib image

    Raises
    ------
    ValueError
        If there is not one image for each pair of numbers.

    References
    ----------
    D. P. Kingma, M. Welling, "Auto-encoding variational Bayes", ICLR 2014, figure 4.

    Examples
    --------
    >>> from rosenblatt import VAE
    >>> from rosenblatt.display import ManifoldDisplay
    >>> from sklearn.datasets import load_digits
    >>> images = load_digits().images / 16
    >>> model = VAE(latent_dim=2, loss="bernoulli", learning_rate=0.005, max_epochs=30, random_state=0).fit(images)
    >>> ManifoldDisplay.from_estimator(model, n=9).mosaic_.get_array().shape
    (72, 72, 3)
    """

    def __init__(
        self,
        images: Any,
        x_values: Any,
        y_values: Any,
        *,
        axis_names: Sequence[str] = ("latent 1", "latent 2"),
        title: str = "",
    ):
        images = np.asarray(images, float)
        self.images = images[..., None] if images.ndim == 4 else images
        self.x_values, self.y_values = np.asarray(x_values, float), np.asarray(y_values, float)
        self.axis_names, self.title = [str(name) for name in axis_names], title
        n_places = (self.y_values.size, self.x_values.size)
        if self.images.ndim != 5 or self.images.shape[:2] != n_places or not self.images.size:
            raise ValueError(
                f"images have shape {images.shape}, for {n_places[1]} numbers across and {n_places[0]} up; "
                "(n_down, n_across, height, width[, channels]) with one image for each pair is needed"
            )

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        X: Any = None,
        *,
        n: int = 15,
        latents: tuple[int, int] | None = None,
        start: Any = None,
        image_shape: tuple[int, ...] | None = None,
        ax: Axes | None = None,
    ) -> Self:
        """Draws what a fitted autoencoder decodes over two latents.

        Of a variational autoencoder the places are quantiles of the prior N(0, 1), at (k + 1/2) / n: each image stands
        for as many codes as any other. Of others they go in even steps over the range of the codes of X.

        Parameters
        ----------
        estimator : estimator with ``transform`` and ``inverse_transform``
            Fitted.
        X : array-like (n_samples, n_features), or images, optional
            Not needed of a variational autoencoder with two latents, or where ``latents`` are given.
        n : int, default=15
            At least 2: places along each latent.
        latents : (int, int), optional
            Which latents go across and up; 0 is the first. By default the two that are most used: those with the
            largest mean KL on X, or without a KL the largest variance.
        start : array-like, optional
            A row, or an image, whose code the other latents have. By default they are 0 of a variational autoencoder,
            and the mean of the codes of X of others.
        image_shape : (height, width) or (height, width, channels), optional
            Of the rows; by default what the estimator was fitted on, where it was fitted on images.
        ax : matplotlib axes, optional

        Returns
        -------
        ManifoldDisplay

        Raises
        ------
        TypeError
            If the estimator does not decode.
        ValueError
            If there are fewer than two latents, X is missing where it is needed, or rows are no images.
        """
        check_verb(estimator, "inverse_transform", "give ManifoldDisplay the images")
        if n < 2:
            raise ValueError(f"n={n}; at least 2 are needed")
        pair = _pair(estimator, X, latents)
        codes = None if X is None else np.asarray(estimator.transform(X), float)
        x_values, y_values = (_places(estimator, codes, latent, n) for latent in pair)
        grid = np.tile(first_code(estimator, codes, start), (n, n, 1))
        grid[..., pair[0]], grid[..., pair[1]] = np.meshgrid(x_values, y_values)
        rows = estimator.inverse_transform(grid.reshape(n * n, -1))
        images = drawn_images(rows, estimator, image_shape, "use TraversalDisplay, which draws rows as lines")
        n_others, spacing = grid.shape[-1] - 2, ", by quantiles of N(0, 1)" if has_prior(estimator) else ""
        at_rest = "at 0" if has_prior(estimator) else "at their mean"
        others = at_rest if start is None else "as in the row given"
        display = cls(
            images.reshape(n, n, *images.shape[1:]),
            x_values,
            y_values,
            axis_names=[f"latent {latent + 1}{spacing}" for latent in pair],
            title=f"the other {n_others} latents {others}" if n_others else "",
        )
        return display.plot(ax)

    def plot(self, ax: Axes | None = None) -> Self:
        """Draws the mosaic.

        Parameters
        ----------
        ax : matplotlib axes, optional
            Without it a figure is made.

        Returns
        -------
        ManifoldDisplay
        """
        images = self.images
        if images.shape[2] == 1:  # a signal, whose numbers would be a thin line
            images = np.repeat(images, max(images.shape[3] // SIGNAL, 1), axis=2)
        n_down, n_across, height, width = images.shape[:4]
        colors = Palette(ax).image(images)[::-1]
        mosaic = colors.swapaxes(1, 2).reshape(n_down * height, n_across * width, 3)
        side = _SIDE * font_scale() / max(mosaic.shape[:2])
        self.ax_ = ax = axes_or_new(ax, (mosaic.shape[1] * side + 0.8, mosaic.shape[0] * side + 0.8))
        self.figure_ = ax.figure
        self.mosaic_ = ax.imshow(np.clip(mosaic, 0, 1), extent=(0, n_across, 0, n_down), aspect=height / width)
        for axis, values, name in zip("xy", (self.x_values, self.y_values), self.axis_names, strict=True):
            ticks = chosen_ticks(len(values), _N_TICKS)
            labels = [short_number(float(f"{value:.2g}")) for value in values[ticks]]
            ax.set(**{f"{axis}ticks": ticks + 0.5, f"{axis}ticklabels": labels, f"{axis}label": name})
        ax.set_title(self.title, fontsize="small", fontweight="normal")
        size_in_inches(ax)  # around axes of a fixed shape, labels have their room from the second layout on
        return self


def _pair(estimator: Any, X: Any, latents: tuple[int, int] | None) -> tuple[int, int]:
    """The two latents to draw."""
    from rosenblatt.models.latent_use import latent_use

    n = n_latents(estimator)
    if n < 2:
        raise ValueError(f"codes have {n} number; a grid is over two: take TraversalDisplay")
    if latents is not None:
        first, second = latents
        if first == second or not (0 <= first < n and 0 <= second < n):
            raise ValueError(f"latents={latents!r}; two different numbers from 0 to {n - 1} are needed")
        return first, second
    if X is not None:
        first, second = sorted(latent_use(estimator, X).order[:2].tolist())
        return first, second
    if n == 2:
        return 0, 1
    raise ValueError(f"there are {n} latents: pass X, so that the two that are most used are known, or latents=(i, j)")


def _places(estimator: Any, codes: np.ndarray | None, latent: int, n: int) -> np.ndarray:
    """Where along a latent images are decoded."""
    from scipy.stats import norm

    if has_prior(estimator):
        return norm.ppf((np.arange(n) + 0.5) / n)
    if codes is None:
        raise ValueError(
            f"{type(estimator).__name__} has no prior: pass X, over the range of whose codes the grid goes"
        )
    return np.linspace(codes[:, latent].min(), codes[:, latent].max(), n)
