"""Convolution as networks use it (cross-correlation), true convolution, and the transpose of both.

Cross-correlation is s(i, j) = sum_mn I(i + m, j + n) K(m, n); convolution is s(i, j) = sum_mn I(i - m, j - n) K(m, n),
which is the same with the kernel flipped along both axes. Images are (height, width, channels) or (length, channels).

XLA's own convolution is 10 to 20 times slower inside a loop than it should be on a CPU (jax issue 12868), and so is the
gradient of the transposed one (issue 23783). There a convolution is the image's patches times one matrix, and its
gradients, which are convolutions too, are products with the same patches; ``choose_form`` says which form is taken.
"""

import math
from collections.abc import Sequence
from functools import partial, reduce
from typing import Literal

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jaxtyping import Array, Float

from rosenblatt.nn.initializers import Initializer
from rosenblatt.nn.windows import Window, times
from rosenblatt.types import AnyArray

Form = Literal["patches", "shifts", "native"]
Image = Float[Array, "*shape channels"]
Kernel = Float[AnyArray, "*window inputs outputs"]


def choose_form(n_inputs: int, groups: int, platform: str) -> Form:
    """How to compute a convolution of ``n_inputs`` channels in ``groups`` on a platform.

    "native" is XLA's own; "patches" is a matrix product with the pixels under each place of the window; "shifts" is a
    sum of shifted images, each times one entry of the kernel, which XLA makes one loop of where each output channel
    sees one input channel.
    """
    if platform != "cpu":
        return "native"
    return "shifts" if n_inputs == groups else "patches"


def correlate(image: Image, kernel: Kernel, window: Window, groups: int = 1) -> Image:
    """Cross-correlation of one image.

    Parameters
    ----------
    image : (*shape, inputs)
    kernel : (*window.size, inputs / groups, outputs)
        Output channel o belongs to group o // (outputs / groups), and sees the input channels of that group.
    window : Window
    groups : int, default=1

    Returns
    -------
    image (*window.output_shape(shape), outputs)
    """
    check_channels(image.shape[-1], kernel.shape, groups)
    window.output_shape(image.shape[:-1])  # says what is wrong with a small image
    form = choose_form(image.shape[-1], groups, jax.default_backend())
    return _FORMS[form](image, jnp.asarray(kernel), window, groups)


def convolve(image: Image, kernel: Kernel, window: Window, groups: int = 1) -> Image:
    """True convolution of one image: cross-correlation with the flipped kernel."""
    return correlate(image, flip(kernel), window, groups)


def flip(kernel: Kernel) -> Kernel:
    """The kernel turned by 180 degrees: reversed along each axis of its window."""
    return kernel[(slice(None, None, -1),) * (kernel.ndim - 2)]


def correlate_transposed(image: Image, kernel: Kernel, window: Window, shape: Sequence[int], groups: int = 1) -> Image:
    """The transpose of ``correlate``: each pixel spreads the kernel, times its value, over a larger image.

    Parameters
    ----------
    image : (*window.output_shape(shape), inputs)
    kernel : (*window.size, inputs, outputs / groups)
        ``kernel[m, n, i, o]`` leads from input channel i to output channel o of its group.
    window : Window
        Of the convolution whose transpose this is.
    shape : sequence of int
        Of the image that comes out: of those that the convolution shrinks to the size of ``image``.
    groups : int, default=1

    Returns
    -------
    image (*shape, outputs)
    """
    check_transposed_channels(image.shape[-1], kernel.shape, groups)
    if window.output_shape(shape) != image.shape[:-1]:
        raise ValueError(
            f"a window that turns {times(shape)} pixels into {times(window.output_shape(shape))} cannot turn "
            f"{times(image.shape[:-1])} back into {times(shape)}"
        )
    spread = _subpixels if max(window.dilation) == 1 else _between_zeros
    return spread(image, jnp.asarray(kernel), window, tuple(shape), groups)


