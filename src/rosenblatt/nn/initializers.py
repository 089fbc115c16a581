"""How weights start: drawn by NumPy, since initialising inside JAX costs seconds of compilation."""

from collections.abc import Callable

import numpy as np

from rosenblatt.nn.activations import Activation, LeakyReLU, elu, gelu, relu, softplus

Initializer = Callable[[tuple[int, ...], int, int, np.random.Generator], np.ndarray]


def he(shape: tuple[int, ...], fan_in: int, fan_out: int, rng: np.random.Generator) -> np.ndarray:
    """N(0, 2 / fan_in), which keeps the variance of rectified units (He et al. 2015, eq. 10)."""
    return rng.normal(0.0, np.sqrt(2.0 / fan_in), shape)


def glorot(shape: tuple[int, ...], fan_in: int, fan_out: int, rng: np.random.Generator) -> np.ndarray:
    """U(-a, a) with a = sqrt(6 / (fan_in + fan_out)) (Glorot and Bengio 2010, eq. 16)."""
    bound = np.sqrt(6.0 / (fan_in + fan_out))
    return rng.uniform(-bound, bound, shape)


def lecun(shape: tuple[int, ...], fan_in: int, fan_out: int, rng: np.random.Generator) -> np.ndarray:
    """N(0, 1 / fan_in) (LeCun et al. 1998, eq. 16)."""
    return rng.normal(0.0, np.sqrt(1.0 / fan_in), shape)


def normal(shape: tuple[int, ...], fan_in: int, fan_out: int, rng: np.random.Generator) -> np.ndarray:
    """N(0, 0.01), whatever the layer's size."""
    return rng.normal(0.0, 0.1, shape)


def zeros(shape: tuple[int, ...], fan_in: int, fan_out: int, rng: np.random.Generator) -> np.ndarray:
    """All zero. The units of a hidden layer then stay equal for ever: they get equal gradients."""
    return np.zeros(shape)


INITIALIZERS: dict[str, Initializer] = {"glorot": glorot, "he": he, "lecun": lecun, "normal": normal, "zeros": zeros}


def initializer_for(name: str, activation: Activation) -> Initializer:
    """The initialiser of that name; ``"auto"`` takes He's for rectifying activations and Glorot's for the others."""
    if name != "auto":
        return INITIALIZERS[name]
    rectifying = isinstance(activation, LeakyReLU) or activation in (relu, elu, gelu, softplus)
    return he if rectifying else glorot
