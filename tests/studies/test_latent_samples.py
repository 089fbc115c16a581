"""Samples from a latent space, against estimators whose codes are the rows themselves, PCA, and brute force."""

import numpy as np
import pytest
from scipy.spatial.distance import cdist
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA

from rosenblatt import Autoencoder
from rosenblatt.studies import sample_latents

pytestmark = pytest.mark.filterwarnings("ignore::rosenblatt.models.pca_yardstick.WorseThanPCAWarning")

WAYS = ("uniform", "gaussian", "standard-normal")


class Scaler:
    """An encoder that multiplies, and a decoder that divides again and adds a shift."""

    def __init__(self, factors=1.0, shift=0.0):
        self.factors, self.shift = np.asarray(factors), shift

    def transform(self, X):
        return X * self.factors

    def inverse_transform(self, codes):
        return codes / self.factors + self.shift


@pytest.fixture(scope="module")
def normal():
    """Rows (2000, 3) and held-out rows (2000, 3) of one Gaussian, whose columns hang together and differ in spread."""
    mixing = np.array([[2.0, 0.0, 0.0], [1.0, 0.5, 0.0], [0.3, 0.2, 0.1]])
    rows = np.random.default_rng(0).normal(size=(4000, 3)) @ mixing + [5, 0, -1]
    return rows[:2000], rows[2000:]


def test_samples_of_the_datas_own_law_are_garbage_as_often_as_held_out_rows(normal):
    found = sample_latents(Scaler(), *normal, n_samples=2000, random_state=0)
    # Standard errors of a share of 0.05 of 2,000, once for the samples and once for the limit: together 0.007.
    assert found.garbage_share == pytest.approx(0.05, abs=6 * 0.007)
    square = np.random.default_rng(0).uniform(-3, 1, (4000, 2))
    found = sample_latents(Scaler(), square[:2000], square[2000:], n_samples=2000, how="uniform", random_state=0)
    assert found.garbage_share == pytest.approx(0.05, abs=6 * 0.007)


@pytest.mark.parametrize("quantile", [0.5, 0.8, 0.99])
def test_held_out_rows_beyond_the_limit_are_the_rest_of_the_quantile(normal, quantile):
    found = sample_latents(Scaler(), *normal, quantile=quantile, random_state=0)
    assert found.held_out_share == pytest.approx(1 - quantile, abs=1 / 2000)


def test_a_decoder_that_leads_away_makes_garbage_only(normal):
    shift = np.array([100.0, -50.0, 0.0])
    found = sample_latents(Scaler(shift=shift), *normal, random_state=0)
    assert found.garbage_share == 1
    away = np.linalg.norm(shift / normal[0].std(0))
    np.testing.assert_allclose(found.code_errors, away, rtol=1e-12)
    np.testing.assert_allclose(found.held_out_code_errors, away, rtol=1e-12)
    assert found.held_out_share == pytest.approx(0.05, abs=1 / 2000)


def test_two_clusters_leave_most_of_their_box_empty():
    rng = np.random.default_rng(0)
    rows = rng.uniform(-1, 1, (1000, 2)) + rng.choice([-9, 9], 1000)[:, None]
    found = sample_latents(Scaler(), rows[:500], rows[500:], n_samples=2000, how="uniform", random_state=0)
    # Two squares of 2 x 2 in one of 20 x 20 leave 0.98 empty; samples at their edges count as within for the limit.
    assert 0.96 < found.garbage_share < 0.99


@pytest.mark.parametrize("how", WAYS)
def test_distances_are_those_of_brute_force(normal, how):
    X, held_out = normal
    found = sample_latents(Scaler(), X, held_out, n_samples=300, how=how, random_state=0, quantile=0.9)
    nearest = [cdist(rows / X.std(0), X / X.std(0)).min(1) for rows in (found.samples, held_out)]
    np.testing.assert_allclose(found.distances, nearest[0], rtol=1e-9)
    np.testing.assert_allclose(found.held_out_distances, nearest[1], rtol=1e-9)
    assert found.limit == pytest.approx(np.quantile(nearest[1], 0.9), rel=1e-9)
    assert found.garbage_share == np.mean(nearest[0] > found.limit)
    assert (np.diff(found.distances) >= 0).all()
    np.testing.assert_allclose(found.samples, found.codes, rtol=1e-12)
    np.testing.assert_allclose(found.code_errors, 0, atol=1e-12)
    assert found.value_range == (held_out.min(), held_out.max())


def test_codes_are_drawn_as_was_asked(normal):
    X, held_out = normal
    n = 10_000
    drawn = {how: sample_latents(Scaler(), X, held_out, n_samples=n, how=how, random_state=0).codes for how in WAYS}
    box = drawn["uniform"]
    assert (box.min(0) >= X.min(0)).all()
    assert (box.max(0) <= X.max(0)).all()
    np.testing.assert_allclose(box.min(0), X.min(0), atol=0.01 * np.ptp(X))  # the nearest of n is 1 / n from an edge
    np.testing.assert_allclose(box.mean(0), (X.min(0) + X.max(0)) / 2, atol=6 * np.ptp(X, 0).max() / np.sqrt(12 * n))
    for how, mean, covariance in (
        ("gaussian", X.mean(0), np.cov(X, rowvar=False)),
        ("standard-normal", np.zeros(3), np.eye(3)),
    ):
        spread = np.sqrt(np.diag(covariance))
        found = (drawn[how] - mean) / spread
        np.testing.assert_allclose(found.mean(0), 0, atol=6 / np.sqrt(n))
        # The standard error of a covariance of unit variables is at most sqrt(2 / n).
        expected = covariance / np.outer(spread, spread)
        np.testing.assert_allclose(np.cov(found, rowvar=False), expected, atol=6 * np.sqrt(2 / n))


