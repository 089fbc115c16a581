"""Losses of classes against SciPy, scikit-learn and PyTorch: ordinary and extreme logits, with and without padding."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.special import expit, log_expit, log_softmax, softmax
from sklearn.linear_model import Perceptron
from sklearn.metrics import log_loss

from rosenblatt.losses.classification import (
    binary_cross_entropy,
    categorical_cross_entropy,
    perceptron,
    real_outputs,
)

N_CLASSES = 3


@pytest.fixture(scope="module")
def logits():
    return np.random.default_rng(0).normal(scale=3, size=(50, N_CLASSES)).astype(np.float32)


@pytest.fixture(scope="module")
def classes():
    return np.random.default_rng(1).integers(0, N_CLASSES, 50).astype(np.int32)


@pytest.fixture(scope="module")
def labels():
    return np.random.default_rng(2).integers(0, 2, (50, N_CLASSES)).astype(np.float32)


@partial(jax.jit, static_argnums=0)
def compiled(loss, outputs, targets, n_outputs):
    values, pull = jax.vjp(lambda outputs: loss(outputs, targets, n_outputs), outputs)
    return values, pull(jnp.ones_like(values))[0]


def values_and_slopes(loss, outputs, targets, n_outputs=None):
    """One loss a row, and its derivative by that row's outputs."""
    n_outputs = np.int32(outputs.shape[1] if n_outputs is None else n_outputs)
    return tuple(map(np.asarray, compiled(loss, outputs.astype(np.float32), targets, n_outputs)))


def pad(array, value=0.0):
    return np.pad(array, ((0, 0), (0, 2)), constant_values=value)


