"""The written-out passes against scikit-learn's network, PyTorch's autodiff, and the engine's own steps."""

import warnings

import numpy as np
import pytest
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier as SklearnClassifier
from sklearn.neural_network import MLPRegressor as SklearnRegressor

from rosenblatt import MLPClassifier, MLPRegressor
from rosenblatt.explain import backpropagate


def sklearn_with_weights_of(estimator, peer_class, X, y):
    """scikit-learn's network of the same layers with copied weights, set to one step of plain gradient descent."""
    peer = peer_class(
        hidden_layer_sizes=[len(b) for b in estimator.intercepts_[:-1]],
        activation={"sigmoid": "logistic"}.get(estimator.activation, estimator.activation),
        solver="sgd",
        learning_rate_init=1.0,
        momentum=0.0,
        alpha=0.0,
        batch_size=len(X),
        max_iter=1,
        shuffle=False,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        peer.fit(X, y)
    for mine, theirs in zip(estimator.coefs_ + estimator.intercepts_, peer.coefs_ + peer.intercepts_, strict=True):
        theirs[...] = mine
    return peer


def sklearn_step(peer, X, y):
    """Its gradient: what one step with learning rate 1 subtracts."""
    before = [array.copy() for array in peer.coefs_ + peer.intercepts_]
    peer.partial_fit(X, y)
    return [old - new for old, new in zip(before, peer.coefs_ + peer.intercepts_, strict=True)]


@pytest.mark.parametrize("activation", ["relu", "sigmoid", "tanh"])
def test_classifier_equals_scikit_learn(activation, three_classes):
    _, X, y = three_classes
    estimator = MLPClassifier(hidden_layer_sizes=(5, 4), activation=activation, max_epochs=2, random_state=0).fit(X, y)
    peer = sklearn_with_weights_of(estimator, SklearnClassifier, X, y)
    result = backpropagate(estimator, X, y)
    np.testing.assert_allclose(result.layers[-1].a, peer.predict_proba(X), rtol=1e-12)
    slopes = [layer.dW for layer in result.layers] + [layer.db for layer in result.layers]
    for mine, theirs in zip(slopes, sklearn_step(peer, X, y), strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-9, atol=1e-14)


def test_two_classes_equal_scikit_learn(moons, notes_network):
    peer = sklearn_with_weights_of(notes_network, SklearnClassifier, *moons)
    result = backpropagate(notes_network, *moons)
    np.testing.assert_allclose(result.layers[-1].a[:, 0], peer.predict_proba(moons[0])[:, 1], rtol=1e-12)
    slopes = [layer.dW for layer in result.layers] + [layer.db for layer in result.layers]
    for mine, theirs in zip(slopes, sklearn_step(peer, *moons), strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-9, atol=1e-14)


def test_regressor_equals_scikit_learn(two_outputs):
    _, X, y = two_outputs
    estimator = MLPRegressor(hidden_layer_sizes=(6,), activation="tanh", max_epochs=2, random_state=0).fit(X, y)
    peer = sklearn_with_weights_of(estimator, SklearnRegressor, X, y)
    result = backpropagate(estimator, X, y)
    np.testing.assert_allclose(result.layers[-1].a, peer.predict(X), rtol=1e-12)
    slopes = [layer.dW for layer in result.layers] + [layer.db for layer in result.layers]
    for mine, theirs in zip(slopes, sklearn_step(peer, X, y), strict=True):
        # scikit-learn steps along half the sum of squares over the outputs, we along their mean.
        np.testing.assert_allclose(mine, 2 / y.shape[1] * theirs, rtol=1e-9, atol=1e-14)


@pytest.mark.parametrize(
    "fields",
    [
        {"activation": "tanh"},
        {"activation": ["gelu", "leaky_relu"], "hidden_layer_sizes": (5, 4), "negative_slope": 0.3},
        {"l1": 0.01, "l2": 0.02, "activation": "elu"},
        {"class_weight": {"ant": 1.0, "bee": 2.0, "cat": 5.0}},
    ],
    ids=["plain", "leaky", "penalties", "class weights"],
)
def test_is_what_a_step_of_the_engine_subtracts(fields, three_classes):
    _, X, y = three_classes
    weight = np.linspace(0.5, 2.0, len(X))
    settings = {"optimizer": "sgd", "batch_size": "full", "learning_rate": 1.0, "max_epochs": 1, "random_state": 0}
    estimator = MLPClassifier(hidden_layer_sizes=(5,), warm_start=True).set_params(**settings | fields)
    estimator.fit(X, y, sample_weight=weight)
    before = estimator.coefs_ + estimator.intercepts_
    result = backpropagate(estimator, X, y, sample_weight=weight)
    estimator.fit(X, y, sample_weight=weight)
    after = estimator.coefs_ + estimator.intercepts_
    slopes = [layer.dW for layer in result.layers] + [layer.db for layer in result.layers]
    for mine, old, new in zip(slopes, before, after, strict=True):
        np.testing.assert_allclose(mine, old.astype(float) - new, rtol=1e-5, atol=1e-6)


def test_risk_is_that_of_the_history(three_classes):
    _, X, y = three_classes
    estimator = MLPClassifier(hidden_layer_sizes=(5,), batch_size="full", max_epochs=1, warm_start=True, random_state=0)
    result = backpropagate(estimator.fit(X, y), X, y)
    assert estimator.fit(X, y).history_["train_risk"][0] == pytest.approx(result.risk, rel=1e-5)


def test_penalty_is_part_of_the_risk(three_classes):
    _, X, y = three_classes
    estimator = MLPClassifier(hidden_layer_sizes=(5,), l1=0.1, l2=0.2, max_epochs=1, random_state=0).fit(X, y)
    result = backpropagate(estimator, X, y)
    weights = np.concatenate([W.ravel() for W in estimator.coefs_]).astype(float)
    assert result.penalty == pytest.approx(0.1 * np.abs(weights).sum() + 0.2 * weights @ weights, rel=1e-12)
    assert result.risk == pytest.approx(result.losses.mean() + result.penalty, rel=1e-12)


def test_losses_are_minus_the_log_probability_of_the_right_class(three_classes):
    estimator, X, y = three_classes
    of_right = estimator.predict_log_proba(X)[np.arange(len(X)), np.searchsorted(estimator.classes_, y)]
    np.testing.assert_allclose(backpropagate(estimator, X, y).losses, -of_right, rtol=1e-5)


def test_several_labels_a_row(moons):
    X, y = moons
    labels = np.column_stack([y, 1 - y, X[:, 0] > 0]).astype(int)
    estimator = MLPClassifier(hidden_layer_sizes=(3,), max_epochs=1, random_state=0).fit(X, labels)
    result = backpropagate(estimator, X, labels)
    probability = estimator.predict_proba(X)
    expected = -np.where(labels == 1, np.log(probability), np.log(1 - probability)).sum(1)
    np.testing.assert_allclose(result.losses, expected, rtol=1e-5)


def test_intermediates_belong_together(notes_network, moons):
    first, second, _ = backpropagate(notes_network, *moons).layers
    np.testing.assert_array_equal(first.z, moons[0] @ notes_network.coefs_[0] + notes_network.intercepts_[0])
    np.testing.assert_array_equal(second.a, np.tanh(second.z))
    np.testing.assert_allclose(second.dW, first.a.T @ second.delta, rtol=1e-12)
    np.testing.assert_allclose(second.db, second.delta.sum(0), rtol=1e-12)


def test_equals_pytorch(three_classes):
    torch = pytest.importorskip("torch")
    estimator, X, y = three_classes
    parameters = [torch.tensor(a, dtype=torch.float64, requires_grad=True) for a in estimator.coefs_]
    biases = [torch.tensor(b, dtype=torch.float64, requires_grad=True) for b in estimator.intercepts_]
    hidden = torch.relu(torch.tensor(X) @ parameters[0] + biases[0])
    codes = torch.tensor(np.searchsorted(estimator.classes_, y))
    risk = torch.nn.functional.cross_entropy(hidden @ parameters[1] + biases[1], codes)
    risk.backward()
    result = backpropagate(estimator, X, y)
    assert result.risk == pytest.approx(risk.item(), rel=1e-12)
    for layer, W, b in zip(result.layers, parameters, biases, strict=True):
        np.testing.assert_allclose(layer.dW, W.grad, rtol=1e-9, atol=1e-14)
        np.testing.assert_allclose(layer.db, b.grad, rtol=1e-9, atol=1e-14)
