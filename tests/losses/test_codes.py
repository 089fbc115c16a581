"""Penalties of codes against SciPy, closed forms and central differences, at their corners and in the mean."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.special import rel_entr

from rosenblatt.losses.codes import absolute_sum, rate_divergence, squared_jacobian, squared_jacobian_estimate


def test_absolute_sum_is_numpys_and_does_not_push_a_zero():
    codes = np.array([[1.0, -2.0, 0.0], [0.0, 0.0, -0.5]], np.float32)
    np.testing.assert_allclose(absolute_sum(codes), np.abs(codes).sum(1), rtol=1e-6)
    slopes = jax.jit(jax.grad(lambda h: absolute_sum(h).sum()))(codes)
    np.testing.assert_array_equal(slopes, np.sign(codes))


compiled_divergence = jax.jit(rate_divergence)


def divergence(rates, target):
    """By SciPy, in float64: KL between coins, summed over units."""
    return (rel_entr(target, rates) + rel_entr(1 - target, 1 - rates)).sum()


@pytest.mark.parametrize("target", [0.05, 0.5, 0.99])
def test_rate_divergence_is_scipys(target):
    rates = np.array([0.01, 0.05, 0.3, 0.9])
    # float32: logarithms of 1 - rate near 1.
    np.testing.assert_allclose(
        compiled_divergence(rates.astype(np.float32), target), divergence(rates, target), rtol=1e-5
    )
    assert float(compiled_divergence(np.full(3, target, np.float32), np.float32(target))) == pytest.approx(0, abs=1e-6)


def test_rate_divergence_of_units_that_never_or_always_fire_is_finite():
    value, slope = jax.jit(jax.value_and_grad(rate_divergence))(jnp.array([0.0, 1.0], jnp.float32), jnp.float32(0.1))
    assert np.isfinite(value)
    assert value > 0.1 * np.log(0.1 / 1e-6)  # more than one of the two costs
    assert np.isfinite(slope).all()


def test_rate_divergence_slope_equals_central_differences(float64):
    rates, step = np.array([0.02, 0.4, 0.97]), 1e-6
    slope = jax.jit(jax.grad(rate_divergence))(jnp.asarray(rates), jnp.asarray(0.1))
    moved = [(divergence(rates + step * e, 0.1) - divergence(rates - step * e, 0.1)) / (2 * step) for e in np.eye(3)]
    np.testing.assert_allclose(slope, moved, rtol=1e-6)


W1, W2 = (np.random.default_rng(seed).normal(size=shape) for seed, shape in enumerate([(5, 4), (4, 3)]))


def encode(x):
    return jnp.tanh(jnp.tanh(x @ W1) @ W2)


def jacobian(x):
    """dh/dx (5, 3) by the chain rule in NumPy."""
    hidden = np.tanh(x @ W1)
    code = np.tanh(hidden @ W2)
    return (W1 * (1 - hidden**2)) @ (W2 * (1 - code**2))


def test_squared_jacobian_is_the_chain_rules(float64):
    x = np.random.default_rng(3).normal(size=5)
    np.testing.assert_allclose(jax.jit(partial(squared_jacobian, encode))(x), (jacobian(x) ** 2).sum(), rtol=1e-12)


def test_squared_jacobian_of_one_sigmoid_layer_is_rifais_formula(float64):
    """sum_i (h_i (1 - h_i))^2 sum_j W_ji^2 (Rifai et al. 2011, equation 9)."""
    x = np.random.default_rng(4).normal(size=5)
    h = 1 / (1 + np.exp(-x @ W1))
    value = jax.jit(partial(squared_jacobian, lambda x: jax.nn.sigmoid(x @ W1)))(x)
    np.testing.assert_allclose(value, ((h * (1 - h)) ** 2 * (W1**2).sum(0)).sum(), rtol=1e-12)


def test_estimate_has_the_right_mean_and_spread(float64):
    x = np.random.default_rng(5).normal(size=5)
    keys = jax.random.split(jax.random.key(0), 4000)
    values = np.asarray(jax.jit(jax.vmap(partial(squared_jacobian_estimate, encode, x)))(keys))
    J = jacobian(x)
    gram = J.T @ J
    # v^T G v with v of signs: its mean is the trace, its variance twice the squares off the diagonal.
    spread = np.sqrt(2 * ((gram**2).sum() - (np.diag(gram) ** 2).sum()))
    assert abs(values.mean() - (J**2).sum()) < 6 * spread / np.sqrt(len(values))
    assert values.std() == pytest.approx(spread, rel=0.1)  # 4,000 draws tell a standard deviation to about 2 %
