"""Spectral normalisation: weights divided by their largest singular value, so that a layer stretches nothing.

The value is followed by power iteration: one round for each move of the weights is enough, since they move little.

References
----------
T. Miyato, T. Kataoka, M. Koyama, Y. Yoshida, "Spectral normalization for generative adversarial networks", ICLR 2018.
"""

from typing import Any, TypeVar

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, PyTree

from rosenblatt.nn.parameters import is_weight, map_weights
from rosenblatt.types import AnyArray

Network = TypeVar("Network", bound=PyTree)
Vector = Float[AnyArray, " outputs"]

_TINY = 1e-12
_ROUNDS = 30  # of the start, on the host


class SpectralVectors(eqx.Module):
    """For each weight of a network, in the order of its leaves, an estimate of the output side of its largest stretch.

    ``weights`` holds unit vectors, as long as the weight's last axis.
    """

    weights: tuple[Vector, ...]

    @classmethod
    def initialize(cls, network: PyTree, rng: np.random.Generator) -> "SpectralVectors":
        """Those of fresh weights, after many rounds of power iteration."""
        vectors = []
        for path, leaf in jax.tree_util.tree_leaves_with_path(eqx.filter(network, eqx.is_inexact_array)):
            if is_weight(path, leaf):
                matrix, vector = np.asarray(leaf).reshape(-1, leaf.shape[-1]), rng.standard_normal(leaf.shape[-1])
                vector = vector / np.linalg.norm(vector)
                for _ in range(_ROUNDS if matrix.any() else 0):
                    vector = matrix.T @ (matrix @ vector)
                    vector = vector / max(np.linalg.norm(vector), _TINY)
                vectors.append(vector.astype(np.float32))
        return cls(tuple(vectors))

    def followed(self, network: PyTree) -> "SpectralVectors":
        """The vectors after one round with the network's weights as they are now."""
        vectors = iter(self.weights)
        found: list[Vector] = []

        def follow(weight: Array) -> Array:
            found.append(_iterate(_matrix(weight), next(vectors))[0])
            return weight

        map_weights(follow, eqx.filter(network, eqx.is_inexact_array))
        return SpectralVectors(tuple(found))


def spectrally_normalized(network: Network, vectors: SpectralVectors) -> Network:
    """The network whose weights are divided by their largest singular values, as the vectors estimate them.

    As a function of the weights the value is u^T W v with fixed u and v, whose slope is that of the singular value.
    Weights that are all 0 have none, and stay 0.
    """
    remaining = iter(vectors.weights)

    def normalize(weight: Array) -> Array:
        matrix = _matrix(weight)
        outputs, inputs = jax.lax.stop_gradient(_iterate(matrix, next(remaining)))
        stretch = inputs @ matrix @ outputs
        return weight / jnp.where(stretch > _TINY, stretch, 1.0)

    learned, rest = eqx.partition(network, eqx.is_inexact_array)
    return eqx.combine(map_weights(normalize, learned), rest)


def _matrix(weight: Any) -> Float[Array, "inputs outputs"]:
    return jnp.asarray(weight).reshape(-1, weight.shape[-1])


def _iterate(matrix: Float[Array, "inputs outputs"], outputs: Any) -> tuple[Array, Array]:
    """One round of power iteration: the unit vectors of both sides."""
    inputs = matrix @ outputs
    inputs = inputs / jnp.maximum(jnp.linalg.norm(inputs), _TINY)
    found = matrix.T @ inputs
    length = jnp.linalg.norm(found)
    return jnp.where(length > _TINY, found / jnp.maximum(length, _TINY), outputs), inputs
