"""Losses of numbers against scikit-learn, SciPy and PyTorch, at their kinks, at extremes, with and without padding."""

from functools import partial

import jax
import numpy as np
import pytest
from scipy.special import huber
from sklearn.metrics import mean_absolute_error, mean_poisson_deviance, mean_squared_error

from rosenblatt.losses.regression import REGRESSION_LOSSES, Huber, MeanOverOutputs, absolute, poisson, square


@pytest.fixture(scope="module")
def predictions():
    return np.random.default_rng(0).normal(scale=2, size=(40, 3)).astype(np.float32)


@pytest.fixture(scope="module")
def targets():
    """Counts, which every loss takes; some are 0."""
    return np.random.default_rng(1).poisson(1.5, (40, 3)).astype(np.float32)


@partial(jax.jit, static_argnums=0)
def compiled(loss, predictions, targets):
    slopes = jax.grad(lambda predictions: loss(predictions, targets).sum())(predictions)
    return loss(predictions, targets), slopes


def values_and_slopes(loss, predictions, targets, dtype=np.float32):
    """The loss of each element, and its derivative by the prediction."""
    return tuple(map(np.asarray, compiled(loss, predictions.astype(dtype), targets.astype(dtype))))


def test_values_equal_scikit_learn_and_scipy(predictions, targets):
    f, y = predictions.astype(float), targets.astype(float)
    expected = {
        "absolute": mean_absolute_error(y, f),
        "huber": huber(1.0, y - f).mean(),
        "poisson": mean_poisson_deviance(y.ravel(), np.exp(f).ravel()) / 2,
        "square": mean_squared_error(y, f),
    }
    assert expected.keys() == REGRESSION_LOSSES.keys()
    for name, value in expected.items():
        values, _ = values_and_slopes(REGRESSION_LOSSES[name], predictions, targets)
        np.testing.assert_allclose(values.mean(), value, rtol=1e-5, err_msg=name)


@pytest.mark.parametrize("name", REGRESSION_LOSSES)
def test_slopes_equal_central_differences(name, predictions, targets, float64):
    def loss(f):
        return values_and_slopes(REGRESSION_LOSSES[name], f, targets, np.float64)

    f, step = predictions.astype(np.float64), 1e-5
    _, slopes = loss(f)
    differences = (loss(f + step)[0] - loss(f - step)[0]) / (2 * step)
    np.testing.assert_allclose(slopes, differences, rtol=1e-4, atol=1e-8)


@pytest.mark.parametrize("delta", [0.3, 1.0, 2.5])
def test_huber_equals_scipy_at_any_delta(delta, predictions, targets):
    values, _ = values_and_slopes(Huber(delta), predictions, targets)
    np.testing.assert_allclose(values, huber(delta, targets.astype(float) - predictions), rtol=1e-5, atol=1e-7)


def test_slopes_where_prediction_and_target_are_equal_are_0():
    y = np.array([0.0, 1.0, 3.0])
    for loss in (absolute, Huber(), square):
        np.testing.assert_array_equal(values_and_slopes(loss, y, y), np.zeros((2, 3)))
    np.testing.assert_allclose(values_and_slopes(poisson, np.log(y[1:]), y[1:]), np.zeros((2, 2)), atol=1e-6)


def test_huber_has_no_kink_at_delta():
    error = np.array([1 - 1e-6, 1, 1 + 1e-6, -1, -2])
    _, slopes = values_and_slopes(Huber(), error, np.zeros(5))
    np.testing.assert_allclose(slopes, [1, 1, 1, -1, -1], atol=2e-6)


@pytest.mark.parametrize("name", ["absolute", "huber", "square"])
def test_values_and_slopes_are_finite_far_away(name):
    error = np.array([-1e4, 1e4, 1e18, -1e18])
    size, sign = np.abs(error), np.sign(error)
    expected = {"absolute": (size, sign), "huber": (size - 0.5, sign), "square": (size**2, 2 * error)}
    np.testing.assert_allclose(
        values_and_slopes(REGRESSION_LOSSES[name], error, np.zeros(4)), expected[name], rtol=1e-6
    )


def test_poisson_takes_counts_of_0_and_rates_near_0():
    f, y = np.array([-1e4, -1e4, 0, 80]), np.array([0, 2, 0, 0])
    values, slopes = values_and_slopes(poisson, f, y)
    np.testing.assert_allclose(values, [0, 2e4 + 2 * np.log(2) - 2, 1, np.exp(80)], rtol=1e-5)
    np.testing.assert_allclose(slopes, [0, -2, 1, np.exp(80)], rtol=1e-5)


@partial(jax.jit, static_argnums=0)
def mean_and_slopes(loss, predictions, targets, n_outputs):
    return jax.value_and_grad(lambda f: MeanOverOutputs(loss)(f, targets, n_outputs).sum())(predictions)


@pytest.mark.parametrize("name", REGRESSION_LOSSES)
@pytest.mark.parametrize("padding", [0.0, -3.0, 1e4, np.inf])
def test_padded_outputs_count_for_nothing(name, padding, predictions, targets):
    loss, n_outputs, wide = REGRESSION_LOSSES[name], np.int32(3), ((0, 0), (0, 2))
    value, slopes = mean_and_slopes(loss, predictions, targets, n_outputs)
    with_padding = np.pad(predictions, wide, constant_values=padding)
    padded_value, padded_slopes = mean_and_slopes(loss, with_padding, np.pad(targets, wide), n_outputs)
    np.testing.assert_allclose(padded_value, value, rtol=1e-6)
    np.testing.assert_allclose(padded_slopes[:, :3], slopes, rtol=1e-6)
    np.testing.assert_array_equal(padded_slopes[:, 3:], np.zeros((40, 2)))


def test_a_rows_loss_is_the_mean_over_its_real_outputs(predictions, targets):
    _, slopes = mean_and_slopes(square, predictions, targets, np.int32(2))
    np.testing.assert_allclose(slopes[:, :2], (predictions - targets)[:, :2], rtol=1e-6)
    values = MeanOverOutputs(square)(predictions, targets, np.int32(2))
    np.testing.assert_allclose(values, ((predictions - targets)[:, :2] ** 2).mean(1), rtol=1e-6)


def test_losses_of_the_same_element_loss_are_equal_so_that_they_share_programs():
    assert MeanOverOutputs(Huber(2.0)) == MeanOverOutputs(Huber(2.0))
    assert hash(MeanOverOutputs(Huber(2.0))) == hash(MeanOverOutputs(Huber(2.0)))
    assert MeanOverOutputs(Huber(2.0)) != MeanOverOutputs(Huber(1.0))


def test_values_and_slopes_equal_pytorch(predictions, targets):
    torch = pytest.importorskip("torch")
    functional = torch.nn.functional
    peers = {
        "absolute": functional.l1_loss,
        "huber": functional.huber_loss,
        "square": functional.mse_loss,
        # PyTorch leaves out y log y - y, which does not depend on the prediction.
        "poisson": lambda f, y: functional.poisson_nll_loss(f, y, full=False) + (torch.xlogy(y, y) - y).mean(),
    }
    for name, peer in peers.items():
        f = torch.tensor(predictions, requires_grad=True)
        theirs = peer(f, torch.tensor(targets))
        theirs.backward()
        values, slopes = values_and_slopes(REGRESSION_LOSSES[name], predictions, targets)
        np.testing.assert_allclose(values.mean(), theirs.item(), rtol=1e-5, err_msg=name)
        np.testing.assert_allclose(slopes / f.numel(), f.grad.numpy(), rtol=1e-5, atol=1e-7, err_msg=name)
