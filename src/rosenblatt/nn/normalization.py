"""Normalisation layers that see one sample: the statistics of a batch are not theirs, so predictions are their own."""

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jax import lax
from jaxtyping import Array, Float

from rosenblatt.types import AnyArray

_EPSILON = 1e-5  # added to a variance, so that a constant image stays finite


class GroupNorm(eqx.Module):
    """Mean 0 and variance 1 over all pixels of each group of channels, then a scale and a shift for each channel.

    One group is layer normalisation (Ba, Kiros and Hinton 2016); Wu and He (2018) showed what several are good for.
    """

    scale: Float[AnyArray, " channels"]
    bias: Float[AnyArray, " channels"]
    groups: int = eqx.field(static=True)

    def __call__(self, image: Float[Array, "*shape channels"]) -> Float[Array, "*shape channels"]:
        grouped = image.reshape(-1, self.groups, image.shape[-1] // self.groups)
        centred = grouped - grouped.mean((0, 2), keepdims=True)
        variance = jnp.square(centred).mean((0, 2), keepdims=True)
        return (centred * lax.rsqrt(variance + _EPSILON)).reshape(image.shape) * self.scale + self.bias

    @classmethod
    def initialize(cls, n_channels: int, groups: int) -> "GroupNorm":
        """Scale 1 and shift 0, float32 NumPy arrays.

        Raises
        ------
        ValueError
            If the channels cannot be shared out evenly between the groups.
        """
        if n_channels % groups:
            raise ValueError(f"{n_channels} channels cannot be shared out evenly between {groups} groups")
        return cls(np.ones(n_channels, np.float32), np.zeros(n_channels, np.float32), groups)
