"""Latents watched during a fit: the same numbers as afterwards, and the same fit."""

import jax
import numpy as np
import pytest
from sklearn.datasets import load_digits

from rosenblatt import VAE, Autoencoder
from rosenblatt.metrics import kl_of_latents
from rosenblatt.models import LatentMonitor


@pytest.fixture(scope="module")
def digits():
    return (load_digits().data / 16).astype(np.float32)


def model(**fields):
    return VAE(latent_dim=8, loss="bernoulli", learning_rate=0.003, max_epochs=6, random_state=0, **fields)


@pytest.mark.parametrize("fields", [{}, {"architecture": "conv", "image_shape": (8, 8), "channels": (4,)}])
def test_its_last_record_is_what_the_fitted_model_says(fields, digits):
    monitor = LatentMonitor(every=2, n_rows=200)
    fitted = model(callbacks=[monitor], **fields).fit(digits[:400])
    assert [record.epoch for record in monitor.records] == [2, 4, 6]
    rows = digits[:400][np.linspace(0, 399, 200).astype(int)]
    means, deviations = fitted.posterior(rows)
    np.testing.assert_allclose(monitor.kl[-1], kl_of_latents(means, deviations), rtol=1e-5, atol=1e-6)
    np.testing.assert_array_equal(monitor.active[-1], means.var(axis=0) > 0.01)


def test_the_bits_of_the_fit_stay(digits):
    watched, alone = model(callbacks=[LatentMonitor()]).fit(digits), model().fit(digits)
    for a, b in zip(jax.tree.leaves(watched.encoder_), jax.tree.leaves(alone.encoder_), strict=True):
        np.testing.assert_array_equal(a, b)


def test_one_sees_the_latents_fall_silent(digits):
    monitor = LatentMonitor()
    fields = {"beta": 100.0, "schedule": "linear", "schedule_epochs": 5}
    model(callbacks=[monitor], **fields).fit(digits)
    betas = [record.beta for record in monitor.records]
    assert betas == sorted(betas)
    assert betas[-1] == pytest.approx(100)
    assert monitor.active[0].sum() > monitor.active[-1].sum() == 0
    assert monitor.kl[0].sum() > 10 * monitor.kl[-1].sum()


def test_it_starts_afresh_with_each_fit_and_keeps_no_data(digits):
    monitor = LatentMonitor(every=3)
    estimator = model(callbacks=[monitor])
    for _ in range(2):
        estimator.fit(digits[:100])
    assert len(monitor.records) == 2
    assert monitor._training is None
    assert monitor._rows is None


def test_what_it_cannot_watch_is_refused(digits):
    with pytest.raises(TypeError, match="this fit trains a AutoencoderNet"):
        Autoencoder(max_epochs=1, callbacks=[LatentMonitor()]).fit(digits[:50])
    with pytest.raises(ValueError, match="every=0 must be at least 1"):
        LatentMonitor(every=0)
