"""The notes' 2-4-3-1 network by its names; values against those that the estimator itself computes."""

import numpy as np
import pytest

from rosenblatt.explain import Biases, Units, Weights


def test_weights_count_layer_input_unit_from_one(notes_network):
    W = Weights(notes_network)
    assert W(1, 2, 3) == notes_network.coefs_[0][1, 2]
    assert W(2, 4, 1) == notes_network.coefs_[1][3, 0]
    assert isinstance(W(1, 2, 3), float)


def test_a_colon_takes_all(notes_network):
    W = Weights(notes_network)
    np.testing.assert_array_equal(W(1, ":", 3), notes_network.coefs_[0][:, 2])
    np.testing.assert_array_equal(W(1, slice(None), 3), W[1, :, 3])
    np.testing.assert_array_equal(W(2, 4, ":"), notes_network.coefs_[1][3])
    np.testing.assert_array_equal(W(2, ":", ":"), notes_network.coefs_[1])


def test_the_output_layer_is_also_called_o(notes_network):
    W, b = Weights(notes_network), Biases(notes_network)
    assert W("o", 2) == W(3, 2, 1) == notes_network.coefs_[2][1, 0]
    np.testing.assert_array_equal(W["o", :], notes_network.coefs_[2][:, 0])
    assert b("o", 1) == notes_network.intercepts_[2][0]


def test_biases(notes_network):
    b = Biases(notes_network)
    assert b(1, 4) == notes_network.intercepts_[0][3]
    np.testing.assert_array_equal(b(2), notes_network.intercepts_[1])
    np.testing.assert_array_equal(b[2], b[2, :])


def test_the_notes_count_of_parameters(notes_network):
    assert repr(Weights(notes_network)) == "Weights(W(1, 1..2, 1..4), W(2, 1..4, 1..3), W(3, 1..3, 1..1): 23 in all)"
    assert repr(Biases(notes_network)) == "Biases(b(1, 1..4), b(2, 1..3), b(3, 1..1): 8 in all)"


def test_what_is_taken_out_does_not_change_the_network(notes_network):
    W = Weights(notes_network)
    W(1, ":", 3)[:] = 99.0
    assert 99.0 not in W(1, ":", 3)
    assert 99.0 not in notes_network.coefs_[0]


def test_units_are_what_the_estimator_computes(notes_network, moons):
    x = moons[0][7]
    f = Units(notes_network, x)
    for layer, values in enumerate(notes_network.unit_outputs(x[None])[:-1], 1):
        np.testing.assert_allclose(f(layer), values[0], rtol=1e-5, atol=1e-6)
    assert f("o", 1) == pytest.approx(notes_network.predict_proba(x[None])[0, 1], rel=1e-5)


def test_a_unit_is_the_notes_formula(notes_network, moons):
    W, b, f = Weights(notes_network), Biases(notes_network), Units(notes_network, moons[0][0])
    assert f(1, 3) == pytest.approx(np.tanh(W(1, ":", 3) @ moons[0][0] + b(1, 3)), rel=1e-6)
    assert f(2, 1) == pytest.approx(np.tanh(W(2, ":", 1) @ f(1) + b(2, 1)), rel=1e-6)


def test_units_of_more_classes_are_probabilities(three_classes):
    model, X, _ = three_classes
    f = Units(model, X[3])
    np.testing.assert_allclose(f("o"), model.predict_proba(X[3:4])[0], rtol=1e-5)
    assert f("o").sum() == pytest.approx(1.0)


def test_units_of_a_regressor_are_predictions(two_outputs):
    model, X, _ = two_outputs
    np.testing.assert_allclose(Units(model, X[3])("o"), model.predict(X[3:4])[0], rtol=1e-5)


def test_a_perceptron_fires_or_not(and_gate):
    assert Units(and_gate, [1, 1])("o", 1) == 1.0
    assert Units(and_gate, [1, 0])("o", 1) == 0.0
    assert Weights(and_gate)("o", 2) == and_gate.coef_[0, 1]


def test_all_units_in_order(notes_network, moons):
    f = Units(notes_network, moons[0][0])
    places = [place for place, _ in f]
    assert places == [(1, 1), (1, 2), (1, 3), (1, 4), (2, 1), (2, 2), (2, 3), (3, 1)]
    assert all(value == f(*place) for place, value in f)
    assert repr(f).startswith(f"Units(f(1,1) = {f(1, 1):.4g}, f(1,2) = ")


def test_written_out(and_gate):
    W, b = Weights(and_gate), Biases(and_gate)
    names, numbers, z, value = Units(and_gate, [1, 0]).written_out("o", 1).split("\n")
    assert names == "f(1,1) = step(W(1,1,1)·x(1) + W(1,2,1)·x(2) + b(1,1))"
    assert numbers == f"= step({W(1, 1, 1):g}·1 + {W(1, 2, 1):g}·0 + ({b(1, 1):g}))"
    assert z == f"= step({W(1, 1, 1) + b(1, 1):g})"
    assert value == "= 0"


def test_written_out_of_a_probability_among_several(three_classes):
    model, X, _ = three_classes
    text = Units(model, X[0]).written_out("o", 2)
    assert text.startswith("z(2,2) = W(2,1,2)·f(1,1) + W(2,2,2)·f(1,2) + ")
    assert text.endswith(f"f(2,2) = exp(z(2,2)) / Σ exp(z(2,k))\n= {Units(model, X[0])(2, 2):.4g}")


def test_written_out_leaves_the_middle_of_long_sums_out(large_network):
    line = Units(large_network, np.eye(300)[0]).written_out(1, 1).split("\n")[0]
    assert line.endswith("W(1,6,1)·x(6) + ... + W(1,300,1)·x(300) + b(1,1))")


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda W, b, f: W(4, 1, 1), r'layer 4 does not exist: the layers are 1 to 3, and "o" is the output layer 3'),
        (lambda W, b, f: W(0, 1, 1), r"layer 0 does not exist"),
        (lambda W, b, f: W("out", 1), r"layer 'out' does not exist"),
        (lambda W, b, f: W(1, 3, 1), r"layer 1 has inputs 1 to 2, got 3; counting starts at 1"),
        (lambda W, b, f: W(1, 0, 1), r"layer 1 has inputs 1 to 2, got 0"),
        (lambda W, b, f: W(1, 1, -1), r"layer 1 has units 1 to 4, got -1"),
        (lambda W, b, f: W(1, 1, 1.0), r"layer 1 has units 1 to 4, got 1.0"),
        (lambda W, b, f: W[1, 0:1, 1], r"layer 1 has inputs 1 to 2, got slice\(0, 1, None\)"),
        (lambda W, b, f: W(2, 1), r"W\(2, 1\) has no third index, and layer 2 has 3 units: write W\(2, 1, j\)"),
        (lambda W, b, f: b(1, 5), r"layer 1 has units 1 to 4, got 5"),
        (lambda W, b, f: f(2, 4), r"layer 2 has units 1 to 3, got 4"),
        (lambda W, b, f: f.written_out(1, ":"), r"written_out shows one unit, got ':'"),
    ],
)
def test_indices_that_do_not_exist(notes_network, moons, call, message):
    with pytest.raises(IndexError, match=message):
        call(Weights(notes_network), Biases(notes_network), Units(notes_network, moons[0][0]))


def test_an_input_that_does_not_fit(notes_network):
    with pytest.raises(ValueError, match=r"X has 3 features a row; this MLPClassifier was fitted on 2"):
        Units(notes_network, [1.0, 2.0, 3.0])
