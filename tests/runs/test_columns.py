import numpy as np
import pytest
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.linear_model import LinearRegression
from sklearn.preprocessing import StandardScaler

from rosenblatt.models.mlp import MLPClassifier
from rosenblatt.models.perceptron import Perceptron
from rosenblatt.runs.columns import (
    check_restores,
    check_transforms,
    feature_names,
    named_columns,
    prediction_columns,
    restores_rows,
)

RNG = np.random.default_rng(0)
X = RNG.normal(size=(60, 3))
LABELS = np.array(["low", "mid", "high"])[np.digitize(X[:, 0], (-0.4, 0.4))]


def test_predictions_are_columns():
    model = DummyClassifier(strategy="prior").fit(X, LABELS)
    columns = prediction_columns(model, X, probabilities=True)
    assert list(columns) == ["prediction", "probability_high", "probability_low", "probability_mid"]
    assert columns["probability_low"] == pytest.approx(np.full(60, np.mean(LABELS == "low")), rel=1e-12)
    two = LinearRegression().fit(X, X[:, :2])
    assert list(prediction_columns(two, X)) == ["prediction_0", "prediction_1"]


def test_probabilities_of_several_labels_are_columns_by_number():
    y = (X[:, :2] > 0).astype(int)
    model = MLPClassifier(hidden_layer_sizes=4, max_epochs=2, random_state=0).fit(X, y)
    columns = prediction_columns(model, X, probabilities=True)
    assert list(columns) == ["prediction_0", "prediction_1", "probability_0", "probability_1"]
    assert np.array_equal(columns["probability_1"], model.predict_proba(X)[:, 1])


def test_what_has_no_probabilities_or_no_predictions_says_so():
    far = np.abs(X[:, 0]) > 0.3
    model = Perceptron(max_epochs=100, random_state=0).fit(X[far], np.where(X[far, 0] > 0, "up", "down"))
    with pytest.raises(ValueError, match="Perceptron gives no probabilities; leave --proba out"):
        prediction_columns(model, X, probabilities=True)
    with pytest.raises(ValueError, match="StandardScaler learned without a target and has no predictions: `rosenblatt"):
        prediction_columns(StandardScaler().fit(X), X)


def test_what_has_no_codes_or_restores_nothing_says_so():
    check_transforms(StandardScaler())
    with pytest.raises(ValueError, match="DummyRegressor has no codes: autoencoders have, and networks whose"):
        check_transforms(DummyRegressor())
    assert not restores_rows(DummyRegressor())
    with pytest.raises(ValueError, match="DummyRegressor restores no rows, as an autoencoder does"):
        check_restores(DummyRegressor())


def test_rows_and_images_are_columns_by_name():
    images = RNG.normal(size=(5, 2, 2, 1))
    columns = named_columns("abcd", images)
    assert list(columns) == list("abcd")
    assert np.array_equal(columns["c"], images[:, 1, 0, 0])


def test_features_have_the_names_of_the_columns_that_were_learned_from():
    model = LinearRegression().fit(X, X[:, 0])
    assert feature_names(model) == ["x0", "x1", "x2"]
    model.feature_names_in_ = np.array(["a", "b", "c"], dtype=object)
    assert feature_names(model) == ["a", "b", "c"]
