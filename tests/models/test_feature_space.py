"""The space of comparison: its axes against scikit-learn's components, its unit against brute force."""

import numpy as np
import pytest
from scipy.spatial.distance import pdist
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA
from sklearn.preprocessing import StandardScaler

from rosenblatt.models.feature_space import FeatureSpace, GivenFeatures

DIGITS = load_digits().data / 16


def test_few_columns_are_put_on_one_scale():
    rows = np.random.default_rng(0).normal([5, -3], [10, 0.1], size=(400, 2))
    space = FeatureSpace.of(rows, are_images=False)
    standardised = StandardScaler().fit_transform(rows)
    np.testing.assert_allclose(space(rows), standardised / pdist(standardised).mean(), rtol=1e-10)
    assert space.name == "2 columns"


@pytest.mark.parametrize("n_rows", [1797, 50])
def test_many_columns_become_components_halfway_to_whitened_ones(n_rows):
    """In units of the root of their deviation, and of the mean distance between two of 500 rows; signs are free."""
    rows = DIGITS[:n_rows]
    space, components = FeatureSpace.of(rows, are_images=True), PCA(32, svd_solver="full").fit_transform(rows)
    expected = components / np.sqrt(components.std(axis=0))
    expected /= pdist(expected[:500]).mean()
    found = space(rows)[:, ::-1]
    np.testing.assert_allclose(found * np.sign((found * expected).sum(axis=0)), expected, atol=1e-8)
    assert space.name == "32 principal components"


def test_columns_of_a_table_have_a_say_whatever_their_unit():
    rows = np.random.default_rng(0).normal(size=(300, 20))
    units = 10.0 ** np.arange(-5, 15)
    a, b = FeatureSpace.of(rows, are_images=False)(rows), FeatureSpace.of(rows * units, are_images=False)(rows * units)
    np.testing.assert_allclose(pdist(a), pdist(b), rtol=1e-6)


def test_bytes_are_numbers_from_0_to_1():
    pixels = np.random.default_rng(0).integers(0, 256, size=(60, 9), dtype=np.uint8)
    space = FeatureSpace.of(pixels, are_images=True)
    np.testing.assert_allclose(space(pixels), space(pixels / 255), atol=1e-12)
    np.testing.assert_allclose(pdist(space(pixels)), pdist(pixels / 255) / pdist(pixels / 255).mean(), rtol=1e-10)


def test_rows_that_are_the_same_have_finite_features():
    rows = np.ones((30, 20))
    assert np.isfinite(FeatureSpace.of(rows, are_images=True)(rows)).all()
    assert np.isfinite(FeatureSpace.of(rows, are_images=False)(rows)).all()


def test_features_of_a_transformer_have_the_same_unit():
    pca = PCA(3).fit(DIGITS)
    features = GivenFeatures.of(pca, DIGITS, (64,))
    expected = pca.transform(DIGITS)
    np.testing.assert_allclose(features(DIGITS), expected / pdist(expected[:500]).mean(), rtol=1e-10)
    assert features.name == "transform of PCA"
    with pytest.raises(TypeError, match="has no method transform: give a fitted transformer"):
        GivenFeatures.of(object(), DIGITS, (64,))
