"""What a reconstruction costs: one value a row, summed over its numbers.

The first two are negative log-likelihoods in nats, log p(x | h) of a probabilistic decoder; ``n_outputs`` is how many
of a row's numbers are real, the others are padding and count for nothing.
"""

import math

import jax.numpy as jnp
from jaxtyping import Array, Float, Int

from rosenblatt.losses.classification import binary_cross_entropy, real_outputs
from rosenblatt.types import AnyArray


def bernoulli(
    logits: Float[Array, "rows outputs"], targets: Float[Array, "rows outputs"], n_outputs: Int[AnyArray, ""]
) -> Float[Array, " rows"]:
    """-log p(x | h) for numbers from 0 to 1, each the share of a coin that falls with probability sigmoid(logit)."""
    return binary_cross_entropy(logits, targets, n_outputs)


def gaussian(
    means: Float[Array, "rows outputs"],
    targets: Float[Array, "rows outputs"],
    n_outputs: Int[AnyArray, ""],
    log_variance: Float[AnyArray, ""],
) -> Float[Array, " rows"]:
    """-log p(x | h) for x = mean + noise, with one variance for all numbers."""
    constant = log_variance + math.log(2 * math.pi)
    return 0.5 * (squared_error(means, targets, n_outputs) * jnp.exp(-log_variance) + n_outputs * constant)


def squared_error(
    predictions: Float[Array, "rows outputs"], targets: Float[Array, "rows outputs"], n_outputs: Int[AnyArray, ""]
) -> Float[Array, " rows"]:
    """sum (x - x')^2."""
    real = real_outputs(predictions, n_outputs) > 0
    return jnp.where(real, (predictions - targets) ** 2, 0.0).sum(-1)
