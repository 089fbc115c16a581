"""What codes that were drawn decode to: the rows as images, or how far they are from those that were learned from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np

from rosenblatt.display.canvas import axes_or_new, font_points, log_scale, series_colors, short_number, text_color
from rosenblatt.display.images import ImagesDisplay, rows_as_images, scale_range

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from rosenblatt.studies.latent_samples import LatentSamples

_N_BINS = 40
_NEAREST = 0.01  # of the limit: smaller distances are drawn as this
_TINY = 1e-12
_HEADROOM = 0.4  # heights of the highest bar, above it, for the legend


class LatentSamplesDisplay:
    """Samples from a latent space, as images or as a histogram of their distances.

    Parameters
    ----------
    samples : LatentSamples
    image_shape : (height, width) or (height, width, channels), optional
        Of the rows, where they are flat; for images only.

    Attributes
    ----------
    ax_, figure_ : matplotlib axes and figure, after ``plot``
    images_, captions_ : lists of matplotlib images and texts, of kind "images"
    histograms_ : list of matplotlib polygons, of kind "distances"
        Of the held-out rows and of the samples.
    limit_line_ : matplotlib line, of kind "distances"

    Examples
    --------
    >>> from rosenblatt import Autoencoder
    >>> from rosenblatt.display import LatentSamplesDisplay
    >>> from sklearn.datasets import load_digits
    >>> X = load_digits().images / 16
    >>> model = Autoencoder(latent_dim=8, learning_rate=0.005, random_state=0).fit(X[:1200])
    >>> display = LatentSamplesDisplay.from_estimator(model, X[:1200], X[1200:], how="uniform", random_state=0)
    >>> display.captions_[-1].get_text().startswith("garbage")
    True
    """

    def __init__(self, samples: LatentSamples, image_shape: tuple[int, ...] | None = None):
        self.samples = samples
        self.image_shape = image_shape

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        X: Any,
        X_held_out: Any,
        *,
        n_samples: int = 500,
        how: str = "gaussian",
        random_state: Any = None,
        quantile: float = 0.95,
        image_shape: tuple[int, ...] | None = None,
        kind: str = "images",
        n_images: int = 20,
        order: str = "distance",
        ax: Axes | None = None,
    ) -> Self:
        """Draws codes, decodes them, and draws what comes out.

        Parameters
        ----------
        estimator, X, X_held_out, n_samples, how, random_state, quantile : as for ``rosenblatt.studies.sample_latents``
        image_shape : (height, width) or (height, width, channels), optional
            Of the rows; by default what the estimator was fitted on, where that was images.
        kind, n_images, order, ax : as in ``plot``

        Returns
        -------
        LatentSamplesDisplay
        """
        from rosenblatt.studies.latent_samples import sample_latents

        samples = sample_latents(
            estimator, X, X_held_out, n_samples=n_samples, how=how, random_state=random_state, quantile=quantile
        )
        display = cls(samples, image_shape or getattr(estimator, "image_shape_", None))
        return display.plot(ax, kind=kind, n_images=n_images, order=order)

    def plot(
        self, ax: Axes | None = None, *, kind: str = "images", n_images: int = 20, order: str = "distance"
    ) -> Self:
        """Draws the samples.

        Parameters
        ----------
        ax : matplotlib axes, optional
            Without it a figure is made.
        kind : {"images", "distances"}, default="images"
            Samples, each with its distance to the nearest code of X, in standard deviations, and marked where it is
            garbage; or a histogram of these distances beside those of held-out rows.
        n_images : int >= 1, default=20
            How many samples at most.
        order : {"distance", "random"}, default="distance"
            Which of them: from the best to the worst in even steps, or as many by chance (the same at each call).

        Returns
        -------
        LatentSamplesDisplay

        Raises
        ------
        ValueError
            If the kind or order is not known, or there are no images to draw.
        """
        if kind == "images":
            self._plot_images(ax, n_images, order)
        elif kind == "distances":
            self._plot_distances(ax)
        else:
            raise ValueError(f"kind={kind!r} is not known; use 'images' or 'distances'")
        return self

    def _plot_images(self, ax: Axes | None, n_images: int, order: str) -> None:
        found, shown = self.samples, self._chosen(n_images, order)
        images = rows_as_images(scale_range(found.samples[shown], *found.value_range), self.image_shape)
        numbers = [short_number(float(distance)) for distance in found.distances[shown]]
        marks = ["garbage" if is_garbage else "" for is_garbage in found.is_garbage[shown]]
        captions = [f"{mark}\n{number}" for mark, number in zip(marks, numbers, strict=True)]
        title = f"{found.how.capitalize()} samples: distance to data, {found.garbage_share:.0%} garbage"
        grid = ImagesDisplay(images, captions, title=title).plot(ax)
        self.ax_, self.figure_, self.images_, self.captions_ = grid.ax_, grid.figure_, grid.images_, grid.captions_

    def _chosen(self, n_images: int, order: str) -> np.ndarray:
        """The ranks of the samples to show."""
        n_samples = len(self.samples.samples)
        if n_images < 1:
            raise ValueError(f"n_images={n_images}; at least 1 is needed")
        n_images = min(n_images, n_samples)
        if order == "distance":
            return np.linspace(0, n_samples - 1, n_images).round().astype(int)
        if order == "random":
            return np.random.default_rng(0).choice(n_samples, n_images, replace=False)
        raise ValueError(f"order={order!r} is not known; use 'distance' or 'random'")

    def _plot_distances(self, ax: Axes | None) -> None:
        found = self.samples
        self.ax_ = ax = axes_or_new(ax)
        self.figure_ = ax.figure
        samples_color, held_out_color = series_colors(2)
        edges, self.histograms_ = self._edges(), []
        for name, distances, share, color in (
            ("held-out rows", found.held_out_distances, found.held_out_share, held_out_color),
            ("samples", found.distances, found.garbage_share, samples_color),
        ):
            heights = np.histogram(distances.clip(edges[0], edges[-1]), edges)[0] / len(distances)
            label = f"{name}, {share:.1%} beyond"
            self.histograms_.append(ax.stairs(heights, edges, label=label, color=color, fill=True, alpha=0.5))
        style = {"color": text_color(), "linestyle": ":", "label": f"limit {found.limit:.3g}"}
        ax.margins(y=_HEADROOM)
        self.limit_line_ = ax.axvline(max(found.limit, edges[0]), ymax=1 / (1 + _HEADROOM), **style)
        log_scale(ax.xaxis, edges[0], edges[-1])
        # The first number below may stand in the corner, where the 0 of the shares reaches down half its height.
        ax.tick_params(axis="x", which="both", pad=0.8 * font_points("medium"))
        ax.set_xlabel("standard deviations to the nearest code")
        ax.set_ylabel("share")
        ax.legend(fontsize="small", loc="upper left")

    def _edges(self) -> np.ndarray:
        """The edges of the bins, each wider than the one before by the same factor."""
        found = self.samples
        distances = np.concatenate([found.distances, found.held_out_distances])
        low = max(float(distances.min()), _NEAREST * found.limit, _TINY)
        return np.geomspace(low, max(float(distances.max()), 2 * low), _N_BINS + 1)
