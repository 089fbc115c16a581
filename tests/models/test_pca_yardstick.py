"""Autoencoders beside PCA: the linear one finds its subspace, not its axes; a worse one is told, with the cause."""

import numpy as np
import pytest
from scipy.linalg import subspace_angles
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA

from rosenblatt import Autoencoder
from rosenblatt.models.pca_yardstick import PCAComparison, WorseThanPCAWarning, likely_cause


@pytest.fixture(scope="module")
def digits():
    return (load_digits().data / 16).astype(np.float32)


def linear(**fields):
    return Autoencoder(**({"hidden_layer_sizes": (), "batch_size": "full", "random_state": 0} | fields))


@pytest.fixture(scope="module")
def on_digits(digits):
    return linear(latent_dim=8, learning_rate=0.02, max_epochs=1500).fit(digits)


def test_a_linear_autoencoder_reaches_pcas_error_and_subspace(on_digits, digits):
    pca = PCA(8).fit(digits.astype(float))
    left = np.square(digits - pca.inverse_transform(pca.transform(digits.astype(float)))).sum(1).mean()
    found = on_digits.compare_pca()
    assert found.pca_error == pytest.approx(left, rel=1e-5)
    assert 1 - 1e-5 < found.ratio < 1.01  # no linear map does better, but for float32
    span = np.asarray(on_digits.decoder_.layers[0].weight, float).T
    np.testing.assert_allclose(found.angles, np.degrees(subspace_angles(span, pca.components_.T)), atol=1e-3)
    assert found.angles[0] < 3


def test_its_axes_are_not_the_principal_axes(on_digits, digits):
    axes = np.linalg.svd(np.float64(on_digits.decoder_.layers[0].weight))[2][:8]
    along = np.abs((axes * PCA(8).fit(digits.astype(float)).components_).sum(1))
    np.testing.assert_allclose(on_digits.compare_pca().axis_angles, np.degrees(np.arccos(along)), atol=0.1)
    assert max(on_digits.compare_pca().axis_angles) > 20


def test_with_l2_its_axes_become_the_principal_axes():
    """Kunin, Bloom, Goeva and Seed (2019), theorem 2: the decoder of the minimum is U (1 - l2 / S^2)^(1/2) times any
    rotation, where U are the principal axes and S^2 their variances."""
    rng = np.random.default_rng(0)
    turned, _ = np.linalg.qr(rng.normal(size=(6, 6)))
    X = (rng.normal(size=(400, 6)) * [4, 3, 2, 1, 0.3, 0.1]) @ turned
    pca = PCA(3).fit(X)
    with pytest.warns(WorseThanPCAWarning, match="It does not only minimise the error: l2 ask"):
        held = linear(latent_dim=3, learning_rate=0.01, max_epochs=2000, l2=0.5).fit(X)
    free = linear(latent_dim=3, learning_rate=0.01, max_epochs=2000).fit(X)
    assert max(held.compare_pca().axis_angles) < 0.01  # seeds 0 to 2: below 0.001
    assert max(free.compare_pca().axis_angles) > 20  # seeds 0 to 2: 57 to 87
    stretched = np.linalg.svd(np.float64(held.decoder_.layers[0].weight))[1]
    np.testing.assert_allclose(stretched, np.sqrt(1 - 0.5 / pca.explained_variance_ * 400 / 399), rtol=1e-3)


def test_networks_that_bend_have_no_angles(digits):
    model = Autoencoder(latent_dim=4, max_epochs=40, learning_rate=0.01, random_state=0).fit(digits)
    assert model.compare_pca().angles is None
    assert model.compare_pca().ratio < 1  # a hidden layer of 128 units beats 4 components


def test_other_rows_are_compared_with_a_pca_of_their_own(on_digits, digits):
    pca = PCA(8).fit(digits[:100].astype(float))
    left = np.square(digits[:100] - pca.inverse_transform(pca.transform(digits[:100].astype(float)))).sum(1).mean()
    found = on_digits.compare_pca(digits[:100])
    assert found.n_rows == 100
    assert found.pca_error == pytest.approx(left, rel=1e-5)
    assert found.variance == pytest.approx(digits[:100].var(0, dtype=float).sum(), rel=1e-5)


def test_large_sets_are_compared_on_ten_thousand_rows():
    X = np.random.default_rng(0).normal(size=(10_500, 3))
    with pytest.warns(WorseThanPCAWarning):
        assert linear(latent_dim=1, max_epochs=1).fit(X).compare_pca().n_rows == 10_000


def test_bytes_are_compared_as_numbers_from_0_to_1(digits):
    pixels = np.round(digits[:200] * 255).astype(np.uint8)
    with pytest.warns(WorseThanPCAWarning):
        found = linear(latent_dim=2, max_epochs=2).fit(pixels).compare_pca()
    assert found.variance == pytest.approx((pixels / 255).var(0).sum(), rel=1e-5)


def test_sentences():
    better, worse = PCAComparison(8.0, 10.0, 20.0, 100, 3), PCAComparison(12.5, 10.0, 20.0, 100, 3, (2.0, 1.0))
    assert better.sentence() == "the autoencoder leaves 20.0% less error than PCA"
    assert worse.sentence() == (
        "the autoencoder leaves 25.0% more error than PCA; it is linear, and its subspace is at most 2 degrees from "
        "the principal one"
    )
    exact = PCAComparison(0.5, 1e-9, 20.0, 100, 64)
    assert exact.ratio == np.inf
    assert "loses nothing here" in exact.sentence()
    assert "62.50%" in str(worse)
    assert "PCA, 3 components" in worse._repr_html_()


CAUSES = {
    "the risk was still falling": ({"max_epochs": 2}, "The risk was still falling when it ended after 2 epochs: raise"),
    "outputs that cannot reach the data": (
        {"output_activation": "sigmoid", "max_epochs": 2},
        "Its outputs are in (0, 1) by output_activation='sigmoid', and X holds",
    ),
    "the risk was still falling, and noise": (
        {"max_epochs": 2, "noise": 0.1},
        "or learning_rate. It does not only minimise the error: noise ask",
    ),
    "units that are always 0": (
        {"code_activation": "relu", "initializer": "zeros", "learning_rate": 1e-9, "max_epochs": 20},
        "4 of its 4 latents are the same for every row",
    ),
    "a penalty": (
        {"sparsity": 5.0, "learning_rate": 0.05, "max_epochs": 400},
        "It does not only minimise the error: sparsity ask",
    ),
}


@pytest.mark.parametrize("name", CAUSES)
def test_the_likely_cause(name, digits):
    fields, text = CAUSES[name]
    X = (digits[:300] - 0.3) * 4
    with pytest.warns(WorseThanPCAWarning, match="times PCA's") as caught:
        model = linear(latent_dim=4, **fields).fit(X)
    assert text in str(caught[0].message)
    assert likely_cause(model, X) in str(caught[0].message)
