"""The comparison of two latent spaces: its numbers against the functions that they are, and what it makes of them."""

import numpy as np
import pytest
from sklearn.base import BaseEstimator
from sklearn.datasets import load_digits
from sklearn.metrics import silhouette_score

from rosenblatt import VAE, Autoencoder, FactorVAE
from rosenblatt.models.interpolation import ways
from rosenblatt.studies import LatentComparison, LatentSpace, compare_latents, sample_latents, twin_autoencoder
from rosenblatt.studies.latent_comparison import MEASURES

pytestmark = pytest.mark.filterwarnings("ignore::rosenblatt.models.pca_yardstick.WorseThanPCAWarning")

SETTINGS = {"latent_dim": 3, "hidden_layer_sizes": (32,), "learning_rate": 0.005, "max_epochs": 30, "random_state": 4}


@pytest.fixture(scope="module")
def digits():
    """(X, y, X_test, y_test) of the first four digits."""
    X, y = load_digits(n_class=4, return_X_y=True)
    return X[:500] / 16, y[:500], X[500:] / 16, y[500:]


@pytest.fixture(scope="module")
def comparison(digits):
    return compare_latents(None, VAE(loss="bernoulli", **SETTINGS), *digits, n_fits=2, n_samples=200)


def test_the_twin_has_the_fields_that_both_have():
    vae = VAE(loss="bernoulli", beta=3.0, dropout=0.1, batch_size=16, activation="tanh", **SETTINGS)
    twin = twin_autoencoder(vae)
    shared = vae.get_params().keys() & twin.get_params().keys()
    assert {"latent_dim", "architecture", "channels", "optimizer", "validation_fraction", "random_state"} <= shared
    assert {name: twin.get_params()[name] for name in shared} == {name: vae.get_params()[name] for name in shared}
    untouched = {name: value for name, value in twin.get_params().items() if name not in shared}
    assert untouched == {name: Autoencoder().get_params()[name] for name in untouched}


@pytest.mark.parametrize(
    ("fields", "loss"),
    [
        ({"loss": "bernoulli"}, "bernoulli"),
        ({"variance": "calibrated"}, "gaussian"),
        ({"variance": "learned"}, "gaussian"),
        ({"variance": 0.5}, "square"),
    ],
)
@pytest.mark.parametrize("kind", [VAE, FactorVAE])
def test_the_twins_loss_is_that_of_the_decoder(kind, fields, loss):
    assert twin_autoencoder(kind(**fields)).loss == loss


@pytest.mark.parametrize("kind", [VAE, FactorVAE])
def test_the_twin_starts_with_the_same_weights(kind, digits):
    vae = kind(loss="bernoulli", **SETTINGS | {"learning_rate": 1e-12, "max_epochs": 1})
    twin = twin_autoencoder(vae)
    codes = [estimator.fit(digits[0]).transform(digits[2]) for estimator in (vae, twin)]
    assert codes[0].std() > 0.1
    np.testing.assert_allclose(codes[0], codes[1], atol=1e-5)  # float32, and a step of 1e-12
    drawn = np.random.default_rng(0).normal(size=(20, 3)).astype(np.float32)
    rows = [estimator.inverse_transform(drawn) for estimator in (vae, twin)]
    np.testing.assert_allclose(rows[0], rows[1], atol=1e-5)


def test_numbers_are_those_of_the_test_rows(comparison, digits):
    X, _, X_test, y_test = digits
    for space in (comparison.autoencoders[1], comparison.vaes[1]):
        codes, scores = space.estimator.transform(X_test).astype(np.float64), space.scores
        np.testing.assert_array_equal(space.codes, codes)
        assert scores.keys() == MEASURES.keys()
        assert scores["silhouette"] == pytest.approx(silhouette_score(codes, y_test), rel=1e-9)
        between = sum(
            (y_test == k).mean() * ((codes[y_test == k].mean(0) - codes.mean(0)) ** 2).sum() for k in range(4)
        )
        assert scores["within_class_share"] == pytest.approx(1 - between / codes.var(axis=0).sum(), rel=1e-9)
        for name, how in (("prior_garbage", "standard-normal"), ("fitted_garbage", "gaussian")):
            drawn = sample_latents(space.estimator, X, X_test, how=how, n_samples=200, random_state=0)
            assert scores[name] == drawn.garbage_share
        errors = ((space.estimator.reconstruct(X_test) - X_test) ** 2).sum(axis=1)
        assert scores["reconstruction_error"] == pytest.approx(errors.mean(), rel=1e-5)  # float32


