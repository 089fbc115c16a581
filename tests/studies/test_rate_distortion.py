"""Sweeps over beta: rate and distortion against NumPy, and a linear model whose curve is known."""

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import load_digits

from rosenblatt import VAE, Autoencoder
from rosenblatt.studies import beta_sweep


@pytest.fixture(scope="module")
def digits():
    X = load_digits().data / 16
    return X[:400], X[400:600]


@pytest.fixture(scope="module")
def model():
    return VAE(
        latent_dim=3, hidden_layer_sizes=(16,), loss="bernoulli", learning_rate=0.01, max_epochs=20, random_state=0
    )


@pytest.fixture(scope="module")
def sweep(model, digits):
    return beta_sweep(model, *digits, betas=(1, 0.1, 50, 1))


def test_each_beta_is_fitted_once_in_order(sweep, model, digits):
    np.testing.assert_array_equal(sweep.betas, [0.1, 1, 50])
    assert [fit.beta for fit in sweep.estimators] == [0.1, 1, 50]
    assert (sweep.n_train, sweep.n_test) == (400, 200)
    alone = clone(model).set_params(beta=1.0).fit(digits[0])
    np.testing.assert_array_equal(alone.transform(digits[1]), sweep.estimators[1].transform(digits[1]))
    assert not hasattr(model, "networks_")


def test_the_rate_is_the_kl_of_held_out_rows(sweep, digits):
    for i, fit in enumerate(sweep.estimators):
        mean, deviation = (each.astype(float) for each in fit.posterior(digits[1]))
        kl = (0.5 * (mean**2 + deviation**2 - 1) - np.log(deviation)).mean(0)
        # In float32 terms of about 1 cancel where the KL is nearly 0.
        np.testing.assert_allclose(sweep.kl[i], kl, rtol=1e-4, atol=1e-6)
        assert sweep.rates[i] == pytest.approx(kl.sum(), rel=1e-4, abs=1e-5)


def test_the_distortion_is_the_cross_entropy_of_decoded_draws(sweep, digits):
    X = digits[1]
    for fit, distortion in zip(sweep.estimators, sweep.distortions, strict=True):
        rng, of_rows = np.random.default_rng(0), []
        mean, deviation = fit.posterior(X)
        for _ in range(20):
            p = fit.inverse_transform(mean + deviation * rng.standard_normal(mean.shape)).astype(float)
            of_rows.append(-(X * np.log(p) + (1 - X) * np.log1p(-p)).sum(1))
        draws = np.stack(of_rows)  # the study takes 16 of each row
        error = np.sqrt((draws.var(0, ddof=1) * (1 / 20 + 1 / 16)).sum()) / len(X)
        assert distortion == pytest.approx(draws.mean(), abs=6 * error + 1e-4)


def test_latents_are_active_whose_means_vary(sweep, digits):
    variances = [fit.posterior(digits[1])[0].astype(float).var(0) for fit in sweep.estimators]
    np.testing.assert_array_equal(sweep.n_active, (np.stack(variances) > 0.01).sum(1))
    # With beta 50 no latent of this fit is worth its nats; with 0.1 all of them are.
    assert sweep.n_active.tolist()[::2] == [3, 0]


def test_more_beta_less_rate_and_worse_reconstructions(sweep):
    assert (np.diff(sweep.rates) < 0).all()
    assert (np.diff(sweep.distortions) > 0).all()
    np.testing.assert_allclose(sweep.elbos, -(sweep.rates + sweep.distortions))
    of_rows = [fit.score(load_digits().data[400:600] / 16) for fit in sweep.estimators]
    np.testing.assert_allclose(sweep.elbos, of_rows, rtol=1e-5)
    assert sweep.best == int(np.argmax(of_rows))


def test_a_linear_model_has_the_known_rates():
    """One latent behind two columns: at the optimum its rate is half the log of l / (beta v).

    With a decoder u of fixed variance v and q(z | x) = N(a'x, s^2), the best s^2 is beta v / (beta v + |u|^2). The best
    |u|^2 is l - beta v, with l the largest eigenvalue of X'X / n, hence s^2 = beta v / l; the codes' second moment is
    then 1 - s^2, so that the mean KL is -log(s). (For beta = 1 this is probabilistic PCA, Tipping and Bishop 1999.)
    """
    rng = np.random.default_rng(0)
    X = rng.normal(size=(512, 1)) * [[1.2, 0.9]] + 0.3 * rng.normal(size=(512, 2))
    X -= X.mean(0)
    largest = np.linalg.eigvalsh(X.T @ X / len(X))[-1]
    linear = VAE(latent_dim=1, hidden_layer_sizes=(), variance=0.1, posterior_samples=8, learning_rate=0.05)
    linear.set_params(max_epochs=1000, batch_size="full", random_state=0)
    found = beta_sweep(linear, X, X, betas=(0.5, 1, 4))
    # Rates of seeds 0 to 2 were at most 0.013 nats from the optimum, which lie 0.35 apart and more.
    np.testing.assert_allclose(found.rates, -0.5 * np.log(found.betas * 0.1 / largest), rtol=0, atol=0.04)


def test_the_table(sweep):
    text = str(sweep)
    assert "Learned from 400 rows with several beta, measured on 200 others" in " ".join(text.split())
    rows = [line.split("│")[1:-1] for line in text.splitlines() if line.startswith("│")]
    for i, row in enumerate(rows):
        values = sweep.betas[i], sweep.rates[i], sweep.distortions[i], sweep.elbos[i], sweep.n_active[i]
        assert [float(cell) for cell in row] == pytest.approx(values, abs=0.0051)
    assert len(rows) == 3
    assert "<pre>" in sweep._repr_html_()


def test_mistakes_are_named(model, digits):
    with pytest.raises(TypeError, match="got Autoencoder, which has no beta or no elbo_terms; a VAE"):
        beta_sweep(Autoencoder(), *digits)
    for betas in ((), (-1, 2), (np.nan,), ("one",)):
        with pytest.raises(ValueError, match=r"betas=.*; finite numbers from 0 on are needed, such as \(0.5, 1, 2\)"):
            beta_sweep(model, *digits, betas=betas)
