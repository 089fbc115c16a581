"""Losses of games against NumPy, SciPy and PyTorch: values, slopes in the raw output, equilibria, penalties."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.optimize import minimize_scalar
from scipy.special import expit, log_expit

from rosenblatt.losses.adversarial import ADVERSARIAL_LOSSES, slope_beyond_one, squared_slope

EXTREMES = np.array([-1e3, -30.0, -1.5, -1.0, 0.0, 0.5, 1.0, 2.0, 30.0, 1e3])
PARTS = ("real", "fake", "generator", "confidence")
# Of each loss: -E of the objectives that its paper writes, in the raw output.
FORMULAS = {
    "hinge": (
        lambda z: np.maximum(0, 1 - z),
        lambda z: np.maximum(0, 1 + z),
        lambda z: -z,
        expit,
    ),
    "least-squares": (
        lambda z: (z - 1) ** 2 / 2,
        lambda z: z**2 / 2,
        lambda z: (z - 1) ** 2 / 2,
        lambda z: np.minimum(np.maximum(z, 0), 1),
    ),
    "non-saturating": (lambda z: -log_expit(z), lambda z: -log_expit(-z), lambda z: -log_expit(z), expit),
    "saturating": (lambda z: -log_expit(z), lambda z: -log_expit(-z), lambda z: log_expit(-z), expit),
    "wasserstein": (lambda z: -z, lambda z: z, lambda z: -z, lambda z: z),
}
# Their derivatives. At a corner (1 and -1 of the hinge) either side's would do; JAX takes the flat one.
SLOPES = {
    "hinge": (
        lambda z: np.where(z < 1, -1.0, 0.0),
        lambda z: np.where(z > -1, 1.0, 0.0),
        lambda z: np.full_like(z, -1.0),
    ),
    "least-squares": (lambda z: z - 1, lambda z: z, lambda z: z - 1),
    "non-saturating": (lambda z: expit(z) - 1, expit, lambda z: expit(z) - 1),
    "saturating": (lambda z: expit(z) - 1, expit, lambda z: -expit(z)),
    "wasserstein": (lambda z: np.full_like(z, -1.0), np.ones_like, lambda z: np.full_like(z, -1.0)),
}
each = pytest.mark.parametrize("name", ADVERSARIAL_LOSSES)


@partial(jax.jit, static_argnums=0)
def compiled(name, outputs):
    """Of each part, its values and its slopes."""
    found = {}
    for part in PARTS:
        function = getattr(ADVERSARIAL_LOSSES[name], part)
        values, pull = jax.vjp(function, outputs)
        found[part] = values, pull(jnp.ones_like(values))[0]
    return found


def test_all_losses_have_an_oracle():
    assert set(ADVERSARIAL_LOSSES) == set(FORMULAS) == set(SLOPES)


@each
def test_values_are_the_formulas_also_at_extremes(name):
    found = compiled(name, EXTREMES.astype(np.float32))
    for part, formula in zip(PARTS, FORMULAS[name], strict=True):
        # The smallest losses are e^-30 and less: below the smallest float32 they may be 0.
        np.testing.assert_allclose(found[part][0], formula(EXTREMES), rtol=1e-5, atol=1e-30, err_msg=part)


@each
def test_slopes_are_the_formulas_also_at_extremes(name):
    found = compiled(name, EXTREMES.astype(np.float32))
    for part, formula in zip(PARTS, SLOPES[name], strict=False):
        # D - 1 is known to a unit of float32 at 1.
        np.testing.assert_allclose(found[part][1], formula(EXTREMES), rtol=1e-5, atol=1.2e-7, err_msg=part)


def test_the_generators_slopes_at_the_start_and_at_the_end():
    """Where the discriminator sees through the samples the saturating game gives -D, nothing; the other one D - 1."""
    logits = np.float32([-1e3, 0, 1e3])
    saturating, other = (compiled(name, logits)["generator"][1] for name in ("saturating", "non-saturating"))
    np.testing.assert_allclose(saturating, [0, -0.5, -1], atol=1e-30)
    np.testing.assert_allclose(other, [-1, -0.5, 0], atol=1e-30)


@each
def test_values_and_slopes_equal_pytorch(name):
    torch = pytest.importorskip("torch")
    functional = torch.nn.functional
    ones, zeros = torch.ones(10), torch.zeros(10)
    cross_entropy = partial(functional.binary_cross_entropy_with_logits, reduction="none")
    square = partial(functional.mse_loss, reduction="none")
    peers = {
        "hinge": (lambda z: functional.relu(1 - z), lambda z: functional.relu(1 + z), lambda z: -z),
        "least-squares": (lambda z: square(z, ones) / 2, lambda z: square(z, zeros) / 2, lambda z: square(z, ones) / 2),
        "non-saturating": (
            lambda z: cross_entropy(z, ones),
            lambda z: cross_entropy(z, zeros),
            lambda z: cross_entropy(z, ones),
        ),
        "saturating": (
            lambda z: cross_entropy(z, ones),
            lambda z: cross_entropy(z, zeros),
            lambda z: -cross_entropy(z, zeros),
        ),
        "wasserstein": (lambda z: -z, lambda z: z, lambda z: -z),
    }
    found = compiled(name, EXTREMES.astype(np.float32))
    for part, peer in zip(PARTS, peers[name], strict=False):
        z = torch.tensor(EXTREMES, dtype=torch.float32, requires_grad=True)
        values = peer(z)
        values.sum().backward()
        np.testing.assert_allclose(found[part][0], values.detach(), rtol=1e-5, atol=1e-7, err_msg=part)
        np.testing.assert_allclose(found[part][1], z.grad, rtol=1e-5, atol=1.2e-7, err_msg=part)


@each
def test_equilibria_are_the_risks_of_the_best_discriminator_where_both_densities_are_equal(name):
    """At p = q the discriminator minimises real + fake in each place alone; the generator then has its own risk."""
    real, fake, generator, _ = FORMULAS[name]
    risks = ADVERSARIAL_LOSSES[name].equilibrium
    if name == "wasserstein":  # which is 0 whatever the critic is, up to its constant, which is taken to be 0
        best = 0.0
    else:
        best = minimize_scalar(lambda z: real(z) + fake(z), bounds=(-5, 5), method="bounded").x
    assert risks[0] == pytest.approx(float(real(best) + fake(best)), abs=1e-6)
    if name != "hinge":  # its minimum is flat from -1 to 1: the middle, where D is 1/2, is the boundary
        assert risks[1] == pytest.approx(float(generator(best)), abs=1e-5)
        assert ADVERSARIAL_LOSSES[name].boundary in (None, pytest.approx(best, abs=1e-5))
    else:
        np.testing.assert_allclose(real(np.linspace(-1, 1, 9)) + fake(np.linspace(-1, 1, 9)), risks[0], rtol=1e-12)
        assert risks[1] == generator(ADVERSARIAL_LOSSES[name].boundary)


@pytest.mark.parametrize("name", ["non-saturating", "saturating"])
def test_the_value_at_the_equilibrium_is_minus_log_4(name):
    assert -ADVERSARIAL_LOSSES[name].equilibrium[0] == pytest.approx(-np.log(4), rel=1e-12)


@jax.jit
def smoothed(outputs, share):
    return {
        name: loss.smoothed_real(outputs, share) for name, loss in ADVERSARIAL_LOSSES.items() if loss.boundary != 0.0
    } | {name: ADVERSARIAL_LOSSES[name].smoothed_real(outputs, share) for name in ("non-saturating", "saturating")}


@pytest.mark.parametrize("share", [0.0, 0.1, 0.4])
@pytest.mark.parametrize("name", ["non-saturating", "saturating", "least-squares"])
def test_smoothing_moves_the_equilibrium_to_half_the_target(name, share):
    """D = (1 - smoothing) / 2 minimises the risk at p = q, found on a fine grid."""
    z = np.linspace(-4, 4, 80_001).astype(np.float32)
    real = np.asarray(smoothed(z, np.float32(share))[name], float)
    risk = real + FORMULAS[name][1](z.astype(float))
    confidence = FORMULAS[name][3](z[risk.argmin()].astype(float))
    # Near its minimum a risk of 1 is flat within float32 for 3e-4 on either side.
    assert confidence == pytest.approx((1 - share) / 2, abs=1e-3)
    if share == 0:
        np.testing.assert_array_equal(real, np.float32(compiled(name, z)["real"][0]))


def test_a_smoothed_loss_is_the_cross_entropy_of_the_smoothed_target():
    z = EXTREMES[1:-1]
    found = smoothed(z.astype(np.float32), np.float32(0.1))["non-saturating"]
    np.testing.assert_allclose(found, -0.9 * log_expit(z) - 0.1 * log_expit(-z), rtol=1e-5)


def test_a_smoothed_square_is_that_of_the_smoothed_target_but_for_a_constant():
    z = EXTREMES[1:-1]
    found = np.asarray(smoothed(z.astype(np.float32), np.float32(0.1))["least-squares"])
    np.testing.assert_allclose(found - (z - 0.9) ** 2 / 2, 0.9 * 0.1 / 2, rtol=1e-4, atol=1e-4)


@jax.jit
def penalties(slopes):
    values = squared_slope(slopes), slope_beyond_one(slopes)
    return values, jax.grad(lambda s: slope_beyond_one(s).sum())(slopes)


def test_penalties_of_slopes_are_numpys():
    slopes = np.random.default_rng(0).normal(size=(20, 5))
    (squared, beyond), pull = penalties(slopes.astype(np.float32))
    length = np.linalg.norm(slopes, axis=1)
    np.testing.assert_allclose(squared, length**2, rtol=1e-5)
    np.testing.assert_allclose(beyond, (length - 1) ** 2, rtol=1e-4, atol=1e-6)  # differences from 1
    np.testing.assert_allclose(pull, 2 * ((length - 1) / length)[:, None] * slopes, rtol=1e-4, atol=1e-6)


def test_a_slope_of_0_is_punished_and_gives_no_nan():
    slopes = np.float32([[0, 0, 0], [1e-12, 0, 0], [1e-30, 0, 0], [0, 3, 4]])
    (_, beyond), pull = penalties(slopes)
    np.testing.assert_allclose(beyond, [1, 1, 1, 16], rtol=1e-6)
    assert np.isfinite(pull).all()
    np.testing.assert_array_equal(pull[0], [0, 0, 0])
    np.testing.assert_allclose(pull[3], [0, 2 * 4 * 0.6, 2 * 4 * 0.8], rtol=1e-6)
