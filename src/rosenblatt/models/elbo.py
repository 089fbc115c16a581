"""What a variational autoencoder says of one row: the terms of its bound on log p(x), and an estimate of log p(x).

The codes that are drawn for a row depend on nothing but the row, so that its answer is always the same.
"""

from dataclasses import dataclass

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jaxtyping import Array, Float
from rich.table import Table

from rosenblatt.losses.divergence import gaussian_kl, log_normal
from rosenblatt.models.reconstruction import RECONSTRUCTION_LOSSES
from rosenblatt.models.tables import PrintedTable
from rosenblatt.nn.convnet import as_numbers
from rosenblatt.nn.vae import VAENet
from rosenblatt.training.randomness import row_key

_AT_ONCE = 64  # codes of a row whose weights are computed together


@dataclass(frozen=True)
class RowTerms:
    """E -log p(x | z), a mean over ``n_samples`` codes, and the KL of each latent, in nats."""

    loss: str
    n_numbers: int
    n_samples: int

    def __call__(self, network: VAENet, x: Float[Array, " inputs"]) -> tuple[Array, Array]:
        x = as_numbers(x)
        mean, log_variance = network.posterior(x)
        epsilon = jax.random.normal(row_key(x), (self.n_samples, len(mean)), jnp.float32)
        misses = row_losses(network, self.loss, x, mean + jnp.exp(0.5 * log_variance) * epsilon, self.n_numbers)
        return misses.mean(), gaussian_kl(mean, log_variance)


@dataclass(frozen=True)
class RowLogLikelihood:
    """log (1/K) sum_k p(x, z_k) / q(z_k | x) for K codes of q(z | x), and its standard error.

    The error is that of the mean weight, carried through the logarithm (the delta method).
    """

    loss: str
    n_numbers: int
    n_samples: int

    def __call__(self, network: VAENet, x: Float[Array, " inputs"]) -> tuple[Array, Array]:
        x = as_numbers(x)
        mean, log_variance = network.posterior(x)
        key = row_key(x)

        def log_weights(block: Array) -> Array:
            epsilon = jax.random.normal(jax.random.fold_in(key, block), (_AT_ONCE, len(mean)), jnp.float32)
            codes = mean + jnp.exp(0.5 * log_variance) * epsilon
            of_rows = -row_losses(network, self.loss, x, codes, self.n_numbers)
            zeros = jnp.zeros_like(codes)
            prior, own = log_normal(codes, zeros, zeros), log_normal(codes, mean, log_variance)
            drawn = block * _AT_ONCE + jnp.arange(_AT_ONCE) < self.n_samples
            return jnp.where(drawn, of_rows + (prior - own).sum(-1), -jnp.inf)

        def add(block: Array, totals: tuple[Array, Array, Array]) -> tuple[Array, Array, Array]:
            largest, first, second = totals  # the sums of the weights and of their squares, over the largest one
            found = log_weights(block)
            top = jnp.maximum(largest, found.max())
            scale, weights = jnp.exp(largest - top), jnp.exp(found - top)
            return top, first * scale + weights.sum(), second * scale**2 + (weights**2).sum()

        n_blocks = -(-self.n_samples // _AT_ONCE)
        nothing = (jnp.float32(-jnp.inf), jnp.float32(0), jnp.float32(0))
        largest, first, second = lax.fori_loop(0, n_blocks, add, nothing)
        relative = second / first**2 - 1 / self.n_samples  # the variance of the mean weight, over its square
        return largest + jnp.log(first / self.n_samples), jnp.sqrt(jnp.maximum(relative, 0.0))


def posterior(network: VAENet, x: Float[Array, " inputs"]) -> tuple[Array, Array]:
    """Mean and log-variance of q(z | x) of one row."""
    return network.posterior(x)


def row_losses(
    network: VAENet, loss: str, x: Float[Array, " inputs"], codes: Float[Array, "codes latents"], n_numbers: int
) -> Float[Array, " codes"]:
    """-log p(x | z) of one row under each of some codes."""
    linear = jax.vmap(network.decode_linear)(codes)
    targets = jnp.broadcast_to(x, linear.shape)
    return RECONSTRUCTION_LOSSES[loss](network, linear, targets, jnp.int32(n_numbers))


@dataclass(frozen=True)
class LogLikelihood(PrintedTable):
    """Importance-weighted estimates of log p(x), in nats; prints as a table.

    Each is from below on average, and the nearer the more codes are drawn.

    Attributes
    ----------
    rows, errors : ndarray (n_rows,)
        The estimate of each row, and the standard error that comes from the number of codes.
    n_samples : int
        Codes for each row.
    """

    rows: np.ndarray
    errors: np.ndarray
    n_samples: int

    @property
    def mean(self) -> float:
        """The mean over rows."""
        return float(self.rows.mean())

    @property
    def standard_error(self) -> float:
        """That of the mean, as far as rows are a sample: their standard deviation over the root of their number.

        It holds what the number of codes adds too, since each row draws its own. NaN for a single row.
        """
        return float(self.rows.std(ddof=1) / np.sqrt(len(self.rows))) if len(self.rows) > 1 else float("nan")

    @property
    def sampling_error(self) -> float:
        """The part of it that comes from the number of codes."""
        return float(np.sqrt((self.errors**2).sum()) / len(self.rows))

    def __rich__(self) -> Table:
        table = Table(title=f"log p(x) of {len(self.rows):,} rows, {self.n_samples:,} codes each")
        for name in ("nats a row", "standard error", "of it from sampling"):
            table.add_column(name, justify="right")
        table.add_row(f"{self.mean:.2f}", f"{self.standard_error:.2g}", f"{self.sampling_error:.2g}")
        return table
