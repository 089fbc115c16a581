"""Values and slopes of the activations against NumPy and SciPy, at ordinary and extreme inputs."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.special import erf, expit
from scipy.stats import norm

from rosenblatt.nn.activations import ACTIVATIONS, LeakyReLU, leaky_relu, relu, resolve

TINY = np.finfo(np.float32).tiny
ORDINARY = np.concatenate([np.linspace(-6, 6, 49), [-1e-3, 1e-3, -0.7, 0.7]])
EXTREME = np.array([-1e4, -100, -88, -30, -TINY, 0, TINY, 30, 88, 100, 1e4])
AWAY_FROM_0 = ORDINARY[ORDINARY != 0]
SLOPES_AT_0 = {
    "elu": 1,
    "gelu": 0.5,
    "identity": 1,
    "leaky_relu": 0.01,
    "relu": 0,
    "sigmoid": 0.25,
    "softplus": 0.5,
    "tanh": 1,
}

# Value and slope in float64. Those of the kinked ones take the left side at 0.
ORACLES = {
    "elu": (lambda x: np.where(x > 0, x, np.expm1(np.minimum(x, 0))), lambda x: np.exp(np.minimum(x, 0))),
    "gelu": (lambda x: x * (1 + erf(x / np.sqrt(2))) / 2, lambda x: norm.cdf(x) + x * norm.pdf(x)),
    "identity": (lambda x: x, np.ones_like),
    "leaky_relu": (lambda x: np.where(x > 0, x, 0.01 * x), lambda x: np.where(x > 0, 1.0, 0.01)),
    "relu": (lambda x: np.maximum(x, 0), lambda x: np.where(x > 0, 1.0, 0.0)),
    "sigmoid": (expit, lambda x: expit(x) * expit(-x)),
    "softplus": (lambda x: np.logaddexp(x, 0), expit),
    "tanh": (np.tanh, lambda x: 1 - np.tanh(x) ** 2),
}


@partial(jax.jit, static_argnums=0)
def compiled(function, x):
    return jax.vmap(jax.value_and_grad(function))(x)


def value_and_slope(function, x):
    return tuple(map(np.asarray, compiled(function, x)))


def test_every_activation_has_an_oracle():
    assert ORACLES.keys() == ACTIVATIONS.keys() == SLOPES_AT_0.keys()


@pytest.mark.parametrize("name", ORACLES)
def test_values_and_slopes_in_float32(name):
    x = np.concatenate([AWAY_FROM_0, EXTREME[EXTREME != 0]]).astype(np.float32)
    values, slopes = value_and_slope(ACTIVATIONS[name], x)
    value, slope = (oracle(x.astype(np.float64)) for oracle in ORACLES[name])
    # 1 + erf(x) and 1 - tanh(x)^2 are known to a unit of float32 at 1, and GELU multiplies it by x.
    unit = 2**-23 * np.clip(np.abs(x), 1, 10)
    np.testing.assert_array_less(np.abs(values - value), 1e-5 * np.abs(value) + unit)
    np.testing.assert_array_less(np.abs(slopes - slope), 1e-5 * np.abs(slope) + unit)


@pytest.mark.parametrize("name", ORACLES)
def test_values_in_float64(name, float64):
    values, _ = value_and_slope(ACTIVATIONS[name], ORDINARY)
    np.testing.assert_allclose(values, ORACLES[name][0](ORDINARY), rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("name", ORACLES)
def test_slopes_equal_central_differences(name, float64):
    step = 1e-5
    (_, slopes), (right, _), (left, _) = (value_and_slope(ACTIVATIONS[name], AWAY_FROM_0 + h) for h in (0, step, -step))
    differences = (right - left) / (2 * step)
    np.testing.assert_allclose(slopes, differences, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("name", SLOPES_AT_0)
@pytest.mark.parametrize("zero", [0.0, -0.0])
def test_slope_at_zero_is_that_of_the_left_side(name, zero):
    _, slopes = value_and_slope(ACTIVATIONS[name], np.float32([zero]))
    np.testing.assert_array_equal(slopes, np.float32([SLOPES_AT_0[name]]))


def test_relu_is_leaky_relu_without_a_leak():
    x = np.concatenate([ORDINARY, EXTREME]).astype(np.float32)
    for mine, theirs in zip(value_and_slope(LeakyReLU(0.0), x), value_and_slope(relu, x), strict=True):
        np.testing.assert_array_equal(mine, theirs)


def test_resolve_takes_names_and_functions():
    assert resolve("tanh") is ACTIVATIONS["tanh"]
    assert resolve(jnp.sin) is jnp.sin
    assert resolve("leaky_relu", 0.3) == LeakyReLU(0.3)
    assert resolve("leaky_relu") == leaky_relu


def test_resolve_names_the_known_ones_when_it_is_mistyped():
    with pytest.raises(ValueError, match=r"activation='rleu' is not known; use one of elu, gelu, .*tanh or a function"):
        resolve("rleu")


def test_values_and_slopes_equal_pytorch():
    torch = pytest.importorskip("torch")
    functional = torch.nn.functional
    peers = {name: getattr(functional, name) for name in ("elu", "gelu", "leaky_relu", "relu", "softplus")}
    peers |= {name: getattr(torch, name) for name in ("sigmoid", "tanh")}
    for name, peer in peers.items():
        x = torch.tensor(np.concatenate([AWAY_FROM_0, EXTREME[EXTREME != 0]]), dtype=torch.float32, requires_grad=True)
        theirs = peer(x)
        theirs.sum().backward()
        mine = value_and_slope(ACTIVATIONS[name], x.detach().numpy())
        np.testing.assert_allclose(mine[0], theirs.detach().numpy(), rtol=1e-5, atol=1e-6, err_msg=name)
        np.testing.assert_allclose(mine[1], x.grad.numpy(), rtol=1e-5, atol=1e-6, err_msg=name)
