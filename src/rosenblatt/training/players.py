"""Players, games and the rows that they learn from.

Everything that is trained is a game: each player owns some networks and descends its own risk
J(S; w) = (1/n) sum l + l1 sum |w| + l2 sum w^2. A classifier is a game of one player, a GAN a game of two.
"""

import dataclasses
from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int32, PRNGKeyArray, PyTree

from rosenblatt.losses.penalties import elastic
from rosenblatt.nn.parameters import is_weight
from rosenblatt.training.optimizers import Optimizer
from rosenblatt.types import AnyArray

Networks = Mapping[str, PyTree]
Terms = dict[str, Float[Array, ""]]


class Batch(NamedTuple):
    """Rows of one step. ``weights`` have mean 1 over the whole training set; ``real`` is 0 where a row is padding."""

    inputs: PyTree
    targets: PyTree
    weights: Float[Array, " rows"]
    real: Float[Array, " rows"]

    def mean(self, values: Float[Array, " rows"]) -> Float[Array, ""]:
        """The weighted mean over the real rows.

        It divides by the number of rows, not by the sum of their weights: else a row's weight would count for nothing
        where it is alone in its batch.
        """
        return (values * self.weights * self.real).sum() / jnp.maximum(self.real.sum(), 1.0)


class Rows(NamedTuple):
    """A data set, padded below to a bucket of rows so that sets of similar size share one program.

    ``n_rows`` is how many rows are real; an index of ``n_rows`` or more stands for a padded row.
    """

    inputs: PyTree
    targets: PyTree
    weights: Float[Array, " padded_rows"]
    n_rows: Int32[AnyArray, ""]


class Objective(Protocol):
    """(networks, batch, key) -> (risk without penalties, named terms); without a key it evaluates: no noise.

    Its array leaves are numbers of the fit (a dropout rate, beta): data, so changing them compiles nothing.

    An objective may have a method ``after_move(networks) -> networks``, which is applied after each move of its player:
    it changes networks that no player owns, such as an average of those that learn.
    """

    def __call__(
        self, networks: Networks, batch: Batch, key: PRNGKeyArray | None
    ) -> tuple[Float[Array, ""], Terms]: ...


def number(value: float) -> np.ndarray:
    """A number as a float32 array leaf."""
    return np.asarray(value, np.float32)


class Player(eqx.Module):
    """One who learns.

    Attributes
    ----------
    name : str
    networks : tuple of str
        The networks that it owns, the only ones that its moves change.
    objective : Objective
    optimizer : Optimizer
    l1, l2 : float32 scalars
        Penalties on the weights (not the biases) of its networks.
    moves : int
        How many moves it makes in each step, each on a batch of its own.
    micro_batch : int or None
        Rows whose gradient is computed at a time; a batch's gradient is the mean of those of its micro-batches. Small
        ones keep the images of a convolutional network in a core's cache. None takes the whole batch at once, which
        an objective needs that couples the rows of a batch.
    shows_gradient : bool
        Whether its terms have the "gradient_norm" of each move: the length of the slope, penalties left out.
    """

    name: str = eqx.field(static=True)
    networks: tuple[str, ...] = eqx.field(static=True)
    objective: Objective
    optimizer: Optimizer = eqx.field(static=True)
    l1: Float[AnyArray, ""] = eqx.field(default_factory=lambda: number(0.0))
    l2: Float[AnyArray, ""] = eqx.field(default_factory=lambda: number(0.0))
    moves: int = eqx.field(static=True, default=1)
    micro_batch: int | None = eqx.field(static=True, default=None)
    shows_gradient: bool = eqx.field(static=True, default=False)

    def owned(self, networks: Networks) -> dict[str, Any]:
        return {name: networks[name] for name in self.networks}

    def at(self, numbers: Mapping[str, Float[Array, ""]]) -> "Player":
        """The player while these numbers of its objective have other values."""
        objective: Any = self.objective
        return dataclasses.replace(self, objective=dataclasses.replace(objective, **numbers)) if numbers else self

    def penalty(self, networks: Networks) -> float:
        """l1 sum |w| + l2 sum w^2 over the weights of its networks, on the host."""
        leaves = jax.tree_util.tree_leaves_with_path(self.owned(networks))
        return float(sum(elastic(np.asarray(leaf), self.l1, self.l2) for path, leaf in leaves if is_weight(path, leaf)))


Game = tuple[Player, ...]
