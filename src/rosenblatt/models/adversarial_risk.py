"""The two risks of a GAN: that of the discriminator, which tells rows from samples, and that of the generator."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int, PRNGKeyArray

from rosenblatt.losses.adversarial import ADVERSARIAL_LOSSES, AdversarialLoss, slope_beyond_one, squared_slope
from rosenblatt.nn.convnet import as_numbers
from rosenblatt.nn.gan import Discriminator, Generator
from rosenblatt.nn.spectral import spectrally_normalized
from rosenblatt.training.players import Batch, Networks, Terms
from rosenblatt.training.randomness import fixed_key
from rosenblatt.types import AnyArray

_CODES, _NOISE, _PLACE = range(3)  # what random numbers are for
_FAKE_NOISE = 3


class Scaling(eqx.Module):
    """Rows as the networks see them, (x - center) / scale; bytes become numbers from 0 to 1 first.

    Both are numbers, or rows of one number for each column.
    """

    center: Float[AnyArray, "..."]
    scale: Float[AnyArray, "..."]

    def __call__(self, x: Float[Array, "..."]) -> Float[Array, "..."]:
        return (as_numbers(x) - self.center) / self.scale

    def undo(self, x: np.ndarray) -> np.ndarray:
        """Rows in the units of the data, on the host."""
        return x * np.asarray(self.scale) + np.asarray(self.center)


class ScaledDiscriminator(eqx.Module):
    """The discriminator's raw output for one row in the units of the data."""

    discriminator: Discriminator
    scaling: Scaling

    def __call__(self, x: Float[Array, " inputs"], label: Int[Array, ""] | None = None) -> Float[Array, ""]:
        return self.discriminator(self.scaling(x), label)


def playing_discriminator(networks: Networks) -> Discriminator:
    """The discriminator as it plays: its weights are normalised where there are vectors to do it with."""
    network = networks["discriminator"]
    return spectrally_normalized(network, networks["spectral"]) if "spectral" in networks else network


def _samples(networks: Networks, batch: Batch, key: PRNGKeyArray) -> Float[Array, "rows inputs"]:
    """A generated row for each row of the batch, of the same label."""
    generator: Generator = networks["generator"]
    shape = (len(batch.real), generator.latent_dim)
    codes = jax.random.normal(jax.random.fold_in(key, _CODES), shape, jnp.float32)
    return jax.vmap(generator)(codes, batch.targets)


class _Risk(eqx.Module):
    """What both risks have.

    Attributes
    ----------
    loss : str
        A key of ``ADVERSARIAL_LOSSES``.
    has_noise : bool
        Whether the discriminator sees all rows under noise.
    instance_noise : float32 scalar
        Its standard deviation, in units of ``scaling``.
    scaling : Scaling
    n_features : int32 scalar
        How many of a row's numbers are real; the others are padding.
    """

    loss: str = eqx.field(static=True)
    has_noise: bool = eqx.field(static=True)
    instance_noise: Float[AnyArray, ""]
    scaling: Scaling
    n_features: Int[AnyArray, ""]

    @property
    def _losses(self) -> AdversarialLoss:
        return ADVERSARIAL_LOSSES[self.loss]

    def _seen(self, rows: Float[Array, "rows inputs"], key: PRNGKeyArray, use: int) -> Float[Array, "rows inputs"]:
        """The rows as the discriminator sees them."""
        if not self.has_noise:
            return rows
        noise = jax.random.normal(jax.random.fold_in(key, use), rows.shape, jnp.float32)
        is_real = jnp.arange(rows.shape[-1]) < self.n_features
        return rows + self.instance_noise * noise * is_real


