"""The slope of a kernel in the notes' chain, in two ways that do not know the chain rule written out."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from rosenblatt.explain import convolution_chain
from rosenblatt.nn.convolution import Convolution
from rosenblatt.nn.dense import Dense
from rosenblatt.nn.pooling import Pooling
from rosenblatt.nn.windows import Window

_STEP = 1e-5  # near the cube root of a float64's precision, where rounding and curvature are equally small


def engines_slope(x: Any, y: float, kernel: Any, w: float) -> np.ndarray:
    """∂J/∂wᵣ꜀ by the layers that estimators are made of, which JAX differentiates, in 32-bit numbers.

    Parameters
    ----------
    x, y, kernel, w
        As for `rosenblatt.explain.convolution_chain`.

    Returns
    -------
    ndarray of the kernel's shape
    """
    image, weights = (jnp.asarray(values, jnp.float32) for values in (x, kernel))
    window, classifier = Window.of(weights.shape), Dense(jnp.full((1, 1), w, jnp.float32), jnp.zeros(1))
    places = window.output_shape(image.shape)
    pooling = Pooling(Window.of(places, places), "average")

    @jax.jit
    @jax.grad
    def slope(weights: jax.Array) -> jax.Array:
        convolution = Convolution(weights[..., None, None], jnp.zeros(1), window)
        v = pooling(jax.nn.relu(convolution(image[..., None])))
        return jnp.sum((classifier(v.reshape(1)) - y) ** 2)

    return np.asarray(slope(weights))


def moved_slope(x: Any, y: float, kernel: Any, w: float) -> np.ndarray:
    """∂J/∂wᵣ꜀ by central differences of J, in 64-bit numbers.

    Parameters
    ----------
    x, y, kernel, w
        As for `rosenblatt.explain.convolution_chain`.

    Returns
    -------
    ndarray of the kernel's shape
    """
    weights = np.asarray(kernel, float)
    slopes = np.zeros(weights.shape)
    for place in np.ndindex(*weights.shape):
        step = np.zeros(weights.shape)
        step[place] = _STEP
        above, below = (convolution_chain(x, y, weights + side * step, w).cost for side in (1, -1))
        slopes[place] = (above - below) / (2 * _STEP)
    return slopes
