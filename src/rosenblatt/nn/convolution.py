"""Layers of convolutions and transposed convolutions; convolution as networks use it is cross-correlation.

Cross-correlation is s(i, j) = sum_mn I(i + m, j + n) K(m, n); convolution is s(i, j) = sum_mn I(i - m, j - n) K(m, n),
which is the same with the kernel flipped along both axes. Images are (height, width, channels) or (length, channels).
"""

import math
from collections.abc import Sequence

import equinox as eqx
import numpy as np
from jaxtyping import Float

from rosenblatt.nn.correlation import (
    Image,
    check_channels,
    check_transposed_channels,
    correlate,
    correlate_transposed,
)
from rosenblatt.nn.correlation_forms import Kernel, flip
from rosenblatt.nn.initializers import Initializer
from rosenblatt.nn.windows import Window
from rosenblatt.types import AnyArray


def convolve(image: Image, kernel: Kernel, window: Window, groups: int = 1) -> Image:
    """True convolution of one image: cross-correlation with the flipped kernel."""
    return correlate(image, flip(kernel), window, groups)


class Convolution(eqx.Module):
    """A bank of kernels slid over one image, and a bias for each.

    ``weight[m, n, i, o]`` leads from the pixel (m, n) of input channel i under the window to output channel o. With
    ``flipped`` it is true convolution instead of cross-correlation.
    """

    weight: Kernel
    bias: Float[AnyArray, " outputs"]
    window: Window = eqx.field(static=True)
    groups: int = eqx.field(static=True, default=1)
    flipped: bool = eqx.field(static=True, default=False)

    def __call__(self, image: Image) -> Image:
        return self.without_bias(image) + self.bias

    def without_bias(self, image: Image) -> Image:
        operation = convolve if self.flipped else correlate
        return operation(image, self.weight, self.window, self.groups)

    @classmethod
    def initialize(
        cls,
        n_inputs: int,
        n_outputs: int,
        window: Window,
        initializer: Initializer,
        rng: np.random.Generator,
        groups: int = 1,
    ) -> "Convolution":
        """Weights by the initialiser, biases 0, both float32 NumPy arrays; channels must divide into the groups."""
        shape = (*window.size, n_inputs // groups, n_outputs)
        check_channels(n_inputs, shape, groups)
        entries = math.prod(window.size)
        weight = initializer(shape, entries * n_inputs // groups, entries * n_outputs // groups, rng)
        return cls(weight.astype(np.float32), np.zeros(n_outputs, np.float32), window, groups)


class TransposedConvolution(eqx.Module):
    """A bank of kernels that each pixel of one image spreads over a larger image, and a bias for each.

    ``weight[m, n, i, o]`` leads from input channel i to the pixel (m, n) of output channel o of its group. ``shape`` is
    that of the image that comes out.
    """

    weight: Kernel
    bias: Float[AnyArray, " outputs"]
    window: Window = eqx.field(static=True)
    shape: tuple[int, ...] = eqx.field(static=True)
    groups: int = eqx.field(static=True, default=1)

    def __call__(self, image: Image) -> Image:
        return correlate_transposed(image, self.weight, self.window, self.shape, self.groups) + self.bias

    @classmethod
    def initialize(
        cls,
        n_inputs: int,
        n_outputs: int,
        window: Window,
        shape: Sequence[int],
        initializer: Initializer,
        rng: np.random.Generator,
        groups: int = 1,
    ) -> "TransposedConvolution":
        """Weights by the initialiser, biases 0, both float32 NumPy arrays.

        An output pixel is reached by one in ``stride`` of the kernel's entries on each axis: that is its fan-in.
        """
        kernel_shape = (*window.size, n_inputs, n_outputs // groups)
        check_transposed_channels(n_inputs, kernel_shape, groups)
        reaching = max(math.prod(window.size) // math.prod(window.stride), 1)
        fan_in, fan_out = reaching * n_inputs // groups, math.prod(window.size) * n_outputs // groups
        weight = initializer(kernel_shape, fan_in, fan_out, rng)
        return cls(weight.astype(np.float32), np.zeros(n_outputs, np.float32), window, tuple(shape), groups)
