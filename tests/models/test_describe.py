"""What describe says before a fit, with numbers counted by hand."""

import re

import numpy as np
import pytest
from sklearn.datasets import load_digits

from rosenblatt import ConvClassifier, McCullochPittsNeuron, MLPClassifier, MLPRegressor, Perceptron, describe


def test_the_notes_network_has_23_weights_and_8_biases():
    X = np.random.default_rng(0).normal(size=(10, 2))
    described = describe(MLPClassifier(hidden_layer_sizes=(4, 3), activation="sigmoid"), X, [0, 1] * 5)
    assert described.parameters == (23, 8)  # 2*4 + 4*3 + 3*1 and 4 + 3 + 1
    assert [layer.output_shape for layer in described.layers] == [(4,), (3,), (1,)]
    assert described.multiply_adds == 23
    assert "23 weights + 8 biases" in str(described)
    assert "2 x 4 + 4, sigmoid" in str(described)


def test_nothing_is_trained_and_the_estimator_is_left_alone():
    X, y = load_digits(return_X_y=True)
    model = MLPClassifier()
    described = describe(model, X, y)
    assert not hasattr(model, "networks_")
    assert not hasattr(model, "n_features_in_")
    assert described.parameters == (64 * 100 + 100 * 10, 110)


def test_a_fitted_one_needs_no_data():
    X, y = np.random.default_rng(0).normal(size=(30, 3)), np.arange(30.0)
    model = MLPRegressor(hidden_layer_sizes=(5,), max_epochs=1).fit(X, y)
    assert describe(model).parameters == model.n_parameters_ == (20, 6)


def test_images_and_several_outputs():
    images, y = np.random.default_rng(0).random((12, 8, 8, 3)), np.eye(3)[np.arange(12) % 3]
    described = describe(MLPClassifier(hidden_layer_sizes=(2,)), images, y)
    assert described.layers[0].receptive_field == 192
    assert described.parameters == (192 * 2 + 2 * 3, 5)


@pytest.mark.parametrize(
    ("columns", "fields", "text"),
    [
        (lambda X: np.c_[X, np.ones(len(X))], {}, r"1 of 4 columns are constant \(3\)"),
        (lambda X: X * [1, 1, 5000], {}, "X is not scaled .*StandardScaler"),
        (lambda X: X, {}, "parameters for 40 rows: it can learn them by heart"),
        (lambda X: X, {"initializer": "zeros"}, "all units of a hidden layer get the same gradient"),
        (lambda X: X, {"batch_size": 64}, "batch_size=64 is more than the 40 rows"),
    ],
)
def test_warnings(columns, fields, text):
    X = np.random.default_rng(0).normal(size=(40, 3))
    found = " ".join(describe(MLPClassifier(**fields), columns(X), np.arange(40) % 2).warnings)
    assert re.search(text, found)


def test_sound_data_give_no_warning():
    X = np.random.default_rng(0).normal(size=(400, 3))
    assert describe(Perceptron(), X, np.arange(400) % 2).warnings == ()


def test_what_is_missing_is_said():
    with pytest.raises(ValueError, match="describe needs X and y, since this MLPClassifier is not fitted yet"):
        describe(MLPClassifier())
    with pytest.raises(ValueError, match="McCullochPittsNeuron has no network"):
        describe(McCullochPittsNeuron())


def test_a_convolutional_network_beside_the_dense_one():
    images = np.random.default_rng(0).integers(0, 256, (20, 28, 28), dtype=np.uint8)
    described = describe(ConvClassifier(), images, np.arange(20) % 10)
    text = " ".join(str(described).split())
    assert described.parameters.total == 320 + 18496 + 401536 + 1290
    assert "O = (28 - 3 + 2) / 1 + 1 = 28" in text
    assert "10 x 10" in text
    assert "with dense layers of the same width for convolutions: 98,785,418 parameters (x 234)" in text
    assert described.memory > 4 * 4 * described.parameters.total
    assert not any("scaled" in warning or "constant" in warning for warning in described.warnings)


def test_pixels_to_255_that_are_no_bytes_are_warned_of():
    images = np.random.default_rng(0).integers(0, 256, (20, 8, 8)).astype(np.float32)
    described = describe(ConvClassifier(channels=(4,)), images, np.arange(20) % 2)
    assert "pass bytes (uint8), or divide X by 255" in " ".join(described.warnings)


def test_the_notebook_summary_of_a_convolutional_network():
    images = np.random.default_rng(0).random((20, 8, 8))
    model = ConvClassifier(channels=(4,), hidden_layer_sizes=(), max_epochs=1).fit(images, np.arange(20) % 2)
    assert "64 inputs &rarr; 8 x 8 x 4 relu &rarr; 4 x 4 x 4 max &rarr; 1 linear" in model._repr_html_()
