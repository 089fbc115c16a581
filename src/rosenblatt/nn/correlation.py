"""Cross-correlation of an image with a bank of kernels, and its transpose, each the other's slope.

s(i, j) = sum_mn I(i + m, j + n) K(m, n). It is linear in the image and in the kernel. Its slope in the image is the
transposed correlation of the slopes: a correlation with the flipped kernel; its slope in the kernel is a correlation of
the image with the slopes. JAX is told so here, once for all orders of its transformations: under ``vmap`` images are
correlated together, and their kernel's slope is one product over all of them.
"""

from collections.abc import Sequence
from typing import Any

import jax
from jax.core import ShapedArray
from jaxtyping import Array, Float

from rosenblatt.nn.bilinear import bilinear, together
from rosenblatt.nn.correlation_forms import (
    KERNEL_SLOPES,
    OUTPUTS,
    Images,
    Kernel,
    choose_forms,
    correlate_natively,
    spread,
    transposed_as_correlation,
)
from rosenblatt.nn.windows import Window, times

Image = Float[Array, "*shape channels"]

_HOW = ("window", "shape", "groups")  # ``shape`` is that of the larger images, over which the window slides


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
    images, kernel = together(image, kernel)
    if jax.default_backend() != "cpu":
        return correlate_natively(images, kernel, window, groups)[0]
    return _correlate.bind(images, kernel, window=window, shape=image.shape[:-1], groups=groups)[0]


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
    images, kernel = together(image, kernel)
    if jax.default_backend() != "cpu":
        kernel, across = transposed_as_correlation(kernel, window, image.shape[:-1], shape, groups)
        return correlate_natively(images, kernel, across, groups, window.stride)[0]
    return _transposed.bind(images, kernel, window=window, shape=tuple(shape), groups=groups)[0]


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


def _compute(images: Images, kernel: Kernel, *, window: Window, shape: tuple[int, ...], groups: int) -> Images:
    del shape
    form = choose_forms(images.shape[-1], kernel.shape[-1], groups, window).outputs
    return OUTPUTS[form](images, kernel, window, groups)


def _compute_transposed(
    images: Images, kernel: Kernel, *, window: Window, shape: tuple[int, ...], groups: int
) -> Images:
    if max(window.stride) > 1:
        return spread(images, kernel, window, shape, groups)
    kernel, across = transposed_as_correlation(kernel, window, images.shape[1:-1], shape, groups)
    return _compute(images, kernel, window=across, shape=images.shape[1:-1], groups=groups)


def _outputs(images: Any, kernel: Any, *, window: Window, shape: tuple[int, ...], groups: int) -> ShapedArray:
    del groups
    return ShapedArray((images.shape[0], *window.output_shape(shape), kernel.shape[-1]), images.dtype)


def _transposed_outputs(
    images: Any, kernel: Any, *, window: Window, shape: tuple[int, ...], groups: int
) -> ShapedArray:
    del window
    return ShapedArray((images.shape[0], *shape, kernel.shape[-1] * groups), images.dtype)


def _image_slope(slopes: Images, images: Any, kernel: Kernel, **how: Any) -> Images:
    del images
    return _transposed.bind(slopes, kernel.swapaxes(-1, -2), **how)


def _transposed_image_slope(slopes: Images, images: Any, kernel: Kernel, **how: Any) -> Images:
    del images
    return _correlate.bind(slopes, kernel.swapaxes(-1, -2), **how)


def _kernel_slope(
    slopes: Images, images: Images, kernel: Any, *, window: Window, shape: tuple[int, ...], groups: int
) -> Kernel:
    del kernel, shape
    form = choose_forms(images.shape[-1], slopes.shape[-1], groups, window).kernel_slope
    return KERNEL_SLOPES[form](images, slopes, window, groups)


def _transposed_kernel_slope(slopes: Images, images: Images, kernel: Any, **how: Any) -> Kernel:
    return _kernel_slope(images, slopes, kernel, **how).swapaxes(-1, -2)


_correlate = bilinear("correlate", _compute, _outputs, _image_slope, _kernel_slope, _HOW)
_transposed = bilinear(
    "correlate_transposed",
    _compute_transposed,
    _transposed_outputs,
    _transposed_image_slope,
    _transposed_kernel_slope,
    _HOW,
)