def test_codes_of_the_variational_one_are_drawn_for_the_kl_to_the_prior(comparison, digits):
    """The moments of many codes from the posteriors give what the closed form of means and deviations does."""
    means, deviations = comparison.vaes[0].estimator.posterior(digits[2])
    rng = np.random.default_rng(0)
    drawn = (means + deviations * rng.normal(size=(400, *means.shape))).reshape(-1, 3)
    covariance, mean = np.cov(drawn, rowvar=False), drawn.mean(axis=0)
    expected = (np.trace(covariance) + mean @ mean - 3 - np.linalg.slogdet(covariance)[1]) / 6
    # 88,000 codes: standard errors of 0.004 of a mean and 0.005 of a variance, which enter near their optimum.
    assert comparison.vaes[0].scores["kl_to_prior"] == pytest.approx(expected, abs=0.01)
    assert comparison.autoencoders[0].scores["kl_to_prior"] > 0.1


def test_lines_lead_from_the_code_of_one_class_to_that_of_another(comparison, digits):
    space, y_test = comparison.vaes[0], digits[3]
    assert space.lines.shape == (8, 65, 64)
    restored = space.estimator.inverse_transform(space.codes)
    ends = [
        ((restored[:, None] - rows) ** 2).sum(-1).argmin(axis=0) for rows in (space.lines[:, 0], space.lines[:, -1])
    ]
    assert (y_test[ends[0]] != y_test[ends[1]]).all()
    expected = space.estimator.inverse_transform(ways(*space.codes[np.array(ends)], 65).reshape(-1, 3))
    np.testing.assert_allclose(space.lines.reshape(-1, 64), expected, atol=1e-6)
    other = comparison.autoencoders[0]
    nearest = (
        ((other.estimator.inverse_transform(other.codes)[:, None] - other.lines[:, 0]) ** 2).sum(-1).argmin(axis=0)
    )
    np.testing.assert_array_equal(nearest, ends[0])  # the same pairs for both


def test_pairs_have_the_same_seeds_and_what_came_stays_as_it_was(digits):
    vae = VAE(loss="bernoulli", **SETTINGS | {"max_epochs": 1})
    other = Autoencoder(**SETTINGS | {"random_state": 77, "max_epochs": 1})
    found = compare_latents(other, vae, *digits, n_fits=2, n_samples=10)
    seeds = [[space.estimator.random_state for space in spaces] for spaces in (found.autoencoders, found.vaes)]
    assert seeds == [[4, 5], [4, 5]]
    assert not hasattr(vae, "networks_")
    assert (other.random_state, hasattr(other, "networks_")) == (77, False)
    unseeded = compare_latents(None, vae.set_params(random_state=None), *digits, n_fits=1, n_samples=10)
    assert unseeded.vaes[0].estimator.random_state == unseeded.autoencoders[0].estimator.random_state == 0


def test_fitted_estimators_are_taken_as_they_are(comparison, digits):
    vae = comparison.vaes[0].estimator
    found = compare_latents(None, vae, *digits, n_samples=200)
    assert len(found.vaes) == len(found.autoencoders) == 1
    assert found.vaes[0].estimator is vae
    assert found.vaes[0].scores == comparison.vaes[0].scores
    assert found.autoencoders[0].scores == pytest.approx(comparison.autoencoders[0].scores, rel=1e-9)
    both = compare_latents(found.autoencoders[0].estimator, vae, *digits, n_samples=200)
    assert both.autoencoders[0].estimator is found.autoencoders[0].estimator


def test_images_of_bytes(digits):
    X, y, X_test, y_test = digits
    vae = VAE(loss="bernoulli", **SETTINGS | {"max_epochs": 1})
    images = [(rows * 255).astype(np.uint8).reshape(-1, 8, 8) for rows in (X, X_test)]
    found = compare_latents(None, vae, images[0], y, images[1], y_test, n_fits=1, n_samples=10)
    assert found.vaes[0].lines.shape == (8, 65, 8, 8)
    assert found.vaes[0].lines.max() <= 1


def spaces(**scores):
    """Comparison of as many fits as there are numbers, with one number for each estimator."""
    n_fits = len(next(iter(scores.values()))[0])
    same = dict.fromkeys(MEASURES, 0.5)
    made = [
        tuple(
            LatentSpace(None, None, same | {name: values[who][i] for name, values in scores.items()}, None, None, None)
            for i in range(n_fits)
        )
        for who in (0, 1)
    ]
    return LatentComparison(*made, np.zeros(20), 80)