def transposed_shape(shape: Sequence[int], window: Window, output_padding: int | Sequence[int] = 0) -> tuple[int, ...]:
    """The size that a transposed convolution makes of an image: (W - 1) S - 2P + K + output padding on each axis.

    With "same" padding it is W S. ``output_padding`` (0 to S - 1) picks among the sizes that the convolution shrinks to
    one.

    Raises
    ------
    ValueError
        If the output padding is not smaller than the stride, or nothing is left.
    """
    extra = (output_padding,) * len(window.size) if isinstance(output_padding, int) else tuple(output_padding)
    if len(extra) != len(window.size) or not all(0 <= e < s for e, s in zip(extra, window.stride, strict=True)):
        raise ValueError(
            f"output_padding={output_padding!r} must be from 0 to stride - 1 on each axis; stride is {window.stride}"
        )
    if window.padding == "same":
        return tuple(width * stride for width, stride in zip(shape, window.stride, strict=True))
    axes = zip(shape, window.stride, window.padding, window.reach, extra, strict=True)
    sizes = tuple((width - 1) * stride - sum(pads) + reach + more for width, stride, pads, reach, more in axes)
    if min(sizes) < 1:
        raise ValueError(
            f"padding={window.padding} cuts all of a transposed convolution's {times(shape)} pixels off: "
            f"(W - 1) S - 2P + K = {times(sizes)}"
        )
    return sizes


def check_channels(n_inputs: int, kernel_shape: Sequence[int], groups: int) -> None:
    """Refuses a kernel that does not fit the image's channels.

    Raises
    ------
    ValueError
        If the channels are not what the kernel takes, or cannot be cut into the groups.
    """
    each, outputs = kernel_shape[-2:]
    if n_inputs != each * groups:
        raise ValueError(
            f"the image has {n_inputs} channels and the kernel {tuple(kernel_shape)} takes {each * groups} "
            f"({each} in each of {groups} groups)"
        )
    if outputs % groups:
        raise ValueError(f"{outputs} output channels cannot be shared out evenly between {groups} groups")


def check_transposed_channels(n_inputs: int, kernel_shape: Sequence[int], groups: int) -> None:
    """Refuses a transposed convolution's kernel that does not fit the image's channels.

    Raises
    ------
    ValueError
        If the channels are not what the kernel takes, or cannot be cut into the groups.
    """
    if n_inputs != kernel_shape[-2]:
        raise ValueError(
            f"the image has {n_inputs} channels and the kernel {tuple(kernel_shape)} takes {kernel_shape[-2]}"
        )
    if n_inputs % groups:
        raise ValueError(f"{n_inputs} input channels cannot be shared out evenly between {groups} groups")


