"""The worst mistakes come first, with the right labels; hand-made probabilities and a real classifier."""

import numpy as np
import pytest
from sklearn.svm import LinearSVC

from rosenblatt import MLPClassifier
from rosenblatt.display import MistakesDisplay

IMAGES = np.arange(5)[:, None, None] * np.ones((5, 2, 2))
PROBABILITIES = np.array([[0.9, 0.1], [0.2, 0.8], [0.4, 0.6], [0.95, 0.05], [0.3, 0.7]])
TRUE = np.array([0, 0, 0, 1, 1])  # rows 1, 2 and 3 are mistakes; row 3 is the worst


def test_worst_first_and_no_right_ones():
    display = MistakesDisplay.from_predictions(IMAGES, TRUE, PROBABILITIES)
    assert [float(image.mean()) for image in display.images] == [3.0, 1.0, 2.0]
    np.testing.assert_allclose(display.losses, -np.log([0.05, 0.2, 0.4]))
    np.testing.assert_allclose(display.probabilities, [0.95, 0.8, 0.6])
    captions = [text.get_text() for text in display.captions_]
    assert captions == ["is 1\nread as 0, 95%", "is 0\nread as 1, 80%", "is 0\nread as 1, 60%"]
    assert display.ax_.get_title() == "3 mistakes among 5 images"


def test_as_many_as_wanted():
    display = MistakesDisplay.from_predictions(IMAGES, TRUE, PROBABILITIES, n_images=2)
    assert len(display.images_) == 2
    assert display.ax_.get_title() == "the 2 worst of 3 mistakes among 5 images"
    assert display.plot(n_images=1).ax_.get_title() == "the worst of 3 mistakes among 5 images"


def test_labels_and_their_names():
    labels = np.array(["cat", "dog"])[TRUE]
    display = MistakesDisplay.from_predictions(IMAGES, labels, PROBABILITIES, classes=["cat", "dog"])
    assert display.true_labels.tolist() == ["dog", "cat", "cat"]
    display = MistakesDisplay.from_predictions(
        IMAGES, labels, PROBABILITIES, classes=["cat", "dog"], class_names=["Katze", "Hund"]
    )
    assert display.predicted_labels.tolist() == ["Katze", "Hund", "Hund"]


def test_classes_in_another_order():
    display = MistakesDisplay.from_predictions(IMAGES, 1 - TRUE, PROBABILITIES, classes=[1, 0])
    assert [float(image.mean()) for image in display.images] == [3.0, 1.0, 2.0]


def test_a_probability_of_zero_is_the_worst():
    display = MistakesDisplay.from_predictions(IMAGES[:2], [1, 1], [[0.9, 0.1], [1.0, 0.0]])
    assert float(display.images[0].mean()) == 1.0
    assert np.isfinite(display.losses).all()


def test_no_mistake(assert_readable):
    display = MistakesDisplay.from_predictions(IMAGES, [0, 1, 1, 0, 1], PROBABILITIES)
    assert display.images_ == []
    assert display.ax_.get_title() == "no mistake among 5 images"
    assert_readable(display.figure_)


def test_of_an_estimator(digits_reader):
    model, X, y = digits_reader
    display = MistakesDisplay.from_estimator(model, X, y, image_shape=(8, 8))
    wrong = model.predict(X) != y
    assert len(display.images) == wrong.sum()
    assert (np.diff(display.losses) <= 0).all()
    of_true = model.predict_proba(X)[np.arange(len(X)), y]
    worst = np.flatnonzero(wrong)[of_true[wrong].argmin()]
    np.testing.assert_array_equal(display.images[0].ravel(), X[worst])
    assert (display.true_labels[0], display.predicted_labels[0]) == (str(y[worst]), str(model.predict(X)[worst]))
    assert len(display.images_) == 12


def test_images_that_the_estimator_was_fitted_on_need_no_shape(digits_reader):
    _, X, y = digits_reader
    images = X.reshape(-1, 8, 8)
    model = MLPClassifier(hidden_layer_sizes=(8,), max_epochs=1, random_state=0).fit(images, y)
    assert MistakesDisplay.from_estimator(model, images, y).images.shape[1:] == (8, 8, 1)
    assert MistakesDisplay.from_estimator(model, X, y).images.shape[1:] == (8, 8, 1)


def test_errors(digits_reader):
    model, X, y = digits_reader
    with pytest.raises(ValueError, match=r"X has flat rows of 64 values; pass image_shape"):
        MistakesDisplay.from_estimator(model, X, y)
    with pytest.raises(
        TypeError, match=r"LinearSVC has no predict_proba, and mistakes are sorted by their probability"
    ):
        MistakesDisplay.from_estimator(LinearSVC(max_iter=5000).fit(X[:50], y[:50]), X, y, image_shape=(8, 8))
    with pytest.raises(ValueError, match=r"y holds \[17\], and the classes are \[0, 1, 2"):
        MistakesDisplay.from_estimator(model, X, np.where(y == 7, 17, y), image_shape=(8, 8))
    with pytest.raises(ValueError, match=r"there are 2 class names and 10 classes; give one for each"):
        MistakesDisplay.from_estimator(model, X, y, image_shape=(8, 8), class_names=["a", "b"])
    with pytest.raises(
        ValueError, match=r"5 images, y_true of shape \(4,\) and y_proba of shape \(5, 2\) do not belong"
    ):
        MistakesDisplay.from_predictions(IMAGES, TRUE[1:], PROBABILITIES)
    with pytest.raises(ValueError, match=r"there are 3 classes and 2 columns of y_proba"):
        MistakesDisplay.from_predictions(IMAGES, TRUE, PROBABILITIES, classes=[0, 1, 2])
    with pytest.raises(ValueError, match=r"n_images=0; at least 1 is needed"):
        MistakesDisplay.from_predictions(IMAGES, TRUE, PROBABILITIES, n_images=0)