class DiscriminatorRisk(_Risk):
    """The loss of real rows plus the loss of samples, and the penalties on the discriminator's slope.

    Attributes
    ----------
    has_r1, has_gradient_penalty : bool
        Which penalties there are.
    r1, gradient_penalty : float32 scalars
        Their weights: r1 / 2 E |grad D|^2 on real rows, and gradient_penalty E (|grad D| - 1)^2 between a real row and
        a sample.
    label_smoothing : float32 scalar
        By how much the targets of real rows are below 1.
    """

    has_r1: bool = eqx.field(static=True)
    has_gradient_penalty: bool = eqx.field(static=True)
    r1: Float[AnyArray, ""]
    gradient_penalty: Float[AnyArray, ""]
    label_smoothing: Float[AnyArray, ""]

    def __call__(self, networks: Networks, batch: Batch, key: PRNGKeyArray | None) -> tuple[Float[Array, ""], Terms]:
        key = fixed_key() if key is None else key
        discriminator, losses, labels = playing_discriminator(networks), self._losses, batch.targets
        real = self._seen(self.scaling(batch.inputs), key, _NOISE)
        fake = self._seen(_samples(networks, batch, key), key, _FAKE_NOISE)
        if self.has_r1:
            of_real, slopes = jax.vmap(jax.value_and_grad(discriminator))(real, labels)
            of_fake = jax.vmap(discriminator)(fake, labels)
        else:
            both = jax.tree.map(lambda *parts: jnp.concatenate(parts), (real, labels), (fake, labels))
            (of_real, of_fake), slopes = jnp.split(jax.vmap(discriminator)(*both), 2), None
        of_real_rows, of_samples = batch.mean(losses.real(of_real)), batch.mean(losses.fake(of_fake))
        risk = batch.mean(losses.smoothed_real(of_real, self.label_smoothing)) + of_samples
        terms: Terms = self._shown(of_real, of_fake, batch) | {"value": -(of_real_rows + of_samples)}
        if slopes is not None:
            terms["r1"] = 0.5 * jnp.asarray(self.r1) * batch.mean(squared_slope(slopes))
            risk = risk + terms["r1"]
        if self.has_gradient_penalty:
            places = self._between(real, fake, key)
            slopes = jax.vmap(jax.grad(discriminator))(places, labels)
            terms["gradient_penalty"] = jnp.asarray(self.gradient_penalty) * batch.mean(slope_beyond_one(slopes))
            risk = risk + terms["gradient_penalty"]
        return risk, terms

    def after_move(self, networks: Networks) -> Networks:
        """One round of power iteration for weights that are normalised."""
        if "spectral" not in networks:
            return networks
        return {**networks, "spectral": networks["spectral"].followed(networks["discriminator"])}

    def _between(self, real: Array, fake: Array, key: PRNGKeyArray) -> Float[Array, "rows inputs"]:
        """A place on the straight line from each real row to its sample."""
        share = jax.random.uniform(jax.random.fold_in(key, _PLACE), (len(real), 1), jnp.float32)
        return real + share * (fake - real)

    def _shown(self, of_real: Array, of_fake: Array, batch: Batch) -> Terms:
        """Mean confidence, and how many rows of each kind are told rightly."""
        confidence, boundary = self._losses.confidence, self._losses.boundary
        if boundary is None:
            boundary = 0.5 * (batch.mean(of_real) + batch.mean(of_fake))
        return {
            "real": batch.mean(confidence(of_real)),
            "fake": batch.mean(confidence(of_fake)),
            "accuracy_real": batch.mean((of_real > boundary).astype(jnp.float32)),
            "accuracy_fake": batch.mean((of_fake < boundary).astype(jnp.float32)),
        }


class GeneratorRisk(_Risk):
    """The loss of samples that are to be taken for real rows.

    Attributes
    ----------
    averaging : float32 scalar
        The share of itself that the average of the generators keeps at each move.
    """

    averaging: Float[AnyArray, ""]

    def __call__(self, networks: Networks, batch: Batch, key: PRNGKeyArray | None) -> tuple[Float[Array, ""], Terms]:
        key = fixed_key() if key is None else key
        fake = self._seen(_samples(networks, batch, key), key, _FAKE_NOISE)
        outputs = jax.vmap(playing_discriminator(networks))(fake, batch.targets)
        risk = batch.mean(self._losses.generator(outputs))
        return risk, {"fake": batch.mean(self._losses.confidence(outputs))}

    def after_move(self, networks: Networks) -> Networks:
        """Moves the average, where there is one, towards the generator."""
        if "average" not in networks:
            return networks
        learned, _ = eqx.partition(networks["generator"], eqx.is_inexact_array)
        before, rest = eqx.partition(networks["average"], eqx.is_inexact_array)
        average = jax.tree.map(lambda a, w: w + self.averaging * (a - w), before, learned)
        return {**networks, "average": eqx.combine(average, rest)}
