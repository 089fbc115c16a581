"""Pooling: the largest or the mean pixel under each place of a window, channel by channel."""

from collections.abc import Callable

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float

from rosenblatt.nn.windows import Window

Image = Float[Array, "*shape channels"]


def max_pool(image: Image, window: Window) -> Image:
    """The largest pixel under each place of the window; padding never is the largest.

    Parameters
    ----------
    image : (*shape, channels)
    window : Window

    Returns
    -------
    image (*window.output_shape(shape), channels)

    Notes
    -----
    Where several pixels are the largest, they share the gradient.
    """
    return _pool(image, window, -jnp.inf, jnp.max)


def average_pool(image: Image, window: Window) -> Image:
    """The mean pixel under each place of the window; padded pixels count as 0.

    Parameters
    ----------
    image : (*shape, channels)
    window : Window

    Returns
    -------
    image (*window.output_shape(shape), channels)
    """
    return _pool(image, window, 0.0, jnp.mean)


def global_average_pool(image: Image) -> Float[Array, " channels"]:
    """The mean of each channel."""
    return image.mean(tuple(range(image.ndim - 1)))


def global_max_pool(image: Image) -> Float[Array, " channels"]:
    """The largest pixel of each channel."""
    return image.max(tuple(range(image.ndim - 1)))


def _pool(image: Image, window: Window, border: float, reduction: Callable[..., Array]) -> Image:
    shape = window.output_shape(image.shape[:-1])
    image = window.pad(image, border)
    if window.size != window.stride or max(window.dilation) > 1:
        return reduction(jnp.stack(window.places(image)), axis=0)
    # Places that do not overlap are a reshape of what they cover; slices would move memory, forth and back.
    covered = image[tuple(slice(n * k) for n, k in zip(shape, window.size, strict=True))]
    tiles = covered.reshape(*(n for pair in zip(shape, window.size, strict=True) for n in pair), -1)
    return reduction(tiles, axis=tuple(range(1, 2 * len(shape), 2)))


class Pooling(eqx.Module):
    """A pooling layer: ``kind`` is "max" or "average"."""

    window: Window = eqx.field(static=True)
    kind: str = eqx.field(static=True, default="max")

    def __call__(self, image: Image) -> Image:
        return _KINDS[self.kind](image, self.window)


_KINDS = {"average": average_pool, "max": max_pool}
