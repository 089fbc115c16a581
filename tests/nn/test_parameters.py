"""What counts as a weight, on networks of ours and of Equinox."""

import equinox as eqx
import jax
import numpy as np
import pytest

from rosenblatt.nn.parameters import count_parameters, map_weights


def layers(key):
    # Equinox's convolution has biases of shape (channels, 1, 1), and a layer norm's scale is called weight.
    return {"first": (eqx.nn.Conv2d(2, 3, 5, key=key), eqx.nn.LayerNorm(4)), "second": eqx.nn.Linear(6, 7, key=key)}


@pytest.fixture(scope="module")
def networks():
    shapes = eqx.filter_eval_shape(layers, jax.random.key(0))
    return jax.tree.map(lambda shape: np.ones(shape.shape, shape.dtype), shapes) | {"steps": np.arange(3)}


def test_weights_are_what_multiplies_inputs(networks):
    count = count_parameters(networks)
    assert count.weights == 3 * 2 * 5 * 5 + 6 * 7
    assert count.biases == 3 + 2 * 4 + 7


def test_map_weights_leaves_the_others_alone(networks):
    arrays = eqx.filter(networks, eqx.is_inexact_array)
    doubled = map_weights(lambda a, b: a + b, arrays, arrays)
    assert np.array_equal(doubled["second"].weight, 2 * arrays["second"].weight)
    assert np.array_equal(doubled["first"][0].weight, 2 * arrays["first"][0].weight)
    assert doubled["second"].bias is arrays["second"].bias
    assert doubled["first"][0].bias is arrays["first"][0].bias
    assert doubled["first"][1].weight is arrays["first"][1].weight
