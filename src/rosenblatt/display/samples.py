"""New rows that a generator draws, and beside them the rows of its training set that are nearest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np

from rosenblatt.display.canvas import short_number
from rosenblatt.display.rows import check_drawn, check_verb, drawn_images
from rosenblatt.display.tiles import Palette, Tile, bands, draw_tiles, tidy_columns

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_N_COLUMNS = {"image": 8, "signal": 4}  # of a figure of its own
_N_COMPARED = 500  # rows of X whose own neighbours are sought


class SamplesDisplay:
    """Images that were drawn; with training images, below each the nearest one and the squared distance to it.

    A generator that has learned its rows by heart draws them again: distances near 0. The yardstick is how far rows of
    the training set are from one another. The distance is between numbers, not between meanings: a blurred image is
    near to many.

    Parameters
    ----------
    images : array-like (n_samples, height, width) or (n_samples, height, width, channels)
        Signals are images of height 1, drawn as bars. Bytes (uint8) are numbers from 0 to 1.
    nearest : array-like of the same shape, optional
        Of each image, the training image with the smallest squared distance.
    usual_distance : float, optional
        The squared distance that training images have from the nearest other one.

    Attributes
    ----------
    squared_distances : ndarray (n_samples,) or None
    ax_, figure_ : matplotlib axes and figure, after ``plot``
    images_, captions_ : lists of matplotlib images and texts

    Raises
    ------
    ValueError
        If these are no images, or the nearest ones have another shape.

    Examples
    --------
    >>> from rosenblatt import VAE
    >>> from rosenblatt.display import SamplesDisplay
    >>> from sklearn.datasets import load_digits
    >>> images = load_digits().images / 16
    >>> model = VAE(latent_dim=8, loss="bernoulli", learning_rate=0.005, max_epochs=30, random_state=0).fit(images)
    >>> len(SamplesDisplay.from_estimator(model, random_state=0).images_)
    40
    >>> display = SamplesDisplay.from_estimator(model, images, n_samples=8, random_state=0)
    >>> bool(display.squared_distances.min() > 0)  # none is a copy
    True
    """

    def __init__(self, images: Any, nearest: Any = None, *, usual_distance: float | None = None):
        self.images = check_drawn(images)
        self.nearest = None if nearest is None else check_drawn(nearest)
        self.squared_distances, self.usual_distance = None, usual_distance
        if self.nearest is not None:
            if self.nearest.shape != self.images.shape:
                raise ValueError(
                    f"images have shape {self.images.shape} and nearest {self.nearest.shape}; give one of the same "
                    "shape for each image"
                )
            self.squared_distances = np.square(self.images - self.nearest).sum((1, 2, 3))

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        X: Any = None,
        *,
        y: Any = None,
        n_samples: int | None = None,
        random_state: Any = None,
        image_shape: tuple[int, ...] | None = None,
        n_columns: int | None = None,
        ax: Axes | None = None,
    ) -> Self:
        """Draws what a fitted generator samples.

        Parameters
        ----------
        estimator : estimator with ``sample``
            Fitted, such as a variational autoencoder or scikit-learn's ``GaussianMixture``.
        X : array-like (n_rows, n_features), or images, optional
            The rows that it was fitted on, of which the nearest to each sample is drawn below it.
        y : a class, or array-like (n_samples,) of classes, optional
            Of which to draw, for estimators that can.
        n_samples : int, optional
            At least 1; by default 40, and 16 with X.
        random_state : int, RandomState or None, default=None
            For estimators that take one.
        image_shape : (height, width) or (height, width, channels), optional
            Of the rows; by default what the estimator was fitted on, where it was fitted on images.
        n_columns, ax : as in ``plot``

        Returns
        -------
        SamplesDisplay

        Raises
        ------
        TypeError
            If the estimator does not sample.
        ValueError
            If the rows are no images.
        """
        check_verb(estimator, "sample", "give SamplesDisplay the images")
        n_samples = n_samples if n_samples is not None else 40 if X is None else 16
        if n_samples < 1:
            raise ValueError(f"n_samples={n_samples}; at least 1 is needed")
        given = {name: value for name, value in (("y", y), ("random_state", random_state)) if value is not None}
        rows = estimator.sample(n_samples, **given)
        rows = rows[0] if isinstance(rows, tuple) else rows  # a mixture also says which component each is of
        instead = "use estimator.sample(n), which gives the numbers"
        images = drawn_images(rows, estimator, image_shape, instead)
        if X is None:
            return cls(images).plot(ax, n_columns=n_columns)
        known = drawn_images(X, estimator, image_shape, instead)
        display = cls(images, _nearest(images, known)[0], usual_distance=_usual_distance(known))
        return display.plot(ax, n_columns=n_columns)

    def plot(self, ax: Axes | None = None, *, n_columns: int | None = None) -> Self:
        """Draws the grid.

        Parameters
        ----------
        ax : matplotlib axes, optional
            Without it a figure of fitting size is made.
        n_columns : int, optional
            At least 1; by default as many as make images large in ``ax``.

        Returns
        -------
        SamplesDisplay
        """
        if n_columns is not None and n_columns < 1:
            raise ValueError(f"n_columns={n_columns}; at least 1 is needed")
        height, width = self.images.shape[1:3]
        palette, title = Palette(ax), ""
        scale = self.images if self.nearest is None else self.nearest
        most = n_columns or tidy_columns(self.images.shape[:3], 1 if self.nearest is None else 2, ax, _N_COLUMNS)
        tiles = [Tile(palette.image(image, scale)) for image in self.images]
        if self.nearest is not None and self.squared_distances is not None:
            below = [
                Tile(palette.image(image, scale), short_number(distance))
                for image, distance in zip(self.nearest, self.squared_distances, strict=True)
            ]
            tiles = list(bands(list(zip(tiles, below, strict=True)), most))
            usual = self.usual_distance
            title = "below: nearest in X, Σ difference²"
            title += "" if usual is None else f" (usual: {short_number(usual)})"
        grid = draw_tiles(tiles, (height, width), min(most, len(self.images)), title, ax)
        self.ax_, self.figure_, self.images_, self.captions_ = grid.ax_, grid.figure_, grid.images_, grid.captions_
        return self


def _nearest(images: np.ndarray, known: np.ndarray, n_neighbors: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Of each image the last of so many nearest known ones, and the squared distance to it."""
    from sklearn.neighbors import NearestNeighbors

    rows, flat = images.reshape(len(images), -1), known.reshape(len(known), -1)
    found = NearestNeighbors(n_neighbors=n_neighbors).fit(flat).kneighbors(rows, return_distance=False)[:, -1]
    return known[found], np.square(rows - flat[found]).sum(1)


def _usual_distance(known: np.ndarray) -> float | None:
    """The median squared distance of rows, or of some of them, to the nearest other one; None of a single row."""
    if len(known) < 2:
        return None
    some = known[np.linspace(0, len(known) - 1, min(len(known), _N_COMPARED)).round().astype(int)]
    return float(np.median(_nearest(some, known, 2)[1]))
