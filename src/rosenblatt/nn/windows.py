"""How a window slides over an image: size, stride, padding and dilation, and the size of what comes out.

O = (W - K + 2P) / S + 1, rounded down, where K = D (k - 1) + 1 for a window of k entries that lie D apart. What
convolution and pooling share; for one spatial axis or more.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from numbers import Integral
from typing import Any, Literal

from jax import lax
from jaxtyping import Array, Float

Sizes = int | Sequence[int]
Padding = Literal["same", "valid"] | int | Sequence[int | tuple[int, int]]
Pairs = tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Window:
    """A window that slides; each field has an entry for each spatial axis.

    Attributes
    ----------
    size, stride, dilation : tuple of int
    padding : "same" or tuple of (before, after)
        "same" makes O = W / S, rounded up; the odd row or column, if there is one, goes after.
    """

    size: tuple[int, ...]
    stride: tuple[int, ...]
    padding: Literal["same"] | Pairs
    dilation: tuple[int, ...]

    @classmethod
    def of(
        cls, size: Sizes, stride: Sizes = 1, padding: Padding = "valid", dilation: Sizes = 1, n_axes: int = 2
    ) -> "Window":
        """A window from single numbers, for all axes, or sequences with one for each.

        Parameters
        ----------
        size, stride, dilation : int or sequence of int
        padding : "same", "valid", int, or a sequence of int or (before, after)
        n_axes : int, default=2

        Raises
        ------
        ValueError
            If a number is out of its range, or there is not one for each axis.
        """
        return cls(
            _each("kernel_size", size, n_axes, least=1),
            _each("stride", stride, n_axes, least=1),
            _paddings(padding, n_axes),
            _each("dilation", dilation, n_axes, least=1),
        )

    @property
    def reach(self) -> tuple[int, ...]:
        """K: how many pixels lie between the window's first and last entry, both counted."""
        return tuple(d * (k - 1) + 1 for k, d in zip(self.size, self.dilation, strict=True))

    def pads(self, shape: Sequence[int]) -> Pairs:
        """The pixels to add (before, after) each axis of an image of that shape."""
        if self.padding != "same":
            return self.padding
        totals = [
            max((-(-width // stride) - 1) * stride + reach - width, 0)
            for width, stride, reach in zip(shape, self.stride, self.reach, strict=True)
        ]
        return tuple((total // 2, total - total // 2) for total in totals)

    def output_shape(self, shape: Sequence[int]) -> tuple[int, ...]:
        """How many places the window has on each axis of an image of that shape.

        Raises
        ------
        ValueError
            If it has none, with the arithmetic.
        """
        axes = zip(shape, self.reach, self.pads(shape), self.stride, strict=True)
        sizes = tuple((width - reach + sum(pads)) // stride + 1 for width, reach, pads, stride in axes)
        if min(sizes) < 1:
            axis = next(i for i, size in enumerate(sizes) if size < 1)
            raise ValueError(f"{_too_small(self, shape, axis)}; {_REMEDY}")
        return sizes

    def places(self, image: Float[Array, "..."]) -> list[Float[Array, "..."]]:
        """For each entry of the window, in row-major order, the pixels that it covers: (*output shape, channels).

        The image (*shape, channels) is padded already.
        """
        shape = image.shape[:-1]
        sizes = [
            (width - reach) // stride + 1 for width, reach, stride in zip(shape, self.reach, self.stride, strict=True)
        ]

        def covered(entry: tuple[int, ...]) -> Float[Array, "..."]:
            first = [i * d for i, d in zip(entry, self.dilation, strict=True)]
            last = [f + (n - 1) * s + 1 for f, n, s in zip(first, sizes, self.stride, strict=True)]
            return lax.slice(image, (*first, 0), (*last, image.shape[-1]), (*self.stride, 1))

        return [covered(entry) for entry in product(*map(range, self.size))]

    def pad(self, image: Float[Array, "..."], value: float = 0.0) -> Float[Array, "..."]:
        """The image (*shape, channels) with its border."""
        pads = self.pads(image.shape[:-1])
        if not any(map(any, pads)):
            return image
        return lax.pad(image, lax.full_like(image, value, shape=()), [*((a, b, 0) for a, b in pads), (0, 0, 0)])


def times(shape: Sequence[int]) -> str:
    """A shape as "28 x 28 x 1"."""
    return " x ".join(map(str, shape))


_REMEDY = "take larger images, a smaller kernel_size, fewer layers or strides, or padding='same'"


def _too_small(window: Window, shape: Sequence[int], axis: int) -> str:
    """O = (W - K + 2P) / S + 1 with its numbers."""
    width, reach, stride = shape[axis], window.reach[axis], window.stride[axis]
    padding = sum(window.pads(shape)[axis])
    kernel = f"K = {reach}"
    if window.dilation[axis] > 1:
        kernel += f" (a kernel of {window.size[axis]} with dilation {window.dilation[axis]})"
    size = (width - reach + padding) // stride + 1
    return (
        f"an image of {times(shape)} pixels is too small for the window: O = (W - K + 2P) / S + 1 = "
        f"({width} - {reach} + {padding}) / {stride} + 1 = {size} on axis {axis}, where W = {width}, {kernel}"
    )


def _each(name: str, value: Any, n_axes: int, least: int) -> tuple[int, ...]:
    values = tuple(value) if isinstance(value, Sequence) else (value,) * n_axes
    if len(values) != n_axes or not all(int(v) == v and v >= least for v in values):
        raise ValueError(f"{name}={value!r} must be an integer >= {least}, or {n_axes} of them, one for each axis")
    return tuple(map(int, values))


def _paddings(padding: Any, n_axes: int) -> Literal["same"] | Pairs:
    if padding == "same":
        return "same"
    if padding == "valid":
        return ((0, 0),) * n_axes
    given = list(padding) if isinstance(padding, list | tuple) else [padding] * n_axes
    pairs: list[Any] = [tuple(v) if isinstance(v, list | tuple) else (v, v) for v in given]
    whole = all(len(pair) == 2 and all(isinstance(p, Integral) and int(p) >= 0 for p in pair) for pair in pairs)
    if len(pairs) != n_axes or not whole:
        raise ValueError(
            f"padding={padding!r} must be 'same', 'valid', an integer >= 0, or for each of the {n_axes} axes an "
            "integer or (before, after)"
        )
    return tuple((int(a), int(b)) for a, b in pairs)
