"""How far the codes of a variational autoencoder are from its prior N(0, I), in nats.

q(z | x) is a normal distribution with independent latents; q(z) is its mean over the rows of the training set, the
aggregate posterior.
"""

import math

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int

from rosenblatt.types import AnyArray

_NEVER = -1e30  # the logarithm of a weight 0; -inf would make NaN of differences


def gaussian_kl(
    mean: Float[Array, "*shape latents"], log_variance: Float[Array, "*shape latents"]
) -> Float[Array, "*shape latents"]:
    """KL(N(mean, variance) || N(0, 1)) of each latent: (mean^2 + variance - 1 - log variance) / 2.

    ``expm1`` keeps the digits near variance 1, where the terms cancel.
    """
    return 0.5 * (mean**2 + (jnp.expm1(log_variance) - log_variance))


def log_normal(
    values: Float[Array, "*shape"], mean: Float[Array, "*shape"], log_variance: Float[Array, "*shape"]
) -> Float[Array, "*shape"]:
    """log N(value; mean, variance) of each number."""
    return -0.5 * ((values - mean) ** 2 * jnp.exp(-log_variance) + log_variance + math.log(2 * math.pi))


def stratified_weights(real: Float[Array, " rows"], n_rows: Int[AnyArray, ""]) -> Float[Array, "rows rows"]:
    """log w[i, k], with which sum_k w[i, k] q(z_i | x_k) estimates q(z_i) without bias from a batch.

    The row itself has 1 / N, the row behind it (N - M) / (N M), and the others 1 / M, where M is the number of other
    rows and N that of the training set; padded rows, which come last, have 0.

    References
    ----------
    R. T. Q. Chen, X. Li, R. Grosse, D. Duvenaud, "Isolating sources of disentanglement in variational autoencoders",
    NeurIPS 2018, equation S6.
    """
    n_real = jnp.maximum(real.sum(), 1.0)
    n_others = jnp.maximum(n_real - 1, 1.0)
    n_all = jnp.maximum(n_rows.astype(jnp.float32), n_real)
    row, column = jnp.indices((len(real), len(real)))
    following = (row + 1) % n_real.astype(jnp.int32)
    weight = jnp.where(column == following, (n_all - n_others) / (n_all * n_others), 1 / n_others)
    weight = jnp.where(column == row, jnp.where(n_real > 1, 1 / n_all, 1.0), weight)
    return jnp.where(real > 0, jnp.log(weight), _NEVER)


def kl_decomposition(
    codes: Float[Array, "rows latents"],
    mean: Float[Array, "rows latents"],
    log_variance: Float[Array, "rows latents"],
    log_weights: Float[Array, "rows rows"],
) -> tuple[Float[Array, " rows"], Float[Array, " rows"], Float[Array, " rows"]]:
    """What each row's KL consists of, estimated at one code z of each row.

    Returns
    -------
    mutual_information : log q(z | x) - log q(z)
        Of codes and rows: what the codes tell of the row.
    total_correlation : log q(z) - sum_j log q(z_j)
        How far the latents are from independent.
    dimension_wise_kl : sum_j (log q(z_j) - log p(z_j))
        How far each latent is from N(0, 1).

    Their sum is log q(z | x) - log p(z), whose mean is the KL.
    """
    own = log_normal(codes, mean, log_variance)
    crossed = log_normal(codes[:, None], mean[None], log_variance[None])  # z of a row under q of another
    joint = jax.nn.logsumexp(log_weights + crossed.sum(-1), axis=1)
    product = jax.nn.logsumexp(log_weights[..., None] + crossed, axis=1).sum(-1)
    prior = log_normal(codes, jnp.zeros_like(codes), jnp.zeros_like(codes)).sum(-1)
    return own.sum(-1) - joint, joint - product, product - prior
