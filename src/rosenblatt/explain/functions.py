"""Activations and losses in plain NumPy, each with its slope beside it: the local derivatives of the chain rule.

They are derived by hand and share no code with the functions that networks are trained with, so that each can be
checked against the other. Losses take what the last layer's weighted sums are (logits, log rates or predictions).
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from scipy.special import erf, expit, log_softmax, softmax, xlogy

Array = np.ndarray


class Activation(NamedTuple):
    """An element-wise function f(z), its slope f'(z), whether that jumps at z = 0, and its number if it has one."""

    name: str
    value: Callable[[Array], Array]
    slope: Callable[[Array], Array]
    kinked: bool = False
    parameter: float = 0.0


class Loss(NamedTuple):
    """A row's loss l(z, y) (rows,), its slope dl/dz (rows, units), and whether the slope jumps somewhere.

    Attributes
    ----------
    name : str
    value, slope : functions of (z, y), both (rows, units)
        Classes are 0 and 1 in y, a column for each unit.
    side : function of (z, y), or None
        On which side of its jump the slope is; None where it does not jump.
    parameter : float
        The number that the function has, if it has one.
    """

    name: str
    value: Callable[[Array, Array], Array]
    slope: Callable[[Array, Array], Array]
    side: Callable[[Array, Array], Array] | None = None
    parameter: float = 0.0


def leaky_relu(slope: float) -> Activation:
    """f(z) = z for z > 0, else ``slope`` times z."""
    return Activation(
        "leaky_relu",
        lambda z: np.where(z > 0, z, slope * z),
        lambda z: np.where(z > 0, 1.0, slope),
        kinked=True,
        parameter=slope,
    )


ACTIVATIONS = {
    activation.name: activation
    for activation in (
        Activation("identity", lambda z: z, np.ones_like),
        Activation("tanh", np.tanh, lambda z: 1.0 - np.tanh(z) ** 2),
        Activation("sigmoid", expit, lambda z: expit(z) * (1.0 - expit(z))),
        Activation("relu", lambda z: np.maximum(z, 0.0), lambda z: np.where(z > 0, 1.0, 0.0), kinked=True),
        Activation("softplus", lambda z: np.logaddexp(z, 0.0), expit),
        Activation(
            "elu",
            lambda z: np.where(z > 0, z, np.expm1(np.minimum(z, 0.0))),
            lambda z: np.where(z > 0, 1.0, np.exp(np.minimum(z, 0.0))),
        ),
        Activation(
            "gelu",
            lambda z: z * _normal_cdf(z),
            lambda z: _normal_cdf(z) + z * np.exp(-0.5 * z**2) / np.sqrt(2.0 * np.pi),
        ),
    )
}

OUTPUTS: dict[str, Callable[[Array], Array]] = {
    "exp": np.exp,
    "identity": lambda z: z,
    "sigmoid": expit,
    "softmax": lambda z: softmax(z, axis=-1),
    "step": lambda z: np.where(z > 0, 1.0, 0.0),
}


def huber(delta: float) -> Loss:
    """Half the square of the error up to ``delta`` and linear beyond, averaged over outputs."""

    def value(z: Array, y: Array) -> Array:
        size = np.abs(z - y)
        return np.where(size <= delta, 0.5 * size**2, delta * (size - 0.5 * delta)).mean(-1)

    return Loss("huber", value, lambda z, y: np.clip(z - y, -delta, delta) / z.shape[-1], parameter=delta)


LOSSES = {
    loss.name: loss
    for loss in (
        Loss("square", lambda z, y: ((y - z) ** 2).mean(-1), lambda z, y: -2.0 * (y - z) / z.shape[-1]),
        Loss(
            "absolute",
            lambda z, y: np.abs(y - z).mean(-1),
            lambda z, y: np.sign(z - y) / z.shape[-1],
            side=lambda z, y: z > y,
        ),
        huber(1.0),
        Loss(
            "poisson",
            lambda z, y: (np.exp(z) - y * z + xlogy(y, y) - y).mean(-1),
            lambda z, y: (np.exp(z) - y) / z.shape[-1],
        ),
        Loss(
            "binary cross-entropy",
            lambda z, y: (np.logaddexp(z, 0.0) - y * z).sum(-1),
            lambda z, y: expit(z) - y,
        ),
        Loss(
            "categorical cross-entropy",
            lambda z, y: -(y * log_softmax(z, axis=-1)).sum(-1),
            lambda z, y: softmax(z, axis=-1) - y,
        ),
        Loss(
            "perceptron",
            lambda z, y: np.maximum(-_sign(y) * z, 0.0).sum(-1),
            lambda z, y: np.where(_sign(y) * z <= 0, -_sign(y), 0.0),
            side=lambda z, y: _sign(y) * z > 0,
        ),
    )
}


def _normal_cdf(z: Any) -> Any:
    return 0.5 * (1.0 + erf(z / np.sqrt(2.0)))


def _sign(y: Array) -> Array:
    """1 for 1 and -1 for 0."""
    return 2.0 * y - 1.0
