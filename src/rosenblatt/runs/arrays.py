"""Trees of arrays by name, for files that hold arrays and no code."""

from collections.abc import Mapping
from typing import Any

import equinox as eqx
import jax
import numpy as np


def named_arrays(tree: Any, prefix: str = "") -> dict[str, np.ndarray]:
    """The arrays of a tree by their path, such as ``model.layers.0.weight``."""
    leaves = jax.tree_util.tree_leaves_with_path(eqx.filter(tree, eqx.is_array))
    return {prefix + _name(path): np.asarray(leaf, order="C") for path, leaf in leaves}


def filled(tree: Any, arrays: Mapping[str, np.ndarray], prefix: str = "") -> Any:
    """The tree with its arrays replaced by those of their names.

    Raises
    ------
    ValueError
        If an array is missing, is left over, or has another shape or dtype than in the tree.
    """
    expected = named_arrays(tree, prefix)
    given = {name for name in arrays if name.startswith(prefix)}
    problems = [f"{name} is missing" for name in expected.keys() - given]
    problems += [f"{name} is not a part of it" for name in given - expected.keys()]
    for name in expected.keys() & given:
        want, got = expected[name], arrays[name]
        if (want.shape, want.dtype) != (got.shape, got.dtype):
            problems.append(f"{name} is {got.dtype}{list(got.shape)}, needed is {want.dtype}{list(want.shape)}")
    if problems:
        raise ValueError("; ".join(sorted(problems)))
    variable, fixed = eqx.partition(tree, eqx.is_array)
    replaced = jax.tree_util.tree_map_with_path(lambda path, _: arrays[prefix + _name(path)], variable)
    return eqx.combine(replaced, fixed)


def _name(path: tuple[Any, ...]) -> str:
    return jax.tree_util.keystr(path, simple=True, separator=".")
