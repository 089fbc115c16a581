"""The kernels of a convolution layer as small images."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np

from rosenblatt.display.tiles import Palette, Tile, as_plane, draw_tiles

if TYPE_CHECKING:
    from matplotlib.axes import Axes


class FilterDisplay:
    """The kernels of one convolution layer.

    A kernel has a matrix of weights for each input channel. Where there is one channel, that is drawn; of three, the
    weights for red, green and blue, in these colours (gray is 0); of others, those for one channel.

    Parameters
    ----------
    kernels : array-like (height, width, n_inputs, n_kernels) or (length, n_inputs, n_kernels)
        As ``networks_["model"].features.blocks[...].convolution.weight`` holds them.
    input_channel : int or None, default=None
        The input channel that is drawn. None draws, where there are neither one nor three, for each kernel the channel
        with the largest sum of squared weights, and says which.
    name : str, default="convolution"

    Attributes
    ----------
    ax_, figure_ : matplotlib axes and figure, after ``plot``
    images_, captions_ : lists of matplotlib images and texts

    Raises
    ------
    ValueError
        If these are no kernels, or there is no such channel.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from rosenblatt import ConvClassifier
    >>> from rosenblatt.display import FilterDisplay
    >>> digits = load_digits()
    >>> model = ConvClassifier(channels=(8,), max_epochs=3, random_state=0).fit(digits.images / 16, digits.target)
    >>> len(FilterDisplay.from_estimator(model).images_)
    8
    """

    def __init__(self, kernels: Any, *, input_channel: int | None = None, name: str = "convolution"):
        self.kernels = np.asarray(kernels, float)
        if self.kernels.ndim not in (3, 4) or 0 in self.kernels.shape:
            raise ValueError(
                f"kernels have shape {self.kernels.shape}; (height, width, n_inputs, n_kernels) or "
                "(length, n_inputs, n_kernels) is needed"
            )
        n_inputs = self.kernels.shape[-2]
        if input_channel is not None and not 0 <= input_channel < n_inputs:
            raise ValueError(f"input_channel={input_channel}; these kernels have input channels 0 to {n_inputs - 1}")
        self.input_channel = input_channel
        self.name = name

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        *,
        block: int = 0,
        input_channel: int | None = None,
        n_kernels: int = 64,
        n_columns: int | None = None,
        ax: Axes | None = None,
    ) -> Self:
        """Draws the kernels of a fitted convolutional network.

        Parameters
        ----------
        estimator : ConvClassifier or ConvRegressor
            Fitted.
        block : int, default=0
            The convolution block, from 0, or negative to count from the last.
        input_channel : int, optional
            As in the constructor.
        n_kernels, n_columns, ax
            As in ``plot``.

        Returns
        -------
        FilterDisplay

        Raises
        ------
        TypeError
            If the estimator has no convolutions.
        ValueError
            If there is no such block or channel.
        """
        from rosenblatt.explain.images import block_index, fitted_convnet

        network = fitted_convnet(estimator)
        number = block_index(network, block)
        kernels = network.features.blocks[number].convolution.weight
        display = cls(kernels, input_channel=input_channel, name=f"convolution {number + 1}")
        return display.plot(ax, n_kernels=n_kernels, n_columns=n_columns)

    def plot(self, ax: Axes | None = None, *, n_kernels: int = 64, n_columns: int | None = None) -> Self:
        """Draws the kernels; those of one channel in the same colours for the same numbers, with a key.

        Parameters
        ----------
        ax : matplotlib axes, optional
            Without it a figure of fitting size is made.
        n_kernels : int, default=64
            At least 1: how many, at most.
        n_columns : int, optional
            At least 1.

        Returns
        -------
        FilterDisplay
        """
        if n_kernels < 1:
            raise ValueError(f"n_kernels={n_kernels}; at least 1 is needed")
        kernels = np.moveaxis(self.kernels, -1, 0)
        drawn = [as_plane(kernel) for kernel in kernels[:n_kernels]]
        palette, limit = Palette(ax), float(np.abs(drawn).max())
        in_color = drawn[0].shape[-1] == 3 and self.input_channel is None
        tiles = [self._tile(number, kernel, palette, limit, in_color) for number, kernel in enumerate(drawn)]
        key = None if in_color else (palette, limit)
        grid = draw_tiles(tiles, drawn[0].shape[:2], n_columns, self._title(len(drawn)), ax, key)
        self.ax_, self.figure_, self.images_, self.captions_ = grid.ax_, grid.figure_, grid.images_, grid.captions_
        return self

    def _tile(self, number: int, kernel: np.ndarray, palette: Palette, limit: float, in_color: bool) -> Tile:
        if in_color:
            return Tile(0.5 + 0.5 * kernel / (limit or 1.0), str(number))
        channel = self.input_channel
        if channel is None:
            channel = int(np.square(kernel).sum((0, 1)).argmax())
        many = kernel.shape[-1] > 1 and self.input_channel is None
        return Tile(palette.signed(kernel[..., channel], limit), f"{number} from {channel}" if many else str(number))

    def _title(self, n_drawn: int) -> str:
        *size, n_inputs, n_kernels = self.kernels.shape
        counted = f"{n_drawn} of {n_kernels}" if n_drawn < n_kernels else str(n_kernels)
        title = f"{self.name}: {counted} kernels {' x '.join(map(str, size))}"
        if self.input_channel is not None:
            return f"{title}, channel {self.input_channel}"
        return title if n_inputs in (1, 3) else f"{title}, strongest channel of {n_inputs}"
