"""What cannot be written out is refused with what to do."""

from copy import copy

import jax.numpy as jnp
import numpy as np
import pytest
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression

from rosenblatt import MLPClassifier, MLPRegressor
from rosenblatt.explain import Weights, backpropagate
from rosenblatt.explain.network import read_network
from rosenblatt.losses.regression import Huber


def test_reads_shapes_and_names(notes_network):
    network = read_network(notes_network)
    assert network.widths == (2, 4, 3, 1)
    assert network.n_parameters == 23 + 8
    assert (network.output, network.loss.name) == ("sigmoid", "binary cross-entropy")


@pytest.mark.parametrize(
    ("loss", "output", "name"),
    [("square", "identity", "square"), ("poisson", "exp", "poisson"), (Huber(3.0), "identity", "huber")],
)
def test_reads_the_loss_of_a_regressor(loss, output, name, deep_regressor):
    network = read_network(copy(deep_regressor).set_params(loss=loss))
    assert (network.output, network.loss.name) == (output, name)


def test_not_fitted():
    with pytest.raises(NotFittedError, match="MLPClassifier instance is not fitted yet"):
        Weights(MLPClassifier())


def test_no_network():
    model = LogisticRegression().fit([[0.0], [1.0]], [0, 1])
    with pytest.raises(
        TypeError, match=r"this LogisticRegression has no network; only dense layers can be written out"
    ):
        Weights(model)
    with pytest.raises(TypeError, match=r"got list; a fitted MLPClassifier, MLPRegressor or Perceptron is needed"):
        Weights([1, 2])


def test_a_network_of_the_users_own():
    import equinox as eqx

    class Sum(eqx.Module):
        weight: jnp.ndarray

        def __call__(self, x, **_):
            return self.weight * x.sum()

    model = MLPRegressor(network=lambda n_inputs, n_outputs, key: Sum(jnp.ones(1)), max_epochs=1)
    with pytest.raises(TypeError, match=r"has a network of class Sum; only dense layers"):
        Weights(model.fit(np.eye(3), np.arange(3.0)))


def test_functions_of_the_users_own(deep_regressor, two_outputs):
    X, y = np.eye(3), np.arange(3.0)

    def sine(x):
        return jnp.sin(x)

    def quartic(prediction, target):
        return (prediction - target) ** 4

    with pytest.raises(ValueError, match=r"the activation 'sine' is a function of your own.*elu, gelu, identity"):
        backpropagate(MLPRegressor(hidden_layer_sizes=(2,), activation=sine, max_epochs=1).fit(X, y), X, y)
    with pytest.raises(ValueError, match=r"the loss 'quartic' is a function of your own.*absolute, huber"):
        backpropagate(copy(deep_regressor).set_params(loss=quartic), *two_outputs[1:])


def test_rows_that_do_not_fit(notes_network, moons):
    X, y = moons
    with pytest.raises(ValueError, match=r"X has 3 features a row; this MLPClassifier was fitted on 2"):
        backpropagate(notes_network, np.ones((4, 3)), y[:4])
    with pytest.raises(ValueError, match=r"X has 40 rows and y has shape \(39,\); y needs one entry"):
        backpropagate(notes_network, X, y[1:])
    with pytest.raises(ValueError, match=r"y holds classes \[7\] that are not among \[0, 1\]"):
        backpropagate(notes_network, X, np.where(y == 0, 7, y))
    with pytest.raises(ValueError, match="Input X contains NaN"):
        backpropagate(notes_network, np.where(X > 1, np.nan, X), y)
    with pytest.raises(ValueError, match=r"sample_weight must be >= 0; the smallest weight is -1"):
        backpropagate(notes_network, X, y, sample_weight=-np.ones(40))
    with pytest.raises(ValueError, match=r"y has 3 columns, one for each label, which may hold 0 and 1 only"):
        backpropagate(notes_network, X, np.full((40, 3), 0.5))
    with pytest.raises(ValueError, match=r"y has 3 outputs a row; this MLPClassifier has 1"):
        backpropagate(notes_network, X, np.ones((40, 3)))


def test_targets_that_do_not_fit_a_regressor(two_outputs):
    model, X, y = two_outputs
    with pytest.raises(ValueError, match=r"y has 1 outputs a row; this MLPRegressor has 2"):
        backpropagate(model, X, y[:, 0])
    with pytest.raises(ValueError, match="Input y contains NaN"):
        backpropagate(model, X, y * np.nan)
