"""What the two players of a GAN minimise, row by row, as functions of the discriminator's raw output.

For the classic losses that output is the logit of D(x), the probability that x is real. D(x) and 1 - D(x) are never
formed on the way, so that no logarithm of a probability that rounds to 0 is taken.

In the saturating game the generator descends log(1 - D(G(z))), whose slope in the logit is -D(G(z)): nothing, as long
as the discriminator sees through the samples, which is at the start. The non-saturating loss -log D(G(z)) has the
slope D(G(z)) - 1 there, which is strongest at the start, and the same equilibrium.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from rosenblatt.types import AnyArray

Values = Float[Array, "..."]


@dataclass(frozen=True)
class AdversarialLoss:
    """The losses of both players.

    Attributes
    ----------
    real, fake : functions of raw outputs
        The discriminator's loss of a real row, and of a generated one.
    generator : function of raw outputs
        The generator's loss of a generated row.
    confidence : function of raw outputs
        D(x), from 0 to 1 except for "wasserstein", whose critic's output is no probability and stays as it is.
    equilibrium : (float, float)
        The risks of the discriminator and of the generator where the samples are distributed as the data and the
        discriminator cannot tell them apart.
    boundary : float or None
        The raw output at which the discriminator is undecided; None where it is known only up to a constant.
    """

    real: Callable[[Values], Values]
    fake: Callable[[Values], Values]
    generator: Callable[[Values], Values]
    confidence: Callable[[Values], Values]
    equilibrium: tuple[float, float]
    boundary: float | None = 0.0

    def smoothed_real(self, outputs: Values, smoothing: Float[AnyArray, ""]) -> Values:
        """The loss of a real row whose target is 1 - ``smoothing`` instead of 1."""
        share = jnp.asarray(smoothing)
        return (1 - share) * self.real(outputs) + share * self.fake(outputs)


def minus_log_real(outputs: Values) -> Values:
    """-log D(x) of the logit."""
    return jax.nn.softplus(-outputs)


def minus_log_fake(outputs: Values) -> Values:
    """-log(1 - D(x)) of the logit."""
    return jax.nn.softplus(outputs)


def _half_square(target: float) -> Callable[[Values], Values]:
    return lambda outputs: 0.5 * (outputs - target) ** 2


def _hinge(sign: float) -> Callable[[Values], Values]:
    return lambda outputs: jax.nn.relu(1 - sign * outputs)


def _raw(outputs: Values) -> Values:
    return outputs


def _minus(outputs: Values) -> Values:
    return -outputs


def _log_fake(outputs: Values) -> Values:
    return -minus_log_fake(outputs)


def _clipped(outputs: Values) -> Values:
    return jnp.clip(outputs, 0.0, 1.0)


_LOG_2 = math.log(2)

# Goodfellow et al. 2014, equation 1 and section 3; Mao et al. 2017, equation 9 with a = 0 and b = c = 1; Lim and Ye
# 2017; Arjovsky et al. 2017. The square of a smoothed target differs from the mixture of squares by a constant.
ADVERSARIAL_LOSSES: dict[str, AdversarialLoss] = {
    "hinge": AdversarialLoss(_hinge(1.0), _hinge(-1.0), _minus, jax.nn.sigmoid, (2.0, 0.0)),
    "least-squares": AdversarialLoss(
        _half_square(1.0), _half_square(0.0), _half_square(1.0), _clipped, (0.25, 0.125), boundary=0.5
    ),
    "non-saturating": AdversarialLoss(
        minus_log_real, minus_log_fake, minus_log_real, jax.nn.sigmoid, (2 * _LOG_2, _LOG_2)
    ),
    "saturating": AdversarialLoss(minus_log_real, minus_log_fake, _log_fake, jax.nn.sigmoid, (2 * _LOG_2, -_LOG_2)),
    "wasserstein": AdversarialLoss(_minus, _raw, _minus, _raw, (0.0, 0.0), boundary=None),
}


def squared_slope(slope: Float[Array, "*shape inputs"]) -> Float[Array, "*shape"]:
    """|grad D(x)|^2 of each row, which R1 holds small on real rows.

    References
    ----------
    L. Mescheder, A. Geiger, S. Nowozin, "Which training methods for GANs do actually converge?", ICML 2018.
    """
    return (slope**2).sum(-1)


def slope_beyond_one(slope: Float[Array, "*shape inputs"]) -> Float[Array, "*shape"]:
    """(|grad D(x)| - 1)^2 of each row, which holds a critic near a slope of 1.

    The slope of the length at a slope of 0, where it has none, is taken to be 0.

    References
    ----------
    I. Gulrajani, F. Ahmed, M. Arjovsky, V. Dumoulin, A. Courville, "Improved training of Wasserstein GANs", NIPS 2017.
    """
    square = squared_slope(slope)
    is_zero = square == 0
    length = jnp.where(is_zero, 0.0, jnp.sqrt(jnp.where(is_zero, 1.0, square)))
    return (length - 1) ** 2