def test_categorical_equals_scipy_and_scikit_learn(logits, classes):
    values, slopes = values_and_slopes(categorical_cross_entropy, logits, classes)
    exact = logits.astype(float)
    np.testing.assert_allclose(values, -log_softmax(exact, axis=1)[np.arange(50), classes], rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(values.mean(), log_loss(classes, softmax(exact, axis=1), labels=range(3)), rtol=1e-5)
    np.testing.assert_allclose(slopes, softmax(exact, axis=1) - np.eye(3)[classes], rtol=1e-5, atol=1e-6)


def test_binary_equals_scipy_and_scikit_learn(logits, labels):
    values, slopes = values_and_slopes(binary_cross_entropy, logits, labels)
    exact = logits.astype(float)
    per_label = -labels * log_expit(exact) - (1 - labels) * log_expit(-exact)
    np.testing.assert_allclose(values, per_label.sum(1), rtol=1e-5)
    by_label = [log_loss(labels[:, i], expit(exact[:, i])) for i in range(N_CLASSES)]
    np.testing.assert_allclose(values.mean(), sum(by_label), rtol=1e-5)
    np.testing.assert_allclose(slopes, expit(exact) - labels, rtol=1e-5, atol=1e-6)


def test_one_logit_and_two_are_the_same_model(logits):
    """log(1 + exp(-z)) is the categorical cross-entropy of the logits (0, z)."""
    z, ones = logits[:, :1], np.ones(50)
    binary, _ = values_and_slopes(binary_cross_entropy, z, ones[:, None])
    categorical, _ = values_and_slopes(categorical_cross_entropy, np.hstack([0 * z, z]), ones.astype(np.int32))
    # A small loss is the logarithm of a sum near 1, which is known to a unit of float32.
    np.testing.assert_allclose(binary, categorical, rtol=1e-5, atol=2.5e-7)


def test_categorical_is_exact_at_extreme_logits():
    logits = np.array([[1e4, -1e4, 0], [-1e4, 1e4, 0], [1e4, 1e4, 1e4], [0, 0, 0]])
    values, slopes = values_and_slopes(categorical_cross_entropy, logits, np.zeros(4, np.int32))
    # A float32 near 1e4 is known to 0.001, and so is the difference of two.
    np.testing.assert_allclose(values, [0, 2e4, np.log(3), np.log(3)], rtol=1e-6, atol=1e-3)
    expected = [[0, 0, 0], [-1, 1, 0], [-2 / 3, 1 / 3, 1 / 3], [-2 / 3, 1 / 3, 1 / 3]]
    np.testing.assert_allclose(slopes, expected, atol=1e-6)


def test_binary_is_exact_at_extreme_logits():
    logits, targets = np.array([[1e4], [1e4], [-1e4], [-1e4]]), np.array([[1], [0], [1], [0]])
    values, slopes = values_and_slopes(binary_cross_entropy, logits, targets)
    np.testing.assert_array_equal(values, [0, 1e4, 1e4, 0])
    np.testing.assert_array_equal(slopes, [[0], [1], [-1], [0]])


@pytest.mark.parametrize("target", [0, 0.25, 1])
def test_binary_slope_at_logit_0_is_a_half_minus_the_target(target):
    values, slopes = values_and_slopes(binary_cross_entropy, np.zeros((1, 1)), np.array([[target]]))
    np.testing.assert_allclose(values, np.log(2), rtol=1e-6)
    assert slopes.item() == 0.5 - target


@pytest.mark.parametrize("padding", [0.0, 50.0, -50.0, 1e4])
def test_padded_outputs_count_for_nothing(logits, classes, labels, padding):
    cases = [
        (categorical_cross_entropy, classes, classes),
        (binary_cross_entropy, labels, pad(labels)),
        (perceptron, 2 * labels - 1, pad(2 * labels - 1, 1)),
    ]
    for loss, targets, padded_targets in cases:
        values, slopes = values_and_slopes(loss, logits, targets)
        padded_values, padded_slopes = values_and_slopes(loss, pad(logits, padding), padded_targets, N_CLASSES)
        # The compiler may add in another order: a few units of float32.
        np.testing.assert_allclose(padded_values, values, rtol=1e-6, err_msg=loss.__name__)
        np.testing.assert_allclose(padded_slopes[:, :N_CLASSES], slopes, rtol=1e-6, atol=1e-7, err_msg=loss.__name__)
        np.testing.assert_array_equal(padded_slopes[:, N_CLASSES:], np.zeros((50, 2)), err_msg=loss.__name__)


def test_real_outputs_are_the_first_ones():
    np.testing.assert_array_equal(real_outputs(jnp.zeros((2, 4)), np.int32(3)), [1, 1, 1, 0])


def test_perceptron_loss_is_the_mistakes_margin(logits, labels):
    signs = 2 * labels - 1
    values, slopes = values_and_slopes(perceptron, logits, signs)
    np.testing.assert_allclose(values, np.maximum(0, -signs * logits).sum(1), rtol=1e-6)
    np.testing.assert_array_equal(slopes, np.where(signs * logits <= 0, -signs, 0))


def test_perceptron_counts_a_score_of_0_as_a_mistake():
    """Otherwise weights that start at 0 would never move."""
    _, slopes = values_and_slopes(perceptron, np.zeros((2, 1)), np.array([[1.0], [-1.0]]))
    np.testing.assert_array_equal(slopes, [[-1], [1]])


def test_descending_the_perceptron_loss_is_rosenblatts_rule():
    rng = np.random.default_rng(3)
    X, w = rng.normal(size=(40, 3)).astype(np.float32), np.zeros(3, np.float32)
    y = np.where(X @ [1, -2, 0.5] > 0, 1, -1).astype(np.float32)
    slope = jax.jit(jax.grad(lambda w, x, y: perceptron((x @ w)[None, None], y[None, None], 1)[0]))
    for x, label in zip(X, y, strict=True):
        w = w - slope(w, x, label)
    # scikit-learn's perceptron leaves a row with y f(x) = 0 alone only where it is right to.
    peer = Perceptron(fit_intercept=False, shuffle=False, max_iter=1, tol=None).fit(X, y)
    np.testing.assert_allclose(w, peer.coef_[0], rtol=1e-5)


def test_values_and_slopes_equal_pytorch(logits, classes, labels):
    torch = pytest.importorskip("torch")
    functional = torch.nn.functional
    cases = [
        (categorical_cross_entropy, classes, lambda z: functional.cross_entropy(z, torch.tensor(classes).long())),
        (
            binary_cross_entropy,
            labels,
            lambda z: N_CLASSES * functional.binary_cross_entropy_with_logits(z, torch.tensor(labels)),
        ),
    ]
    for loss, targets, peer in cases:
        z = torch.tensor(logits, requires_grad=True)
        theirs = peer(z)
        theirs.backward()
        values, slopes = values_and_slopes(loss, logits, targets)
        np.testing.assert_allclose(values.mean(), theirs.item(), rtol=1e-5, err_msg=loss.__name__)
        np.testing.assert_allclose(slopes / 50, z.grad.numpy(), rtol=1e-5, atol=1e-7, err_msg=loss.__name__)
