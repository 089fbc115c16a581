"""Regions have the colours of their classes, boundaries are where probabilities are equal."""

import numpy as np
import pandas as pd
import pytest
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.svm import LinearSVC

from rosenblatt import MLPClassifier, Perceptron
from rosenblatt.display import DecisionDisplay
from rosenblatt.display.canvas import series_colors


def color_at(display, x1: float, x2: float) -> np.ndarray:
    column, row = np.abs(display.x1 - x1).argmin(), np.abs(display.x2 - x2).argmin()
    return display.surface_.get_array()[row, column]


def hue(display, class_number: int) -> np.ndarray:
    """The direction from the page to the colour of a class."""
    difference = np.array(series_colors(class_number + 1)[-1]) - 1.0
    return difference / np.linalg.norm(difference)


def test_regions_have_the_colours_of_their_classes(corners):
    display = DecisionDisplay.from_estimator(lambda X: X.sum(axis=1) > 1.5, corners, [0, 0, 0, 1], margin=0.5)
    for place, label in (((0, 0), 0), ((0, 1), 0), ((1, 1), 1)):
        difference = color_at(display, *place) - 1.0
        np.testing.assert_allclose(difference / np.linalg.norm(difference), hue(display, label), atol=1e-6)


def test_colours_are_paler_where_the_class_is_less_certain():
    def probabilities(X):
        p = 1 / (1 + np.exp(-X[:, 0]))
        return np.column_stack([1 - p, p])

    display = DecisionDisplay.from_estimator(
        probabilities, np.array([[-8.0, -1.0], [8.0, 1.0]]), [0, 1], resolution=201
    )
    strength = [np.linalg.norm(color_at(display, x1, 0.0) - 1.0) for x1 in (0.0, 0.8, 2.0, 8.0)]
    assert strength[0] == pytest.approx(0.0, abs=1e-6)  # the page, where both are equally probable
    assert strength == sorted(strength)
    (boundary,) = display.boundaries_
    np.testing.assert_allclose(np.concatenate([path.vertices for path in boundary.get_paths()])[:, 0], 0.0, atol=1e-3)


def test_probabilities_are_those_of_the_estimator(notes_network, moons):
    display = DecisionDisplay.from_estimator(notes_network, *moons, resolution=7)
    places = np.array([[x1, x2] for x2 in display.x2 for x1 in display.x1], np.float32)
    np.testing.assert_allclose(display.probabilities.reshape(-1, 2), notes_network.predict_proba(places), rtol=1e-4)
    assert [len(group.get_offsets()) for group in display.points_] == [(moons[1] == k).sum() for k in (0, 1)]


def test_the_boundary_of_a_perceptron_is_a_straight_line(corners):
    gate = Perceptron(random_state=0).fit(corners, [0, 0, 0, 1])
    display = DecisionDisplay.from_estimator(gate, corners, [0, 0, 0, 1])
    vertices = np.concatenate([path.vertices for path in display.boundaries_[0].get_paths()])
    np.testing.assert_allclose(vertices @ gate.coef_[0] + gate.intercept_, 0.0, atol=1e-5)


def test_three_classes_and_names():
    data = np.array([[0.0, 0.0], [4.0, 0.0], [0.0, 4.0]])
    model = LogisticRegression(C=100).fit(data, ["ant", "bee", "cat"])
    display = DecisionDisplay.from_estimator(
        model, data, ["ant", "bee", "cat"], class_names=["Ameise", "Biene", "Katze"]
    )
    assert [text.get_text() for text in display.ax_.get_legend().get_texts()] == ["Ameise", "Biene", "Katze"]
    assert len(display.boundaries_) == 2
    markers = {group.get_paths()[0].vertices.tobytes() for group in display.points_}
    assert len(markers) == 3  # classes differ by shape, too


def test_points_without_classes_and_classes_without_points(notes_network, moons):
    display = DecisionDisplay.from_estimator(notes_network, moons[0])
    assert len(display.points_) == 1
    assert display.ax_.get_legend() is None
    only = DecisionDisplay.from_estimator(lambda X: np.zeros(len(X), int), moons[0], moons[1])
    assert only.classes.tolist() == [0, 1]
    assert only.boundaries_ == []


