"""Tiles: images of several sizes and colour scales in one grid, and a key of the colours that mean signs."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from rosenblatt.display.canvas import font_scale, page_color, series_colors, size_in_inches, tint
from rosenblatt.display.images import ImagesDisplay

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_LUMINANCE = np.array([0.2126, 0.7152, 0.0722])  # of red, green and blue (ITU-R BT.709)
_KEY = (0.03, 0.04)  # how far beside the tiles the key is, and how wide, in widths of all tiles
SIGNAL = 4  # a signal's width, by its height
_KEY_NUMBERS = 0.5  # inches beside it for its numbers
_N_LAYOUTS = 3  # until the numbers beside a wide grid have their room, to which each layout comes nearer


class Tile(NamedTuple):
    """One place of a grid; without ``colors`` (height, width, 3) it stays empty."""

    colors: np.ndarray | None
    caption: str = ""


class Palette:
    """Numbers as colours of matplotlib's settings.

    Parameters
    ----------
    ax : matplotlib axes or None
        Whose background stands for 0; None is that of the settings.
    """

    def __init__(self, ax: Axes | None):
        from matplotlib import rcParams
        from matplotlib.colors import LinearSegmentedColormap, to_rgb

        page = to_rgb(rcParams["axes.facecolor"]) if ax is None else page_color(ax)
        positive, negative = series_colors(2)
        halfway = [tint(page, color, 0.55) for color in (negative, positive)]
        self.positive = np.asarray(positive)
        self.signs = LinearSegmentedColormap.from_list("signs", [negative, halfway[0], page, halfway[1], positive])

    def signed(self, values: np.ndarray, limit: float) -> np.ndarray:
        """Numbers from -limit to limit: the second colour of the settings' cycle to the first, 0 like the page."""
        return self.signs(0.5 + 0.5 * values / (limit or 1.0))[..., :3]

    def unsigned(self, values: np.ndarray, low: float, high: float) -> np.ndarray:
        """Numbers by the colormap of the settings; where that is matplotlib's own default, from black to white."""
        from matplotlib import colormaps, rcParams, rcParamsDefault

        own = rcParams["image.cmap"] != rcParamsDefault["image.cmap"]
        colormap = colormaps[rcParams["image.cmap"] if own else "gray"]
        return colormap((values - low) / (high - low or 1.0))[..., :3]

    def image(self, image: np.ndarray, scale: np.ndarray | None = None) -> np.ndarray:
        """An image (height, width, channels): three channels are colours, of others the mean is drawn.

        Its scale is that of the numbers of ``scale``, such as those of all images; by default its own.
        """
        numbers = image if scale is None else scale
        low, high = min(float(numbers.min()), 0.0), max(float(numbers.max()), 1e-12)
        high = max(high, 1.0) if low == 0 else high
        return (image - low) / (high - low) if image.shape[-1] == 3 else self.unsigned(image.mean(-1), low, high)

    def heat(self, image: np.ndarray, values: np.ndarray, limit: float) -> np.ndarray:
        """The image in gray under the first colour of the settings' cycle, which covers it where numbers are large."""
        gray = (self.image(image) @ _LUMINANCE)[..., None]
        cover = 0.85 * (values / (limit or 1.0))[..., None]
        return (1 - cover) * gray + cover * self.positive


def as_plane(values: np.ndarray) -> np.ndarray:
    """(height, width, channels) as it is, (length, channels) as one line of pixels."""
    return values[None] if values.ndim == 2 else values


def draw_tiles(
    tiles: Sequence[Tile],
    aspect: tuple[int, int],
    n_columns: int | None,
    title: str,
    ax: Axes | None,
    key: tuple[Palette, float] | None = None,
) -> ImagesDisplay:
    """Draws tiles, each as large as the others.

    Parameters
    ----------
    tiles : sequence of Tile
    aspect : (height, width)
        Of each tile; where the height is 1, the tiles are a fourth as high as they are wide.
    n_columns : int, optional
    title : str
    ax : matplotlib axes, optional
    key : (palette, limit), optional
        Draws a bar that says which colour stands for which number.

    Returns
    -------
    ImagesDisplay
        Its images and captions are those of the tiles.
    """
    height, width = aspect
    if height == 1:  # a signal, whose numbers would be a thin line
        aspect = (width, SIGNAL * width)
    places = ImagesDisplay(np.zeros((len(tiles), *aspect, 3)), [tile.caption for tile in tiles], title=title)
    new = ax is None
    if ax is not None and key is not None:
        _make_room(ax)
        _draw_key(ax, *key)
    places.plot(ax, n_columns=n_columns)
    for tile, artist, frame in zip(tiles, places.images_, places.ax_.patches, strict=True):
        if tile.colors is None:
            artist.set_visible(False)
            frame.set_visible(False)
        else:
            artist.set_data(np.clip(tile.colors, 0, 1))
    if key is not None and new:
        figure: Any = places.figure_
        width = figure.get_figwidth() * (1 + sum(_KEY)) + _KEY_NUMBERS * font_scale()
        figure.set_size_inches(width, figure.get_figheight())
        _draw_key(places.ax_, *key)
        for _ in range(_N_LAYOUTS):
            size_in_inches(places.ax_)
    return places


def bands(columns: Sequence[tuple[Tile, ...]], most: int) -> Iterator[Tile]:
    """The tiles row by row, of ``most`` columns at a time; the last band is filled up with empty places."""
    n_rows = len(columns[0])
    for start in range(0, len(columns), most):
        band = columns[start : start + most]
        missing = min(most, len(columns)) - len(band)
        for row in range(n_rows):
            yield from [column[row] for column in band]
            yield from [Tile(None)] * missing


def tidy_columns(shape: tuple[int, ...], n_rows: int, ax: Axes | None, of_own_figure: Mapping[str, int]) -> int:
    """How many columns of so many rows each make images (n, height, width) large in the given axes.

    Without axes, what ``of_own_figure`` says of an "image" or a "signal".
    """
    n_images, height, width = shape
    if ax is None:
        return of_own_figure["signal" if height == 1 else "image"]
    aspect = 1 / SIGNAL if height == 1 else height / width
    across, down = size_in_inches(ax)

    def side(n_columns: int) -> float:
        return min(across / n_columns, down / (n_rows * math.ceil(n_images / n_columns) * aspect))

    return max(range(1, n_images + 1), key=side)


def _make_room(ax: Any) -> None:
    """For the key, where no layout engine does it."""
    if ax.figure.get_layout_engine() is None:
        box = ax.get_position()
        numbers = _KEY_NUMBERS * font_scale() / ax.get_figure(root=True).get_figwidth()
        ax.set_position((box.x0, box.y0, max(box.width - numbers, numbers) / (1 + sum(_KEY)), box.height))


def _draw_key(ax: Any, palette: Palette, limit: float) -> None:
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import Normalize

    limit = limit or 1.0
    distance, width = _KEY
    mappable = ScalarMappable(Normalize(-limit, limit), palette.signs)
    bar = ax.figure.colorbar(mappable, cax=ax.inset_axes((1 + distance, 0.0, width, 1.0)))
    bar.set_ticks([-limit, 0.0, limit], labels=[f"{-limit:.2g}", "0", f"{limit:.2g}"], fontsize="small")
    for label, side in zip(bar.ax.get_yticklabels(), ("bottom", "center", "top"), strict=True):
        label.set_verticalalignment(side)  # no number reaches into a title above
    bar.outline.set_linewidth(0.5)
