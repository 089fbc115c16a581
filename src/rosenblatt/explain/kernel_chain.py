"""The lecture notes' chain rule for a kernel's weight, factor by factor.

The network: an image x, a kernel w, z = x correlated with w, v_st = ReLU(z_st), average pooling of all v_st to one v,
the linear classifier ŷ = w v, and the square loss J = (ŷ - y)². For the kernel's weight w_rc

    ∂J/∂w_rc = ∂J/∂ŷ · ∂ŷ/∂v · Σ_st ∂v/∂v_st · ∂v_st/∂f(z_st) · ∂f(z_st)/∂z_st · ∂z_st/∂w_rc

where ∂z_st/∂w_rc = x_{s+r-1,t+c-1}, the pixel under the weight when the window is at (s, t). (The notes give that pixel
an index too large by 1 in one place.) The risk of N samples is the mean of their J, and its slope the mean of theirs.
"""

import math
from dataclasses import dataclass
from itertools import product
from typing import Any, NamedTuple

import numpy as np

from rosenblatt.explain.chain import ChainRule, Factor
from rosenblatt.explain.convolution import convolution_bench
from rosenblatt.explain.sliding import check_grid


class KernelSlope(NamedTuple):
    """The derivative of the cost with respect to one weight of the kernel: shared factors times a sum over places.

    Attributes
    ----------
    name : str
    shared : tuple of Factor
        ∂J/∂ŷ and ∂ŷ/∂v.
    places : tuple of ChainRule
        For each place (s, t) of the window, the four factors from v back to the weight.
    """

    name: str
    shared: tuple[Factor, ...]
    places: tuple[ChainRule, ...]

    @property
    def sum_over_places(self) -> float:
        """∂v/∂w_rc."""
        return math.fsum(place.value for place in self.places)

    @property
    def value(self) -> float:
        """The product."""
        return math.prod(factor.value for factor in self.shared) * self.sum_over_places

    def __str__(self) -> str:
        names = " · ".join(factor.name for factor in self.shared)
        formulas = " · ".join(f"[{factor.formula}]" for factor in self.shared)
        values = " · ".join(f"({factor.value:.4g})" for factor in self.shared)
        in_names = " + ".join(" · ".join(factor.formula for factor in place.factors) for place in self.places)
        in_values = " + ".join(" · ".join(f"{factor.value:.4g}" for factor in place.factors) for place in self.places)
        weight = self.name.removeprefix("∂J")
        return (
            f"{self.name} = {names} · Σ_st ∂v/∂v_st · ∂v_st/∂f(z_st) · ∂f(z_st)/∂z_st · ∂z_st{weight}\n"
            f"= {formulas} · [{in_names}]\n"
            f"= {values} · [{in_values}]\n"
            f"= {values} · ({self.sum_over_places:.4g})\n"
            f"= {self.value:.4g}"
        )


@dataclass(frozen=True, eq=False)
class ConvolutionChain:
    """A forward pass of the notes' convolutional network, and the chain rule of each of its weights.

    Attributes
    ----------
    x, kernel : ndarray (rows, columns), float64
    z, activations : ndarray (rows, columns)
        The kernel's sums, and v_st = ReLU(z_st).
    v, prediction, cost : float
        The pooled number, ŷ = w v, and J.
    kernel_slopes : tuple of tuple of KernelSlope
        ``kernel_slopes[r][c]``, counted from 0, for each weight of the kernel.
    classifier_slope : ChainRule
        ∂J/∂w = ∂J/∂ŷ · ∂ŷ/∂w, for the weight of the classifier.
    """

    x: np.ndarray
    kernel: np.ndarray
    z: np.ndarray
    activations: np.ndarray
    v: float
    prediction: float
    cost: float
    kernel_slopes: tuple[tuple[KernelSlope, ...], ...]
    classifier_slope: ChainRule

    @property
    def gradient(self) -> np.ndarray:
        """∂J/∂w_rc of each weight of the kernel."""
        return np.array([[slope.value for slope in row] for row in self.kernel_slopes])

    def __str__(self) -> str:
        places = list(product(*map(range, self.z.shape)))
        sums = ", ".join(f"z{_number(*place)} = {self.z[place]:.4g}" for place in places)
        active = ", ".join(f"v{_number(*place)} = {self.activations[place]:.4g}" for place in places)
        end = f"v = {self.v:.4g}, ŷ = {self.prediction:.4g}, J = {self.cost:.4g}"
        slopes = [str(slope) for row in self.kernel_slopes for slope in row]
        return "\n\n".join([f"{sums}\n{active}\n{end}", str(self.classifier_slope), *slopes])


