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
    Where several pixels are the largest, the first of them gets the gradient, as in PyTorch.
    """
    window.output_shape(image.shape[:-1])  # says what is wrong with a small image
    return jnp.asarray(_largest(window.pad(image, -jnp.inf), window))


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
    window.output_shape(image.shape[:-1])
    image = window.pad(image)
    if _overlaps(window):
        return jnp.stack(window.places(image)).mean(0)
    # Places that do not overlap are a reshape of what they cover; slices would move memory, forth and back.
    counts = [n // k for n, k in zip(image.shape, window.size, strict=False)]
    covered = image[tuple(slice(n * k) for n, k in zip(counts, window.size, strict=True))]
    tiles = covered.reshape(*(n for pair in zip(counts, window.size, strict=True) for n in pair), -1)
    return tiles.mean(tuple(range(1, tiles.ndim, 2)))


def global_average_pool(image: Image) -> Float[Array, " channels"]:
    """The mean of each channel."""
    return image.mean(tuple(range(image.ndim - 1)))


def global_max_pool(image: Image) -> Float[Array, " channels"]:
    """The largest pixel of each channel."""
    return image.max(tuple(range(image.ndim - 1)))


def _overlaps(window: Window) -> bool:
    return window.size != window.stride or max(window.dilation) > 1


@partial(jax.custom_vjp, nondiff_argnums=(1,))
def _largest(image: Image, window: Window) -> Image:
    return reduce(jnp.maximum, window.places(image))


def _largest_forward(image: Image, window: Window) -> tuple[Image, tuple[Image, Array]]:
    """Also the number of the entry that is the largest, rather than to look later which pixels equal it.

    Compiled code may compute a pixel twice and round it differently: then none would be equal.
    """
    first, *others = window.places(image)
    largest, winner = first, jnp.zeros(first.shape, jnp.int32)
    for entry, pixels in enumerate(others, 1):
        winner = jnp.where(pixels > largest, entry, winner)
        largest = jnp.maximum(pixels, largest)
    return largest, (image, winner)


def _largest_backward(window: Window, residuals: tuple[Image, Array], slope: Image) -> tuple[Image]:
    image, winner = residuals
    if _overlaps(window):
        slopes = [jnp.where(winner == entry, slope, 0) for entry in range(math.prod(window.size))]
        return jax.linear_transpose(window.places, image)(slopes)
    axes = tuple(range(1, 2 * len(window.size), 2))
    entries = jnp.arange(math.prod(window.size)).reshape(*(n for k in window.size for n in (1, k)), 1)
    slopes = jnp.where(jnp.expand_dims(winner, axes) == entries, jnp.expand_dims(slope, axes), 0)
    covered = [n * k for n, k in zip(slope.shape, window.size, strict=False)]
    rest = [(0, n - c, 0) for n, c in zip(image.shape, covered, strict=False)]
    return (lax.pad(slopes.reshape(*covered, -1), lax.full_like(slope, 0, shape=()), [*rest, (0, 0, 0)]),)


_largest.defvjp(_largest_forward, _largest_backward)


class Pooling(eqx.Module):
    """A pooling layer: ``kind`` is "max" or "average"."""

    window: Window = eqx.field(static=True)
    kind: str = eqx.field(static=True, default="max")

    def __call__(self, image: Image) -> Image:
        return _KINDS[self.kind](image, self.window)


_KINDS = {"average": average_pool, "max": max_pool}
