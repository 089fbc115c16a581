"""Activation functions: a scalar to a scalar, applied unit by unit.

Where a function has a kink at 0 its slope there is that of its left side, as in PyTorch, so that ``leaky_relu`` with
slope 0 and ``relu`` are the same function with the same derivative.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import jax.numpy as jnp
from jax import lax
from jaxtyping import Array, Float

Activation = Callable[[Float[Array, "..."]], Float[Array, "..."]]


def identity(x: Float[Array, "..."]) -> Float[Array, "..."]:
    return x


def tanh(x: Float[Array, "..."]) -> Float[Array, "..."]:
    return jnp.tanh(x)


def sigmoid(x: Float[Array, "..."]) -> Float[Array, "..."]:
    return lax.logistic(x)


def relu(x: Float[Array, "..."]) -> Float[Array, "..."]:
    # jnp.maximum would share the slope at 0 out between its arguments, one half each.
    return jnp.where(x > 0, x, jnp.zeros_like(x))


def softplus(x: Float[Array, "..."]) -> Float[Array, "..."]:
    return jnp.logaddexp(x, 0.0)


def elu(x: Float[Array, "..."]) -> Float[Array, "..."]:
    # The exponential of the branch that is not taken must stay finite, or its gradient is 0 times infinity.
    return jnp.where(x > 0, x, jnp.expm1(jnp.where(x > 0, 0.0, x)))


def gelu(x: Float[Array, "..."]) -> Float[Array, "..."]:
    # 1 + erf would cancel in the left tail: 6 % wrong at -5 in float32, and 0 below -6.
    return 0.5 * x * lax.erfc(-x * 0.5**0.5)


@dataclass(frozen=True)
class LeakyReLU:
    """f(x) = x for x > 0 and ``slope`` times x elsewhere."""

    slope: float = 0.01

    def __call__(self, x: Float[Array, "..."]) -> Float[Array, "..."]:
        return jnp.where(x > 0, x, self.slope * x)


leaky_relu = LeakyReLU()

ACTIVATIONS: dict[str, Activation] = {
    "elu": elu,
    "gelu": gelu,
    "identity": identity,
    "leaky_relu": leaky_relu,
    "relu": relu,
    "sigmoid": sigmoid,
    "softplus": softplus,
    "tanh": tanh,
}


def is_monotone(activation: Activation) -> bool:
    """Whether the function is known never to fall where its argument rises."""
    if isinstance(activation, LeakyReLU):
        return activation.slope >= 0
    return activation in (identity, tanh, sigmoid, relu, softplus, elu)


def resolve(activation: str | Activation, slope: float = 0.01) -> Activation:
    """The function that a name stands for; a function stands for itself.

    Parameters
    ----------
    activation : str or callable
        A key of ``ACTIVATIONS`` or any element-wise JAX function.
    slope : float, default=0.01
        Slope of ``"leaky_relu"`` where its input is negative; the other functions have none.

    Raises
    ------
    ValueError
        If the name is not known.
    """
    if not isinstance(activation, str):
        return activation
    if activation == "leaky_relu":
        return LeakyReLU(slope)
    if activation not in ACTIVATIONS:
        raise ValueError(f"activation={activation!r} is not known; use one of {', '.join(ACTIVATIONS)} or a function")
    return ACTIVATIONS[activation]


def resolve_each(
    activation: str | Activation | Sequence[str | Activation], slope: float, n_layers: int
) -> list[Activation]:
    """A function for each hidden layer, from one for all of them or a sequence.

    Raises
    ------
    ValueError
        If the sequence has another length, or a name is not known.
    """
    each = for_each(activation, n_layers)
    if len(each) != n_layers:
        raise ValueError(
            f"activation has {len(each)} functions for {n_layers} hidden layers; give one, or one for each layer"
        )
    return [resolve(one, slope) for one in each]


def for_each(activation: str | Activation | Sequence[str | Activation], n_layers: int) -> list[Any]:
    """The name or function of each hidden layer: one is for all of them."""
    if isinstance(activation, str) or not isinstance(activation, Sequence):
        return [activation] * n_layers
    return list(activation)
