"""Applying a fitted network to any number of rows."""

from collections.abc import Callable
from typing import Any

import jax
import numpy as np
from jaxtyping import PyTree

from rosenblatt.training import devices
from rosenblatt.training.batches import pad_rows
from rosenblatt.training.programs import Program, Skeleton

ROWS_AT_ONCE = 256
IMAGES_AT_ONCE = 32  # of a convolutional network, whose layers are many times as large as the image


def _apply(code: tuple[Skeleton, Callable[..., PyTree]], network: PyTree, inputs: PyTree) -> PyTree:
    skeleton, function = code
    module = skeleton.dress(network)
    return jax.vmap(lambda x: function(module, x))(inputs)


_program = Program(_apply)


def apply(
    network: Any,
    inputs: PyTree,
    function: Callable[..., PyTree],
    device: str = "auto",
    select: Callable[[PyTree], PyTree] = lambda outputs: outputs,
    rows_at_once: int = ROWS_AT_ONCE,
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
    rows_at_once : int, default=256
        How many rows are in memory with all that is computed of them. It is always as many: another number may take
        another kernel, whose last bits differ, and then a row's answer would depend on its company.

    Returns
    -------
    tree of ndarray (n_rows, ...)
    """
    arrays, skeleton = Skeleton.of(network)
    arrays = jax.device_put(arrays, devices.select(device))
    n_rows, parts = len(jax.tree.leaves(inputs)[0]), []
    for start in range(0, n_rows, rows_at_once):
        chunk = jax.tree.map(lambda rows, at=start: pad_rows(rows[at : at + rows_at_once], rows_at_once), inputs)
        parts.append(select(_program((skeleton, function), arrays, chunk)))
    return jax.tree.map(lambda *pieces: np.concatenate([np.asarray(piece) for piece in pieces])[:n_rows], *parts)
