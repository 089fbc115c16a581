"""The lecture notes' two examples of backpropagation, factor by factor.

Each derivative is a product along the way from the cost back to the weight: dJ/dw = dJ/df * df/dg * ... * dv/dw.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np


class Factor(NamedTuple):
    """One local derivative: its name, its formula, and its value."""

    name: str
    formula: str
    value: float


class ChainRule(NamedTuple):
    """The derivative of the cost with respect to one weight, as the factors that it is the product of."""

    name: str
    factors: tuple[Factor, ...]

    @property
    def value(self) -> float:
        """The product."""
        return math.prod(factor.value for factor in self.factors)

    def __str__(self) -> str:
        return (
            f"{self.name} = {' · '.join(factor.name for factor in self.factors)}\n"
            f"= {' · '.join(f'[{factor.formula}]' for factor in self.factors)}\n"
            f"= {' · '.join(f'({factor.value:.4g})' for factor in self.factors)}\n"
            f"= {self.value:.4g}"
        )


class Example(NamedTuple):
    """A forward pass, name by name, and the derivative of its cost with respect to each weight."""

    values: dict[str, float]
    gradients: tuple[ChainRule, ...]

    def __str__(self) -> str:
        forward = ", ".join(f"{name} = {value:.4g}" for name, value in self.values.items())
        return "\n\n".join([forward, *map(str, self.gradients)])


def two_weights(x: float, y: float, w1: float, w2: float) -> Example:
    """Example 1: f_w(x) = w2 f1(x) = w2 w1 x, with the cost J = (y - f_w(x))^2.

    Parameters
    ----------
    x, y : float
        Input and target.
    w1, w2 : float

    Returns
    -------
    Example
        The derivatives with respect to w2 (two factors) and w1 (three).

    Examples
    --------
    >>> from rosenblatt.explain import two_weights
    >>> print(two_weights(x=2.0, y=1.0, w1=0.5, w2=3.0).gradients[1])
    ∂J/∂w₁ = ∂J/∂f_w · ∂f_w/∂f₁ · ∂f₁/∂w₁
    = [-2(y - f_w)] · [w₂] · [x]
    = (4) · (3) · (2)
    = 24
    """
    f1 = w1 * x
    f = w2 * f1
    cost = Factor("∂J/∂f_w", "-2(y - f_w)", -2.0 * (y - f))
    return Example(
        {"x": x, "y": y, "w₁": w1, "w₂": w2, "f₁": f1, "f_w": f, "J": (y - f) ** 2},
        (
            ChainRule("∂J/∂w₂", (cost, Factor("∂f_w/∂w₂", "f₁", f1))),
            ChainRule("∂J/∂w₁", (cost, Factor("∂f_w/∂f₁", "w₂", w2), Factor("∂f₁/∂w₁", "x", x))),
        ),
    )


def sigmoid_neuron(x: Sequence[float], y: float, w: Sequence[float]) -> Example:
    """Example 2: one neuron s = σ(wᵀx) with the cost J = (y - s)^2; dJ/dw_k = -2 (y - s) σ'(wᵀx) x_k.

    Parameters
    ----------
    x : sequence of float
        Inputs; a leading 1 makes w[0] the bias.
    y : float
        Target.
    w : sequence of float
        One weight for each input.

    Returns
    -------
    Example
        The derivative with respect to each weight: the error, the slope of the activation and the input.

    Raises
    ------
    ValueError
        If x and w differ in length.

    Examples
    --------
    >>> from rosenblatt.explain import sigmoid_neuron
    >>> print(sigmoid_neuron(x=[1.0, 2.0], y=1.0, w=[0.0, 0.0]).gradients[1])
    ∂J/∂w₂ = ∂J/∂s · ∂s/∂z · ∂z/∂w₂
    = [-2(y - s)] · [σ'(z) = s(1 - s)] · [x₂]
    = (-1) · (0.25) · (2)
    = -0.5
    """
    x, w = np.asarray(x, np.float64).ravel().tolist(), np.asarray(w, np.float64).ravel().tolist()
    if len(x) != len(w):
        raise ValueError(f"x has {len(x)} inputs and w has {len(w)} weights; each input needs one weight")
    z = math.fsum(weight * value for weight, value in zip(w, x, strict=True))
    s = 0.5 * (1.0 + math.tanh(0.5 * z))  # the sigmoid, without an exponential that could overflow
    cost, slope = Factor("∂J/∂s", "-2(y - s)", -2.0 * (y - s)), Factor("∂s/∂z", "σ'(z) = s(1 - s)", s * (1.0 - s))
    numbers = [str(k).translate(_SUBSCRIPTS) for k in range(1, len(x) + 1)]
    return Example(
        {"wᵀx": z, "s": s, "y": y, "J": (y - s) ** 2},
        tuple(
            ChainRule(f"∂J/∂w{k}", (cost, slope, Factor(f"∂z/∂w{k}", f"x{k}", value)))
            for k, value in zip(numbers, x, strict=True)
        ),
    )


_SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
