"""The multi-layer perceptrons against scikit-learn's with the same weights, and their gradients against differences."""

from functools import partial

import jax
import numpy as np
import pytest
from jax.flatten_util import ravel_pytree
from sklearn.base import clone
from sklearn.neural_network import MLPClassifier as PeerClassifier
from sklearn.neural_network import MLPRegressor as PeerRegressor
from sklearn.utils.multiclass import unique_labels

from rosenblatt import MLPClassifier, MLPRegressor
from rosenblatt.losses.classification import binary_cross_entropy, categorical_cross_entropy
from rosenblatt.losses.penalties import elastic
from rosenblatt.losses.regression import REGRESSION_LOSSES, MeanOverOutputs
from rosenblatt.models.supervised import SupervisedRisk
from rosenblatt.nn.activations import ACTIVATIONS
from rosenblatt.nn.mlp import MLP
from rosenblatt.training.epoch import move
from rosenblatt.training.optimizers import OPTIMIZERS
from rosenblatt.training.players import Batch, Player, number
from rosenblatt.training.programs import Skeleton
from rosenblatt.training.randomness import wrap_key

N_ROWS, RATE, ALPHA = 60, 0.1, 0.5
TASKS = ("binary", "multiclass", "multilabel", "one output", "two outputs")


def draw_task(task):
    """Inputs and targets of a task."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(N_ROWS, 5)).astype(np.float32)
    scores = X[:, :3] + 0.3 * rng.normal(size=(N_ROWS, 3))
    targets = {
        "binary": scores[:, 0] > 0,
        "multiclass": scores.argmax(axis=1),
        "multilabel": (scores > 0).astype(int),
        "one output": scores[:, 0],
        "two outputs": scores[:, :2],
    }
    return X, targets[task]


def pair(task, activation, batch_size):
    """Our estimator and scikit-learn's, with the same layers, rate of learning and penalty.

    A step of scikit-learn's is w - rate (g + alpha w / n) / where g is the gradient of the mean cross-entropy, or of
    half the square error *summed* over k outputs. Ours is w - rate (h + 2 l2 w) with h the gradient of the mean
    cross-entropy, or of the square error *averaged* over outputs, so h = 2 g / k. Equal steps need rate' = rate k / 2
    for regression, and rate' 2 l2 = rate alpha / n.
    """
    n_outputs = {"one output": 1, "two outputs": 2}.get(task)
    rate = RATE if n_outputs is None else RATE * n_outputs / 2
    mine = (MLPRegressor if n_outputs else MLPClassifier)(
        hidden_layer_sizes=(8, 6),
        activation=activation,
        optimizer="sgd",
        learning_rate=rate,
        l2=ALPHA * RATE / (2 * N_ROWS * rate),
        batch_size=batch_size,
        max_epochs=1,
        warm_start=True,
        random_state=0,
    )
    theirs = (PeerRegressor if n_outputs else PeerClassifier)(
        hidden_layer_sizes=(8, 6),
        activation={"sigmoid": "logistic"}.get(activation, activation),
        solver="sgd",
        momentum=0.0,
        learning_rate_init=RATE,
        alpha=ALPHA,
        batch_size=N_ROWS,
    )
    return mine, theirs


def copy_parameters(mine, theirs):
    theirs.coefs_ = [weight.astype(float) for weight in mine.coefs_]
    theirs.intercepts_ = [bias.astype(float) for bias in mine.intercepts_]


def assert_equal_predictions(mine, theirs, X):
    exact = X.astype(float)
    np.testing.assert_allclose(mine.predict(X), theirs.predict(exact), rtol=1e-5, atol=1e-6)
    if hasattr(mine, "predict_proba"):
        np.testing.assert_allclose(mine.predict_proba(X), theirs.predict_proba(exact), rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize(
    ("task", "activation", "batch_size"),
    [
        ("binary", "relu", N_ROWS),
        ("multiclass", "tanh", "full"),
        ("multilabel", "sigmoid", N_ROWS),
        ("one output", "identity", N_ROWS),
        ("two outputs", "tanh", "full"),
    ],
)
def test_forward_pass_and_a_step_of_descent_equal_scikit_learns(task, activation, batch_size):
    X, y = draw_task(task)
    mine, theirs = pair(task, activation, batch_size)
    mine.fit(X, y)
    theirs.partial_fit(X, y, **({"classes": unique_labels(y)} if isinstance(theirs, PeerClassifier) else {}))
    copy_parameters(mine, theirs)
    assert_equal_predictions(mine, theirs, X)

    before = mine.coefs_
    mine.fit(X, y)
    theirs.partial_fit(X.astype(float), y)
    for layer in range(3):
        np.testing.assert_allclose(mine.coefs_[layer], theirs.coefs_[layer], rtol=1e-5, atol=1e-6)
        np.testing.assert_allclose(mine.intercepts_[layer], theirs.intercepts_[layer], rtol=1e-5, atol=1e-6)
        assert np.abs(mine.coefs_[layer] - before[layer]).max() > 1e-3
    assert_equal_predictions(mine, theirs, X)


def classification_risk(loss, n_outputs):
    return SupervisedRisk(loss, (), np.asarray(n_outputs, np.int32), number(0.0))


def regression_risk(name, dropout=0.0):
    return SupervisedRisk(MeanOverOutputs(REGRESSION_LOSSES[name]), (), np.asarray(1, np.int32), number(dropout))


RISKS = {
    "binary": (lambda: classification_risk(binary_cross_entropy, 1), 1),
    "categorical": (lambda: classification_risk(categorical_cross_entropy, 3), 3),
    **{name: (partial(regression_risk, name), 1) for name in REGRESSION_LOSSES},
}


def numbers(name, n_rows=12):
    """A network of the notes' size and a batch with weights and two padded rows, all in float64."""
    n_outputs = RISKS[name][1]
    rng = np.random.default_rng(7)
    weights, real = rng.uniform(0.5, 2, n_rows), (np.arange(n_rows) < n_rows - 2).astype(float)
    targets = rng.integers(0, 3, n_rows) if name == "categorical" else rng.integers(0, 2, (n_rows, 1)).astype(float)
    batch = Batch(rng.normal(size=(n_rows, 2)), targets, weights, real)
    return n_outputs, batch, rng


