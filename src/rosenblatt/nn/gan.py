"""The networks of a GAN: a generator that makes rows from codes, and a discriminator that tells them from real ones."""

import dataclasses
from collections.abc import Mapping
from typing import Any, Literal

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from rosenblatt.nn.activations import Activation, identity
from rosenblatt.nn.autoencoder import Code, Decoder, Encoder
from rosenblatt.nn.mlp import MLP
from rosenblatt.types import AnyArray


class Generator(eqx.Module):
    """x = G(z) for one code z, and where it is conditional for one label.

    Attributes
    ----------
    network : MLP or ConvDecoder
        Its inputs are the code, then a 1 in the place of the label's class among ``n_classes``.
    output_activation : function
    n_classes : int
        0 where labels are not asked for.
    """

    network: Decoder
    output_activation: Activation = eqx.field(static=True, default=identity)
    n_classes: int = eqx.field(static=True, default=0)

    def __call__(self, code: Code, label: Int[Array, ""] | None = None) -> Float[Array, " outputs"]:
        if label is not None:
            code = jnp.concatenate([code, jax.nn.one_hot(label, self.n_classes, dtype=code.dtype)])
        return self.output_activation(self.network(code))

    @property
    def latent_dim(self) -> int:
        head = self.network if isinstance(self.network, MLP) else self.network.head
        return head.n_inputs - self.n_classes

    def padded(self, n_numbers: int) -> "Generator":
        """The same function with rows that are longer, of a dense network; what is added is 0."""
        assert isinstance(self.network, MLP)
        return dataclasses.replace(self, network=self.network.padded(self.network.n_inputs, n_numbers))

    def trimmed(self, n_numbers: int) -> "Generator":
        """Undoes ``padded``; the parameters become NumPy arrays."""
        assert isinstance(self.network, MLP)
        return dataclasses.replace(self, network=self.network.trimmed(self.network.n_inputs, n_numbers))


class Discriminator(eqx.Module):
    """How real one row x looks: one number, of which the loss says what it means.

    With labels it is the network's output plus the product of its last hidden units with a vector that is learned for
    each class: a row may look real and yet not like one of its class.

    Attributes
    ----------
    network : MLP or ConvNet
    embedding : float32 (units, classes), or None where labels are not asked for

    References
    ----------
    T. Miyato, M. Koyama, "cGANs with projection discriminator", ICLR 2018.
    """

    network: Encoder
    embedding: Float[AnyArray, "units classes"] | None = None

    def __call__(self, x: Float[Array, " inputs"], label: Int[Array, ""] | None = None) -> Float[Array, ""]:
        if label is None or self.embedding is None:
            return self.network(x)[0]
        *_, hidden, output = (x, *self.network.units(x))
        return output[0] + hidden @ jnp.asarray(self.embedding)[:, label]

    def padded(self, n_numbers: int) -> "Discriminator":
        """The same function of rows that are longer, of a dense network; what is added is disconnected."""
        return self._resized(MLP.padded, n_numbers)

    def trimmed(self, n_numbers: int) -> "Discriminator":
        """Undoes ``padded``; the parameters become NumPy arrays."""
        return self._resized(MLP.trimmed, n_numbers)

    def _resized(self, resize, n_numbers: int) -> "Discriminator":
        network, embedding = self.network, self.embedding
        assert isinstance(network, MLP)
        if embedding is not None and len(network.layers) == 1:  # the rows themselves are its last hidden units
            kept = np.asarray(embedding)[:n_numbers]
            embedding = np.pad(kept, ((0, n_numbers - len(kept)), (0, 0)))
        return Discriminator(resize(network, n_numbers, 1), embedding if embedding is None else np.asarray(embedding))


def resized(networks: Mapping[str, Any], how: Literal["padded", "trimmed"], n_numbers: int) -> dict[str, Any]:
    """A game's networks for rows of another length, where they are dense."""
    changed = dict(networks)
    for name in networks.keys() & {"average", "discriminator", "generator"}:
        if isinstance(networks[name].network, MLP):
            changed[name] = getattr(networks[name], how)(n_numbers)
    return changed
