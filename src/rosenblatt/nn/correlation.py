"""Cross-correlation of an image with a bank of kernels, and its transpose, each the other's slope.

s(i, j) = sum_mn I(i + m, j + n) K(m, n). It is linear in the image and in the kernel. Its slope in the image is the
transposed correlation of the slopes: a correlation with the flipped kernel; its slope in the kernel is a correlation of
the image with the slopes. JAX is told so here, once for all orders of its transformations: under ``vmap`` images are
correlated together, and their kernel's slope is one product over all of them.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax
from jax.core import ShapedArray
from jax.extend.core import Primitive
from jax.interpreters import ad, batching, mlir
from jaxtyping import Array, Float

from rosenblatt.nn.correlation_forms import FORMS, Images, Kernel, choose_form
from rosenblatt.nn.windows import Window, times

Image = Float[Array, "*shape channels"]


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
    window = replace(window, padding=window.pads(image.shape[:-1]))
    dtype = jnp.result_type(image, kernel, jnp.float16)
    images, kernel = jnp.asarray(image, dtype)[None], jnp.asarray(kernel, dtype)
    if jax.default_backend() != "cpu":
        return correlate_natively(images, kernel, window, groups)[0]
    return _correlate.bind(images, kernel, window=window, groups=groups)[0]


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
    strided = max(window.stride) > 1 and max(window.dilation) == 1
    spread = _subpixels if strided else _between_zeros
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


def correlate_natively(images: Images, kernel: Kernel, window: Window, groups: int) -> Images:
    """XLA's convolution, for accelerators."""
    axes = "HWD"[: len(window.size)]
    return lax.conv_general_dilated(
        images,
        jnp.asarray(kernel),
        window.stride,
        window.pads(images.shape[1:-1]),
        rhs_dilation=window.dilation,
        dimension_numbers=(f"N{axes}C", f"{axes}IO", f"N{axes}C"),
        feature_group_count=groups,
    )


def _form_of(images: Any, window: Window, groups: int) -> Any:
    return FORMS[choose_form(images.shape[-1], groups, window)]


def _compute(images: Images, kernel: Kernel, *, window: Window, groups: int) -> Images:
    return _form_of(images, window, groups).correlate(images, kernel, window, groups)


def _shape(images: Any, kernel: Any, *, window: Window, groups: int) -> ShapedArray:
    del groups
    return ShapedArray((images.shape[0], *window.output_shape(images.shape[1:-1]), kernel.shape[-1]), images.dtype)


def _image_slope(slopes: Images, images: Any, kernel: Kernel, *, window: Window, groups: int) -> Images:
    shape, kernel = images.aval.shape[1:-1], kernel.swapaxes(-1, -2)
    return jax.vmap(lambda slope: correlate_transposed(slope, kernel, window, shape, groups))(slopes)


def _kernel_slope(slopes: Images, images: Images, kernel: Any, *, window: Window, groups: int) -> Kernel:
    del kernel
    return _form_of(images, window, groups).kernel_slope(images, slopes, window, groups)


def _batched(arguments: Any, axes: Any, *, window: Window, groups: int) -> tuple[Images, int]:
    (images, kernels), (of_images, of_kernels) = arguments, axes
    if of_kernels is None:
        images = jnp.moveaxis(images, of_images, 0)
        together = images.reshape(-1, *images.shape[2:])
        outputs = _correlate.bind(together, kernels, window=window, groups=groups)
        return outputs.reshape(*images.shape[:2], *outputs.shape[1:]), 0
    patches = FORMS["patches"].correlate  # each image has a kernel of its own: rare, and not worth a form
    return jax.vmap(lambda i, k: patches(i, k, window, groups), (of_images, of_kernels))(images, kernels), 0


_correlate = Primitive("correlate")
_correlate.def_impl(jax.jit(_compute, static_argnames=("window", "groups")))
_correlate.def_abstract_eval(_shape)
ad.defbilinear(_correlate, _image_slope, _kernel_slope)
batching.primitive_batchers[_correlate] = _batched
mlir.register_lowering(_correlate, mlir.lower_fun(_compute, multiple_results=False))
