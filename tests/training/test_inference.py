"""A network applied to any number of rows: right, and the same bits in any company."""

import jax
import numpy as np
import pytest

from rosenblatt.nn.activations import ACTIVATIONS
from rosenblatt.nn.mlp import MLP
from rosenblatt.training.inference import AtOnce, apply


def outputs(network, x):
    return network(x)


def layers(network, x):
    return {"hidden": network.units(x)[0], "outputs": network(x)}


def build(widths):
    activations = [ACTIVATIONS["tanh"]] * (len(widths) - 2)
    return MLP.initialize(widths, activations, "glorot", np.random.default_rng(0))


def draw(n_rows, n_columns):
    return np.random.default_rng(1).normal(size=(n_rows, n_columns)).astype(np.float32)


@pytest.fixture(scope="module")
def network():
    return build([5, 20, 3])


@pytest.mark.parametrize("n_rows", [1, 255, 256, 257, 700])
def test_it_is_the_network_on_each_row(network, n_rows):
    X = draw(n_rows, 5)
    applied = apply(network, X, outputs)
    first, last = network.layers
    expected = np.tanh(X.astype(float) @ first.weight) @ last.weight
    assert isinstance(applied, np.ndarray)
    assert applied.shape == (n_rows, 3)
    np.testing.assert_allclose(applied, expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("widths", [[5, 20, 3], [64, 100, 10], [30, 17, 1]])
def test_a_row_has_the_same_bits_in_any_company(widths):
    network, X = build(widths), draw(700, widths[0])
    together = apply(network, X, outputs)
    rng = np.random.default_rng(2)
    for rows in ([0], [699], rng.permutation(700), rng.permutation(700)[:300], np.repeat(5, 600), np.arange(1, 700)):
        np.testing.assert_array_equal(apply(network, X[rows], outputs), together[rows])
    alone = np.concatenate([apply(network, X[i : i + 1], outputs) for i in range(250, 262)])
    np.testing.assert_array_equal(alone, together[250:262])


@pytest.mark.parametrize("n_rows", [1, 5, 23])
def test_rows_that_all_cores_share_have_the_bits_of_one_core(network, n_rows):
    X = draw(n_rows, 5)
    shared = apply(network, X, outputs, at_once=AtOnce(4, all_cores=True))
    np.testing.assert_array_equal(shared, apply(network, X, outputs, at_once=AtOnce(4)))


def test_a_row_of_extreme_numbers_does_not_disturb_its_neighbours(network):
    X = draw(300, 5)
    disturbed = X.copy()
    disturbed[7] = np.nan
    mine, theirs = apply(network, X, outputs), apply(network, disturbed, outputs)
    np.testing.assert_array_equal(np.delete(mine, 7, axis=0), np.delete(theirs, 7, axis=0))
    assert np.isnan(theirs[7]).all()


def test_trees_of_outputs_are_put_together_and_selected_from(network):
    X = draw(300, 5)
    both = apply(network, X, layers)
    assert {name: values.shape for name, values in both.items()} == {"hidden": (300, 20), "outputs": (300, 3)}
    np.testing.assert_array_equal(apply(network, X, layers, select=lambda tree: tree["hidden"]), both["hidden"])


def test_networks_on_the_device_and_in_numpy_predict_the_same_bits(network):
    X = draw(10, 5)
    on_device = jax.tree.map(jax.numpy.asarray, network)
    np.testing.assert_array_equal(apply(on_device, X, outputs), apply(network, X, outputs))


def test_a_device_that_is_not_there_is_named(network):
    with pytest.raises(ValueError, match=r"device='tpu' is not available; here there is: .*'auto'"):
        apply(network, draw(1, 5), outputs, device="tpu")
