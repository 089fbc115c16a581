"""What each layer of a convolutional network makes of one image."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from rosenblatt.display.tiles import Palette, Tile, as_plane, draw_tiles

if TYPE_CHECKING:
    from matplotlib.axes import Axes


class FeatureMapDisplay:
    """The maps of each layer for one image, a row for each layer.

    Of each block the linear activation, the activation and the pooled maps, of the same channels: those that are most
    active. Each row has its own scale of colours, with its smallest and largest number above it; where there are
    numbers below 0, these have another colour, and 0 is like the page.

    Parameters
    ----------
    image : array-like (height, width, channels) or (length, channels)
    layers : mapping from names to arrays (height, width, n_maps) or (length, n_maps)
        In the order of the network.
    channels : mapping from names to sequences of int, optional
        The maps to draw of each layer; all by default.
    title : str, default=""

    Attributes
    ----------
    ax_, figure_ : matplotlib axes and figure, after ``plot``
    images_, captions_ : lists of matplotlib images and texts

    Raises
    ------
    ValueError
        If there is no layer, or these are no maps.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from rosenblatt import ConvClassifier
    >>> from rosenblatt.display import FeatureMapDisplay
    >>> digits = load_digits()
    >>> model = ConvClassifier(channels=(8,), max_epochs=3, random_state=0).fit(digits.images / 16, digits.target)
    >>> list(FeatureMapDisplay.from_estimator(model, digits.images[0] / 16).layers)
    ['convolution 1', 'relu 1', 'max pooling 1']
    """

    def __init__(
        self,
        image: Any,
        layers: Mapping[str, Any],
        *,
        channels: Mapping[str, Any] | None = None,
        title: str = "",
    ):
        self.image = _checked("image", image)
        self.layers = {name: _checked(name, maps) for name, maps in layers.items()}
        if not self.layers:
            raise ValueError("there are no layers to draw; give at least one")
        chosen = channels or {}
        self.channels = {
            name: np.asarray(chosen.get(name, range(maps.shape[-1])), int) for name, maps in self.layers.items()
        }
        self.title = title

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        image: Any,
        *,
        block: int | None = None,
        n_maps: int = 6,
        ax: Axes | None = None,
    ) -> Self:
        """Draws what a fitted convolutional network makes of an image.

        Parameters
        ----------
        estimator : ConvClassifier or ConvRegressor
            Fitted.
        image : array-like of the shape that the estimator was fitted on, or a row of its numbers
        block : int, optional
            One convolution block, from 0, or negative to count from the last; all by default.
        n_maps : int, default=6
            At least 1: maps of each layer, at most.
        ax : matplotlib axes, optional

        Returns
        -------
        FeatureMapDisplay

        Raises
        ------
        TypeError
            If the estimator has no convolutions.
        ValueError
            If there is no such block, or the image has another shape.
        """
        from rosenblatt.explain.images import block_index, fitted_convnet, read_images

        network = fitted_convnet(estimator)
        numbers = range(len(network.features.blocks)) if block is None else [block_index(network, block)]
        images = read_images(estimator, image)
        if len(images) != 1:
            raise ValueError(f"got {len(images)} images; give one, such as X[0]")
        if n_maps < 1:
            raise ValueError(f"n_maps={n_maps}; at least 1 is needed")
        layers, channels = {}, {}
        for number, found in enumerate(_maps(estimator, network, images)):
            if number in numbers:
                strongest = np.sort(np.argsort(-_activity(found[1]), kind="stable")[:n_maps])
                named = dict(zip(_names(network.features.blocks[number], number + 1), found, strict=True))
                layers |= named
                channels |= dict.fromkeys(named, strongest)
        return cls(images[0], layers, channels=channels).plot(ax)

    def plot(self, ax: Axes | None = None) -> Self:
        """Draws the image, and below it a row for each layer.

        Parameters
        ----------
        ax : matplotlib axes, optional
            Without it a figure of fitting size is made.

        Returns
        -------
        FeatureMapDisplay
        """
        palette = Palette(ax)
        n_columns = max(2, *(len(chosen) for chosen in self.channels.values()))
        image = as_plane(self.image)
        tiles = _padded([Tile(palette.image(image), "\nimage")], n_columns)
        for name, maps in self.layers.items():
            tiles += _padded(_row(name, as_plane(maps), self.channels[name], palette), n_columns)
        grid = draw_tiles(tiles, image.shape[:2], n_columns, self.title, ax)
        self.ax_, self.figure_, self.images_, self.captions_ = grid.ax_, grid.figure_, grid.images_, grid.captions_
        return self


def _maps(estimator: Any, network: Any, images: np.ndarray) -> list[tuple[np.ndarray, ...]]:
    """Of each block, what its layers make of the one image."""
    from rosenblatt.training.inference import AtOnce, apply

    blocks = apply(network, images, _all_maps, estimator.device, at_once=AtOnce(1))
    return [tuple(maps[0] for maps in block) for block in blocks]


def _all_maps(network: Any, image: Any) -> Any:
    return network.features.maps(image)


def _names(block: Any, number: int) -> list[str]:
    activation = getattr(block.activation, "__name__", type(block.activation).__name__).lower()
    linear = "convolution" if block.normalization is None else "normalized"
    names = [f"{linear} {number}", f"{activation} {number}"]
    return names if block.pooling is None else [*names, f"{block.pooling.kind} pooling {number}"]


def _activity(maps: np.ndarray) -> np.ndarray:
    """How active each channel is: the mean of its absolute values."""
    return np.abs(maps).reshape(-1, maps.shape[-1]).mean(0)


def _row(name: str, maps: np.ndarray, chosen: np.ndarray, palette: Palette) -> list[Tile]:
    """The tiles of one layer; its name and its range stand above the first two."""
    drawn = maps[..., chosen]
    low, high = float(drawn.min()), float(drawn.max())
    first_lines = [name, f"{low:.2g} to {high:.2g}"]
    tiles = []
    for place, channel in enumerate(chosen):
        values = drawn[..., place]
        colors = palette.signed(values, max(-low, high)) if low < 0 else palette.unsigned(values, 0.0, high)
        caption = f"{channel}" if place > 1 else f"{first_lines[place]}\n{channel}"
        tiles.append(Tile(colors, caption if "\n" in caption else f"\n{caption}"))
    return tiles


def _padded(tiles: list[Tile], n_columns: int) -> list[Tile]:
    return [*tiles, *[Tile(None)] * (n_columns - len(tiles))]


def _checked(name: str, maps: Any) -> np.ndarray:
    maps = np.asarray(maps, float)
    if maps.ndim not in (2, 3) or 0 in maps.shape:
        raise ValueError(f"{name} has shape {maps.shape}; (height, width, n) or (length, n) is needed")
    return maps
