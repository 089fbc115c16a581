"""What lies between two images: the decoded codes of the straight line from one code to the other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, Self

import numpy as np

from rosenblatt.display.rows import check_drawn, check_verb, drawn_images
from rosenblatt.display.tiles import Palette, Tile, draw_tiles

if TYPE_CHECKING:
    from matplotlib.axes import Axes


class InterpolationDisplay:
    """Lines of decoded images between pairs of real ones, which stand at both ends.

    Each pair has a row; pairs of signals, which are wide, have a column. The percentage is how far along the line
    between the two codes an image is: at 0 % and 100 % are the reconstructions of the real ones. All images are drawn
    in the scale of the real ones.

    Parameters
    ----------
    lines : array-like (n_pairs, n_steps, height, width) or (n_pairs, n_steps, height, width, channels)
        Decoded images; signals are images of height 1.
    starts, ends : array-like (n_pairs, height, width) or (n_pairs, height, width, channels)
        Real images. Bytes (uint8) are numbers from 0 to 1.

    Attributes
    ----------
    ax_, figure_ : matplotlib axes and figure, after ``plot``
    images_, captions_ : lists of matplotlib images and texts

    Raises
    ------
    ValueError
        If these are no images, or do not belong together.

    Examples
    --------
    >>> from rosenblatt import Autoencoder
    >>> from rosenblatt.display import InterpolationDisplay
    >>> from sklearn.datasets import load_digits
    >>> images = load_digits().images / 16
    >>> model = Autoencoder(latent_dim=8, learning_rate=0.005, random_state=0).fit(images)
    >>> len(InterpolationDisplay.from_estimator(model, images[:2], images[5:7]).images_)
    16
    """

    def __init__(self, lines: Any, starts: Any, ends: Any):
        self.starts, self.ends = check_drawn(starts), check_drawn(ends)
        self.lines = np.asarray(lines, float)
        self.lines = self.lines[..., None] if self.lines.ndim == 4 else self.lines
        shape = (len(self.starts), *self.lines.shape[1:2], *self.starts.shape[1:])
        if self.starts.shape != self.ends.shape or self.lines.shape != shape or not self.lines.size:
            raise ValueError(
                f"lines have shape {self.lines.shape}, starts {self.starts.shape} and ends {self.ends.shape}; for each "
                "pair one start, one end, and a line (n_steps, height, width, channels) of such images is needed"
            )

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        X: Any,
        to: Any,
        *,
        n_steps: int = 6,
        kind: Literal["linear", "spherical"] = "linear",
        image_shape: tuple[int, ...] | None = None,
        ax: Axes | None = None,
    ) -> Self:
        """Draws what a fitted autoencoder has between rows.

        Parameters
        ----------
        estimator : estimator with ``interpolate``
            Fitted.
        X, to : array-like (n_pairs, n_features), or images
            Rows, paired.
        n_steps : int, default=6
            At least 2: places on each line, both ends counted.
        kind : {"linear", "spherical"}, default="linear"
            As for ``interpolate``.
        image_shape : (height, width) or (height, width, channels), optional
            Of the rows; by default what the estimator was fitted on, where it was fitted on images.
        ax : matplotlib axes, optional

        Returns
        -------
        InterpolationDisplay

        Raises
        ------
        TypeError
            If the estimator does not interpolate.
        ValueError
            If the rows are not made of images, or not paired.
        """
        check_verb(estimator, "interpolate", "give InterpolationDisplay the images on each line")
        instead = "use estimator.interpolate(X, to), which gives the numbers"
        lines = estimator.interpolate(X, to, n_steps, kind)
        starts, ends = (drawn_images(each, estimator, image_shape, instead) for each in (X, to))
        return cls(lines.reshape(len(starts), n_steps, *starts.shape[1:]), starts, ends).plot(ax)

    def plot(self, ax: Axes | None = None) -> Self:
        """Draws each line, with the real images at its ends.

        Parameters
        ----------
        ax : matplotlib axes, optional
            Without it a figure of fitting size is made.

        Returns
        -------
        InterpolationDisplay
        """
        palette, scale = Palette(ax), np.stack([self.starts, self.ends])
        shares = np.linspace(0, 1, self.lines.shape[1])
        captions = ["from", *[f"{share:.0%}" for share in shares], "to"]
        images = np.concatenate([self.starts[:, None], self.lines, self.ends[:, None]], axis=1)
        tiles = [
            [Tile(palette.image(image, scale), caption) for image, caption in zip(line, captions, strict=True)]
            for line in images
        ]
        height, width = self.starts.shape[1:3]
        rows = list(zip(*tiles, strict=True)) if height == 1 else tiles
        grid = draw_tiles([tile for row in rows for tile in row], (height, width), len(rows[0]), "", ax)
        self.ax_, self.figure_, self.images_, self.captions_ = grid.ax_, grid.figure_, grid.images_, grid.captions_
        return self
