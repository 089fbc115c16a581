"""Pooling: the largest or the mean pixel under each place of a window, channel by channel."""

import math
from functools import partial, reduce

import equinox as eqx
import jax
import jax.numpy as jnp
from jax import lax
from jaxtyping import Array, Float

from rosenblatt.nn.windows import Window

Image = Float[Array, "*shape channels"]


@partial(jax.custom_vjp, nondiff_argnums=(1,))
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
    Where several pixels are the largest, the first of them, in row-major order, gets the gradient.
    """
    return reduce(jnp.maximum, _places(image, window, -jnp.inf))


def _max_pool_forward(image: Image, window: Window) -> tuple[Image, tuple[Image, Image]]:
    largest = max_pool(image, window)
    return largest, (image, largest)


def _max_pool_backward(window: Window, residuals: tuple[Image, Image], slope: Image) -> tuple[Image]:
    image, largest = residuals
    places, put_back = jax.vjp(lambda image: _places(image, window, -jnp.inf), image)
    free, slopes = jnp.ones(largest.shape, bool), []
    for place in places:
        hit = free & (place == largest)
        slopes.append(jnp.where(hit, slope, 0))
        free = free & ~hit
    return put_back(slopes)


max_pool.defvjp(_max_pool_forward, _max_pool_backward)


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
    return sum(_places(image, window, 0.0)) / math.prod(window.size)


def global_average_pool(image: Image) -> Float[Array, " channels"]:
    """The mean of each channel."""
    return image.mean(tuple(range(image.ndim - 1)))


def global_max_pool(image: Image) -> Float[Array, " channels"]:
    """The largest pixel of each channel."""
    return image.max(tuple(range(image.ndim - 1)))


def _places(image: Image, window: Window, border: float) -> list[Image]:
    window.output_shape(image.shape[:-1])  # says what is wrong with a small image
    if window.size == window.stride and max(window.dilation) == 1:
        return _tiles(window.pad(image, border), window)
    return window.places(window.pad(image, border))


def _tiles(image: Image, window: Window) -> list[Image]:
    """The places of a window that does not overlap itself: a reshape, of what whole windows cover."""
    shape = [width // size for width, size in zip(image.shape, window.size, strict=False)]
    covered = lax.slice(
        image, (0,) * image.ndim, (*(n * k for n, k in zip(shape, window.size, strict=True)), image.shape[-1])
    )
    tiled = covered.reshape(*(n for pair in zip(shape, window.size, strict=True) for n in pair), image.shape[-1])
    n_axes = len(shape)
    tiled = tiled.transpose(*range(1, 2 * n_axes, 2), *range(0, 2 * n_axes, 2), 2 * n_axes)
    return list(tiled.reshape(-1, *shape, image.shape[-1]))


class Pooling(eqx.Module):
    """A pooling layer: ``kind`` is "max" or "average"."""

    window: Window = eqx.field(static=True)
    kind: str = eqx.field(static=True, default="max")

    def __call__(self, image: Image) -> Image:
        return _KINDS[self.kind](image, self.window)


_KINDS = {"average": average_pool, "max": max_pool}
