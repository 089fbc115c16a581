"""Applying a fitted network to any number of rows."""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import numpy as np
from jax.sharding import Mesh
from jaxtyping import PyTree

from rosenblatt.training import devices, sharding
from rosenblatt.training.batches import pad_rows
from rosenblatt.training.programs import Program, Skeleton


class AtOnce(NamedTuple):
    """How many rows are in memory with all that is computed of them, on one core or on each."""

    n_rows: int
    all_cores: bool = False


ROWS = AtOnce(256)
IMAGES = AtOnce(32, all_cores=True)  # a convolutional network's layers are many times as large as the image


def _apply(code: tuple[Skeleton, Callable[..., PyTree], Mesh | None], network: PyTree, inputs: PyTree) -> PyTree:
    skeleton, function, mesh = code

    def to_rows(network: PyTree, inputs: PyTree) -> PyTree:
        module = skeleton.dress(network)
        return jax.vmap(lambda x: function(module, x))(inputs)

    rows = sharding.split_axis(0)
    return sharding.spread(to_rows, mesh, (sharding.WHOLE, rows), rows)(network, inputs)


_program = Program(_apply)


def apply(
    network: Any,
    inputs: PyTree,
    function: Callable[..., PyTree],
    device: str = "auto",
    select: Callable[[PyTree], PyTree] = lambda outputs: outputs,
    at_once: AtOnce = ROWS,
) -> PyTree:
    """``select(function(network, x))`` for each row x, as NumPy arrays.

    Parameters
    ----------
    network : Equinox module that sees one sample
    inputs : ndarray (n_rows, ...), or a tree of them whose rows belong together
    function : callable of (network, x)
        Equal and hashable where it is the same: programs are shared between calls with equal functions.
    device : str, default="auto"
    select : callable, optional
        Picks from the function's outputs, outside the compiled program.
    at_once : AtOnce, default=256 rows on one core
        A core always takes as many: another number may take another kernel, whose last bits differ, and then a row's
        answer would depend on its company.

    Returns
    -------
    tree of ndarray (n_rows, ...)
    """
    arrays, skeleton = Skeleton.of(network)
    cores = devices.cores(device) if at_once.all_cores else [devices.select(device)]
    placement, length = sharding.over(cores), at_once.n_rows * len(cores)
    arrays, code = jax.device_put(arrays, placement), (skeleton, function, sharding.mesh_of(placement))
    n_rows, parts = len(jax.tree.leaves(inputs)[0]), []
    for start in range(0, n_rows, length):
        chunk = jax.tree.map(lambda rows, at=start: pad_rows(rows[at : at + length], length), inputs)
        parts.append(select(_program(code, arrays, chunk)))
    return jax.tree.map(lambda *pieces: np.concatenate([np.asarray(piece) for piece in pieces])[:n_rows], *parts)
