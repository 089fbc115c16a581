"""What runs compiled: the steps of an epoch, and the evaluation of a risk on a set.

The steps are one ``while_loop`` whose bounds are data: a whole epoch, a part of one that lets the host be heard from
in between, and an epoch of fewer batches are the same program and the same bits.
"""

from collections.abc import Mapping
from functools import partial
from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
from jax import lax
from jax.sharding import Mesh
from jaxtyping import Array, Bool, Float, Int32, PyTree, UInt32

from rosenblatt.losses.penalties import elastic_slope
from rosenblatt.nn.parameters import map_weights
from rosenblatt.training import sharding
from rosenblatt.training.players import Batch, Game, Player, Rows
from rosenblatt.training.programs import Program, Skeleton
from rosenblatt.training.randomness import wrap_key
from rosenblatt.types import AnyArray

_MOST_MOVES = 1024  # of one player in a step, to keep the keys of all moves apart


class Plan(NamedTuple):
    """What the host drew for one epoch, padded below to the bucket's number of steps.

    ``learning_rates`` has a column for each player, ``indices`` a batch for each move; ``numbers`` are those of each
    player's objective that change from step to step, by name.
    """

    indices: Int32[AnyArray, "steps moves batch"]
    learning_rates: Float[AnyArray, "steps players"]
    keys: UInt32[AnyArray, "steps 2"]
    numbers: tuple[Mapping[str, Float[AnyArray, " steps"]], ...] = ()


class Record(NamedTuple):
    """What one move of each player showed: its risk without penalties and its named terms."""

    risks: tuple[Float[Array, "..."], ...]
    terms: tuple[dict[str, Float[Array, "..."]], ...]


class Outcome(NamedTuple):
    """What some steps led to.

    ``record`` has an entry for each step of the plan, of which those from the first step to before ``step`` are
    filled; ``finite`` is false where the step before ``step`` had a risk that is not finite.
    """

    networks: PyTree
    states: PyTree
    step: Int32[Array, ""]
    finite: Bool[Array, ""]
    record: Record


def take(rows: Rows, indices: Int32[Array, " batch"]) -> Batch:
    """The batch of these rows; indices are in bounds by construction, which saves their checks."""

    def of(array: Array) -> Array:
        return array.at[indices].get(mode="promise_in_bounds", wrap_negative_indices=False)

    real = (indices < rows.n_rows).astype(jnp.float32)
    return Batch(jax.tree.map(of, rows.inputs), jax.tree.map(of, rows.targets), of(rows.weights), real)


def gradient(
    player: Player, skeleton: Skeleton, networks: PyTree, batch: Batch, key: Array
) -> tuple[Array, dict[str, Array], PyTree]:
    """The player's risk without penalties, its terms, and the risk's slope in the arrays that the player learns.

    They are means over the batch: over its micro-batches and over what the other devices have of it.
    """
    own, fixed = _own(player, networks)

    def risk(own: PyTree, batch: Batch, key: Array) -> tuple[Array, dict[str, Array]]:
        return player.objective(skeleton.dress(networks | eqx.combine(own, fixed)), batch, key)

    slope_of = jax.value_and_grad(risk, has_aux=True)
    n_parts = 1 if player.micro_batch is None else len(batch.real) // player.micro_batch
    if n_parts == 1 and sharding.n_devices() == 1:
        (value, terms), slope = slope_of(own, batch, key)
        return value, terms, slope
    key = jax.random.fold_in(key, sharding.device_number())

    def add(total: PyTree, part: tuple[Batch, Array]) -> tuple[PyTree, None]:
        batch, number = part
        found = slope_of(own, batch, jax.random.fold_in(key, number))
        return jax.tree.map(lambda t, f: t + batch.real.sum() * f, total, found), None

    parts = jax.tree.map(lambda a: a.reshape(n_parts, -1, *a.shape[1:]), batch), jnp.arange(n_parts)
    shapes = jax.eval_shape(slope_of, own, jax.tree.map(lambda a: a[0], parts[0]), key)
    found, _ = lax.scan(add, jax.tree.map(lambda s: jnp.zeros(s.shape, s.dtype), shapes), parts)
    found, n_rows = sharding.total((found, batch.real.sum()))
    (value, terms), slope = jax.tree.map(lambda a: a / jnp.maximum(n_rows, 1.0), found)
    return value, terms, slope


def _own(player: Player, networks: PyTree) -> tuple[PyTree, PyTree]:
    """The player's networks as the arrays that it learns and the rest."""
    return eqx.partition(player.owned(networks), eqx.is_inexact_array)


def move(
    player: Player, skeleton: Skeleton, networks: PyTree, state: PyTree, batch: Batch, rate: Array, key: Array
) -> tuple[PyTree, PyTree, Array, dict[str, Array]]:
    """One update of a player's own networks: the new arrays, the optimizer's new state, and the risk before it."""
    value, terms, slope = gradient(player, skeleton, networks, batch, key)
    own, fixed = _own(player, networks)
    if player.shows_gradient:
        terms = terms | {"gradient_norm": jnp.sqrt(sum(jnp.vdot(leaf, leaf) for leaf in jax.tree.leaves(slope)))}

    def shrink(direction: Array, weight: Array) -> Array:
        return direction + sign * elastic_slope(weight, player.l1, player.l2)

    decoupled = player.optimizer.decoupled
    sign = -1.0 if decoupled else 1.0  # an update goes against the slope
    if not decoupled:
        slope = map_weights(shrink, slope, own)
    update, state = player.optimizer.transformation.update(slope, state, own)
    if decoupled:
        update = map_weights(shrink, update, own)
    scale = rate if player.optimizer.scaled else 1.0
    own = jax.tree.map(lambda w, u: w + scale * u, own, update)
    networks = networks | eqx.combine(own, fixed)
    after_move = getattr(player.objective, "after_move", None)
    return networks if after_move is None else after_move(networks), state, value, terms


