"""The regularisation term of a risk, and its slope written out.

Written out because the derivative of |w| at 0 must be 0: a weight that is exactly 0 (a padded one too) stays there.
"""

import jax.numpy as jnp
from jaxtyping import Array, Float

from rosenblatt.types import AnyArray


def elastic(weight: Float[AnyArray, "..."], l1: Float[AnyArray, ""], l2: Float[AnyArray, ""]) -> Float[AnyArray, ""]:
    """l1 sum |w| + l2 sum w^2, of a NumPy or a JAX array."""
    return l1 * abs(weight).sum() + l2 * (weight**2).sum()


def elastic_slope(
    weight: Float[Array, "..."], l1: Float[AnyArray, ""], l2: Float[AnyArray, ""]
) -> Float[AnyArray, "..."]:
    """l1 sign(w) + 2 l2 w."""
    return l1 * jnp.sign(weight) + 2.0 * l2 * weight
