"""A grid of images with a caption each."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, Self

import numpy as np

from rosenblatt.data.shapes import check_image_shape
from rosenblatt.display.canvas import (
    SMALLEST_FONT,
    font_points,
    font_scale,
    page_color,
    picture_axes,
    shorten,
    text_color,
    tint,
    widest_points,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_GAP = 0.18  # between images at least, in widths of an image
_LINE = 1.25  # height of a line of text, in font sizes
_BETWEEN = 0.08  # inches between captions at least
# Inches, in a figure of its own.
_SIDES = (0.75, 1.2)  # an image's width at least, where it is one of a few, and at most
_WIDEST_CELL = 1.9
_WIDEST = 5.7


class ImagesDisplay:
    """Images in a grid, a caption above each.

    Parameters
    ----------
    images : array-like (n_images, height, width) or (n_images, height, width, channels)
        One channel is drawn with a colormap, the same for all images; three are red, green and blue, four have
        opacity too: in [0, 1], or in 0 to 255 as integers.
    captions : sequence of str, optional
        One for each image, with "\\n" between lines. What is too wide is cut.
    title : str, default=""
        Stands above all.

    Attributes
    ----------
    ax_, figure_ : matplotlib axes and figure, after ``plot``
    images_ : list of matplotlib images
    captions_ : list of matplotlib texts

    Raises
    ------
    ValueError
        If these are no images, or there is not one caption for each.

    Examples
    --------
    >>> from rosenblatt.data import load
    >>> from rosenblatt.display import ImagesDisplay
    >>> digits = load("digits")
    >>> names = [str(label) for label in digits.y[:10]]
    >>> len(ImagesDisplay.from_rows(digits.X[:10], digits.image_shape, captions=names).images_)
    10
    """

    def __init__(self, images: Any, captions: Sequence[str] | None = None, *, title: str = ""):
        self.images = check_images(images)
        self.title = title
        self.captions = [""] * len(self.images) if captions is None else [str(caption) for caption in captions]
        if len(self.captions) != len(self.images):
            raise ValueError(
                f"there are {len(self.images)} images and {len(self.captions)} captions; give one for each"
            )

    @classmethod
    def from_rows(
        cls,
        X: Any,
        image_shape: tuple[int, ...] | None = None,
        *,
        captions: Sequence[str] | None = None,
        title: str = "",
        n_columns: int | None = None,
        cmap: Any = None,
        ax: Axes | None = None,
    ) -> Self:
        """Draws flat rows as images.

        Parameters
        ----------
        X : array-like (n_images, height * width * channels), or images
        image_shape : (height, width) or (height, width, channels), optional
            Needed for flat rows.
        captions : sequence of str, optional
        title : str, default=""
        n_columns, cmap, ax
            As in ``plot``.

        Returns
        -------
        ImagesDisplay
        """
        return cls(rows_as_images(X, image_shape), captions, title=title).plot(ax, n_columns=n_columns, cmap=cmap)

    def plot(self, ax: Axes | None = None, *, n_columns: int | None = None, cmap: Any = None) -> Self:
        """Draws the grid.

        Parameters
        ----------
        ax : matplotlib axes, optional
            Without it a figure of fitting size is made.
        n_columns : int, optional
            At least 1; chosen by the number of images, and the shape of ``ax``, where not given.
        cmap : matplotlib colormap, optional
            For images of one channel. None is that of matplotlib's settings; where those have matplotlib's own
            default, it is "gray".

        Returns
        -------
        ImagesDisplay
        """
        if n_columns is not None and n_columns < 1:
            raise ValueError(f"n_columns={n_columns}; at least 1 is needed")
        grid = _Grid.of(self.images, self.captions)
        cell, side = grid.comfortable_cell()
        tidy = n_columns or grid.tidy_columns(cell)
        new = ax is None
        self.ax_, width, height = picture_axes(ax, grid.size(tidy, cell, side), self.title)
        self.figure_ = self.ax_.figure
        if not new:
            grid, tidy = grid.fitted(width, height, n_columns)
        self._draw(grid, tidy, width, height, cmap)
        return self

    def _draw(self, grid: _Grid, n_columns: int, width: float, height: float, cmap: Any) -> None:
        side = grid.side(n_columns, width, height)
        cell = min(width / n_columns, max(side * (1 + _GAP), grid.widest / 72 + _BETWEEN))
        across, down = cell / side, grid.aspect + _GAP + grid.text_inches / side
        room, font = 72 * (cell - _BETWEEN), grid.font_in(cell)
        style = {"aspect": "equal", **_image_style(self.images, cmap)}
        self.images_, self.captions_ = [], []
        for i, (image, caption) in enumerate(zip(self.images, self.captions, strict=True)):
            middle, top = (i % n_columns) * across, -(i // n_columns) * down
            box = (middle - 0.5, middle + 0.5, top - grid.aspect, top)
            self.images_.append(self.ax_.imshow(image, extent=box, **style))
            text = "\n".join(shorten(line, font, room) for line in caption.split("\n"))
            place = {"ha": "center", "va": "bottom", "linespacing": 1.1}
            self.captions_.append(self.ax_.text(middle, top + 0.02 / side, text, fontsize=font, **place))
            self._frame(box)
        n_rows = math.ceil(grid.n_images / n_columns)
        self.ax_.set_xlim(-across / 2, (n_columns - 0.5) * across)
        self.ax_.set_ylim(-n_rows * down + grid.text_inches / side + _GAP / 2, grid.text_inches / side + _GAP / 2)

    def _frame(self, box: tuple[float, float, float, float]) -> None:
        """A thin line around an image, which may have the colour of the page."""
        from matplotlib.patches import Rectangle

        left, right, bottom, top = box
        color = tint(page_color(self.ax_), text_color(), 0.2)
        style = {"fill": False, "edgecolor": color, "linewidth": 0.7}
        self.ax_.add_artist(Rectangle((left, bottom), right - left, top - bottom, **style))


class _Grid(NamedTuple):
    """Cells with an image each, and lines of text above it; ``widest`` is the widest line's width in points.

    ``aspect`` is an image's height by its width; ``font`` is the captions' size where there is room.
    """

    n_images: int
    aspect: float
    n_lines: int
    widest: float
    font: float

    @classmethod
    def of(cls, images: np.ndarray, captions: list[str]) -> _Grid:
        n_lines = max((caption.count("\n") + 1 for caption in captions if caption), default=0)
        font = font_points("small")
        return cls(len(images), images.shape[1] / images.shape[2], n_lines, widest_points(captions, font), font)

    @property
    def text_inches(self) -> float:
        return self.n_lines * _LINE * self.font / 72

    def n_rows(self, n_columns: int) -> int:
        return math.ceil(self.n_images / n_columns)

    def comfortable_cell(self) -> tuple[float, float]:
        """The widths of a cell and of its image, in inches, for a figure of its own."""
        smallest, largest = (side * font_scale() for side in _SIDES)
        smallest *= min(1.0, max(0.6, math.sqrt(30 / self.n_images)))
        text = min(self.widest / 72 + _BETWEEN, _WIDEST_CELL * font_scale())
        side = min(max(text / (1 + _GAP), smallest), largest)
        return max(text, side * (1 + _GAP)), side

    def size(self, n_columns: int, cell: float, side: float) -> tuple[float, float]:
        """Width and height of the grid in inches."""
        return n_columns * cell, self.n_rows(n_columns) * (side * (self.aspect + _GAP) + self.text_inches)

    def tidy_columns(self, cell: float) -> int:
        """As many columns as fit on a page, with few rows and few empty places."""
        most = min(self.n_images, max(1, int(_WIDEST * font_scale() / cell)))

        def cost(n_columns: int) -> tuple[int, int]:
            n_rows = self.n_rows(n_columns)
            return n_rows + n_rows * n_columns - self.n_images, -n_columns

        return min(range(1, most + 1), key=cost)

    def side(self, n_columns: int, width: float, height: float) -> float:
        """How wide an image can be in axes of that size; tiny, but positive, where the text alone is too high."""
        by_height = (height / self.n_rows(n_columns) - self.text_inches) / (self.aspect + _GAP)
        return max(min(width / n_columns / (1 + _GAP), by_height), 0.05)

    def font_in(self, cell: float) -> float:
        """The font size at which captions fit a cell that many inches wide, within limits."""
        fitting = self.font * 72 * (cell - _BETWEEN) / max(self.widest, 1.0)
        return min(self.font, max(fitting, SMALLEST_FONT))

    def fitted(self, width: float, height: float, n_columns: int | None) -> tuple[_Grid, int]:
        """The font and the number of columns that make images large, and captions readable, in axes of that size."""
        small = min(self.font, SMALLEST_FONT)
        grids = [self, self._replace(font=small, widest=self.widest * small / self.font)]
        columns = range(1, self.n_images + 1) if n_columns is None else [n_columns]

        def merit(choice: tuple[_Grid, int]) -> float:
            grid, n_columns = choice
            font = grid.font_in(width / n_columns)
            readable = min(1.0, width / n_columns / (grid.widest * font / grid.font / 72 + _BETWEEN))
            return grid.side(n_columns, width, height) * readable**2 * math.sqrt(font)

        return max(itertools.product(grids, columns), key=merit)


def rows_as_images(X: Any, image_shape: tuple[int, ...] | None = None) -> np.ndarray:
    """Rows as images (n, height, width, channels); images stay as they are.

    Raises
    ------
    ValueError
        If there are rows without a shape, or the shape does not fit.
    """
    X = np.asarray(X)
    if X.ndim != 2:
        return check_images(X)
    if image_shape is None:
        raise ValueError(
            f"X has flat rows of {X.shape[1]} values; pass image_shape=(height, width) or (height, width, channels)"
        )
    height, width, channels = check_image_shape(image_shape)
    if height * width * (channels or 1) != X.shape[1]:
        raise ValueError(
            f"image_shape={tuple(image_shape)} needs {height * width * (channels or 1)} values a row, and X has "
            f"{X.shape[1]}"
        )
    return check_images(X.reshape(len(X), height, width, channels or 1))


def scale_range(values: np.ndarray, low: float, high: float) -> np.ndarray:
    """Numbers from low to high as numbers from 0 to 1; what is beyond is clipped."""
    return ((values - low) / ((high - low) or 1.0)).clip(0, 1)


def check_images(images: Any) -> np.ndarray:
    """Images as an array (n, height, width, channels).

    Raises
    ------
    ValueError
        If these are no images.
    """
    images = np.asarray(images)
    images = images[..., None] if images.ndim == 3 else images
    if images.ndim != 4 or 0 in images.shape or images.shape[3] not in (1, 3, 4):
        raise ValueError(
            f"images have shape {images.shape}; (n_images, height, width) or (n_images, height, width, channels) with "
            "1, 3 or 4 channels is needed, at least one image"
        )
    return images


def _image_style(images: np.ndarray, cmap: Any) -> dict[str, Any]:
    """How imshow should draw: for one channel, the same colours for the same numbers in all images."""
    from matplotlib import rcParams, rcParamsDefault

    if images.shape[3] != 1:
        return {}
    if cmap is None and rcParams["image.cmap"] == rcParamsDefault["image.cmap"]:
        cmap = "gray"
    return {"cmap": cmap, "vmin": np.nanmin(images), "vmax": np.nanmax(images)}
