"""Operations on many samples and parameters, linear in each, whose two slopes JAX is told.

JAX then differentiates and batches them like its own, in any order, but computes the slopes in the forms that were
measured to be fast on a CPU. Under ``vmap`` samples are taken together, so that the parameters' slope is one sum.
"""

from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
from jax.core import ShapedArray
from jax.extend.core import Primitive
from jax.interpreters import ad, batching, mlir
from jaxtyping import Array


def bilinear(
    name: str,
    compute: Callable[..., Array],
    outputs: Callable[..., ShapedArray],
    sample_slope: Callable[..., Any],
    parameter_slope: Callable[..., Any],
    how: Sequence[str] = (),
) -> Primitive:
    """Makes the operation.

    Parameters
    ----------
    name : str
    compute : callable of (samples, parameters, **how)
        ``samples`` and what comes out have a sample for each entry of the first axis.
    outputs : callable of the same
        The shape and type of what comes out.
    sample_slope, parameter_slope : callable of (slopes, samples, parameters, **how)
        The slope in one of the two, which is not known there, from that of what comes out.
    how : sequence of str
        Names of the hashable arguments that are no arrays.
    """
    operation = Primitive(name)

    def batched(arguments: Any, axes: Any, **how: Any) -> tuple[Array, int]:
        (samples, parameters), (of_samples, of_parameters) = arguments, axes
        if of_parameters is not None:  # each sample has parameters of its own, which is rare
            return jax.vmap(lambda s, p: compute(s, p, **how), axes)(samples, parameters), 0
        samples = jnp.moveaxis(samples, of_samples, 0)
        found = operation.bind(samples.reshape(-1, *samples.shape[2:]), parameters, **how)
        return found.reshape(*samples.shape[:2], *found.shape[1:]), 0

    operation.def_impl(jax.jit(compute, static_argnames=how))
    operation.def_abstract_eval(outputs)
    ad.defbilinear(operation, sample_slope, parameter_slope)
    batching.primitive_batchers[operation] = batched
    mlir.register_lowering(operation, mlir.lower_fun(compute, multiple_results=False))
    return operation


def together(sample: Array, parameters: Any) -> tuple[Array, Array]:
    """The sample as the only one of many, and the parameters, of one type, which is floating."""
    dtype = jnp.result_type(sample, parameters, jnp.float16)
    return jnp.asarray(sample, dtype)[None], jnp.asarray(parameters, dtype)
