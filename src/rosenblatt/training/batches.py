"""Rows and batches as the compiled epoch wants them: padded to shapes that many data sets share.

All is done on the host by NumPy; shuffling inside the compiled program costs seconds of compilation.
"""

from typing import Any

import jax
import numpy as np

from rosenblatt.training.players import Rows
from rosenblatt.types import Device


def bucket(n_rows: int) -> int:
    """The number of rows that ``n_rows`` are padded to: at least one more, so that a padded row always exists.

    512, 2,048 and 8,192; above that, steps of an eighth of the power of two below, so that memory grows by 12.5 % at
    most. The training sets of a cross-validation differ by a row and fall into one bucket nearly always.
    """
    needed = n_rows + 1
    for size in (512, 2048, 8192):
        if needed <= size:
            return size
    grain = 2 ** (needed.bit_length() - 1) // 8
    return -(-needed // grain) * grain


def pad_rows(array: np.ndarray, length: int) -> np.ndarray:
    """The array with zeros below, up to ``length`` rows."""
    padded = np.zeros((length, *array.shape[1:]), array.dtype)
    padded[: len(array)] = array
    return padded


def make_rows(inputs: Any, targets: Any, weights: np.ndarray | None, device: Device) -> Rows:
    """Pads a data set to its bucket and puts it on the device.

    Parameters
    ----------
    inputs, targets : tree of arrays (n_rows, ...), or None
    weights : ndarray (n_rows,) of numbers >= 0, or None for equal ones
        Scaled to mean 1 here.
    device : jax.Device

    Raises
    ------
    ValueError
        If every weight is 0.
    """
    n_rows = len(jax.tree.leaves(inputs)[0])
    length = bucket(n_rows)
    weights = np.ones(n_rows) if weights is None else np.asarray(weights, np.float64)
    if not weights.any():
        raise ValueError(
            f"all {n_rows} rows have weight 0, so none counts: look at sample_weight, class_weight and the rows that "
            "were set aside for validation"
        )
    scaled = (weights / weights.mean()).astype(np.float32)
    columns = jax.tree.map(lambda a: pad_rows(a, length), (inputs, targets, scaled))
    return jax.device_put(Rows(columns[0], columns[1], columns[2], np.asarray(n_rows, np.int32)), device)


def batch_shape(batch_size: int | str, n_rows: int) -> tuple[int, int]:
    """(steps, batch) of the padded index matrix; ``"full"`` is one batch of all rows."""
    length = bucket(n_rows)
    batch = length if batch_size == "full" else min(int(batch_size), length)
    return -(-length // batch), batch


def n_steps(batch_size: int | str, n_rows: int) -> int:
    """How many steps an epoch really has."""
    return -(-n_rows // batch_shape(batch_size, n_rows)[1])


def draw_indices(
    rng: np.random.Generator, n_rows: int, shape: tuple[int, int], moves: int, shuffle: bool
) -> np.ndarray:
    """An epoch's batches (steps, moves, batch): each move's are a permutation of the rows, cut into batches.

    Places that no row is left for hold ``n_rows``, the first padded row.
    """
    steps, batch = shape
    indices = np.full((moves, steps * batch), n_rows, np.int32)
    for row in indices:
        row[:n_rows] = rng.permutation(n_rows) if shuffle else np.arange(n_rows)
    return np.ascontiguousarray(indices.reshape(moves, steps, batch).swapaxes(0, 1))


def pad_batches(indices: np.ndarray, multiple: int, n_rows: int) -> np.ndarray:
    """The batches (steps, moves, batch) with padded rows behind each, up to a multiple of that many rows."""
    missing = -indices.shape[-1] % multiple
    return np.pad(indices, ((0, 0), (0, 0), (0, missing)), constant_values=n_rows) if missing else indices
