"""Divergences against quadrature, SciPy, and explicit loops over all rows and all batches."""

import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import stats
from scipy.integrate import quad
from scipy.special import logsumexp

from rosenblatt.losses.divergence import gaussian_kl, kl_decomposition, log_normal, stratified_weights


@pytest.fixture(scope="module")
def posteriors():
    """Mean and log-variance of q(z | x) of 5 rows and 3 latents."""
    rng = np.random.default_rng(0)
    return rng.normal(size=(5, 3)), rng.normal(size=(5, 3))


@pytest.mark.parametrize(("mean", "log_variance"), [(0.0, 0.0), (1.5, -2.0), (-0.3, 1.2), (0.0, 1e-4), (4.0, -8.0)])
def test_kl_equals_quadrature(mean, log_variance, float64):
    q = stats.norm(mean, np.exp(0.5 * log_variance))

    def integrand(z):
        return q.pdf(z) * (q.logpdf(z) - stats.norm.logpdf(z))

    low, high = q.ppf([1e-15, 1 - 1e-15])
    expected, _ = quad(integrand, low, high, epsabs=1e-13, epsrel=1e-12, points=[mean], limit=200)
    # Beyond the bounds lies 1e-15 of the mass, where the integrand is below 100.
    assert float(gaussian_kl(jnp.float64(mean), jnp.float64(log_variance))) == pytest.approx(expected, abs=1e-11)


def test_kl_keeps_its_digits_where_its_terms_cancel():
    """Of variance 1 + d it is d^2 / 4 to first order, far below the resolution of float32 at 1."""
    assert float(gaussian_kl(jnp.float32(0), jnp.float32(1e-3))) == pytest.approx(2.5e-7, rel=1e-2)


@pytest.mark.parametrize("log_variance", [-20.0, 20.0])
def test_kl_has_finite_slopes_at_extremes(log_variance):
    slopes = jax.grad(lambda m, v: gaussian_kl(m, v), argnums=(0, 1))(jnp.float32(3), jnp.float32(log_variance))
    np.testing.assert_allclose(slopes, (3.0, 0.5 * np.expm1(log_variance)), rtol=1e-6)


def test_log_normal_is_scipys(posteriors, float64):
    mean, log_variance = posteriors
    z = np.random.default_rng(1).normal(size=mean.shape)
    expected = stats.norm.logpdf(z, mean, np.exp(0.5 * log_variance))
    np.testing.assert_allclose(log_normal(z, mean, log_variance), expected, rtol=1e-12)


@pytest.mark.parametrize(("n_real", "n_rows"), [(1, 1), (1, 9), (2, 2), (4, 4), (4, 100), (6, 3)])
def test_weights_add_up_and_leave_padding_out(n_real, n_rows, float64):
    """To 1 in every row, so that a constant density is estimated without error; also of a batch beyond the set."""
    real = (np.arange(6) < n_real).astype(float)
    weights = np.exp(stratified_weights(jnp.asarray(real), np.int32(n_rows)))
    np.testing.assert_allclose(weights[:n_real].sum(1), 1, rtol=1e-12)
    assert (weights[:, n_real:] == 0).all()


def test_weights_estimate_the_aggregate_posterior_without_bias(posteriors, float64):
    """The mean over all ordered batches of 3 of 5 rows that begin with the row is q(z), to the last digits."""
    mean, log_variance = posteriors
    z = np.array([0.3, -0.2, 0.9])
    densities = stats.norm.pdf(z, mean, np.exp(0.5 * log_variance)).prod(1)
    weights = np.exp(stratified_weights(jnp.ones(3), np.int32(5)))[0]
    batches = [(0, *others) for others in itertools.permutations(range(1, 5), 2)]
    estimates = [weights @ densities[list(batch)] for batch in batches]
    np.testing.assert_allclose(np.mean(estimates), densities.mean(), rtol=1e-12)


def test_decomposition_of_a_whole_set_is_the_definition(posteriors, float64):
    """With all rows in the batch the weights are not 1 / N each: a loop with the same weights is the oracle."""
    mean, log_variance = posteriors
    codes = mean + np.exp(0.5 * log_variance) * np.random.default_rng(1).normal(size=mean.shape)
    log_weights = np.asarray(stratified_weights(jnp.ones(5), np.int32(5)))
    found = kl_decomposition(codes, mean, log_variance, log_weights)
    for i, z in enumerate(codes):
        each = stats.norm.logpdf(z, mean, np.exp(0.5 * log_variance))  # rows x latents
        joint = logsumexp(log_weights[i] + each.sum(1))
        product = sum(logsumexp(log_weights[i] + each[:, j]) for j in range(3))
        expected = each[i].sum() - joint, joint - product, product - stats.norm.logpdf(z).sum()
        np.testing.assert_allclose([part[i] for part in found], expected, rtol=1e-10, atol=1e-12)
    total = log_normal(codes, mean, log_variance).sum(1) - stats.norm.logpdf(codes).sum(1)
    np.testing.assert_allclose(sum(found), total, rtol=1e-10)


def test_decomposition_is_0_where_codes_tell_nothing(float64):
    zeros = np.zeros((6, 2))
    codes = np.random.default_rng(0).normal(size=(6, 2))
    parts = kl_decomposition(codes, zeros, zeros, stratified_weights(jnp.ones(6), np.int32(50)))
    np.testing.assert_allclose(parts, 0, atol=1e-12)


def test_total_correlation_of_correlated_codes(float64):
    """Of a normal aggregate posterior with correlation r it is -log(1 - r^2) / 2: 0.51 nats at r = 0.8.

    Estimated over 1,000 codes with variance 0.05 of their own; within 6 standard errors, to which the smoothing by
    finitely many rows adds at most 0.05 (the same estimate of independent codes).
    """
    n, own, correlation = 1000, 0.05, 0.8
    rng = np.random.default_rng(0)
    for r in (0.0, correlation):
        covariance = np.array([[1, r], [r, 1]]) - own * np.eye(2)
        mean = rng.multivariate_normal([0, 0], covariance, size=n)
        log_variance = np.full((n, 2), np.log(own))
        codes = mean + np.sqrt(own) * rng.normal(size=(n, 2))
        part = np.asarray(kl_decomposition(codes, mean, log_variance, stratified_weights(jnp.ones(n), np.int32(n)))[1])
        expected, error = -0.5 * np.log(1 - r**2), part.std() / np.sqrt(n)
        assert part.mean() == pytest.approx(expected, abs=6 * error + 0.05)