def _patches(image: Image, kernel: Kernel, window: Window, groups: int) -> Image:
    """The pixels under each place of the window, as rows of a matrix, times the kernel as a matrix."""
    places = window.places(window.pad(image))
    shape, outputs = places[0].shape[:-1], kernel.shape[-1]
    if groups == 1:
        rows = jnp.concatenate(places, -1).reshape(math.prod(shape), -1)
        return (rows @ kernel.reshape(-1, outputs)).reshape(*shape, outputs)
    rows = jnp.stack(places, -2).reshape(math.prod(shape), len(places), groups, -1)
    matrices = kernel.reshape(len(places), rows.shape[-1], groups, outputs // groups)
    return jnp.einsum("ntgi,tigo->ngo", rows, matrices).reshape(*shape, outputs)


@partial(jax.custom_vjp, nondiff_argnums=(2, 3))
def _shifts(image: Image, kernel: Kernel, window: Window, groups: int) -> Image:
    """The sum over the window's entries of the shifted image times the entry; one input channel for each output."""
    outputs = kernel.shape[-1]
    entries = kernel.reshape(-1, groups, outputs // groups)
    places = window.places(window.pad(image))
    total = reduce(jnp.add, (place[..., None] * entry for place, entry in zip(places, entries, strict=True)))
    return total.reshape(*places[0].shape[:-1], outputs)


def _shifts_forward(image: Image, kernel: Kernel, window: Window, groups: int) -> tuple[Image, tuple[Image, Kernel]]:
    return _shifts(image, kernel, window, groups), (image, kernel)


def _shifts_backward(
    window: Window, groups: int, residuals: tuple[Image, Kernel], slope: Image
) -> tuple[Image, Kernel]:
    """By patches: the kernel's gradient is one matrix product, where that of shifts reads all for each entry."""
    _, pull = jax.vjp(lambda image, kernel: _patches(image, kernel, window, groups), *residuals)
    return pull(slope)


_shifts.defvjp(_shifts_forward, _shifts_backward)


def _native(image: Image, kernel: Kernel, window: Window, groups: int) -> Image:
    """XLA's convolution."""
    axes = "HWD"[: len(window.size)]
    return lax.conv_general_dilated(
        image[None],
        jnp.asarray(kernel),
        window.stride,
        window.pads(image.shape[:-1]),
        rhs_dilation=window.dilation,
        dimension_numbers=(f"N{axes}C", f"{axes}IO", f"N{axes}C"),
        feature_group_count=groups,
    )[0]


_FORMS = {"patches": _patches, "shifts": _shifts, "native": _native}


def _subpixels(image: Image, kernel: Kernel, window: Window, shape: tuple[int, ...], groups: int) -> Image:
    """A transposed convolution of stride S as S x S convolutions of stride 1, whose pixels are interleaved.

    On one axis y[S a + r] = sum_q x[a - q] w[S q + r]: no product with the zeros that upsampling would insert.
    """
    n_axes, outputs = len(shape), kernel.shape[-1] * groups
    before = [first for first, _ in window.pads(shape)]
    taps = [-(-k // s) for k, s in zip(window.size, window.stride, strict=True)]
    blocks = [-(-(first + size) // s) for first, size, s in zip(before, shape, window.stride, strict=True)]
    whole = [(0, t * s - k) for t, s, k in zip(taps, window.stride, window.size, strict=True)]
    kernel = jnp.pad(kernel, [*whole, (0, 0), (0, 0)])
    # (q, r) for each axis, then group, inputs and outputs of a group; q counts backwards.
    split = [n for pair in zip(taps, window.stride, strict=True) for n in pair]
    kernel = kernel.reshape(*split, groups, -1, outputs // groups)
    kernel = kernel[tuple(slice(None, None, -1 if axis % 2 == 0 else 1) for axis in range(2 * n_axes))]
    quotients, remainders = range(0, 2 * n_axes, 2), range(1, 2 * n_axes, 2)
    group, inputs, own = range(2 * n_axes, 2 * n_axes + 3)
    kernel = kernel.transpose(*quotients, inputs, group, *remainders, own)
    kernel = kernel.reshape(*taps, kernel.shape[n_axes], -1)
    rims = [(t - 1, block - width, 0) for t, block, width in zip(taps, blocks, image.shape, strict=False)]
    image = lax.pad(image, lax.full_like(image, 0, shape=()), [*rims, (0, 0, 0)])
    phases = correlate(image, kernel, Window.of(taps, n_axes=n_axes), groups)
    phases = phases.reshape(*blocks, groups, *window.stride, outputs // groups)
    interleaved = [axis for i in range(n_axes) for axis in (i, n_axes + 1 + i)]
    phases = phases.transpose(*interleaved, n_axes, 2 * n_axes + 1)
    full = phases.reshape(*(b * s for b, s in zip(blocks, window.stride, strict=True)), outputs)
    ends = [first + size for first, size in zip(before, shape, strict=True)]
    return lax.slice(full, (*before, 0), (*ends, outputs))


def _between_zeros(image: Image, kernel: Kernel, window: Window, shape: tuple[int, ...], groups: int) -> Image:
    """A transposed convolution as a convolution of the image with S - 1 zeros between its pixels."""
    n_axes = len(shape)
    rims = []
    for (first, _), reach, size, width, stride in zip(
        window.pads(shape), window.reach, shape, image.shape, window.stride, strict=False
    ):
        before = reach - 1 - first
        rims.append((before, size + reach - 1 - before - ((width - 1) * stride + 1), stride - 1))
    image = lax.pad(image, lax.full_like(image, 0, shape=()), [*rims, (0, 0, 0)])
    size = kernel.shape[:n_axes]
    grouped = flip(kernel).reshape(*size, groups, -1, kernel.shape[-1])
    grouped = jnp.moveaxis(grouped, n_axes, n_axes + 1).reshape(*size, -1, kernel.shape[-1] * groups)
    return correlate(image, grouped, Window.of(size, dilation=window.dilation, n_axes=n_axes), groups)


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
        operation = convolve if self.flipped else correlate
        return operation(image, self.weight, self.window, self.groups) + self.bias

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
