"""Learning to encode as a distribution: the risk that a variational autoencoder descends, and what it is of a row.

All is in nats: the reconstruction is summed over a row's numbers and the KL over its latents, so that beta = 1 is the
bound on log p(x).
"""

import dataclasses
from collections.abc import Callable
from typing import Literal, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int, PRNGKeyArray

from rosenblatt.losses.divergence import gaussian_kl, kl_decomposition, stratified_weights
from rosenblatt.losses.reconstruction import squared_error
from rosenblatt.models.reconstruction import RECONSTRUCTION_LOSSES
from rosenblatt.nn.convnet import as_numbers
from rosenblatt.nn.vae import VAENet
from rosenblatt.training.players import Batch, Networks, Terms
from rosenblatt.training.randomness import fixed_key
from rosenblatt.types import AnyArray

Regularizer = Literal["kl", "capacity", "free_bits", "total_correlation", "density_ratio"]
Variance = Literal["fixed", "learned", "calibrated"]

_POSTERIOR = 2**18  # keeps the random numbers of a row's codes apart from those of its dropout
_PERMUTATION = 2**19


class Posterior(NamedTuple):
    """q(z | x) of a batch, and codes drawn from it."""

    mean: Float[Array, "rows latents"]
    log_variance: Float[Array, "rows latents"]
    codes: Float[Array, "samples rows latents"]


def draw_posterior(
    net: VAENet, rows: Array, keys: PRNGKeyArray, n_samples: int, dropout: Float[AnyArray, ""] | None
) -> Posterior:
    """q(z | x) of each row and z = mean + standard deviation * epsilon; with a ``dropout``, of a thinned encoder."""
    if dropout is None:
        mean, log_variance = jax.vmap(net.posterior)(rows)
    else:
        mean, log_variance = jax.vmap(lambda x, key: net.posterior(x, dropout=dropout, key=key))(rows, keys)

    def noise(key: PRNGKeyArray) -> Array:
        return jax.random.normal(jax.random.fold_in(key, _POSTERIOR), (n_samples, mean.shape[-1]), jnp.float32)

    epsilon = jax.vmap(noise, out_axes=1)(keys)
    return Posterior(mean, log_variance, mean + jnp.exp(0.5 * log_variance) * epsilon)


