"""What an autoencoder makes of rows: each image, its reconstruction, and where the two differ."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np

from rosenblatt.display.canvas import short_number
from rosenblatt.display.rows import check_drawn, check_verb, drawn_images
from rosenblatt.display.tiles import Palette, Tile, bands, draw_tiles, tidy_columns

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_N_COLUMNS = {"image": 8, "signal": 4}  # of a figure of its own


class ReconstructionDisplay:
    """Images above their reconstructions, and below both the error, which is reconstruction minus original.

    An image and its reconstruction are drawn in one scale, that of all originals; so are all errors, in the first
    colour of the settings' cycle where the reconstruction is too large, in the second where it is too small. Of several
    channels the mean error is drawn. The number above an error is the row's squared error, sum (x - x')^2.

    Parameters
    ----------
    images, reconstructions : array-like (n_images, height, width) or (n_images, height, width, channels)
        Signals are images of height 1, drawn as bars. Bytes (uint8) are numbers from 0 to 1.

    Attributes
    ----------
    squared_errors : ndarray (n_images,)
    ax_, figure_ : matplotlib axes and figure, after ``plot``
    images_, captions_ : lists of matplotlib images and texts

    Raises
    ------
    ValueError
        If these are no images, or the reconstructions have another shape.

    Examples
    --------
    >>> import numpy as np
    >>> from rosenblatt import Autoencoder
    >>> from rosenblatt.display import ReconstructionDisplay
    >>> from sklearn.datasets import load_digits
    >>> images = load_digits().images / 16
    >>> model = Autoencoder(latent_dim=8, learning_rate=0.005, random_state=0).fit(images)
    >>> len(ReconstructionDisplay.from_estimator(model, images).images_)
    24

    The rows that are worst reconstructed, which may be strange ones:

    >>> worst = np.argsort(-model.reconstruction_error(images))
    >>> display = ReconstructionDisplay.from_estimator(model, images[worst], n_images=5)
    """

    def __init__(self, images: Any, reconstructions: Any):
        self.images, self.reconstructions = check_drawn(images), check_drawn(reconstructions)
        if self.images.shape != self.reconstructions.shape:
            raise ValueError(
                f"images have shape {self.images.shape} and reconstructions {self.reconstructions.shape}; give one "
                "reconstruction of the same shape for each image"
            )
        self.squared_errors = np.square(self.images - self.reconstructions).sum((1, 2, 3))

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        X: Any,
        *,
        n_images: int = 8,
        image_shape: tuple[int, ...] | None = None,
        n_columns: int | None = None,
        ax: Axes | None = None,
    ) -> Self:
        """Draws how a fitted autoencoder reconstructs the first rows of X.

        Parameters
        ----------
        estimator : estimator with ``reconstruct``
            Fitted.
        X : array-like (n_samples, n_features), or images
        n_images : int, default=8
            At least 1: how many, at most.
        image_shape : (height, width) or (height, width, channels), optional
            Of the rows of X; by default what the estimator was fitted on, where it was fitted on images.
        n_columns, ax : as in ``plot``

        Returns
        -------
        ReconstructionDisplay

        Raises
        ------
        TypeError
            If the estimator does not reconstruct.
        ValueError
            If X is not made of images.
        """
        check_verb(estimator, "reconstruct", "give ReconstructionDisplay the images and what became of them")
        if n_images < 1:
            raise ValueError(f"n_images={n_images}; at least 1 is needed")
        rows = X[:n_images]
        instead = "use estimator.reconstruction_error(X), which says how far each row is from its reconstruction"
        pair = (drawn_images(each, estimator, image_shape, instead) for each in (rows, estimator.reconstruct(rows)))
        return cls(*pair).plot(ax, n_columns=n_columns)

    def plot(self, ax: Axes | None = None, *, n_columns: int | None = None) -> Self:
        """Draws a column for each image.

        Parameters
        ----------
        ax : matplotlib axes, optional
            Without it a figure of fitting size is made.
        n_columns : int, optional
            At least 1: columns side by side, at most; others are below. By default as many as make
            images large in ``ax``; without it 8 of images and 4 of signals.

        Returns
        -------
        ReconstructionDisplay
        """
        if n_columns is not None and n_columns < 1:
            raise ValueError(f"n_columns={n_columns}; at least 1 is needed")
        height, width = self.images.shape[1:3]
        most = n_columns or tidy_columns(self.images.shape[:3], 3, ax, _N_COLUMNS)
        palette, errors = Palette(ax), (self.reconstructions - self.images).mean(-1)
        limit = float(np.abs(errors).max())
        columns = [self._column(i, palette, errors[i], limit) for i in range(len(errors))]
        tiles = list(bands(columns, most))
        title = "error = reconstruction − original"
        grid = draw_tiles(tiles, (height, width), min(most, len(columns)), title, ax, (palette, limit))
        self.ax_, self.figure_, self.images_, self.captions_ = grid.ax_, grid.figure_, grid.images_, grid.captions_
        return self

    def _column(self, i: int, palette: Palette, error: np.ndarray, limit: float) -> tuple[Tile, Tile, Tile]:
        names = ("original", "reconstruction", "Σ error²: ") if i == 0 else ("", "", "")
        caption = names[2] + short_number(self.squared_errors[i])
        return (
            Tile(palette.image(self.images[i], self.images), names[0]),
            Tile(palette.image(self.reconstructions[i], self.images), names[1]),
            Tile(palette.signed(error, limit), caption),
        )