def test_one_class_only(moons):
    display = DecisionDisplay.from_estimator(lambda X: np.zeros(len(X), int), moons[0])
    assert display.classes.tolist() == [0]
    display.figure_.canvas.draw()


def test_a_class_that_is_decided_nowhere():
    data = np.array([[0.0, 0.0], [9.0, 0.0], [0.0, 9.0], [100.0, 100.0]])
    model = LinearSVC().fit(data, [0, 1, 2, 3])
    display = DecisionDisplay.from_estimator(model, data[:1])
    assert display.classes.tolist() == [0, 1, 2, 3]
    assert display.scores.shape == display.probabilities.shape == (200, 200, 4)


def test_data_frames_keep_their_names(moons):
    frame = pd.DataFrame(moons[0], columns=["width", "height"])
    model = MLPClassifier(hidden_layer_sizes=(4, 3), activation="tanh", max_epochs=1).fit(frame, moons[1])
    display = DecisionDisplay.from_estimator(model, frame, moons[1], resolution=5)
    assert (display.ax_.get_xlabel(), display.ax_.get_ylabel()) == ("width", "height")


def test_polars_frames(moons):
    polars = pytest.importorskip("polars")
    frame = polars.DataFrame({"width": moons[0][:, 0], "height": moons[0][:, 1]})
    model = LogisticRegression().fit(frame, moons[1])
    assert DecisionDisplay.from_estimator(model, frame, moons[1], resolution=5).ax_.get_xlabel() == "width"


def test_the_legend_stands_beside_the_picture_where_there_is_a_layout_for_it(notes_network, moons, own_axes):
    from matplotlib.figure import Figure

    def overlap(ax):
        ax.figure.canvas.draw()
        return ax.get_legend().get_window_extent().x0 < ax.get_window_extent().x1

    assert not overlap(DecisionDisplay.from_estimator(notes_network, *moons, ax=own_axes).ax_)
    assert overlap(DecisionDisplay.from_estimator(notes_network, *moons, ax=Figure().subplots()).ax_)


def test_mistakes(notes_network, moons):
    X, y = moons
    with pytest.raises(ValueError, match=r"X has shape \(5, 3\); decisions can be drawn over two features only"):
        DecisionDisplay.from_estimator(notes_network, np.zeros((5, 3)))
    with pytest.raises(ValueError, match=r"y has shape \(3,\) and X has 200 rows; one class for each row is needed"):
        DecisionDisplay.from_estimator(notes_network, X, [0, 1, 0])
    with pytest.raises(ValueError, match=r"y holds \[7\], and the classes are \[0, 1\]"):
        DecisionDisplay.from_estimator(notes_network, X, np.where(y == 1, 7, y))
    with pytest.raises(TypeError, match=r"got LinearRegression; a fitted classifier, or a function"):
        DecisionDisplay.from_estimator(LinearRegression().fit(X, y), X, y)
    with pytest.raises(TypeError, match=r"got str; a fitted classifier, or a function"):
        DecisionDisplay.from_estimator("perceptron", X, y)
    with pytest.raises(NotFittedError):
        DecisionDisplay.from_estimator(MLPClassifier(), X, y)
    with pytest.raises(ValueError, match=r"the function returned 40000 different values; it should return a class"):
        DecisionDisplay.from_estimator(lambda X: X[:, 0] + 1e-3 * X[:, 1], X)
    with pytest.raises(ValueError, match=r"the function returned shape \(3,\) for 40000 rows; a class"):
        DecisionDisplay.from_estimator(lambda X: np.zeros(3), X)
    with pytest.raises(ValueError, match=r"there are 3 class names and 2 classes \(\[0, 1\]\); give one for each"):
        DecisionDisplay.from_estimator(notes_network, X, y, class_names=["a", "b", "c"])
    with pytest.raises(ValueError, match=r"resolution=1 must be at least 2, and margin=0.1 at least 0"):
        DecisionDisplay.from_estimator(notes_network, X, y, resolution=1)
