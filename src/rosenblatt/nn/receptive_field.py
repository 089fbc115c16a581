"""Receptive fields: which pixels of the image one unit of a convolutional network sees.

Layer by layer, on each axis, for a window of reach K, stride S and padding P before the image:
size r' = r + (K - 1) j, stride j' = j S, and the first unit's centre c' = c + ((K - 1) / 2 - P) j. An image has r = 1,
j = 1 and c = 0 (Araujo, Norris and Sim 2019, "Computing receptive fields of convolutional neural networks").
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from rosenblatt.nn.convnet import Features
from rosenblatt.nn.windows import Window


class ReceptiveField(NamedTuple):
    """What the units of one layer see of the image, an entry for each axis.

    Attributes
    ----------
    size : tuple of int
        Pixels that one unit sees, border included.
    stride : tuple of int
        Pixels from what one unit sees to what its neighbour sees.
    center : tuple of float
        The middle of what the first unit sees: 0 is the middle of the first pixel.
    """

    size: tuple[int, ...]
    stride: tuple[int, ...]
    center: tuple[float, ...]

    @classmethod
    def of_pixels(cls, n_axes: int) -> "ReceptiveField":
        """The image's own: each pixel sees itself."""
        return cls((1,) * n_axes, (1,) * n_axes, (0.0,) * n_axes)

    def under(self, window: Window, shape: Sequence[int]) -> "ReceptiveField":
        """What a window sees that slides over this layer, whose size is ``shape``."""
        axes = list(zip(*self, window.reach, window.stride, window.pads(shape), strict=True))
        return ReceptiveField(
            tuple(size + (reach - 1) * jump for size, jump, _, reach, _, _ in axes),
            tuple(jump * stride for _, jump, _, _, stride, _ in axes),
            tuple(center + ((reach - 1) / 2 - before) * jump for _, jump, center, reach, _, (before, _) in axes),
        )

    def centers(self, shape: Sequence[int]) -> tuple[np.ndarray, ...]:
        """The middle of what each unit sees, in pixels, for each axis of a layer of that size."""
        return tuple(c + j * np.arange(n) for c, j, n in zip(self.center, self.stride, shape, strict=True))

    def spans(self, shape: Sequence[int]) -> tuple[np.ndarray, ...]:
        """The first and the last pixel (n_units, 2) that each unit sees, for each axis of a layer of that size.

        Numbers below 0, or beyond the image, are pixels of the border.
        """
        reach = [(size - 1) / 2 for size in self.size]
        centers = zip(self.centers(shape), reach, strict=True)
        return tuple(np.stack([c - r, c + r], axis=1).round().astype(int) for c, r in centers)


class BlockFields(NamedTuple):
    """The receptive fields of one block: of its convolution's units, and of those that it puts out, pooled or not."""

    convolution: ReceptiveField
    output: ReceptiveField


def receptive_fields(features: Features) -> tuple[BlockFields, ...]:
    """The receptive fields of each block of a feature extractor."""
    field, fields = ReceptiveField.of_pixels(len(features.image_shape) - 1), []
    for block, shape in zip(features.blocks, features.shapes(), strict=False):
        window = block.convolution.window
        field = convolution = field.under(window, shape[:-1])
        if block.pooling is not None:
            field = field.under(block.pooling.window, window.output_shape(shape[:-1]))
        fields.append(BlockFields(convolution, field))
    return tuple(fields)
