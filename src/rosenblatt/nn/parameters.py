"""Which of a network's arrays are weights, and how many numbers it has."""

from collections.abc import Callable
from typing import Any, NamedTuple

import equinox as eqx
import jax


class ParameterCount(NamedTuple):
    """How many numbers a network learns."""

    weights: int
    biases: int

    @property
    def total(self) -> int:
        return self.weights + self.biases


def is_weight(path: tuple[Any, ...], leaf: Any) -> bool:
    """Whether the leaf at that path multiplies inputs: a matrix or kernel that is not called a bias."""
    return leaf.ndim >= 2 and "bias" not in jax.tree_util.keystr(path[-1:])


def map_weights(function: Callable[..., Any], tree: Any, *others: Any) -> Any:
    """The tree with ``function(weight, ...)`` in the place of each weight; other parameters stay as they are."""
    return jax.tree_util.tree_map_with_path(
        lambda path, leaf, *rest: function(leaf, *rest) if is_weight(path, leaf) else leaf, tree, *others
    )


def count_parameters(networks: Any) -> ParameterCount:
    """Weights and biases (whatever is learned and is no weight) of a network or of a dict of networks."""
    leaves = jax.tree_util.tree_leaves_with_path(eqx.filter(networks, eqx.is_inexact_array))
    weights = sum(leaf.size for path, leaf in leaves if is_weight(path, leaf))
    return ParameterCount(weights, sum(leaf.size for _, leaf in leaves) - weights)
