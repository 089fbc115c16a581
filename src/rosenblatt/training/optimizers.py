"""Optimizers by name, or any Optax object."""

from dataclasses import dataclass
from typing import Any

import optax

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


def _named(direction: optax.GradientTransformation, decoupled: bool = False) -> Optimizer:
    return Optimizer(optax.chain(direction, optax.scale(-1.0)), decoupled=decoupled, starts_at_zero=True)


# One object a name: programs are shared between estimators whose optimizers are the same object.
OPTIMIZERS: dict[str, Optimizer] = {
    "adam": _named(optax.scale_by_adam()),
    "adamw": _named(optax.scale_by_adam(), decoupled=True),
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
