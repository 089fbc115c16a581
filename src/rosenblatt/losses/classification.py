"""Losses of a predicted class, computed from logits: one value a row, in nats.

``n_outputs`` is how many of the last axis' entries are real; the others are padding and count for nothing.
"""

import jax
import jax.numpy as jnp
from jax import lax
from jaxtyping import Array, Float, Int

from rosenblatt.types import AnyArray

_IMPOSSIBLE = -1e30  # a logit whose probability is 0 in float32; -inf would make NaN of 0 times it


def real_outputs(values: Float[Array, "rows outputs"], n_outputs: Int[AnyArray, ""]) -> Float[Array, " outputs"]:
    """1 for each real output, 0 for each padded one."""
    return (jnp.arange(values.shape[-1]) < n_outputs).astype(values.dtype)


def categorical_cross_entropy(
    logits: Float[Array, "rows classes"], targets: Int[Array, " rows"], n_outputs: Int[AnyArray, ""]
) -> Float[Array, " rows"]:
    """-log softmax(logits)[target]."""
    possible = real_outputs(logits, n_outputs) > 0
    logits = jnp.where(possible, logits, _IMPOSSIBLE)
    correct = jnp.arange(logits.shape[-1]) == targets[:, None]
    # Differences of logits first: they keep the digits that large logits have not left for a logarithm.
    return jax.nn.logsumexp(logits - jnp.where(correct, logits, 0.0).sum(-1, keepdims=True), axis=-1)


def binary_cross_entropy(
    logits: Float[Array, "rows labels"], targets: Float[Array, "rows labels"], n_outputs: Int[AnyArray, ""]
) -> Float[Array, " rows"]:
    """-y log p - (1 - y) log(1 - p) with p = sigmoid(logit), summed over labels.

    As log(1 + exp(z)) - y z, which is exact at any logit and has the right slope, 1/2 - y, at logit 0.
    """
    values = _log1p_exp(logits) - targets * logits
    return (values * real_outputs(logits, n_outputs)).sum(-1)


@jax.custom_jvp
def _log1p_exp(x: Float[Array, "..."]) -> Float[Array, "..."]:
    """log(1 + exp(x)), whose slope is written out: one exponential instead of the two of its terms."""
    return jnp.logaddexp(x, 0.0)


@_log1p_exp.defjvp
def _log1p_exp_slope(primals: tuple[Array], tangents: tuple[Array]) -> tuple[Array, Array]:
    (x,), (direction,) = primals, tangents
    return _log1p_exp(x), direction * lax.logistic(x)


def perceptron(
    scores: Float[Array, "rows classes"], targets: Float[Array, "rows classes"], n_outputs: Int[AnyArray, ""]
) -> Float[Array, " rows"]:
    """max(0, -y f(x)), summed over classes, with y in {-1, 1}; its slope at f(x) = 0 is that of a mistake.

    A step of stochastic gradient descent on it is Rosenblatt's rule: w <- w + y x after a mistake, nothing otherwise.
    """
    margins = targets * scores
    return (jnp.where(margins <= 0, -margins, 0.0) * real_outputs(scores, n_outputs)).sum(-1)
