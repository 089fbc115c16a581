"""A line for each weight, a circle for each unit, the right numbers in the right circles."""

import numpy as np
import pandas as pd
import pytest
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.tree import DecisionTreeClassifier

from rosenblatt import MLPClassifier, MLPRegressor, Perceptron
from rosenblatt.display import NetworkDisplay
from rosenblatt.display.canvas import series_colors
from rosenblatt.display.diagram import Column
from rosenblatt.explain import Units


def texts(display) -> list[str]:
    return [text.get_text() for text in display.ax_.texts]


def test_the_notes_network(notes_network):
    display = NetworkDisplay.from_estimator(notes_network)
    assert len(display.circles_) == 2 + 4 + 3 + 1
    assert len(display.edges_.get_segments()) == 23
    assert display.ax_.get_title() == "31 parameters: 23 weights, 8 biases"
    written = texts(display)
    for text in ("$x_{2}$", "$f_{1,4}$", "$f_{2,3}$", "$y$", "8 weights\n4 biases", "12 weights\n3 biases"):
        assert text in written
    for text in (
        "input\n2 values",
        "layer 1\n4 units",
        "layer 2\n3 units",
        "output\n1 unit",
        "3 weights\n1 bias",
        "P(1)",
    ):
        assert text in written


def test_lines_have_the_sign_and_size_of_their_weights(notes_network):
    display = NetworkDisplay.from_estimator(notes_network)
    weights = np.concatenate([W.ravel() for W in notes_network.coefs_])
    positive, negative = series_colors(2)
    for weight, color in zip(weights, display.edges_.get_colors(), strict=True):
        np.testing.assert_allclose(color[:3], positive if weight >= 0 else negative)
    order = np.argsort(np.abs(weights))
    assert (np.diff(np.array(display.edges_.get_linewidths())[order]) >= 0).all()
    key = display.ax_.get_legend()
    assert key.get_title().get_text() == f"thickest line: |weight| = {np.abs(weights).max():.3g}"


def test_a_line_leads_from_its_input_to_its_unit():
    weights = [np.array([[1.0, -2.0], [3.0, -4.0]])]
    display = NetworkDisplay(weights, [np.zeros(2)]).plot()
    centers = [circle.center for circle in display.circles_]
    for (i, j), segment in zip([(0, 0), (0, 1), (1, 0), (1, 1)], display.edges_.get_segments(), strict=True):
        np.testing.assert_array_equal(segment, [centers[i], centers[2 + j]])


def test_values_are_those_of_the_units(notes_network, moons):
    display = NetworkDisplay.from_estimator(notes_network, moons[0][3])
    f = Units(notes_network, moons[0][3])
    np.testing.assert_allclose(display.values[0], moons[0][3])
    for layer in (1, 2, 3):
        np.testing.assert_allclose(display.values[layer], f(layer), rtol=1e-4)
    assert f"{f(2, 1):.3g}" in texts(display)


def test_outputs_are_what_is_predicted(digits_reader, corners):
    model, X, _ = digits_reader
    display = NetworkDisplay.from_estimator(model, X[0])
    np.testing.assert_allclose(display.values[-1], model.predict_proba(X[:1])[0])
    assert display.output_names == [str(label) for label in range(10)]
    gate = Perceptron(random_state=0).fit(corners, ["no", "no", "no", "yes"])
    display = NetworkDisplay.from_estimator(gate, corners[3])
    assert display.values[-1].tolist() == [1.0]
    assert display.output_names == ["yes"]
    regressor = MLPRegressor(hidden_layer_sizes=(3,), max_epochs=1).fit(corners, corners)
    np.testing.assert_allclose(
        NetworkDisplay.from_estimator(regressor, corners[1]).values[-1], regressor.predict(corners[1:2])[0]
    )


def test_numbers_are_short(corners):
    display = NetworkDisplay([np.ones((3, 1))], [np.zeros(1)], values=[[-0.000123456, 123456.0, -0.907], [1.0]]).plot()
    assert {"-0.0001", "1e+05", "-0.907", "1"} <= set(texts(display))


def test_large_layers_are_cut():
    display = NetworkDisplay([np.ones((784, 1000)), np.ones((1000, 10))], [np.ones(1000), np.ones(10)]).plot()
    assert len(display.circles_) == 3 * 7
    assert len(display.edges_.get_segments()) == 2 * 49
    assert texts(display).count("⋮") == 3
    assert "$x_{784}$" in texts(display)
    assert "$x_{783}$" not in texts(display)
    assert display.ax_.get_title() == "795,010 parameters: 794,000 weights, 1,010 biases"
    assert len(display.plot(max_units=3).circles_) == 3 * 2


@pytest.mark.parametrize(("width", "units"), [(1, (0,)), (4, (0, 1, 2, 3)), (5, (0, 1, 4))])
def test_columns(width, units):
    column = Column.of(width, 4)
    assert column.units == units
    assert column.heights[0] == -column.heights[-1]
    assert column.is_cut == (width > 4)
    if column.is_cut:
        assert column.heights[-2] > column.gap > column.heights[-1]


def test_names_of_features(moons):
    frame = pd.DataFrame(moons[0], columns=["width", "height"])
    model = MLPClassifier(hidden_layer_sizes=(4, 3), activation="tanh", max_epochs=1).fit(frame, moons[1])
    display = NetworkDisplay.from_estimator(model, frame.iloc[0])
    assert {"width", "height"} <= set(texts(display))
    assert NetworkDisplay.from_estimator(model, input_names=["a", "b"]).input_names == ["a", "b"]


def test_other_linear_models_have_weights_too(moons):
    display = NetworkDisplay.from_estimator(LogisticRegression().fit(*moons))
    assert display.widths == [2, 1]


def test_weights_that_are_all_zero():
    display = NetworkDisplay([np.zeros((2, 1))], [np.zeros(1)]).plot()
    assert np.isfinite(display.edges_.get_linewidths()).all()


def test_mistakes(notes_network, moons):
    with pytest.raises(NotFittedError, match="MLPClassifier instance is not fitted yet"):
        NetworkDisplay.from_estimator(MLPClassifier())
    with pytest.raises(TypeError, match=r"DecisionTreeClassifier has no dense layers \(coefs_, intercepts_\)"):
        NetworkDisplay.from_estimator(DecisionTreeClassifier().fit(*moons))
    with pytest.raises(ValueError, match=r"x has 3 values; one input of this MLPClassifier has 2"):
        NetworkDisplay.from_estimator(notes_network, [1.0, 2.0, 3.0])
    with pytest.raises(ValueError, match=r"max_units=2; at least 3 are needed"):
        NetworkDisplay.from_estimator(notes_network, max_units=2)
    with pytest.raises(ValueError, match=r"input_names has 1 names; the layer has 2 units"):
        NetworkDisplay.from_estimator(notes_network, input_names=["only"])
    with pytest.raises(ValueError, match=r"values has layers of \[2\] units, and the network of \[2, 1\]"):
        NetworkDisplay([np.ones((2, 1))], [np.ones(1)], values=[[1.0, 2.0]])
    with pytest.raises(ValueError, match=r"weights of shapes \[\(2, 3\), \(4, 1\)\] .* make no network"):
        NetworkDisplay([np.ones((2, 3)), np.ones((4, 1))], [np.ones(3), np.ones(1)])
    with pytest.raises(ValueError, match=r"there are 1 weight matrices and 0 bias vectors"):
        NetworkDisplay([np.ones((2, 3))], [])
