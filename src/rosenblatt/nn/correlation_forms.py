"""The ways to compute a cross-correlation of many images and its slope in the kernel, and the choice among them.

XLA's own slope of the kernel takes many times as long on a CPU as it should (jax issue 12868). There both are products
of matrices here; ``benchmarks/convolution_forms.md`` has the times. Images are (n_images, *shape, channels).
"""

import math
from collections.abc import Callable
from typing import Literal, NamedTuple

import jax
import jax.numpy as jnp
from jax import lax
from jaxtyping import Array, Float

from rosenblatt.nn.windows import Window
from rosenblatt.types import AnyArray

Form = Literal["patches", "winograd"]
Images = Float[Array, "n_images *shape channels"]
Kernel = Float[AnyArray, "*window inputs outputs"]

_WINOGRAD_INPUTS = 8  # with fewer channels its products are so narrow that nothing is gained
_NARROW = 8  # channels


def choose_form(n_inputs: int, groups: int, window: Window) -> Form:
    """How to compute a correlation of ``n_inputs`` channels in ``groups`` on a CPU.

    "patches" is a matrix product with the pixels under each place of the window; "winograd" is two thirds of that
    product, for windows of 3 that move by 1 along the first axis.
    """
    return "winograd" if groups == 1 and n_inputs >= _WINOGRAD_INPUTS and can_winograd(window) else "patches"


def can_winograd(window: Window) -> bool:
    """Whether the window has 3 entries along the first axis, without gaps, and moves by 1."""
    return (window.size[0], window.stride[0], window.dilation[0]) == (3, 1, 1)


def correlate_by_patches(images: Images, kernel: Kernel, window: Window, groups: int) -> Images:
    """The pixels under each place of the window, as rows of a matrix, times the kernel as a matrix."""
    rows = _patches(images, window)
    if groups == 1:
        return rows @ kernel.reshape(rows.shape[-1], -1)
    rows = rows.reshape(*rows.shape[:-1], -1, groups, images.shape[-1] // groups)
    outputs = jnp.einsum("...tgi,tigo->...go", rows, _by_groups(kernel, groups))
    return outputs.reshape(*outputs.shape[:-2], -1)


def kernel_slope_by_patches(images: Images, slopes: Images, window: Window, groups: int) -> Kernel:
    """The slope of sum(outputs * slopes) in the kernel, which is a correlation of the images with the slopes."""
    rows = _patches(images, window)
    if groups == 1:
        return _contract(rows, slopes).reshape(*window.size, -1, slopes.shape[-1])
    rows = rows.reshape(*rows.shape[:-1], -1, groups, images.shape[-1] // groups)
    slopes = slopes.reshape(*slopes.shape[:-1], groups, -1)
    found = jnp.einsum("...tgi,...go->tigo", rows, slopes)
    return found.reshape(*window.size, rows.shape[-1], -1)


def correlate_by_winograd(images: Images, kernel: Kernel, window: Window, groups: int) -> Images:
    """Two rows of the output at a time, from four products where patches take six.

    F(2, 3) of Winograd along the first axis, patches along the others (A. Lavin and S. Gray, "Fast algorithms for
    convolutional neural networks", CVPR 2016). Its factors are 1 and 1/2, so that it rounds hardly more than a sum.
    """
    del groups
    n_rows = window.output_shape(images.shape[1:-1])[0]
    top, middle, bottom = kernel
    kernels = top, (top + middle + bottom) / 2, (top - middle + bottom) / 2, bottom
    rows = _winograd_rows(images, window)
    first, plus, minus, last = (r @ k.reshape(r.shape[-1], -1) for r, k in zip(rows, kernels, strict=True))
    pairs = jnp.stack([first + plus + minus, plus - minus - last], 2)
    return pairs.reshape(len(images), -1, *pairs.shape[3:])[:, :n_rows]


def kernel_slope_by_winograd(images: Images, slopes: Images, window: Window, groups: int) -> Kernel:
    """The slope in the kernel, from four products where patches take six."""
    del groups
    slopes = jnp.pad(slopes, [(0, 0), (0, slopes.shape[1] % 2), *((0, 0) for _ in slopes.shape[2:])])
    even, odd = slopes[:, ::2], slopes[:, 1::2]
    rows = _winograd_rows(images, window)
    of_products = even, even + odd, even - odd, -odd
    first, plus, minus, last = (_contract(r, s) for r, s in zip(rows, of_products, strict=True))
    outer = (plus + minus) / 2
    return jnp.stack([first + outer, (plus - minus) / 2, outer + last]).reshape(
        *window.size, images.shape[-1], slopes.shape[-1]
    )


class Ways(NamedTuple):
    """How a form computes a correlation and its slope in the kernel."""

    correlate: Callable[[Images, Kernel, Window, int], Images]
    kernel_slope: Callable[[Images, Images, Window, int], Kernel]


FORMS = {
    "patches": Ways(correlate_by_patches, kernel_slope_by_patches),
    "winograd": Ways(correlate_by_winograd, kernel_slope_by_winograd),
}


def _patches(images: Images, window: Window) -> Images:
    """The pixels under each place of the window, one after the other: (n_images, *output shape, entries * channels)."""
    return jnp.concatenate(jax.vmap(lambda image: window.places(window.pad(image)))(images), -1)


def _winograd_rows(images: Images, window: Window) -> list[Images]:
    """Sums and differences of every other row, each as patches along the other axes."""
    n_pairs = -(-window.output_shape(images.shape[1:-1])[0] // 2)
    images = jax.vmap(window.pad)(images)
    missing = 2 * n_pairs + 2 - images.shape[1]
    images = jnp.pad(images, [(0, 0), (0, missing), *((0, 0) for _ in images.shape[2:])])
    first, second, third, fourth = (lax.slice_in_dim(images, i, i + 2 * n_pairs - 1, 2, 1) for i in range(4))
    none = ((0, 0),) * len(window.size)
    across = Window((1, *window.size[1:]), (1, *window.stride[1:]), none, (1, *window.dilation[1:]))
    return [_patches(rows, across) for rows in (first - third, second + third, third - second, second - fourth)]


def _by_groups(kernel: Kernel, groups: int) -> Array:
    """(entries, inputs of a group, groups, outputs of a group)."""
    inputs, outputs = kernel.shape[-2:]
    return jnp.asarray(kernel).reshape(-1, inputs, groups, outputs // groups)


def _contract(rows: Images, slopes: Images) -> Array:
    """The sum over images and places of rows times slopes: (row length, channels)."""
    n_places = math.prod(rows.shape[:-1])
    rows, slopes = rows.reshape(n_places, -1), slopes.reshape(n_places, -1)
    if slopes.shape[1] > _NARROW:
        return lax.dot_general(rows, slopes, (((0,), (0,)), ((), ())))
    # XLA's product with a transposed matrix is five times slower if the other is narrow; the barriers keep it from
    # making one of this.
    return lax.optimization_barrier(lax.optimization_barrier(slopes.T) @ rows).T
