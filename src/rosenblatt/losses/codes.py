"""What a code may cost, so that it becomes sparse or smooth."""

from collections.abc import Callable

import jax
import jax.numpy as jnp
from jax.scipy.special import xlogy
from jaxtyping import Array, Float, PRNGKeyArray

from rosenblatt.losses.regression import absolute
from rosenblatt.types import AnyArray

_SMALLEST_RATE = 1e-6  # of a unit, so that one that is never active has a finite divergence

Encode = Callable[[Float[Array, " inputs"]], Float[Array, " latents"]]


def absolute_sum(codes: Float[Array, "rows latents"]) -> Float[Array, " rows"]:
    """|h|_1 of each row's code; the slope at a 0 is 0."""
    return absolute(codes, jnp.zeros((), codes.dtype)).sum(-1)


def rate_divergence(rates: Float[Array, " latents"], target: Float[AnyArray, ""]) -> Float[Array, ""]:
    """sum KL(target || rate) over units that are active at these mean rates, in (0, 1), in nats.

    References
    ----------
    A. Ng, "Sparse autoencoder", CS294A lecture notes, 2011.
    """
    rates = jnp.clip(rates, _SMALLEST_RATE, 1 - _SMALLEST_RATE)
    entropy = xlogy(target, target) + xlogy(1 - target, 1 - target)
    return (entropy - target * jnp.log(rates) - (1 - target) * jnp.log1p(-rates)).sum()


def squared_jacobian(encode: Encode, x: Float[Array, " inputs"]) -> Float[Array, ""]:
    """sum_i |grad_x h_i(x)|^2, exactly: one pass backwards through the encoder for each number of the code.

    References
    ----------
    S. Rifai, P. Vincent, X. Muller, X. Glorot, Y. Bengio, "Contractive auto-encoders: explicit invariance during
    feature extraction", ICML 2011.
    """
    code, pull = jax.vjp(encode, x)
    (slopes,) = jax.vmap(pull)(jnp.eye(code.size, dtype=code.dtype))
    return (slopes**2).sum()


def squared_jacobian_estimate(encode: Encode, x: Float[Array, " inputs"], key: PRNGKeyArray) -> Float[Array, ""]:
    """An unbiased estimate of ``squared_jacobian`` by one pass: |grad_x (v . h)|^2 for v of random signs.

    The mean of v v^T is the identity, so that of |J^T v|^2 is tr(J J^T).

    References
    ----------
    M. F. Hutchinson, "A stochastic estimator of the trace of the influence matrix for Laplacian smoothing splines",
    Communications in Statistics 19, 1990.
    """
    code, pull = jax.vjp(encode, x)
    signs = jnp.where(jax.random.uniform(key, code.shape, jnp.float32) < 0.5, -1.0, 1.0).astype(code.dtype)
    (slope,) = pull(signs)
    return (slope**2).sum()
