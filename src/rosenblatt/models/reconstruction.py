"""Learning to reconstruct: the risk that an autoencoder descends."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int, PRNGKeyArray

from rosenblatt.losses import codes as penalties
from rosenblatt.losses import reconstruction as losses
from rosenblatt.nn.autoencoder import AutoencoderNet
from rosenblatt.nn.convnet import as_numbers
from rosenblatt.training.players import Batch, Networks, Terms
from rosenblatt.training.randomness import wrap_key
from rosenblatt.types import AnyArray

RowsLoss = Callable[[AutoencoderNet, Array, Array, Int[AnyArray, ""]], Float[Array, " rows"]]
Sparsity = Literal["l1", "kl"]
Smoothness = Literal["exact", "projection"]
Noise = Literal["gaussian", "masking"]

_NOISE, _PROJECTION = 2**16, 2**17  # keep the random numbers of a row's noise and projection apart from its dropout's
_ALWAYS = (0x243F6A88, 0x85A308D3)  # the key of projections when evaluating, the same each time: digits of pi


def _square(net: AutoencoderNet, linear: Array, targets: Array, n_outputs: Int[AnyArray, ""]) -> Array:
    return losses.squared_error(net.output_activation(linear), targets, n_outputs)


def _bernoulli(net: AutoencoderNet, linear: Array, targets: Array, n_outputs: Int[AnyArray, ""]) -> Array:
    return losses.bernoulli(linear, targets, n_outputs)


def _gaussian(net: AutoencoderNet, linear: Array, targets: Array, n_outputs: Int[AnyArray, ""]) -> Array:
    assert net.log_variance is not None
    return losses.gaussian(net.output_activation(linear), targets, n_outputs, net.log_variance)


RECONSTRUCTION_LOSSES: dict[str, RowsLoss] = {"bernoulli": _bernoulli, "gaussian": _gaussian, "square": _square}
"""Of (network, linear outputs, rows, number of real outputs): one value a row."""


@dataclass(frozen=True)
class RowLoss:
    """What the reconstruction of a row costs, of which the first ``n_numbers`` are real."""

    loss: str
    n_numbers: int

    def __call__(self, network: AutoencoderNet, x: Float[Array, " inputs"]) -> Float[Array, ""]:
        x = as_numbers(x)
        linear = network.decode_linear(network.encode(x))
        return RECONSTRUCTION_LOSSES[self.loss](network, linear[None], x[None], jnp.int32(self.n_numbers))[0]


class ReconstructionRisk(eqx.Module):
    """(1/n) sum L(x, g(f(x~))) and the penalties of the code h = f(x~), where x~ is x, with noise when learning.

    Attributes
    ----------
    loss : {"square", "bernoulli", "gaussian"}
        L, summed over a row's numbers.
    n_outputs : int32 scalar
        How many of a row's numbers are real; the others are padding.
    dropout, sparsity, sparsity_target, smoothness, noise : float32 scalars
    sparse : {"l1", "kl"} or None
        What ``sparsity`` multiplies: |h|_1, or the divergence of the units' mean activity from ``sparsity_target``.
    smooth : {"exact", "projection"} or None
        How the squared Jacobian, which ``smoothness`` multiplies, is had.
    noisy : {"gaussian", "masking"} or None
        What ``noise`` is the standard deviation or the probability of.
    """

    loss: str = eqx.field(static=True)
    n_outputs: Int[AnyArray, ""]
    dropout: Float[AnyArray, ""]
    sparsity: Float[AnyArray, ""]
    sparsity_target: Float[AnyArray, ""]
    smoothness: Float[AnyArray, ""]
    noise: Float[AnyArray, ""]
    sparse: Sparsity | None = eqx.field(static=True)
    smooth: Smoothness | None = eqx.field(static=True)
    noisy: Noise | None = eqx.field(static=True)

    def __call__(self, networks: Networks, batch: Batch, key: PRNGKeyArray | None) -> tuple[Float[Array, ""], Terms]:
        net: AutoencoderNet = networks["model"]
        rows = as_numbers(batch.inputs)
        if key is None:
            seen, code = rows, jax.vmap(net.encode)(rows)
            linear = jax.vmap(net.decode_linear)(code)
            keys = jax.random.split(wrap_key(jnp.asarray(_ALWAYS, jnp.uint32)), len(rows))
        else:
            keys = jax.random.split(key, len(rows))
            seen = rows if self.noisy is None else jax.vmap(self._corrupted)(rows, keys)
            code = jax.vmap(lambda x, key: net.encode(x, dropout=self.dropout, key=key))(seen, keys)
            linear = jax.vmap(lambda h, key: net.decode_linear(h, dropout=self.dropout, key=key))(code, keys)
        risk = batch.mean(RECONSTRUCTION_LOSSES[self.loss](net, linear, rows, self.n_outputs))
        terms = {"reconstruction": risk} | self._penalties(net, batch, seen, code, keys)
        for name in ("sparsity", "smoothness"):
            if name in terms:
                risk = risk + getattr(self, name) * terms[name]
        return risk, terms

    def _penalties(self, net: AutoencoderNet, batch: Batch, seen: Array, code: Array, keys: Array) -> Terms:
        terms: Terms = {}
        if self.sparse == "l1":
            terms["sparsity"] = batch.mean(penalties.absolute_sum(code))
        elif self.sparse == "kl":
            rates = jax.vmap(batch.mean, in_axes=1)(code)
            terms["sparsity"] = penalties.rate_divergence(rates, self.sparsity_target)
        if self.smooth == "exact":
            terms["smoothness"] = batch.mean(jax.vmap(lambda x: penalties.squared_jacobian(net.encode, x))(seen))
        elif self.smooth == "projection":
            terms["smoothness"] = batch.mean(
                jax.vmap(
                    lambda x, key: penalties.squared_jacobian_estimate(
                        net.encode, x, jax.random.fold_in(key, _PROJECTION)
                    )
                )(seen, keys)
            )
        return terms

    def _corrupted(self, x: Float[Array, " inputs"], key: PRNGKeyArray) -> Float[Array, " inputs"]:
        """x with noise: Gaussian of that standard deviation, or numbers set to 0 with that probability."""
        key = jax.random.fold_in(key, _NOISE)
        if self.noisy == "masking":
            return jnp.where(jax.random.uniform(key, x.shape, jnp.float32) < self.noise, 0.0, x)
        real = jnp.arange(x.shape[-1]) < self.n_outputs  # padding stays 0, or its weights would learn
        return x + self.noise * jnp.where(real, jax.random.normal(key, x.shape, x.dtype), 0.0)