@pytest.mark.parametrize(
    ("name", "autoencoder", "vae", "better"),
    [
        ("detour", [2.0, 2.0], [1.0, 1.9], "VAE"),
        ("detour", [1.0, 1.9], [2.0, 2.0], "autoencoder"),
        ("silhouette", [0.1, 0.2], [0.3, 0.4], "VAE"),
        ("silhouette", [-0.1, -0.1], [-0.3, -0.4], "autoencoder"),
        ("detour", [2.0, 2.0], [1.0, 2.1], "neither"),  # the fits disagree
        ("detour", [2.0, 2.0], [1.0, 2.0], "neither"),
        ("detour", [2.0, 2.0], [1.95, 1.91], "neither"),  # by 3.5%
        ("detour", [2.0, 2.0], [1.89, 1.89], "VAE"),  # by 5.5%
        ("prior_garbage", [0.0], [0.0], "neither"),
        ("kl_to_prior", [np.inf, 3.0], [1.0, 1.0], "VAE"),
        ("kl_to_prior", [np.inf], [np.inf], "neither"),
    ],
)
def test_which_one_is_better(name, autoencoder, vae, better):
    assert spaces(**{name: (autoencoder, vae)}).better(name) == better


def line_of(text, name):
    return next(" ".join(line.replace("│", " ").split()) for line in text.splitlines() if name in line)


def test_the_table_says_where_a_claim_does_not_hold():
    found = spaces(
        detour=([2.0, 2.2], [1.0, 1.0]),
        silhouette=([0.5, 0.5], [0.3, 0.3]),
        reconstruction_error=([1.0, 1.0], [2.0, 2.0]),
    )
    text = str(found)
    assert "Latent spaces learned from 80 rows, on 20 others" in text
    assert "mean and standard deviation over 2 fits of each" in text
    assert line_of(text, "detour").endswith("2.100 ± 0.141 1.000 ± 0.000 VAE rows change more directly between")
    silhouette = line_of(text, "silhouette")
    assert "0.500 ± 0.000 0.300 ± 0.000 autoencoder not as said: its classes are better" in silhouette
    assert line_of(text, "mean code").endswith("neither not as said: no clear difference")
    assert line_of(text, "squared error").endswith("autoencoder its codes keep more of a row")
    assert line_of(text, "garbage of N(0, I)").startswith("garbage of N(0, I) 50.0% ± 0.0%")
    assert "a VAE is said to be better in the first 9 lines; it is in 1" in text
    assert set(found.unconfirmed) == MEASURES.keys() - {"detour", "reconstruction_error"}
    alone = str(spaces(detour=([np.inf], [1.0])))
    assert "one fit of each" in alone
    assert "±" not in alone
    assert "<pre>" in found._repr_html_()


def test_what_is_said_of_digits(comparison):
    """On digits the prior's claims hold by far: 0.02 against 0.7 nats, 0.05 against 0.6, detours of 1.2 against 1.5."""
    for name in ("kl_to_prior", "off_center", "detour", "prior_garbage"):
        assert comparison.better(name) == "VAE", name
    autoencoders, vaes = comparison.scores("kl_to_prior")
    assert vaes.max() < 0.1 < autoencoders.min()


def test_mistakes_are_named(comparison, digits):
    X, y, X_test, y_test = digits
    vae = comparison.vaes[0].estimator
    with pytest.raises(TypeError, match="got Autoencoder; a VAE or FactorVAE, fitted or not, is needed"):
        compare_latents(None, Autoencoder(), *digits)
    with pytest.raises(TypeError, match="got autoencoder=BaseEstimator; an Autoencoder, fitted or not, is needed"):
        compare_latents(BaseEstimator(), vae, *digits)
    with pytest.raises(ValueError, match="n_fits=0; a whole number above 0 is needed"):
        compare_latents(None, vae, *digits, n_fits=0)
    with pytest.raises(ValueError, match=r"y_test holds one class only, \[1\]; at least two are needed to compare"):
        compare_latents(None, vae, X, y, X_test, np.ones(len(y_test), int))
    with pytest.raises(ValueError, match="Unknown label type"):
        compare_latents(None, vae, X, y + 0.5, X_test, y_test)
    with pytest.raises(ValueError, match="name='overlap' is not known; use one of 'within_class_share'"):
        comparison.scores("overlap")


def test_without_test_rows_a_quarter_is_held_out(digits):
    X, y, _, _ = digits
    vae = VAE(loss="bernoulli", **SETTINGS)
    found = compare_latents(None, vae, X, y, n_fits=1, n_samples=10)
    assert found.n_train + len(found.y_test) == len(X)
    assert len(found.y_test) == -(-len(X) // 4)
    with pytest.raises(ValueError, match="X_test and y_test belong together"):
        compare_latents(None, vae, X, y, X)
