"""The chain of dense layers against a NumPy loop, its padding, and dropout."""

import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from rosenblatt.nn.activations import ACTIVATIONS
from rosenblatt.nn.dense import Dense
from rosenblatt.nn.mlp import MLP, drop, pad_columns, padded_widths
from rosenblatt.nn.parameters import count_parameters

IDENTITY, SOFTPLUS, TANH = (ACTIVATIONS[name] for name in ("identity", "softplus", "tanh"))


def build(widths, activations, initializer="normal"):
    return MLP.initialize(widths, activations, initializer, np.random.default_rng(0))


@pytest.fixture(scope="module")
def network():
    """The notes' network, with biases that are not 0."""
    rng = np.random.default_rng(1)
    model = build([2, 4, 3, 1], [TANH, SOFTPLUS], "glorot")
    return jax.tree.map(lambda a: a + rng.normal(size=a.shape).astype(np.float32), model)


@pytest.fixture(scope="module")
def rows():
    return np.random.default_rng(2).normal(size=(10, 2)).astype(np.float32)


def numpy_units(network, X):
    first, second, last = ((layer.weight.astype(float), layer.bias.astype(float)) for layer in network.layers)
    one = np.tanh(X @ first[0] + first[1])
    two = np.logaddexp(one @ second[0] + second[1], 0)
    return one, two, two @ last[0] + last[1]


def test_it_has_the_notes_23_weights_and_8_biases(network):
    assert count_parameters(network) == (23, 8)
    assert count_parameters(network).total == 31
    assert (network.n_inputs, network.n_outputs) == (2, 1)


def test_forward_pass_and_units_equal_a_numpy_loop(network, rows):
    expected = numpy_units(network, rows)
    np.testing.assert_allclose(jax.vmap(network)(rows), expected[-1], rtol=1e-5, atol=1e-6)
    for mine, theirs in zip(jax.vmap(network.units)(rows), expected, strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-5, atol=1e-6)


def test_without_hidden_layers_it_is_linear():
    model = build([3, 2], [])
    x = np.array([1, 2, 3], np.float32)
    np.testing.assert_allclose(model(x), x @ model.layers[0].weight, rtol=1e-6)


def test_padding_leaves_the_function_alone(network, rows):
    padded = network.padded(4, 4)
    with_noise_columns = np.hstack([rows, np.full((10, 2), 1e3, np.float32)])
    outputs = jax.vmap(padded)(with_noise_columns)
    np.testing.assert_allclose(outputs[:, :1], jax.vmap(network)(rows), rtol=1e-6)
    np.testing.assert_array_equal(outputs[:, 1:], np.zeros((10, 3)))


def test_trimming_undoes_padding(network):
    trimmed = network.padded(4, 4).trimmed(2, 1)
    assert trimmed.activations == network.activations
    for mine, theirs in zip(jax.tree.leaves(trimmed), jax.tree.leaves(network), strict=True):
        assert isinstance(mine, np.ndarray)
        np.testing.assert_array_equal(mine, theirs)


def test_auto_initialises_each_layer_for_its_own_activation_and_the_last_as_linear():
    model = build([400, 300, 200, 100], [ACTIVATIONS["relu"], TANH], "auto")
    expected = [2 / 400, 2 / (300 + 200), 2 / (200 + 100)]  # He, Glorot, Glorot
    for layer, variance in zip(model.layers, expected, strict=True):
        assert abs(layer.weight.var() - variance) <= 6 * variance * np.sqrt(2 / layer.weight.size)


@pytest.mark.parametrize("n_inputs", [1, 2, 4, 5, 16, 17, 64, 65, 784])
@pytest.mark.parametrize("n_outputs", [1, 2, 4, 5, 16, 17, 100])
def test_padded_widths_hold_what_they_pad_and_pad_little(n_inputs, n_outputs):
    inputs, outputs = padded_widths(n_inputs, n_outputs)
    assert n_inputs <= inputs <= max(16, 4 * n_inputs)
    assert n_outputs <= outputs <= max(4, 4 * n_outputs)
    assert padded_widths(inputs, outputs) == (inputs, outputs)


def test_padded_widths_are_few_for_small_tables_and_exact_for_wide_ones():
    small = {padded_widths(*sizes) for sizes in itertools.product(range(1, 65), range(2, 17))}
    assert small == {(16, 4), (16, 16), (64, 4), (64, 16)}
    assert padded_widths(784, 100) == (784, 100)
    assert padded_widths(2, 1) == (16, 1)


def test_pad_columns_adds_zeros_on_the_right():
    np.testing.assert_array_equal(pad_columns(np.ones((2, 1), np.float32), 3), [[1, 0, 0], [1, 0, 0]])


def test_dropout_drops_at_its_rate_and_keeps_the_mean():
    rate, n = 0.3, 100_000
    x = drop(jnp.ones(n), jnp.float32(rate), jax.random.key(0))
    kept = np.asarray(x) > 0
    standard_error = np.sqrt(rate * (1 - rate) / n)
    assert abs(kept.mean() - (1 - rate)) <= 6 * standard_error
    np.testing.assert_allclose(np.asarray(x)[kept], 1 / (1 - rate), rtol=1e-6)


def test_dropout_at_rate_0_and_prediction_have_the_same_bits(network, rows):
    keys = jax.random.split(jax.random.key(0), len(rows))
    undropped = jax.vmap(lambda x, key: network(x, dropout=jnp.float32(0), key=key))(rows, keys)
    np.testing.assert_array_equal(undropped, jax.vmap(network)(rows))


def test_each_key_and_each_hidden_layer_has_a_mask_of_its_own_and_outputs_have_none():
    width, rate = 2000, 0.5
    ones = Dense(np.full((1, width), 1, np.float32), np.zeros(width, np.float32))
    pairs = Dense(np.eye(width, dtype=np.float32), np.zeros(width, np.float32))
    chain = MLP((ones, pairs, pairs), (IDENTITY, IDENTITY))
    first, second = (np.asarray(chain(jnp.ones(1), dropout=jnp.float32(rate), key=jax.random.key(i))) for i in (0, 1))
    # Two masks multiplied keep a quarter; one mask used twice would keep a half, a third one on the outputs an eighth.
    for kept, share in ((first > 0, 1 / 4), (second > 0, 1 / 4), ((first > 0) & (second > 0), 1 / 16)):
        assert abs(kept.mean() - share) <= 6 * np.sqrt(share * (1 - share) / width)