def gradient_and_differences(name, activation, risk, key=None):
    """The whole risk's gradient as a move uses it, and central differences of the risk, penalties included."""
    n_outputs, batch, rng = numbers(name)
    functions = [ACTIVATIONS[activation]] * 2
    network = MLP.initialize([2, 4, 3, n_outputs], functions, "glorot", rng)
    network = jax.tree.map(lambda a: rng.normal(scale=0.7, size=a.shape), network)
    player = Player("model", ("model",), risk, OPTIMIZERS["sgd"], number(2**-6), number(2**-5))
    arrays, skeleton = Skeleton.of({"model": network})
    state = player.optimizer.transformation.init(arrays)
    flat, unravel = ravel_pytree(arrays)

    def whole_risk(flat):
        networks = unravel(flat)
        penalty = sum(elastic(layer.weight, player.l1, player.l2) for layer in networks["model"].layers)
        return player.objective(skeleton.dress(networks), batch, key)[0] + penalty

    @jax.jit
    def both(flat):
        moved, *_ = move(player, skeleton, unravel(flat), state, batch, 1.0, key)
        steps = 1e-5 * np.eye(len(flat))
        differences = (jax.vmap(whole_risk)(flat + steps) - jax.vmap(whole_risk)(flat - steps)) / 2e-5
        return flat - ravel_pytree(moved)[0], differences

    assert flat.dtype == np.float64
    return tuple(map(np.asarray, both(flat)))


@pytest.mark.parametrize(
    ("name", "activation"),
    [
        ("binary", "tanh"),
        ("categorical", "relu"),
        ("square", "gelu"),
        ("huber", "elu"),
        ("absolute", "softplus"),
        ("poisson", "sigmoid"),
        ("binary", "leaky_relu"),
    ],
)
def test_the_whole_risks_gradient_equals_central_differences(name, activation, float64):
    gradient, differences = gradient_and_differences(name, activation, RISKS[name][0]())
    assert len(gradient) == {1: 31, 3: 39}[RISKS[name][1]]
    np.testing.assert_allclose(gradient, differences, rtol=1e-4, atol=1e-8)
    assert np.abs(gradient).max() > 0.05


def test_the_gradient_under_dropout_equals_central_differences(float64):
    key = wrap_key(np.uint32([1, 2]))
    gradient, differences = gradient_and_differences("square", "tanh", regression_risk("square", 0.4), key)
    np.testing.assert_allclose(gradient, differences, rtol=1e-4, atol=1e-8)


def test_fits_where_the_user_has_switched_64_bit_numbers_on(float64):
    X, y = draw_task("binary")
    model = MLPClassifier(hidden_layer_sizes=(9,), max_epochs=3, dropout=0.2, early_stopping=True, random_state=0)
    model.fit(X, y)
    assert model.coefs_[0].dtype == np.float32
    assert np.isfinite(model.history_["validation_risk"]).all()


def test_a_fit_at_saturated_logits_stays_finite():
    """Inputs of 1e4 and a network that is wrong about many of them: the risk is large, not infinite."""
    X, y = draw_task("multiclass")
    model = MLPClassifier(hidden_layer_sizes=(8, 6), activation="relu", max_epochs=3, l2=1e-3, random_state=0)
    model.fit(1e4 * X, y)
    assert np.abs(model.decision_function(1e4 * X)).max() > 1e3
    assert model.history_["train_risk"][0] > 1e3
    assert np.isfinite(model.history_["train_risk"]).all()
    assert all(np.isfinite(weight).all() for weight in model.coefs_)
    assert np.isfinite(model.predict_log_proba(1e4 * X)).all()


def test_weights_that_are_whole_numbers_are_repetitions():
    X, y = draw_task("multiclass")
    counts = np.random.default_rng(1).integers(0, 4, N_ROWS)
    model = MLPClassifier(
        hidden_layer_sizes=(8, 6),
        activation="tanh",
        optimizer="sgd",
        learning_rate=0.1,
        max_epochs=20,
        batch_size="full",
        random_state=0,
    )
    weighted = clone(model).fit(X, y, sample_weight=counts)
    repeated = clone(model).fit(np.repeat(X, counts, axis=0), np.repeat(y, counts))
    for mine, theirs in zip(weighted.coefs_, repeated.coefs_, strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-5, atol=1e-6)
