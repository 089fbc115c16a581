"""Applying a fitted network to any number of rows."""

from collections.abc import Callable
from typing import Any

import jax
import numpy as np
from jaxtyping import PyTree

from rosenblatt.training import devices
from rosenblatt.training.batches import pad_rows
from rosenblatt.training.programs import Program, Skeleton

# Always the same number of rows: another number may take another kernel, whose last bits differ, and then a row's
# prediction would depend on its company.
_ROWS_AT_ONCE = 256


def _apply(code: tuple[Skeleton, Callable[..., PyTree]], network: PyTree, inputs: PyTree) -> PyTree:
    skeleton, function = code
    module = skeleton.dress(network)
    return jax.vmap(lambda x: function(module, x))(inputs)


_program = Program(_apply)


def apply(
    network: Any,
    inputs: np.ndarray,
    function: Callable[..., PyTree],
    device: str = "auto",
    select: Callable[[PyTree], PyTree] = lambda outputs: outputs,
) -> PyTree:
    """``select(function(network, x))`` for each row x, as NumPy arrays.

    Parameters
    ----------
    network : Equinox module that sees one sample
    inputs : ndarray (n_rows, ...)
    function : callable of (network, x)
        A module-level function: programs are shared between calls with the same function.
    device : str, default="auto"
    select : callable, optional
        Picks from the function's outputs, outside the compiled program.

    Returns
    -------
    tree of ndarray (n_rows, ...)
    """
    arrays, skeleton = Skeleton.of(network)
    arrays = jax.device_put(arrays, devices.select(device))
    parts = []
    for start in range(0, len(inputs), _ROWS_AT_ONCE):
        chunk = inputs[start : start + _ROWS_AT_ONCE]
        outputs = select(_program((skeleton, function), arrays, pad_rows(chunk, _ROWS_AT_ONCE)))
        parts.append((len(chunk), outputs))
    kept = [jax.tree.map(lambda a, n=n: np.asarray(a)[:n], outputs) for n, outputs in parts]
    return jax.tree.map(lambda *pieces: np.concatenate(pieces), *kept)
