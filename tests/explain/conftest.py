"""Networks as the lecture notes draw them, and some that are less simple, each fitted once."""

import numpy as np
import pytest

from rosenblatt import ConvClassifier, MLPClassifier, MLPRegressor, Perceptron
from rosenblatt.data import load


@pytest.fixture(scope="session")
def moons():
    data = load("moons")
    return data.X[:40].astype(np.float64), data.y[:40]


@pytest.fixture(scope="session")
def notes_network(moons):
    """The notes' 2-4-3-1 network, with its 23 weights and 8 biases."""
    return MLPClassifier(hidden_layer_sizes=(4, 3), activation="tanh", max_epochs=20, random_state=0).fit(*moons)


@pytest.fixture(scope="session")
def three_classes():
    """(fitted classifier of three classes named by strings, X, y)."""
    data = load("blobs")
    X, y = data.X[:30].astype(np.float64), np.array(["ant", "bee", "cat"])[data.y[:30]]
    return MLPClassifier(hidden_layer_sizes=(5,), max_epochs=3, random_state=0).fit(X, y), X, y


@pytest.fixture(scope="session")
def two_outputs():
    """(fitted regressor of two outputs, X, y)."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(25, 3))
    y = np.column_stack([X[:, 0] * X[:, 1], np.abs(X[:, 2])])
    return MLPRegressor(hidden_layer_sizes=(6,), activation="softplus", max_epochs=3, random_state=0).fit(X, y), X, y


@pytest.fixture(scope="session")
def deep_regressor(two_outputs):
    """A regressor of two outputs with two hidden layers of different activations."""
    _, X, y = two_outputs
    model = MLPRegressor(hidden_layer_sizes=(6, 5), activation=["gelu", "leaky_relu"], max_epochs=3, random_state=0)
    return model.fit(X, y)


@pytest.fixture(scope="session")
def large_network():
    """A network of 60,401 parameters."""
    X = np.eye(300)
    return MLPRegressor(hidden_layer_sizes=(200,), activation="tanh", max_epochs=1).fit(X, np.arange(300.0))


@pytest.fixture(scope="session")
def and_gate():
    X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    return Perceptron(random_state=0).fit(X, [0, 0, 0, 1])


@pytest.fixture(scope="session")
def small_convnet():
    """(fitted classifier of digits with two convolution blocks, images)."""
    data = load("digits")
    images = data.X[:300].reshape(-1, 8, 8)
    model = ConvClassifier(channels=(4, 6), hidden_layer_sizes=(8,), activation="tanh", max_epochs=25, random_state=0)
    return model.fit(images, data.y[:300]), images


@pytest.fixture(scope="session")
def bytes_convnet():
    """(fitted classifier of bytes with the classes "a" and "b", images)."""
    images = np.random.default_rng(0).integers(0, 256, (30, 6, 5), dtype=np.uint8)
    labels = np.where(images[:, 0, 0] > 127, "b", "a")
    model = ConvClassifier(channels=(2,), hidden_layer_sizes=(), max_epochs=2, random_state=0)
    return model.fit(images, labels), images
