"""The ways to compute a cross-correlation of many images, its transpose and its slope in the kernel; and the choice.

XLA's own slope of the kernel takes many times as long on a CPU as it should (jax issue 12868); here it is a product of
matrices. ``benchmarks/convolution_forms.md`` has the times. Images are (n_images, *shape, channels).
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import reduce
from itertools import product
from typing import Literal, NamedTuple

import jax
import jax.numpy as jnp
from jax import lax
from jaxtyping import Array, Float

from rosenblatt.nn.product import plain_contraction, row_by_row, turned_slopes
from rosenblatt.nn.windows import Window
from rosenblatt.types import AnyArray

Images = Float[Array, "n_images *shape channels"]
Kernel = Float[AnyArray, "*window inputs outputs"]

_WIDE = 8  # input channels; with fewer "winograd" gains nothing, and "native" gains and loses by turns
_NARROW = 8  # output channels


class Forms(NamedTuple):
    """How to compute a correlation, and its slope in the kernel."""

    outputs: Literal["patches", "winograd", "native"]
    kernel_slope: Literal["patches", "winograd", "turned"]


def choose_forms(n_inputs: int, n_outputs: int, groups: int, window: Window) -> Forms:
    """How to compute a correlation of ``n_inputs`` channels to ``n_outputs`` on a CPU.

    "patches" is a matrix product with the pixels under each place of the window; "winograd" is two thirds of that
    product, for windows of 3 that move by 1 along the first axis; "native" is XLA's convolution. The slope in the
    kernel is "turned" where patches of the slopes are narrower than those of the images.
    """
    if groups > 1:
        return Forms("patches", "patches")
    winograd = n_inputs >= _WIDE and can_winograd(window)
    native = n_inputs >= _WIDE and max(window.size) > 1
    turned = max(window.stride) == 1 and (n_outputs < n_inputs if winograd else n_outputs <= n_inputs)
    return Forms(
        "winograd" if winograd else "native" if native else "patches",
        "turned" if turned else "winograd" if winograd else "patches",
    )


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


def kernel_slope_turned(images: Images, slopes: Images, window: Window, groups: int) -> Kernel:
    """The slope in the kernel from patches of the slopes, for windows that move by 1.

    Such a correlation is also the transpose of one with the flipped kernel, which takes the slopes' shape to the
    images'.
    """
    pads = zip(window.reach, window.pads(images.shape[1:-1]), strict=True)
    back = replace(window, padding=tuple((reach - 1 - before, reach - 1 - after) for reach, (before, after) in pads))
    return flip(kernel_slope_by_patches(slopes, images, back, groups)).swapaxes(-1, -2)


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


def correlate_natively(
    images: Images, kernel: Kernel, window: Window, groups: int, spacing: Sequence[int] | None = None
) -> Images:
    """XLA's convolution; ``spacing`` is how far apart the pixels are first put, with zeros between them."""
    axes = "HWD"[: len(window.size)]
    return lax.conv_general_dilated(
        images,
        jnp.asarray(kernel),
        window.stride,
        window.pads(images.shape[1:-1]),
        lhs_dilation=spacing,
        rhs_dilation=window.dilation,
        dimension_numbers=(f"N{axes}C", f"{axes}IO", f"N{axes}C"),
        feature_group_count=groups,
    )


OUTPUTS: dict[str, Callable[[Images, Kernel, Window, int], Images]] = {
    "patches": correlate_by_patches,
    "winograd": correlate_by_winograd,
    "native": correlate_natively,
}
KERNEL_SLOPES: dict[str, Callable[[Images, Images, Window, int], Kernel]] = {
    "patches": kernel_slope_by_patches,
    "winograd": kernel_slope_by_winograd,
    "turned": kernel_slope_turned,
}


def flip(kernel: Kernel) -> Kernel:
    """The kernel turned by 180 degrees: reversed along each axis of its window."""
    return kernel[(slice(None, None, -1),) * (kernel.ndim - 2)]