def convolution_chain(x: Any, y: float, kernel: Any, w: float) -> ConvolutionChain:
    """Convolution, ReLU, average pooling, linear classifier and square loss: the derivative of J, factor by factor.

    Parameters
    ----------
    x : array-like (height, width)
        4 x 4 in the notes. The pooling is over all that the kernel makes of it: 2 x 2 in the notes.
    y : float
        Target.
    kernel : array-like (height, width)
        3 x 3 in the notes.
    w : float
        The weight of the classifier.

    Returns
    -------
    ConvolutionChain

    Raises
    ------
    ValueError
        If image or kernel are no grids of finite numbers, the image is smaller than the kernel, or y or w is no finite
        number.

    Examples
    --------
    >>> import numpy as np
    >>> from rosenblatt.explain import convolution_chain
    >>> x = np.arange(16).reshape(4, 4)
    >>> chain = convolution_chain(x, y=1.0, kernel=[[0, 1, 0], [1, -4, 1], [0, 1, 1]], w=0.5)
    >>> print(chain.kernel_slopes[0][1])
    ∂J/∂w₁₂ = ∂J/∂ŷ · ∂ŷ/∂v · Σ_st ∂v/∂v_st · ∂v_st/∂f(z_st) · ∂f(z_st)/∂z_st · ∂z_st/∂w₁₂
    = [2(ŷ - y)] · [w] · [1/4 · 1 · f'(z₁₁) · x₁₂ + 1/4 · 1 · f'(z₁₂) · x₁₃ + ... + 1/4 · 1 · f'(z₂₂) · x₂₃]
    = (10.5) · (0.5) · [0.25 · 1 · 1 · 1 + 0.25 · 1 · 1 · 2 + 0.25 · 1 · 1 · 5 + 0.25 · 1 · 1 · 6]
    = (10.5) · (0.5) · (3.5)
    = 18.38
    """
    y, w = _number_of("y", y), _number_of("w", w)
    X, K = check_grid("x", x), check_grid("kernel", kernel)
    z = convolution_bench(X, K).output
    activations = np.maximum(z, 0.0)
    v = float(activations.mean())
    prediction = w * v
    error = Factor("∂J/∂ŷ", "2(ŷ - y)", 2.0 * (prediction - y))
    shared = (error, Factor("∂ŷ/∂v", "w", w))
    rows, columns = K.shape
    slopes = tuple(tuple(_kernel_slope(X, z, shared, r, c) for c in range(columns)) for r in range(rows))
    of_classifier = ChainRule("∂J/∂w", (error, Factor("∂ŷ/∂w", "v", v)))
    return ConvolutionChain(X, K, z, activations, v, prediction, (prediction - y) ** 2, slopes, of_classifier)


def _kernel_slope(X: np.ndarray, z: np.ndarray, shared: tuple[Factor, ...], r: int, c: int) -> KernelSlope:
    weight = f"w{_number(r, c)}"
    places = []
    for s, t in product(*map(range, z.shape)):
        at = _number(s, t)
        factors = (
            Factor(f"∂v/∂v{at}", f"1/{z.size}", 1.0 / z.size),
            Factor(f"∂v{at}/∂f(z{at})", "1", 1.0),
            Factor(f"∂f(z{at})/∂z{at}", f"f'(z{at})", float(z[s, t] > 0)),
            Factor(f"∂z{at}/∂{weight}", f"x{_number(s + r, t + c)}", float(X[s + r, t + c])),
        )
        places.append(ChainRule(f"∂v/∂{weight}", factors))
    return KernelSlope(f"∂J/∂{weight}", shared, tuple(places))


def _number(row: int, column: int) -> str:
    """Row and column, from 1, as an index: "₁₂", and "_(3,10)" where that would be ambiguous."""
    if max(row, column) > 8:
        return f"_({row + 1},{column + 1})"
    return f"{row + 1}{column + 1}".translate(_SUBSCRIPTS)


def _number_of(what: str, value: Any) -> float:
    array = np.asarray(value)
    if array.size != 1 or array.dtype.kind not in "bifu" or not np.isfinite(array).all():
        raise ValueError(f"{what}={value!r} must be one finite number")
    return float(array.item())


_SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