def _step(
    skeleton: Skeleton, game: Game, rows: Rows, plan: Plan, networks: PyTree, states: PyTree, step: Array
) -> tuple[PyTree, PyTree, Record]:
    """Lets each player make its moves in turn; the record is of each one's last move."""
    indices, rates, words, numbers = jax.tree.map(partial(_at, step), plan)
    step_key = wrap_key(words)
    risks, terms = [], []
    for number, player in enumerate(game):
        player = player.at(numbers[number]) if numbers else player
        shown = (jnp.float32(0), {})
        for turn in range(player.moves):
            key = jax.random.fold_in(step_key, number * _MOST_MOVES + turn)
            batch = take(rows, indices[turn])
            networks, state, *shown = move(player, skeleton, networks, states[player.name], batch, rates[number], key)
            states = states | {player.name: state}
        risks.append(shown[0])
        terms.append(shown[1])
    return networks, states, Record(tuple(risks), tuple(terms))


def _at(step: Int32[Array, ""], column: Array) -> Array:
    return lax.dynamic_index_in_dim(column, step, keepdims=False, allow_negative_indices=False)


def _run_steps(
    code: tuple[Skeleton, Mesh | None],
    game: Game,
    networks: PyTree,
    states: PyTree,
    rows: Rows,
    plan: Plan,
    start: Int32[Array, ""],
    stop: Int32[Array, ""],
) -> Outcome:
    """The plan's steps from ``start`` to before ``stop``, or until a risk is not finite, on each device of the mesh."""
    skeleton, mesh = code
    shares: Any = (sharding.split_axis(2), sharding.WHOLE, sharding.WHOLE, sharding.WHOLE)
    specs = (*(sharding.WHOLE,) * 4, Plan(*shares), sharding.WHOLE, sharding.WHOLE)
    return sharding.spread(partial(_steps, skeleton), mesh, specs)(game, networks, states, rows, plan, start, stop)


def _steps(
    skeleton: Skeleton,
    game: Game,
    networks: PyTree,
    states: PyTree,
    rows: Rows,
    plan: Plan,
    start: Int32[Array, ""],
    stop: Int32[Array, ""],
) -> Outcome:
    one_step = jax.jit(partial(_step, skeleton, game))  # traced once: for the shapes of its record, and for the loop

    def unfinished(carry: tuple[Any, ...]) -> Array:
        return (carry[2] < stop) & carry[3]

    def body(carry: tuple[Any, ...]) -> tuple[Any, ...]:
        networks, states, step, _, records = carry
        networks, states, record = one_step(rows, plan, networks, states, step)
        records = jax.tree.map(partial(_enter, step), records, record)
        return networks, states, step + 1, jnp.isfinite(sum(record.risks)), records

    record = jax.eval_shape(one_step, rows, plan, networks, states, start)[2]
    records = jax.tree.map(lambda value: jnp.zeros(len(plan.indices), value.dtype), record)
    first = (networks, states, start, jnp.bool_(True), records)
    return Outcome(*lax.while_loop(unfinished, body, first))


def _enter(step: Int32[Array, ""], column: Float[Array, " steps"], value: Float[Array, ""]) -> Float[Array, " steps"]:
    return column.at[step].set(value, mode="promise_in_bounds", wrap_negative_indices=False)


def _evaluate(
    code: tuple[Skeleton, Mesh | None], game: Game, networks: PyTree, rows: Rows, chunk: Int32[Array, " chunk"]
) -> tuple[Any, ...]:
    """For each player the mean risk without penalties and the mean terms over a set, a chunk of rows at a time.

    ``chunk`` is 0, 1, 2, ...: its length is the number of rows at a time, on each device.
    """
    skeleton, mesh = code
    return sharding.spread(partial(_means, skeleton), mesh, (sharding.WHOLE,) * 4)(game, networks, rows, chunk)


def _means(skeleton: Skeleton, game: Game, networks: PyTree, rows: Rows, chunk: Int32[Array, " chunk"]) -> Any:
    dressed = skeleton.dress(networks)
    last = rows.weights.shape[0] - 1
    first, stride = len(chunk) * sharding.device_number(), len(chunk) * sharding.n_devices()

    def of(start: Array) -> tuple[Any, Array]:
        batch = take(rows, jnp.minimum(start + chunk, last))
        values = tuple(player.objective(dressed, batch, None) for player in game)
        return values, batch.real.sum()

    def add(carry: tuple[Array, Any, Array]) -> tuple[Array, Any, Array]:
        start, totals, seen = carry
        values, real = of(start)
        return start + stride, jax.tree.map(lambda t, v: t + real * v, totals, values), seen + real

    shapes, _ = jax.eval_shape(of, jnp.int32(0))
    zeros = jax.tree.map(lambda s: jnp.zeros(s.shape, s.dtype), shapes)
    start = jnp.asarray(first, jnp.int32)
    _, totals, seen = lax.while_loop(lambda carry: carry[0] < rows.n_rows, add, (start, zeros, jnp.float32(0)))
    totals, seen = sharding.total((totals, seen))
    return jax.tree.map(lambda total: total / seen, totals)


run_steps = Program(_run_steps)
evaluate = Program(_evaluate)
