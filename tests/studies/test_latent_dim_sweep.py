"""Codes of several lengths: errors against brute force and PCA, the linear autoencoder against what it must find."""

from functools import partial

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA

from rosenblatt import Autoencoder, MLPClassifier
from rosenblatt.studies import latent_sweep

pytestmark = pytest.mark.filterwarnings("ignore::rosenblatt.models.pca_yardstick.WorseThanPCAWarning")

small = partial(Autoencoder, hidden_layer_sizes=(16,), max_epochs=3, random_state=0)


@pytest.fixture(scope="module")
def digits():
    """Training and test digits of 64 numbers from 0 to 1."""
    X = load_digits().data / 16
    return X[:500], X[500:900]


@pytest.fixture(scope="module")
def sweep(digits):
    return latent_sweep(small(), *digits, latent_dims=(5, 2, 5), n_images=3)


def pca_error(n_components, X, X_test):
    """By scikit-learn alone."""
    pca = PCA(n_components, svd_solver="full").fit(X)
    return ((X_test - pca.inverse_transform(pca.transform(X_test))) ** 2).sum(1).mean()


def test_each_length_is_fitted_once_in_order(sweep, digits):
    X, X_test = digits
    np.testing.assert_array_equal(sweep.latent_dims, [2, 5])
    assert (sweep.n_train, sweep.n_test) == (500, 400)
    for i, latent_dim in enumerate([2, 5]):
        model = small(latent_dim=latent_dim).fit(X)
        for errors, rows in ((sweep.train_errors, X), (sweep.test_errors, X_test)):
            expected = ((rows - model.reconstruct(rows)) ** 2).sum(1).mean()
            np.testing.assert_allclose(errors[i], expected, rtol=1e-5)  # sums in float32 against float64
        np.testing.assert_array_equal(sweep.reconstructions[i], model.reconstruct(X_test)[:3])
        hidden = 16
        layers = [(64, hidden), (hidden, latent_dim), (latent_dim, hidden), (hidden, 64)]
        assert sweep.n_parameters[i] == sum((n_in + 1) * n_out for n_in, n_out in layers)
    np.testing.assert_array_equal(sweep.originals, X_test[:3])


def test_pca_is_fitted_to_the_training_rows_and_judged_on_the_others(sweep, digits):
    X, X_test = digits
    np.testing.assert_allclose(sweep.pca_errors, [pca_error(k, X, X_test) for k in (2, 5)], rtol=1e-9)
    assert sweep.variance == pytest.approx(((X_test - X.mean(0)) ** 2).sum(1).mean(), rel=1e-12)


def test_pca_has_no_more_components_than_rows_or_columns(digits):
    X, X_test = digits
    few = latent_sweep(small(max_epochs=1), X[:10], X_test, latent_dims=(2, 70))
    np.testing.assert_allclose(few.pca_errors, [pca_error(k, X[:10], X_test) for k in (2, 10)], rtol=1e-9)
    all_of_them = latent_sweep(small(max_epochs=1), X, X_test, latent_dims=(70,))
    assert 0 <= all_of_them.pca_errors[0] < 1e-12


def test_a_linear_autoencoder_is_as_good_as_pca(digits):
    X, X_test = digits
    linear = Autoencoder(hidden_layer_sizes=(), learning_rate=0.01, max_epochs=300, random_state=0)
    found = latent_sweep(linear, X, X_test, latent_dims=(2, 8))
    at_best = np.array([pca_error(k, X, X) for k in (2, 8)])
    assert (found.train_errors > at_best * (1 - 1e-5)).all()  # nothing linear is better on these rows
    # Seeds 0 to 2 came to within 0.0005 to 0.0099 of PCA on the training rows, 0.0001 to 0.0090 on the others.
    np.testing.assert_allclose(found.train_errors, at_best, rtol=0.03)
    np.testing.assert_allclose(found.test_errors, found.pca_errors, rtol=0.03)


def test_images_of_bytes_count_as_numbers_from_0_to_1(digits):
    images = [np.round(rows * 255).astype(np.uint8).reshape(-1, 8, 8) for rows in digits]
    found = latent_sweep(small(max_epochs=1), *images, latent_dims=(3,))
    X, X_test = (rows.reshape(-1, 64) / 255 for rows in images)
    np.testing.assert_allclose(found.pca_errors, [pca_error(3, X, X_test)], rtol=1e-9)
    np.testing.assert_array_equal(found.originals, images[1][:8] / 255)
    assert found.reconstructions.shape == (1, 8, 8, 8)
    of_images = ((found.originals - found.reconstructions[0]) ** 2).sum((1, 2))
    np.testing.assert_allclose(found.estimators[0].reconstruction_error(images[1][:8]), of_images, rtol=1e-4)


def test_frames_are_as_good_as_arrays(sweep, digits):
    pandas = pytest.importorskip("pandas")
    frames = [pandas.DataFrame(rows, columns=[f"p{i}" for i in range(64)]) for rows in digits]
    found = latent_sweep(small(), *frames, latent_dims=(2,), n_images=3)
    np.testing.assert_array_equal(found.test_errors, sweep.test_errors[:1])
    np.testing.assert_array_equal(found.originals, sweep.originals)


def test_the_estimator_stays_as_it_is(digits):
    model = small(latent_dim=7)
    latent_sweep(model, *digits, latent_dims=(2,))
    assert model.latent_dim == 7
    assert repr(model) == repr(clone(model))
    assert not hasattr(model, "networks_")


def test_the_table(sweep):
    text = str(sweep)
    assert "Codes learned from 500 rows, and 400 others as they restore them" in text
    assert f"leaves {sweep.variance:.4g}" in text
    rows = [line.split("│")[1:-1] for line in text.splitlines() if line.startswith("│")]
    expected = [5, sweep.n_parameters[1], *(e[1] for e in (sweep.train_errors, sweep.test_errors, sweep.pca_errors))]
    assert [float(cell.replace(",", "")) for cell in rows[1]] == pytest.approx([float(x) for x in expected], rel=1e-3)
    assert "<pre>" in sweep._repr_html_()


def test_mistakes_are_named(digits):
    X, X_test = digits
    for latent_dims in ((), (0, 2), (2.5,), ("two",)):
        with pytest.raises(ValueError, match=r"latent_dims=.*; whole numbers from 1 on are needed, such as \(2, 5, 32"):
            latent_sweep(small(), X, X_test, latent_dims=latent_dims)
    with pytest.raises(ValueError, match="n_images=0; at least 1 is needed"):
        latent_sweep(small(), X, X_test, n_images=0)
    with pytest.raises(
        TypeError, match="got MLPClassifier, which has no latent_dim or no reconstruction_error; an Aut"
    ):
        latent_sweep(MLPClassifier(), X, X_test)
    with pytest.raises(ValueError, match="X has 5 features, but PCA is expecting 64 features"):
        latent_sweep(small(), X, X_test[:, :5])
