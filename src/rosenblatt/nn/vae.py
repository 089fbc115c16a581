"""The variational autoencoder's networks: an encoder that gives a distribution q(z | x) of codes, and a decoder."""

import dataclasses

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, PRNGKeyArray

from rosenblatt.nn.autoencoder import AutoencoderNet, Code
from rosenblatt.nn.convnet import as_numbers
from rosenblatt.nn.dense import Dense
from rosenblatt.nn.mlp import MLP
from rosenblatt.types import AnyArray

_LARGEST_LOG_VARIANCE = 12.0  # standard deviations from 0.0025 to 400, so that none is 0 or infinite in float32


class VAENet(AutoencoderNet):
    """q(z | x) = N(mean, diag exp(log_variance)) and x' = g(z), for one row x.

    The encoder puts out the means, then what becomes the logarithms of the variances.
    """

    def posterior(
        self,
        x: Float[Array, " inputs"],
        *,
        dropout: Float[AnyArray, ""] | None = None,
        key: PRNGKeyArray | None = None,
    ) -> tuple[Code, Code]:
        """Mean and log-variance of q(z | x); the latter is 12 tanh(a / 12) of the encoder's output a, so bounded."""
        outputs = self.encoder(as_numbers(x), dropout=dropout, key=key)
        mean, unbounded = outputs[: self.latent_dim], outputs[self.latent_dim :]
        return mean, _LARGEST_LOG_VARIANCE * jnp.tanh(unbounded / _LARGEST_LOG_VARIANCE)

    def encode(
        self,
        x: Float[Array, " inputs"],
        *,
        dropout: Float[AnyArray, ""] | None = None,
        key: PRNGKeyArray | None = None,
    ) -> Code:
        """The mean of q(z | x)."""
        return self.posterior(x, dropout=dropout, key=key)[0]

    @property
    def latent_dim(self) -> int:
        return super().latent_dim // 2

    def deterministic(self) -> AutoencoderNet:
        """The autoencoder whose code is the mean of q(z | x); undoes ``over``."""
        encoder = self.encoder
        if isinstance(encoder, MLP):
            encoder = encoder.trimmed(encoder.n_inputs, self.latent_dim)
        else:
            head = encoder.head.trimmed(encoder.head.n_inputs, self.latent_dim)
            encoder = dataclasses.replace(encoder, head=head)
        return AutoencoderNet(
            encoder, self.decoder_parameters, self.code_activation, self.output_activation, self.log_variance
        )

    @classmethod
    def over(cls, network: AutoencoderNet, log_variance: float | None) -> "VAENet":
        """The variational autoencoder that starts as an autoencoder does: its codes are the means.

        The posterior's variances start at 1, whatever the scale of x; ``log_variance`` is where the variance of a
        Gaussian decoder starts.
        """
        encoder = network.encoder
        if isinstance(encoder, MLP):
            encoder = _with_as_many_outputs(encoder)
        else:
            encoder = dataclasses.replace(encoder, head=_with_as_many_outputs(encoder.head))
        variance = None if log_variance is None else np.asarray(log_variance, np.float32)
        return cls(encoder, network.decoder_parameters, network.code_activation, network.output_activation, variance)


def _with_as_many_outputs(network: MLP) -> MLP:
    """The network with as many outputs again, which start at 0."""
    *hidden, last = network.layers
    weight, bias = np.pad(last.weight, ((0, 0), (0, last.bias.size))), np.pad(last.bias, (0, last.bias.size))
    return MLP((*hidden, Dense(weight, bias)), network.activations)
