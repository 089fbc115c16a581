"""Losses of reconstructions against SciPy's log-densities, with and without padding, at extremes."""

import jax
import numpy as np
import pytest
from scipy.special import expit, xlog1py, xlogy
from scipy.stats import norm

from rosenblatt.losses.reconstruction import bernoulli, gaussian, squared_error


@pytest.fixture(scope="module")
def rows():
    return np.random.default_rng(0).uniform(size=(6, 5)).astype(np.float32)


@pytest.fixture(scope="module")
def outputs():
    return np.random.default_rng(1).normal(size=(6, 5)).astype(np.float32)


def test_squared_error_is_summed_over_a_row(rows, outputs):
    np.testing.assert_allclose(squared_error(outputs, rows, 5), ((rows - outputs) ** 2).sum(1), rtol=1e-5)


@pytest.mark.parametrize("log_variance", [-3.0, 0.0, 2.0])
def test_gaussian_is_scipys_density(rows, outputs, log_variance):
    values = gaussian(outputs, rows, np.int32(5), np.float32(log_variance))
    expected = -norm.logpdf(rows, outputs.astype(float), np.exp(log_variance / 2)).sum(1)
    np.testing.assert_allclose(values, expected, rtol=1e-5)


def test_gaussian_is_least_where_the_variance_is_that_of_the_errors(rows, outputs, float64):
    best = np.log(((rows - outputs) ** 2).mean())
    slope = jax.grad(lambda v: gaussian(outputs, rows, 5, v).mean())(best)
    assert float(slope) == pytest.approx(0, abs=1e-6)


def test_bernoulli_is_the_cross_entropy_of_shares(rows, outputs):
    p = expit(outputs.astype(float))
    expected = -(xlogy(rows, p) + xlog1py(1 - rows, -p)).sum(1)
    np.testing.assert_allclose(bernoulli(outputs, rows, 5), expected, rtol=1e-5)


def test_bernoulli_at_saturated_logits():
    # -log p of what is certain is 0, of what is impossible the logit.
    values = bernoulli(np.float32([[50.0, -50.0], [50.0, -50.0]]), np.float32([[1, 0], [0, 1]]), 2)
    np.testing.assert_allclose(values, [0, 100], atol=1e-6)


@pytest.mark.parametrize("loss", [squared_error, bernoulli, lambda *a: gaussian(*a, np.float32(0.5))])
def test_padding_counts_for_nothing(rows, outputs, loss):
    padded = [np.pad(a, [(0, 0), (0, 3)], constant_values=7.0) for a in (outputs, rows)]
    np.testing.assert_allclose(loss(*padded, np.int32(5)), loss(outputs, rows, np.int32(5)), rtol=1e-6)
