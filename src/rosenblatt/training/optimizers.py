"""Optimizers by name, or any Optax object."""

import math
from dataclasses import dataclass
from functools import cache
from typing import Any

import jax
import jax.numpy as jnp
import optax
from jaxtyping import Array, PyTree

from rosenblatt.training.schedules import Schedule


@dataclass(frozen=True)
class Optimizer:
    """A gradient transformation and how the engine is to use it.

    ``transformation`` gives an update that is added to the parameters; where ``scaled`` is true the engine multiplies
    it by the learning rate first, which is data and so never recompiles. With ``decoupled`` the slope of the
    penalties does not pass through the transformation but is added to its direction (AdamW). Where the state
    ``starts_at_zero`` it needs no program to make it.
    """

    transformation: optax.GradientTransformation
    scaled: bool = True
    decoupled: bool = False
    starts_at_zero: bool = False


def _adam(b1: float = 0.9, b2: float = 0.999, epsilon: float = 1e-8) -> optax.GradientTransformation:
    """Adam's direction, mean / (root of the uncentred variance + epsilon), both corrected for their start at 0.

    As ``optax.scale_by_adam``, but the corrections are made to two scalars instead of two arrays: one division for
    each parameter instead of three, which makes up a twentieth of an epoch of a network of 650,000.

    References
    ----------
    D. P. Kingma, J. Ba, "Adam: a method for stochastic optimization", ICLR 2015, end of section 2.
    """

    def init(params: PyTree) -> optax.ScaleByAdamState:
        mean, variance = (jax.tree.map(jnp.zeros_like, params) for _ in range(2))
        return optax.ScaleByAdamState(jnp.zeros((), jnp.int32), mean, variance)

    def update(updates: PyTree, state: Any, params: PyTree = None) -> tuple[PyTree, optax.ScaleByAdamState]:
        del params
        count = jnp.asarray(state.count + 1)
        mean = jax.tree.map(lambda g, m: b1 * m + (1 - b1) * g, updates, state.mu)
        variance = jax.tree.map(lambda g, v: b2 * v + (1 - b2) * g * g, updates, state.nu)
        n = count.astype(jnp.result_type(float))
        forgetting = math.log(b1) if b1 else -math.inf
        root = jnp.sqrt(-jnp.expm1(n * math.log(b2)))  # of 1 - b2^n, whose digits a difference would lose
        scale, least = root / -jnp.expm1(n * forgetting), epsilon * root

        def direction(m: Array, v: Array) -> Array:
            return scale.astype(m.dtype) * m / (jnp.sqrt(v) + least.astype(v.dtype))  # float32 stays so beside x64

        updates = jax.tree.map(direction, mean, variance)
        return updates, optax.ScaleByAdamState(count, mean, variance)

    return optax.GradientTransformation(init, update)


@cache
def adam(momentum: float = 0.9) -> Optimizer:
    """Adam whose mean slope keeps that share of itself; one object for each, so that programs are shared."""
    return _named(_adam(momentum))


def _named(direction: optax.GradientTransformation, decoupled: bool = False) -> Optimizer:
    return Optimizer(optax.chain(direction, optax.scale(-1.0)), decoupled=decoupled, starts_at_zero=True)


# One object a name: programs are shared between estimators whose optimizers are the same object.
OPTIMIZERS: dict[str, Optimizer] = {
    "adam": adam(),
    "adamw": _named(_adam(), decoupled=True),
    "momentum": _named(optax.trace(decay=0.9)),
    "nesterov": _named(optax.trace(decay=0.9, nesterov=True)),
    "rmsprop": _named(optax.scale_by_rms(decay=0.9)),
    "sgd": _named(optax.identity()),
}
_DEFAULT_RATES = {"adam": 1e-3, "adamw": 1e-3, "rmsprop": 1e-3, "momentum": 1e-2, "nesterov": 1e-2, "sgd": 1e-2}


def resolve(optimizer: Any, learning_rate: float | Schedule | None) -> tuple[Optimizer, float | Schedule]:
    """The optimizer that a name or an Optax object stands for, and its learning rate.

    Parameters
    ----------
    optimizer : str or optax.GradientTransformation
        A key of ``OPTIMIZERS``, or an Optax object, which contains its own learning rate.
    learning_rate : float, function of the step number, or None
        ``None`` takes 0.001 for adam, adamw and rmsprop and 0.01 for sgd, momentum and nesterov.

    Raises
    ------
    ValueError
        If the name is not known, or a learning rate is given beside an Optax object.
    """
    if isinstance(optimizer, str):
        if optimizer not in OPTIMIZERS:
            known = ", ".join(OPTIMIZERS)
            raise ValueError(f"optimizer={optimizer!r} is not known; use one of {known} or an Optax object")
        rate = _DEFAULT_RATES[optimizer] if learning_rate is None else learning_rate
        return OPTIMIZERS[optimizer], rate
    if learning_rate is not None:
        raise ValueError(
            f"learning_rate={learning_rate!r} is given beside an Optax object, which contains its own; "
            "leave learning_rate=None and set it in the Optax object"
        )
    return Optimizer(optimizer, scaled=False), 1.0