@pytest.mark.parametrize("how", ["uniform", "gaussian"])
def test_the_scale_of_a_latent_does_not_matter(normal, how):
    plain = sample_latents(Scaler(), *normal, how=how, random_state=0)
    scaled = sample_latents(Scaler([1000.0, 0.01, 1.0]), *normal, how=how, random_state=0)
    np.testing.assert_allclose(scaled.distances, plain.distances, rtol=1e-6)
    assert scaled.garbage_share == plain.garbage_share
    assert scaled.limit == pytest.approx(plain.limit, rel=1e-9)


def test_a_standard_normal_does_not_follow_the_scale(normal):
    wide = sample_latents(Scaler([1000.0, 1000.0, 1000.0]), *normal, how="standard-normal", random_state=0)
    np.testing.assert_allclose(wide.samples, wide.codes / 1000)


def test_a_number_that_is_the_same_in_all_codes_changes_nothing(normal):
    class WithConstant(Scaler):
        def transform(self, X):
            return np.column_stack([X, np.full(len(X), 7.0)])

        def inverse_transform(self, codes):
            return codes[:, :3]

    for how in WAYS:
        found = sample_latents(WithConstant(), *normal, how=how, random_state=0)
        expected = 7 if how != "standard-normal" else found.codes[:, 3]
        np.testing.assert_allclose(found.codes[:, 3], expected)
        nearest = cdist(found.samples / normal[0].std(0), normal[0] / normal[0].std(0)).min(1)
        np.testing.assert_allclose(found.distances, nearest, rtol=1e-9)


def test_pca_decodes_to_where_it_was_asked():
    """What PCA decodes has the code that was drawn, so its distances are those of the codes."""
    X = load_digits().data / 16
    pca = PCA(5).fit(X[:1000])
    found = sample_latents(pca, X[:1000], X[1000:], random_state=0)
    np.testing.assert_allclose(found.code_errors, 0, atol=1e-9)
    np.testing.assert_allclose(found.held_out_code_errors, 0, atol=1e-9)
    codes, spread = pca.transform(X[:1000]), pca.transform(X[:1000]).std(0)
    np.testing.assert_allclose(found.distances, cdist(found.codes / spread, codes / spread).min(1), rtol=1e-6)
    np.testing.assert_allclose(found.samples, pca.inverse_transform(found.codes))


@pytest.fixture(scope="module")
def bytes_fit():
    """(an autoencoder of images of bytes whose decoder reaches beyond 0 to 1, images, held-out images)."""
    images = (load_digits().images[:400] * 15).astype(np.uint8)
    model = Autoencoder(latent_dim=8, learning_rate=0.005, max_epochs=20, random_state=0)
    return model.fit(images[:300]), images[:300], images[300:]


def test_images_of_bytes(bytes_fit):
    model, X, held_out = bytes_fit
    stretched = type("Far", (), {"pixel_maximum_": 255})()
    stretched.transform = model.transform
    stretched.inverse_transform = lambda codes: 10 * model.inverse_transform(codes)
    for estimator in (model, stretched):
        found = sample_latents(estimator, X, held_out, n_samples=50, how="uniform", random_state=0)
        assert found.samples.shape == (50, 8, 8)
        assert found.samples.min() >= 0
        assert found.samples.max() <= 1
        decoded = estimator.inverse_transform(found.codes).clip(0, 1)
        np.testing.assert_allclose(found.samples, decoded, atol=1e-5)  # codes pass through float32
        assert found.value_range == (0, held_out.max() / 255)
    assert stretched.inverse_transform(found.codes).max() > 2  # which transform would refuse


def test_one_latent_and_one_sample(normal):
    X, held_out = normal
    for how in WAYS:
        found = sample_latents(Scaler(), X[:, :1], held_out[:, :1], n_samples=1, how=how, random_state=0)
        assert found.samples.shape == (1, 1)
        assert found.distances[0] == pytest.approx(np.abs(found.samples[0] - X[:, 0]).min() / X[:, 0].std())


def test_the_same_seed_gives_the_same_samples(normal):
    first, again, other = (sample_latents(Scaler(), *normal, n_samples=5, random_state=seed) for seed in (3, 3, 4))
    np.testing.assert_array_equal(first.samples, again.samples)
    assert not np.array_equal(first.samples, other.samples)


def test_the_table(normal):
    found = sample_latents(Scaler(shift=100.0), *normal, random_state=0)
    text = str(found)
    assert "500 codes drawn (gaussian), decoded and encoded again" in text
    garbage = next(line for line in text.splitlines() if "garbage  " in line)
    assert "100.0%" in garbage
    assert "5.0%" in garbage
    assert f"garbage: further than {found.limit:.3g} from the nearest code of X" in text
    assert "as 5% of the 2,000 held-out rows are" in text
    assert f"{np.median(found.code_errors):.3g}" in text
    assert "<pre>" in found._repr_html_()


def test_mistakes_are_named(normal):
    with pytest.raises(TypeError, match="object has no transform or no inverse_transform"):
        sample_latents(object(), *normal)
    with pytest.raises(ValueError, match="n_samples=0; at least 1 is needed"):
        sample_latents(Scaler(), *normal, n_samples=0)
    with pytest.raises(ValueError, match="how='normal' is not known; use one of 'uniform', 'gaussian', 'standard-norm"):
        sample_latents(Scaler(), *normal, how="normal")
    for quantile in (0, 1, 1.5, np.nan):
        with pytest.raises(ValueError, match=f"quantile={quantile}; a number between 0 and 1 is needed"):
            sample_latents(Scaler(), *normal, quantile=quantile)
