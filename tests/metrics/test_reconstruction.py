"""What reconstructions lack: PCA against scikit-learn, blur in closed form."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter1d
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA

from rosenblatt.metrics import blur, unexplained, unexplained_by_pca


def test_unexplained_is_0_of_copies_and_1_of_the_mean():
    X = np.random.default_rng(0).normal(size=(50, 4))
    assert unexplained(X, X) == 0
    assert unexplained(X, np.broadcast_to(X.mean(axis=0), X.shape)) == pytest.approx(1)
    assert unexplained(X[:1], X[:1]) == 0
    assert unexplained(X[:1], X[:1] + 1) == np.inf


@pytest.mark.parametrize("n_rows", [300, 40])  # more rows than columns, and fewer
@pytest.mark.parametrize("n_components", [1, 8, 64])
def test_what_pca_leaves(n_rows, n_components):
    X = load_digits().data[:n_rows]
    n_fitted = min(n_components, n_rows)
    pca = PCA(n_fitted).fit(X)
    restored = pca.inverse_transform(pca.transform(X))
    assert unexplained_by_pca(X, n_components) == pytest.approx(unexplained(X, restored), abs=1e-9)


def test_blur_is_the_part_of_the_waves_that_a_filter_takes():
    """A wave of frequency w keeps exp(-(s w)^2 / 2) of its height under a Gaussian of width s."""
    waves = np.cos(2 * np.pi * np.arange(64) / 16)[None, :, None]
    dulled = gaussian_filter1d(waves, 2.0, axis=1, mode="wrap", truncate=8)
    assert blur(waves, dulled) == pytest.approx(1 - np.exp(-((2.0 * 2 * np.pi / 16) ** 2)), abs=1e-6)


def test_blur_of_images():
    images = np.random.default_rng(0).normal(size=(5, 8, 8, 2))
    assert blur(images, images) == 0
    assert blur(images, np.ones_like(images)) == 1
    assert blur(images, 0.5 * images) == pytest.approx(0.75)
    assert blur(images, images.swapaxes(1, 2)) == pytest.approx(0)  # both directions count alike
    assert np.isnan(blur(np.ones((2, 4, 4, 1)), images[:2, :4, :4, :1]))
