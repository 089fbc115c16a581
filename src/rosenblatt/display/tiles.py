"""Tiles: images of several sizes and colour scales in one grid, and a key of the colours that mean signs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from rosenblatt.display.canvas import font_scale, page_color, series_colors, tint
from rosenblatt.display.images import ImagesDisplay

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_KEY_SHARE = 0.12  # of the width, for the key
_KEY_NUMBERS = 0.5  # inches beside it for its numbers


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

    def image(self, image: np.ndarray) -> np.ndarray:
        """An image (height, width, channels): three channels are colours, of others the mean is drawn."""
        low, high = min(float(image.min()), 0.0), max(float(image.max()), 1e-12)
        high = max(high, 1.0) if low == 0 else high
        return (image - low) / (high - low) if image.shape[-1] == 3 else self.unsigned(image.mean(-1), low, high)

    def heat(self, image: np.ndarray, values: np.ndarray, limit: float) -> np.ndarray:
        """A gray image under the first colour of the settings' cycle, which covers it where the numbers are large."""
        gray = image.mean(-1, keepdims=True)
        gray = (gray - gray.min()) / (float(np.ptp(gray)) or 1.0)
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
        Of each tile.
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
    places = ImagesDisplay(np.zeros((len(tiles), *aspect, 3)), [tile.caption for tile in tiles], title=title)
    new = ax is None
    if key is not None and not new:
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
        width = figure.get_figwidth() / (1 - _KEY_SHARE) + _KEY_NUMBERS * font_scale()
        figure.set_size_inches(width, figure.get_figheight())
        _draw_key(places.ax_, *key)
    return places


def _draw_key(ax: Any, palette: Palette, limit: float) -> None:
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import Normalize

    limit = limit or 1.0
    bar = ax.figure.colorbar(
        ScalarMappable(Normalize(-limit, limit), palette.signs),
        ax=ax,
        fraction=_KEY_SHARE - 0.02,
        pad=0.02,
        aspect=12,
        panchor=False,
    )
    bar.set_ticks([-limit, 0.0, limit], labels=[f"{-limit:.2g}", "0", f"{limit:.2g}"], fontsize="small")
    bar.outline.set_linewidth(0.5)
