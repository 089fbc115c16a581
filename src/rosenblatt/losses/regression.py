"""Losses of a predicted number: element by element, to be averaged over outputs by ``mean_over_outputs``."""

from collections.abc import Callable
from dataclasses import dataclass

import jax.numpy as jnp
from jax import lax
from jax.scipy.special import xlogy
from jaxtyping import Array, Float, Int

from rosenblatt.types import AnyArray

ElementLoss = Callable[[Float[Array, "..."], Float[Array, "..."]], Float[Array, "..."]]


def square(prediction: Float[Array, "..."], target: Float[Array, "..."]) -> Float[Array, "..."]:
    """(y - f)^2."""
    return (target - prediction) ** 2


def absolute(prediction: Float[Array, "..."], target: Float[Array, "..."]) -> Float[Array, "..."]:
    """|y - f|, with slope 0 where it is 0 (JAX's own derivative of the absolute value is 1 there)."""
    error = prediction - target
    return error * lax.stop_gradient(jnp.sign(error))


@dataclass(frozen=True)
class Huber:
    """Half the square of the error up to ``delta``, and linear beyond (Huber 1964)."""

    delta: float = 1.0

    def __call__(self, prediction: Float[Array, "..."], target: Float[Array, "..."]) -> Float[Array, "..."]:
        size = absolute(prediction, target)
        return jnp.where(size <= self.delta, 0.5 * size**2, self.delta * (size - 0.5 * self.delta))


def poisson(log_rate: Float[Array, "..."], target: Float[Array, "..."]) -> Float[Array, "..."]:
    """Half the Poisson deviance of a count y >= 0 for the rate exp(log_rate); 0 where they are equal."""
    return jnp.exp(log_rate) - target * log_rate + xlogy(target, target) - target


@dataclass(frozen=True)
class MeanOverOutputs:
    """A row's loss: the mean of the element loss over the real outputs (``n_outputs`` of them; the rest is padding)."""

    loss: ElementLoss

    def __call__(
        self,
        predictions: Float[Array, "rows outputs"],
        targets: Float[Array, "rows outputs"],
        n_outputs: Int[AnyArray, ""],
    ) -> Float[Array, " rows"]:
        real = jnp.arange(predictions.shape[-1]) < n_outputs
        # Padding is replaced before the loss as well as after it: an infinite loss times 0 would be NaN.
        values = self.loss(jnp.where(real, predictions, 0.0), jnp.where(real, targets, 0.0))
        if jnp.shape(values) != predictions.shape:
            raise ValueError(
                f"a loss takes (prediction, target) of shape {predictions.shape} and returns a loss for each element; "
                f"this one returned shape {jnp.shape(values)}. The mean is taken by the fit"
            )
        return jnp.where(real, values, 0.0).sum(-1) / n_outputs


REGRESSION_LOSSES: dict[str, ElementLoss] = {
    "absolute": absolute,
    "huber": Huber(),
    "poisson": poisson,
    "square": square,
}
