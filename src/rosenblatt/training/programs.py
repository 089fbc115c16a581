"""Compiled programs: made once for each structure and shape, shared by all estimators of the process, and counted."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from functools import wraps
from typing import Any

import equinox as eqx
import jax
from jaxtyping import PyTree

# Programs kept by each of four functions; the least recently used goes first. A process on Linux may hold 65,530 pieces
# of memory and crashes beyond; an epoch's program takes 150 (two dense layers) to 440 (a small convolutional VAE).
_CAPACITY = 32


@dataclass(frozen=True)
class Skeleton:
    """A network without its arrays: all that is code, hashable, so that equal skeletons share a program."""

    leaves: tuple[Hashable, ...]
    structure: Any

    @classmethod
    def of(cls, tree: PyTree) -> tuple[PyTree, "Skeleton"]:
        """Splits a tree into its arrays and its skeleton."""
        arrays, rest = eqx.partition(tree, eqx.is_array)
        leaves, structure = jax.tree.flatten(rest)
        return arrays, cls(tuple(leaves), structure)

    def dress(self, arrays: PyTree) -> PyTree:
        """Puts the arrays back."""
        return eqx.combine(arrays, jax.tree.unflatten(self.structure, self.leaves))


class Program:
    """A function of (skeletons, *arrays) that is compiled ahead of its first call for each structure and shape.

    Compiling ahead, instead of by the first call, tells the seconds of compilation from those of the work.
    """

    def __init__(self, function: Callable[..., Any]):
        self._function = function
        self._compiled: OrderedDict[Hashable, Any] = OrderedDict()
        self._lock = threading.Lock()
        self.n_compilations = 0

    def compiled(self, skeleton: Hashable, *arguments: Any) -> tuple[Callable[..., Any], float]:
        """The program for arguments of this structure and shape, and the seconds that it took to compile it now.

        The program is called with the same arguments but the skeleton.
        """
        began = time.perf_counter()
        leaves, structure = jax.tree.flatten(arguments)
        key = skeleton, structure, tuple((leaf.shape, leaf.dtype, getattr(leaf, "sharding", None)) for leaf in leaves)
        with self._lock:
            if key in self._compiled:
                self._compiled.move_to_end(key)
                return self._compiled[key], 0.0
            program = self._compiled[key] = self._compile(skeleton, *arguments)
            self.n_compilations += 1
            if len(self._compiled) > _CAPACITY:
                self._compiled.popitem(last=False)
        return program, time.perf_counter() - began

    def _compile(self, skeleton: Hashable, *arguments: Any) -> Callable[..., Any]:
        # Of a function of its own: JAX keeps all that it compiled of a function as long as that lives.
        @wraps(self._function)
        def function(*arguments: Any) -> Any:
            return self._function(skeleton, *arguments)

        return jax.jit(function).lower(*arguments).compile()

    def __call__(self, skeleton: Hashable, *arguments: Any) -> Any:
        program, _ = self.compiled(skeleton, *arguments)
        return program(*arguments)