def transposed_as_correlation(
    kernel: Kernel, window: Window, widths: Sequence[int], shape: Sequence[int], groups: int
) -> tuple[Kernel, Window]:
    """The kernel and the window of the correlation that a transposed one is, of images with zeros between the pixels.

    Between two pixels there are stride - 1 zeros. ``widths`` is the images' shape without them.
    """
    axes = zip(window.reach, window.pads(shape), widths, window.stride, shape, strict=True)
    pads = tuple(
        (reach - 1 - before, size + before - ((width - 1) * stride + 1))
        for reach, (before, _), width, stride, size in axes
    )
    size = kernel.shape[:-2]
    grouped = flip(kernel).reshape(*size, groups, -1, kernel.shape[-1])
    grouped = jnp.moveaxis(grouped, -3, -2).reshape(*size, -1, kernel.shape[-1] * groups)
    return grouped, Window(size, (1,) * len(size), pads, window.dilation)


def spread(images: Images, kernel: Kernel, window: Window, shape: Sequence[int], groups: int) -> Images:
    """The transposed correlation: each pixel times the whole kernel, then the sum of the products where they land.

    On one axis the product of pixel a and the window's entry m lands on S a + D m - P. Those of one remainder by S make
    one phase of the output, each of them shifted; the phases are interleaved.
    """
    n_axes = len(shape)
    blocks = [-(-size // stride) for size, stride in zip(shape, window.stride, strict=True)]
    axes = zip(window.size, window.stride, window.dilation, window.pads(shape), strict=True)
    landings = [[divmod(m * dilation - before, s) for m in range(size)] for size, s, dilation, (before, _) in axes]
    products = _products(images, kernel, groups)

    def shifted(entry: int, quotients: Sequence[int]) -> Images:
        moves = zip(quotients, blocks, images.shape[1:], strict=False)
        rims = ((quotient, block - width - quotient, 0) for quotient, block, width in moves)
        return lax.pad(products[..., entry, :], jnp.zeros((), products.dtype), [(0, 0, 0), *rims, (0, 0, 0)])

    phases: dict[tuple[int, ...], list[Images]] = {phase: [] for phase in product(*map(range, window.stride))}
    for entry, landing in enumerate(product(*landings)):
        quotients, phase = zip(*landing, strict=True)
        phases[phase].append(shifted(entry, quotients))
    nothing = jnp.zeros((len(images), *blocks, products.shape[-1]), products.dtype)
    sums = jnp.stack([reduce(jnp.add, landed, nothing) for landed in phases.values()], -2)
    sums = sums.reshape(*nothing.shape[:-1], *window.stride, -1)
    interleaved = sums.transpose(0, *(axis for i in range(n_axes) for axis in (1 + i, 1 + n_axes + i)), 2 * n_axes + 1)
    whole = [block * stride for block, stride in zip(blocks, window.stride, strict=True)]
    return interleaved.reshape(len(images), *whole, -1)[:, *map(slice, shape)]


def _products(images: Images, kernel: Kernel, groups: int) -> Array:
    """Each pixel times each entry of a transposed correlation's kernel: (n_images, *shape, entries, outputs)."""
    n_entries = math.prod(kernel.shape[:-2])
    if groups == 1:
        products = images @ jnp.moveaxis(kernel, -2, 0).reshape(images.shape[-1], -1)
    else:
        inputs = images.reshape(*images.shape[:-1], groups, -1)
        entries = kernel.reshape(n_entries, groups, inputs.shape[-1], -1)
        products = jnp.einsum("...gi,tgio->...tgo", inputs, entries)
    return products.reshape(*images.shape[:-1], n_entries, -1)


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
    # To turn slopes that are not much narrower than the rows costs more than it saves.
    if slopes.shape[1] > max(rows.shape[1] // 2, _NARROW):
        return plain_contraction(rows, slopes)
    return turned_slopes(rows, row_by_row(slopes))
