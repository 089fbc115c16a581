"""The dense layer against NumPy's matrix product."""

import jax
import numpy as np
import pytest

from rosenblatt.nn.dense import Dense
from rosenblatt.nn.initializers import INITIALIZERS


@pytest.fixture
def layer():
    rng = np.random.default_rng(0)
    return Dense(rng.normal(size=(3, 5)).astype(np.float32), rng.normal(size=5).astype(np.float32))


def test_it_is_a_matrix_product_and_a_bias(layer):
    X = np.random.default_rng(1).normal(size=(7, 3)).astype(np.float32)
    expected = X.astype(float) @ layer.weight.astype(float) + layer.bias
    np.testing.assert_allclose(jax.vmap(layer)(X), expected, rtol=1e-5, atol=1e-6)


def test_weight_i_j_leads_from_input_i_to_unit_j(layer):
    change = layer(np.array([0, 1, 0], np.float32)) - layer(np.zeros(3, np.float32))
    np.testing.assert_allclose(change, layer.weight[1], rtol=1e-5, atol=1e-6)


def test_initialize_draws_float32_weights_and_no_biases():
    layer = Dense.initialize(3, 5, INITIALIZERS["normal"], np.random.default_rng(0))
    drawn = np.random.default_rng(0).normal(0, 0.1, (3, 5)).astype(np.float32)
    np.testing.assert_array_equal(layer.weight, drawn)
    np.testing.assert_array_equal(layer.bias, np.zeros(5))
    assert layer.weight.dtype == layer.bias.dtype == np.float32


def test_padding_disconnects_and_trimming_undoes_it(layer):
    padded = layer.padded(4, 8)
    x = np.array([0.5, -1, 2, 1e4], np.float32)
    assert padded.weight.shape == (4, 8)
    np.testing.assert_allclose(padded(x)[:5], layer(x[:3]), rtol=1e-6)
    np.testing.assert_array_equal(padded(x)[5:], np.zeros(3))
    trimmed = padded.trimmed(3, 5)
    np.testing.assert_array_equal(trimmed.weight, layer.weight)
    np.testing.assert_array_equal(trimmed.bias, layer.bias)


def test_a_trimmed_layer_owns_its_arrays(layer):
    padded = layer.padded(4, 8)
    trimmed = padded.trimmed(3, 5)
    assert not np.shares_memory(trimmed.weight, padded.weight)
