"""The multi-layer perceptron: dense layers in a chain, an activation after each but the last."""

from collections.abc import Sequence

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jaxtyping import Array, Float, PRNGKeyArray

from rosenblatt.nn.activations import Activation, identity
from rosenblatt.nn.dense import Dense
from rosenblatt.nn.initializers import initializer_for
from rosenblatt.types import AnyArray


class MLP(eqx.Module):
    """f(x) for one sample x; the last layer is linear, so what comes out are logits or predictions.

    ``activations`` holds one function for each hidden layer.
    """

    layers: tuple[Dense, ...]
    activations: tuple[Activation, ...] = eqx.field(static=True)

    def __call__(
        self,
        x: Float[Array, " inputs"],
        *,
        dropout: Float[AnyArray, ""] | None = None,
        key: PRNGKeyArray | None = None,
    ) -> Float[Array, " outputs"]:
        """The last layer's output; with a ``key``, hidden units are dropped at the rate ``dropout``."""
        for depth, (layer, activation) in enumerate(zip(self.layers, self.activations, strict=False)):
            x = activation(layer(x))
            if key is not None and dropout is not None:
                x = drop(x, dropout, jax.random.fold_in(key, depth))
        return self.layers[-1](x)

    def units(self, x: Float[Array, " inputs"]) -> tuple[Float[Array, " units"], ...]:
        """What each layer puts out, from the first hidden layer to the linear last one."""
        outputs = []
        for layer, activation in zip(self.layers, self.activations, strict=False):
            x = activation(layer(x))
            outputs.append(x)
        return (*outputs, self.layers[-1](x))

    @property
    def n_inputs(self) -> int:
        return self.layers[0].weight.shape[0]

    @property
    def n_outputs(self) -> int:
        return self.layers[-1].weight.shape[1]

    def padded(self, n_inputs: int, n_outputs: int) -> "MLP":
        """The same function with more inputs and outputs, disconnected: their weights are 0."""
        return self._resized(Dense.padded, n_inputs, n_outputs)

    def trimmed(self, n_inputs: int, n_outputs: int) -> "MLP":
        """Undoes ``padded``; the parameters become NumPy arrays."""
        return self._resized(Dense.trimmed, n_inputs, n_outputs)

    def _resized(self, resize, n_inputs: int, n_outputs: int) -> "MLP":
        widths = [n_inputs, *(layer.weight.shape[1] for layer in self.layers[:-1]), n_outputs]
        shapes = zip(self.layers, widths, widths[1:], strict=False)
        return MLP(tuple(resize(layer, rows, columns) for layer, rows, columns in shapes), self.activations)

    @classmethod
    def initialize(
        cls, widths: Sequence[int], activations: Sequence[Activation], initializer: str, rng: np.random.Generator
    ) -> "MLP":
        """A network of the given widths, inputs first and outputs last, filled by NumPy.

        Parameters
        ----------
        widths : sequence of int, of length L + 1
        activations : sequence of L - 1 functions, one for each hidden layer
        initializer : str
            A key of ``INITIALIZERS`` or ``"auto"``; the linear last layer counts as not rectifying.
        rng : numpy.random.Generator
        """
        fills = [initializer_for(initializer, activation) for activation in (*activations, identity)]
        sizes = zip(widths, widths[1:], fills, strict=False)
        return cls(tuple(Dense.initialize(a, b, fill, rng) for a, b, fill in sizes), tuple(activations))


def drop(x: Float[Array, "..."], rate: Float[AnyArray, ""], key: PRNGKeyArray) -> Float[Array, "..."]:
    """Inverted dropout: each unit is 0 with probability ``rate``, the others are divided by 1 - ``rate``.

    The rate is data, so that a grid over it compiles once; at rate 0 the branch that draws random bits is not run.
    """

    def draw() -> Float[Array, "..."]:
        kept = jax.random.uniform(key, x.shape, jnp.float32) >= rate
        return jnp.where(kept, 1.0 / (1.0 - rate), 0.0).astype(x.dtype)

    return x * lax.cond(rate > 0, draw, lambda: jnp.ones_like(x))


def padded_widths(n_inputs: int, n_outputs: int) -> tuple[int, int]:
    """Inputs and outputs of the network that is trained in the place of one with ``n_inputs`` and ``n_outputs``.

    Small networks are padded, so that fits on tables of a few columns share programs; wide ones, where padding would
    cost more than compiling, are not.
    """
    inputs = next((size for size in (16, 64) if n_inputs <= size), n_inputs)
    outputs = next((size for size in (1, 4, 16) if n_outputs <= size), n_outputs)
    return inputs, outputs


def pad_columns(values: np.ndarray, n_columns: int) -> np.ndarray:
    """The table with columns of zeros on the right, up to ``n_columns``."""
    return np.pad(values, ((0, 0), (0, n_columns - values.shape[1])))
