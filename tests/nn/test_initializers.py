"""How weights start: means and variances within six standard errors of what the papers ask for."""

import numpy as np
import pytest

from rosenblatt.nn.activations import ACTIVATIONS, LeakyReLU
from rosenblatt.nn.initializers import INITIALIZERS, glorot, he, initializer_for

FAN_IN, FAN_OUT = 300, 500
# The variance of a weight, and the kurtosis of its distribution (3 for a normal one, 9/5 for a uniform one).
EXPECTED = {
    "glorot": (2 / (FAN_IN + FAN_OUT), 9 / 5),
    "he": (2 / FAN_IN, 3),
    "lecun": (1 / FAN_IN, 3),
    "normal": (0.01, 3),
    "zeros": (0, 3),
}


def draw(name, shape=(FAN_IN, FAN_OUT)):
    return INITIALIZERS[name](shape, FAN_IN, FAN_OUT, np.random.default_rng(0))


@pytest.mark.parametrize("name", INITIALIZERS)
def test_mean_and_variance(name):
    weights = draw(name)
    variance, kurtosis = EXPECTED[name]
    assert weights.shape == (FAN_IN, FAN_OUT)
    assert abs(weights.mean()) <= 6 * np.sqrt(variance / weights.size)
    assert abs(weights.var() - variance) <= 6 * variance * np.sqrt((kurtosis - 1) / weights.size)


def test_glorot_is_uniform_within_its_bound():
    bound = np.sqrt(6 / (FAN_IN + FAN_OUT))
    weights = np.abs(draw("glorot"))
    assert weights.max() <= bound
    assert weights.max() > 0.999 * bound


def test_variances_follow_the_fans_not_the_shape():
    kernel = he((3, 3, 32, 64), 3 * 3 * 32, 3 * 3 * 64, np.random.default_rng(0))
    variance = 2 / (3 * 3 * 32)
    assert kernel.shape == (3, 3, 32, 64)
    assert abs(kernel.var() - variance) <= 6 * variance * np.sqrt(2 / kernel.size)


@pytest.mark.parametrize("name", ["elu", "gelu", "leaky_relu", "relu", "softplus"])
def test_auto_is_he_for_rectifying_activations(name):
    assert initializer_for("auto", ACTIVATIONS[name]) is he


@pytest.mark.parametrize("activation", [ACTIVATIONS["tanh"], ACTIVATIONS["sigmoid"], ACTIVATIONS["identity"], np.sin])
def test_auto_is_glorot_for_the_others(activation):
    assert initializer_for("auto", activation) is glorot


def test_auto_is_he_for_any_slope_and_a_name_wins_over_auto():
    assert initializer_for("auto", LeakyReLU(0.3)) is he
    assert initializer_for("lecun", ACTIVATIONS["relu"]) is INITIALIZERS["lecun"]
