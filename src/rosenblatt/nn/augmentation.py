"""Small random changes of an image that do not change what it shows, drawn anew at every step, inside the epoch."""

from collections.abc import Callable
from dataclasses import dataclass

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, PRNGKeyArray

Image = Float[Array, "height width channels"]
Change = Callable[[Image, PRNGKeyArray], Image]

_SHIFT = 0.1  # of the height and the width, at most
_ANGLE = jnp.pi / 12  # 15 degrees, at most
_SMALLEST_CROP = 0.8  # of the height and the width
_NOISE = 0.05  # standard deviation; pixels are from 0 to 1


def shift(image: Image, key: PRNGKeyArray) -> Image:
    """Moved by up to a tenth of its size along each axis; the edge pixels are repeated."""
    across = jax.random.uniform(key, (2,), minval=-_SHIFT, maxval=_SHIFT) * jnp.array(image.shape[:2])
    return _resampled(image, jnp.eye(2), jnp.round(across))


def flip(image: Image, key: PRNGKeyArray) -> Image:
    """Left and right exchanged with probability one half."""
    return jnp.where(jax.random.bernoulli(key), image[:, ::-1], image)


def rotate(image: Image, key: PRNGKeyArray) -> Image:
    """Turned by up to 15 degrees about its centre, interpolated linearly."""
    angle = jax.random.uniform(key, minval=-_ANGLE, maxval=_ANGLE)
    cosine, sine = jnp.cos(angle), jnp.sin(angle)
    return _resampled(image, jnp.array([[cosine, -sine], [sine, cosine]]), jnp.zeros(2))


def crop(image: Image, key: PRNGKeyArray) -> Image:
    """A part of at least 80 % of its height and width, enlarged to its size, interpolated linearly."""
    size, place = jax.random.split(key)
    scale = jax.random.uniform(size, minval=_SMALLEST_CROP)
    room = (1 - scale) / 2 * (jnp.array(image.shape[:2]) - 1)
    return _resampled(image, scale * jnp.eye(2), room * jax.random.uniform(place, (2,), minval=-1))


def noise(image: Image, key: PRNGKeyArray) -> Image:
    """Normal noise of standard deviation 0.05 added to each pixel, for pixels from 0 to 1."""
    return image + _NOISE * jax.random.normal(key, image.shape)


OF_SIGNALS = ("noise",)  # the others need a height and a width
AUGMENTATIONS: dict[str, Change] = {"crop": crop, "flip": flip, "noise": noise, "rotate": rotate, "shift": shift}


@dataclass(frozen=True)
class Augmentation:
    """Several changes, one after the other; hashable, since it is code to a compiled program."""

    changes: tuple[str, ...]

    def __call__(self, image: Image, key: PRNGKeyArray) -> Image:
        for number, name in enumerate(self.changes):
            image = AUGMENTATIONS[name](image, jax.random.fold_in(key, number))
        return image


def _resampled(image: Image, matrix: Float[Array, "2 2"], offset: Float[Array, "2"]) -> Image:
    """The image whose pixel p is the old one's pixel matrix (p - centre) + centre + offset, interpolated linearly.

    Places outside of the image take the nearest pixel of its edge.
    """
    sizes = jnp.array(image.shape[:2])
    centre = (sizes - 1) / 2
    grid = jnp.stack(jnp.meshgrid(*map(jnp.arange, image.shape[:2]), indexing="ij"), -1)
    places = jnp.clip((grid - centre) @ matrix.T + centre + offset, 0, sizes - 1)
    first = jnp.floor(places).astype(jnp.int32)
    second = jnp.minimum(first + 1, sizes - 1)
    part = (places - first)[..., None]
    (top, left), (bottom, right) = (jnp.moveaxis(corner, -1, 0) for corner in (first, second))
    down, across = part[..., 0, :], part[..., 1, :]
    upper = image[top, left] * (1 - across) + image[top, right] * across
    lower = image[bottom, left] * (1 - across) + image[bottom, right] * across
    return upper * (1 - down) + lower * down