class VariationalRisk(eqx.Module):
    """E -log p(x | z) + a penalty of q(z | x), by default beta KL(q(z | x) || p(z)), in nats.

    Attributes
    ----------
    loss : {"bernoulli", "gaussian"}
    variance : {"fixed", "learned", "calibrated"}
        How the variance of a Gaussian decoder is had: it is given, a parameter, or the batch's mean squared error,
        where the likelihood is largest.
    regularizer : str
        "kl": beta KL. "capacity": beta |KL - capacity|. "free_bits": beta sum_j max(KL_j, free_bits), of the batch's
        mean KL of each latent. "total_correlation": beta (mutual information + dimension-wise KL) + total_correlation
        times it, estimated from the batch. "density_ratio": beta KL + total_correlation times what the network
        "discriminator" makes of it.
    n_samples : int
        Codes that are drawn for each row.
    n_outputs, n_rows : int32 scalars
        How many of a row's numbers are real, and how many rows the training set has.
    dropout, beta, capacity, free_bits, total_correlation, smallest_variance : float32 scalars
    """

    loss: str = eqx.field(static=True)
    variance: Variance = eqx.field(static=True)
    regularizer: Regularizer = eqx.field(static=True)
    n_samples: int = eqx.field(static=True)
    n_outputs: Int[AnyArray, ""]
    n_rows: Int[AnyArray, ""]
    dropout: Float[AnyArray, ""]
    beta: Float[AnyArray, ""]
    capacity: Float[AnyArray, ""]
    free_bits: Float[AnyArray, ""]
    total_correlation: Float[AnyArray, ""]
    smallest_variance: Float[AnyArray, ""]

    def __call__(self, networks: Networks, batch: Batch, key: PRNGKeyArray | None) -> tuple[Float[Array, ""], Terms]:
        net: VAENet = networks["model"]
        rows = as_numbers(batch.inputs)
        keys = jax.random.split(fixed_key() if key is None else key, len(rows))
        dropout = None if key is None else jnp.asarray(self.dropout)
        posterior = draw_posterior(net, rows, keys, self.n_samples, dropout)
        reconstruction, terms = self._reconstruction(net, rows, batch, posterior.codes, keys, dropout)
        kl_of_latents = jax.vmap(batch.mean, in_axes=1)(gaussian_kl(posterior.mean, posterior.log_variance))
        kl = kl_of_latents.sum()
        beta = jnp.asarray(self.beta)
        terms = {"reconstruction": reconstruction, "kl": kl, "elbo": -(reconstruction + kl), "beta": beta} | terms
        penalty, named = self._penalty(networks, batch, posterior, kl_of_latents)
        return reconstruction + penalty, terms | named

    def _reconstruction(
        self, net: VAENet, rows: Array, batch: Batch, codes: Array, keys: Array, dropout: Array | None
    ) -> tuple[Float[Array, ""], Terms]:
        """E -log p(x | z), a mean over rows and codes; and the variance of a Gaussian decoder."""
        flat = codes.reshape(-1, codes.shape[-1])
        if dropout is None:
            linear = jax.vmap(net.decode_linear)(flat)
        else:
            keys = jax.vmap(lambda n: jax.vmap(lambda key: jax.random.fold_in(key, n))(keys))(jnp.arange(len(codes)))
            linear = jax.vmap(lambda z, key: net.decode_linear(z, dropout=dropout, key=key))(flat, keys.reshape(-1))
        targets = jnp.tile(rows, (len(codes), 1))

        def mean(values: Float[Array, " samples_of_rows"]) -> Float[Array, ""]:
            return batch.mean(values.reshape(len(codes), -1).mean(0))

        terms: Terms = {}
        if self.loss == "gaussian":
            log_variance = self._log_variance(net, lambda: self._mean_squared_error(net, linear, targets, mean))
            net = dataclasses.replace(net, log_variance=log_variance)
            terms["variance"] = jnp.exp(log_variance)
        return mean(RECONSTRUCTION_LOSSES[self.loss](net, linear, targets, self.n_outputs)), terms

    def _mean_squared_error(
        self, net: VAENet, linear: Array, targets: Array, mean: Callable[[Array], Array]
    ) -> Float[Array, ""]:
        """Of the batch's numbers, where rows count by their weights."""
        errors = squared_error(net.output_activation(linear), targets, self.n_outputs)
        return mean(errors) / (self.n_outputs * jnp.maximum(mean(jnp.ones_like(errors)), 1e-6))

    def _log_variance(self, net: VAENet, error: Callable[[], Float[Array, ""]]) -> Float[Array, ""]:
        assert net.log_variance is not None
        if self.variance == "learned":
            return jnp.asarray(net.log_variance)
        if self.variance == "fixed":
            return jax.lax.stop_gradient(jnp.asarray(net.log_variance))
        # At the optimum the likelihood does not change with the variance, so its slope there is 0 anyway.
        return jnp.log(jnp.maximum(jax.lax.stop_gradient(error()), self.smallest_variance))

    def _penalty(
        self, networks: Networks, batch: Batch, posterior: Posterior, kl_of_latents: Float[Array, " latents"]
    ) -> tuple[Float[Array, ""], Terms]:
        kl, beta = kl_of_latents.sum(), jnp.asarray(self.beta)
        if self.regularizer == "capacity":
            capacity = jnp.asarray(self.capacity)
            return beta * jnp.abs(kl - capacity), {"capacity": capacity}
        if self.regularizer == "free_bits":
            return beta * jnp.maximum(kl_of_latents, self.free_bits).sum(), {}
        if self.regularizer == "total_correlation":
            terms = self._decomposition(batch, posterior)
            others = terms["mutual_information"] + terms["dimension_wise_kl"]
            return beta * others + self.total_correlation * terms["total_correlation"], terms
        if self.regularizer == "density_ratio":
            logits = jax.vmap(jax.vmap(networks["discriminator"]))(posterior.codes)[..., 0]
            estimate = batch.mean(logits.mean(0))
            return beta * kl + self.total_correlation * estimate, {"total_correlation": estimate}
        return beta * kl, {}

    def _decomposition(self, batch: Batch, posterior: Posterior) -> Terms:
        weights = stratified_weights(batch.real, self.n_rows)
        parts = jax.vmap(lambda z: kl_decomposition(z, posterior.mean, posterior.log_variance, weights))(
            posterior.codes
        )
        names = ("mutual_information", "total_correlation", "dimension_wise_kl")
        return {name: batch.mean(part.mean(0)) for name, part in zip(names, parts, strict=True)}


class DensityRatioRisk(eqx.Module):
    """The cross-entropy of telling codes from codes whose latents are taken from different rows.

    The best discriminator's logit is log q(z) - sum_j log q(z_j), whose mean is the total correlation.

    References
    ----------
    H. Kim, A. Mnih, "Disentangling by factorising", ICML 2018, algorithm 2.
    """

    def __call__(self, networks: Networks, batch: Batch, key: PRNGKeyArray | None) -> tuple[Float[Array, ""], Terms]:
        rows = as_numbers(batch.inputs)
        if key is None:
            key = fixed_key()
        codes = draw_posterior(networks["model"], rows, jax.random.split(key, len(rows)), 1, None).codes[0]
        together = jax.vmap(networks["discriminator"])(codes)[:, 0]
        apart = jax.vmap(networks["discriminator"])(permuted_latents(codes, batch.real, key))[:, 0]
        risk = batch.mean(0.5 * (jax.nn.softplus(-together) + jax.nn.softplus(apart)))
        return risk, {"accuracy": batch.mean(jnp.stack([together > 0, apart <= 0]).mean(0))}


def permuted_latents(
    codes: Float[Array, "rows latents"], real: Float[Array, " rows"], key: PRNGKeyArray
) -> Float[Array, "rows latents"]:
    """Codes each of whose latents is that of another row: the column of each is moved around by a random distance.

    Batches are in random order, so that this is a sample of the product of the latents' distributions; a random order
    for each latent would be sorted for, which takes long to compile.
    """
    n_real = jnp.maximum(real.sum(), 1.0).astype(jnp.uint32)
    words = jax.random.bits(jax.random.fold_in(key, _PERMUTATION), (codes.shape[1],), jnp.uint32)
    rows = (jnp.arange(len(codes), dtype=jnp.uint32)[:, None] + words % n_real) % n_real
    return jnp.take_along_axis(codes, rows.astype(jnp.int32), axis=0)
