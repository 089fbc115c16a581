"""The check agrees where all is well, and says which way is wrong where one was tampered with."""

import math
from copy import copy

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from rosenblatt import MLPClassifier
from rosenblatt.explain import check_gradients, functions
from rosenblatt.explain.agreement import DIFFERENCES, JAX, SCALARS, Agreement


def largest(check, way):
    return max(a.largest_difference for a in check.agreements if a.way == way)


def test_all_ways_agree_on_the_notes_network(notes_network, moons):
    check = check_gradients(notes_network, *moons)
    assert check.agree
    assert [a.parameter for a in check.agreements if a.way == JAX] == ["W(1)", "b(1)", "W(2)", "b(2)", "W(3)", "b(3)"]
    assert {a.way for a in check.agreements} == {JAX, DIFFERENCES, SCALARS}
    assert largest(check, JAX) < 1e-14
    assert largest(check, SCALARS) < 1e-14
    assert largest(check, DIFFERENCES) < 1e-8
    assert all(a.n_compared == a.n_parameters for a in check.agreements)


def test_more_classes_penalties_and_weights(three_classes):
    _, X, y = three_classes
    model = MLPClassifier(
        hidden_layer_sizes=(6, 5), activation="gelu", l1=0.01, l2=0.02, class_weight="balanced", max_epochs=2
    )
    assert check_gradients(model.fit(X, y), X, y, sample_weight=np.linspace(0.1, 3, len(X))).agree


@pytest.mark.parametrize("loss", ["square", "absolute", "huber", "poisson"])
def test_regressors(loss, two_outputs, deep_regressor):
    """The slopes are those of the loss that the estimator names, wherever its parameters come from."""
    _, X, y = two_outputs
    assert check_gradients(copy(deep_regressor).set_params(loss=loss), X, np.abs(y)).agree


def test_several_labels_and_a_perceptron(moons, and_gate):
    X, y = moons
    labels = np.column_stack([y, X[:, 0] > 0]).astype(int)
    model = MLPClassifier(hidden_layer_sizes=(3,), activation="softplus", max_epochs=1).fit(X, labels)
    assert check_gradients(model, X, labels).agree
    check = check_gradients(and_gate, [[0, 1], [1, 1], [2, 2]], [1, 0, 0])
    assert check.agree
    assert check.risk > 0


def test_saturated_and_unscaled(three_classes):
    _, X, y = three_classes
    model = MLPClassifier(hidden_layer_sizes=(5,), max_epochs=2, random_state=0).fit(1e4 * X, y)
    check = check_gradients(model, 1e4 * X, y)
    assert check.agree, str(check)


def test_weights_that_start_at_zero_have_kinks_that_are_left_out(three_classes):
    _, X, y = three_classes
    model = MLPClassifier(hidden_layer_sizes=(5,), initializer="zeros", max_epochs=1, random_state=0).fit(X, y)
    check = check_gradients(model, X, y)
    assert check.agree
    assert check.n_kinks > 0
    assert f"{check.n_kinks} slopes left out, where the step crosses a kink" in str(check)


def test_a_wrong_slope_is_found(notes_network, moons, monkeypatch):
    wrong = functions.ACTIVATIONS["tanh"]._replace(slope=lambda z: 1.0 - np.tanh(z))
    monkeypatch.setitem(functions.ACTIVATIONS, "tanh", wrong)
    check = check_gradients(notes_network, *moons)
    assert not check.agree
    verdicts = {(a.parameter, a.way): a.agrees for a in check.agreements}
    assert verdicts["W(3)", JAX]  # the last layer's slopes do not go through an activation
    assert verdicts["b(3)", DIFFERENCES]
    assert not any(verdicts[parameter, way] for parameter in ("W(1)", "b(2)") for way in (JAX, DIFFERENCES, SCALARS))
    assert "THEY DO NOT AGREE where there is an exclamation mark" in str(check)


def test_a_slope_that_is_not_a_number_does_not_agree():
    assert not Agreement("W(1)", JAX, 1.0, math.nan, 1e-10, 1, 1).agrees


def test_the_table(notes_network, moons):
    text = str(check_gradients(notes_network, *moons, max_differences=5))
    assert (
        "on 40 rows, by the written-out formulas, and\nthe largest difference of other ways from them. All agree."
        in text
    )
    header, first = text.split("\n")[3:5]
    assert header.split("  ")[-1].strip() == "scalar graph"
    assert first.startswith("W(1)")
    assert len(first) == len(header)
    assert "central differences: of 21 of 31 parameters" in text


def test_the_scalar_graph_is_run_on_as_many_rows_as_take_a_moment(notes_network, moons):
    X, y = np.tile(moons[0], (100, 1)), np.tile(moons[1], 100)
    check = check_gradients(notes_network, X, y, max_differences=1)
    assert check.agree
    assert check.n_rows_replayed == 100_000 // 31
    assert "scalar graph: of the loss on the first 3225 rows" in str(check)


def test_a_large_network_is_not_replayed(large_network):
    check = check_gradients(large_network, np.eye(300)[:10], np.arange(10.0), max_differences=3)
    assert check.agree
    assert check.n_rows_replayed == 0
    assert "scalar graph: not run, the network is too large" in str(check)


def test_leaves_the_precision_of_jax_as_it_was(notes_network, moons):
    check_gradients(notes_network, *moons, max_differences=1)
    assert jnp.zeros(1).dtype == jnp.float32
    assert not jax.config.jax_enable_x64


def test_mistakes(notes_network, moons):
    with pytest.raises(ValueError, match=r"max_differences=0; at least 1 is needed"):
        check_gradients(notes_network, *moons, max_differences=0)
    with pytest.raises(ValueError, match=r"X has 40 rows and y has shape \(5,\)"):
        check_gradients(notes_network, moons[0], moons[1][:5])
