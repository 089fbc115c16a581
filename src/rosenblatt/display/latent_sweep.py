"""Reconstruction by autoencoders with codes of several lengths: their errors as curves, or what they restore."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from rosenblatt.display.canvas import MARKERS, axes_or_new, log_scale, series_colors
from rosenblatt.display.images import ImagesDisplay, rows_as_images, scale_range

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from rosenblatt.studies.latent_dim_sweep import LatentSweep

_EXACT = 1e-6  # of the variance: an error that a logarithmic scale cannot show beside others


class LatentSweepDisplay:
    """A sweep over the length of the codes, as curves or as images.

    Parameters
    ----------
    sweep : LatentSweep
    image_shape : (height, width) or (height, width, channels), optional
        Of the rows, where they are flat; for images only.

    Attributes
    ----------
    ax_, figure_ : matplotlib axes and figure, after ``plot``
    lines_ : list of matplotlib lines, of kind "error"
    images_, captions_ : lists of matplotlib images and texts, of kind "images"

    Examples
    --------
    >>> from rosenblatt import Autoencoder
    >>> from rosenblatt.display import LatentSweepDisplay
    >>> from sklearn.datasets import load_digits
    >>> X = load_digits().images / 16
    >>> model = Autoencoder(max_epochs=20, learning_rate=0.005, random_state=0)
    >>> display = LatentSweepDisplay.from_estimator(model, X[:1200], X[1200:], latent_dims=(2, 8))
    >>> [line.get_label() for line in display.lines_]
    ['train', 'test', 'PCA, test']
    >>> len(display.plot(kind="images").images_)
    24
    """

    def __init__(self, sweep: LatentSweep, image_shape: tuple[int, ...] | None = None):
        self.sweep = sweep
        self.image_shape = image_shape

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        X: Any,
        X_test: Any,
        *,
        latent_dims: Sequence[int] = (2, 5, 32),
        n_images: int = 8,
        image_shape: tuple[int, ...] | None = None,
        kind: str = "error",
        ax: Axes | None = None,
    ) -> Self:
        """Fits the estimator with codes of several lengths, and draws how it reconstructs.

        Parameters
        ----------
        estimator, X, X_test, latent_dims, n_images : as for ``rosenblatt.studies.latent_sweep``
        image_shape : (height, width) or (height, width, channels), optional
            Of the rows; by default what the estimator is fitted on, where that is images.
        kind, ax : as in ``plot``

        Returns
        -------
        LatentSweepDisplay
        """
        from rosenblatt.studies.latent_dim_sweep import latent_sweep

        sweep = latent_sweep(estimator, X, X_test, latent_dims=latent_dims, n_images=n_images)
        return cls(sweep, image_shape or sweep.estimators[0].image_shape_).plot(ax, kind=kind)

    def plot(self, ax: Axes | None = None, *, kind: str = "error") -> Self:
        """Draws the sweep.

        Parameters
        ----------
        ax : matplotlib axes, optional
            Without it a figure is made.
        kind : {"error", "images"}, default="error"
            The mean squared error over the length of the codes; or the first test rows, and below them a row of
            reconstructions for each length, with the squared error of each.

        Returns
        -------
        LatentSweepDisplay

        Raises
        ------
        ValueError
            If the kind is not known, or there are no images to draw.
        """
        if kind == "error":
            self._plot_errors(ax)
        elif kind == "images":
            self._plot_images(ax)
        else:
            raise ValueError(f"kind={kind!r} is not known; use 'error' or 'images'")
        return self

    def _plot_errors(self, ax: Axes | None) -> None:
        sweep = self.sweep
        self.ax_ = ax = axes_or_new(ax)
        self.figure_ = ax.figure
        curves = {"train": sweep.train_errors, "test": sweep.test_errors, "PCA, test": sweep.pca_errors}
        self.lines_ = []
        for marker, color, (name, errors) in zip(MARKERS, series_colors(len(curves)), curves.items(), strict=False):
            style = {"linestyle": "--" if name == "train" else "-", "color": color}
            self.lines_ += ax.plot(sweep.latent_dims, errors, label=name, marker=marker, markersize=4, **style)
        ax.set_xscale("log")
        ax.set_xticks(sweep.latent_dims, labels=[str(latent_dim) for latent_dim in sweep.latent_dims])
        ax.set_xticks([], minor=True)
        errors = np.concatenate(list(curves.values()))
        if errors.min() > _EXACT * sweep.variance:
            log_scale(ax.yaxis, errors.min(), errors.max())
        ax.set_xlabel("numbers of a code")
        ax.set_ylabel("squared error of a row")
        ax.legend(fontsize="small")

    def _plot_images(self, ax: Axes | None) -> None:
        sweep = self.sweep
        n_images = len(sweep.originals)
        rows = np.stack([sweep.originals, *sweep.reconstructions])
        errors = ((sweep.reconstructions - sweep.originals) ** 2).reshape(*rows[1:].shape[:2], -1).sum(-1)
        captions = ["input"] + [""] * (n_images - 1)
        for latent_dim, row in zip(sweep.latent_dims, errors, strict=True):
            first, *others = (f"{error:.3g}" for error in row)
            captions += [f"{latent_dim}-D\n{first}", *(f"\n{error}" for error in others)]
        images = rows_as_images(rows.reshape(-1, *rows.shape[2:]), self.image_shape)
        images = scale_range(images, sweep.originals.min(), sweep.originals.max())
        grid = ImagesDisplay(images, captions, title="Reconstructions and their errors")
        grid.plot(ax, n_columns=n_images)
        self.ax_, self.figure_, self.images_, self.captions_ = grid.ax_, grid.figure_, grid.images_, grid.captions_
