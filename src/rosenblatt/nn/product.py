"""The product of a row with a matrix of weights, whose slope in the weights is computed in the form that is fast.

XLA's product of two matrices whose rows are contracted, X^T d, takes up to ten times as long on a CPU as it should;
``benchmarks/product_forms.md`` has the times.
"""

from typing import Any

import jax
import jax.numpy as jnp
from jax import lax
from jax.core import ShapedArray
from jax.experimental.layout import Layout, with_layout_constraint
from jaxtyping import Array, Float

from rosenblatt.nn.bilinear import bilinear, together
from rosenblatt.types import AnyArray

_WIDE = 128  # outputs; with more, and as many inputs, turning the slopes costs more than it saves


def product(row: Float[Array, " inputs"], weight: Float[AnyArray, "inputs outputs"]) -> Float[Array, " outputs"]:
    """x W of one sample x."""
    rows, weight = together(row, weight)
    if jax.default_backend() != "cpu":
        return (rows @ weight)[0]
    return _product.bind(rows, weight)[0]


def contract_rows(
    rows: Float[Array, "rows inputs"], slopes: Float[Array, "rows outputs"]
) -> Float[Array, "inputs outputs"]:
    """X^T d, the sum over rows of the outer products of inputs and slopes: the narrower of the two is turned first."""
    if rows.shape[1] < slopes.shape[1]:
        return turned_rows(rows, slopes)
    return turned_slopes(rows, slopes) if slopes.shape[1] <= _WIDE else plain_contraction(rows, slopes)


def plain_contraction(rows: Array, slopes: Array) -> Array:
    """X^T d as XLA does it."""
    return lax.dot_general(rows, slopes, (((0,), (0,)), ((), ())))


def turned_rows(rows: Array, slopes: Array) -> Array:
    """X^T d with X^T in memory; the barrier keeps XLA from making the plain contraction of it."""
    return lax.optimization_barrier(rows.T) @ slopes


def turned_slopes(rows: Array, slopes: Array) -> Array:
    """X^T d as (d^T X)^T."""
    return lax.optimization_barrier(lax.optimization_barrier(slopes.T) @ rows).T


@jax.jit
def row_by_row(slopes: Array) -> Array:
    """The slopes in the usual order in memory.

    Else XLA would compute them turned from the start, which takes longer where they come from a pooling.
    """
    return with_layout_constraint(slopes, Layout((0, 1)))


def _compute(rows: Array, weight: Array) -> Array:
    return rows @ weight


def _outputs(rows: Any, weight: Any) -> ShapedArray:
    return ShapedArray((rows.shape[0], weight.shape[1]), rows.dtype)


def _row_slope(slopes: Array, rows: Any, weight: Array) -> Array:
    del rows
    return _product.bind(slopes, jnp.transpose(weight))


def _weight_slope(slopes: Array, rows: Array, weight: Any) -> Array:
    del weight
    return contract_rows(rows, slopes)


_product = bilinear("product", _compute, _outputs, _row_slope, _weight_slope)
