"""The decoded grid over two latents: where it is decoded, and where that is drawn."""

import numpy as np
import pytest
from scipy.special import erf
from sklearn.decomposition import PCA

from rosenblatt.display import ManifoldDisplay
from rosenblatt.display.latent_steps import chosen_ticks


def tick_labels(axis):
    return {
        float(label.get_text()): place for label, place in zip(axis.get_ticklabels(), axis.get_ticklocs(), strict=True)
    }


def test_each_place_of_the_prior_is_decoded_where_it_is_drawn(digits_vae):
    model = digits_vae[0]
    display = ManifoldDisplay.from_estimator(model, n=5, latents=(2, 0))
    # The shares of N(0, 1) below the places, by the error function.
    np.testing.assert_allclose(0.5 * (1 + erf(display.x_values / np.sqrt(2))), [0.1, 0.3, 0.5, 0.7, 0.9], rtol=1e-12)
    np.testing.assert_array_equal(display.y_values, display.x_values)
    mosaic = np.asarray(display.mosaic_.get_array())
    assert mosaic.shape == (40, 40, 3)
    low, high = min(display.images.min(), 0), max(display.images.max(), 1)
    for column, x in enumerate(display.x_values):
        for row, y in enumerate(display.y_values):
            image = model.inverse_transform(np.array([[y, 0, x, 0]], np.float32))[0]
            place = slice(32 - 8 * row, 40 - 8 * row), slice(8 * column, 8 * column + 8)
            np.testing.assert_allclose(mosaic[place][..., 0], (image - low) / (high - low), atol=0.005)  # 256 grays
    assert display.ax_.get_xlabel() == "latent 3, by quantiles of N(0, 1)"
    assert display.ax_.get_ylabel() == "latent 1, by quantiles of N(0, 1)"
    assert display.ax_.get_title() == "the other 2 latents at 0"
    assert tick_labels(display.ax_.xaxis) == {-1.3: 0.5, -0.52: 1.5, 0: 2.5, 0.52: 3.5, 1.3: 4.5}
    assert display.ax_.get_ylim() == (0, 5)


def test_the_most_used_latents_and_the_code_of_a_row(digits_vae):
    model, images, _ = digits_vae
    kl = model.elbo_terms(images)[1].mean(0)
    first, second = sorted(np.argsort(kl)[-2:])
    display = ManifoldDisplay.from_estimator(model, images, n=2, start=images[3])
    assert display.axis_names == [f"latent {k + 1}, by quantiles of N(0, 1)" for k in (first, second)]
    code = model.transform(images[3:4])
    code[0, first], code[0, second] = display.x_values[1], display.y_values[0]
    np.testing.assert_allclose(display.images[0, 1, ..., 0], model.inverse_transform(code)[0], atol=1e-5)
    assert display.title == "the other 2 latents as in the row given"


def test_without_a_prior_the_grid_goes_over_the_codes(digits_autoencoder):
    model, images, _ = digits_autoencoder
    codes = model.transform(images).astype(float)
    first, second = sorted(np.argsort(codes.var(0))[-2:])
    display = ManifoldDisplay.from_estimator(model, images, n=3)
    low, high = codes[:, first].min(), codes[:, first].max()
    np.testing.assert_allclose(display.x_values, [low, (low + high) / 2, high], rtol=1e-6)
    code = codes.mean(0, keepdims=True)
    code[0, first], code[0, second] = low, codes[:, second].max()
    np.testing.assert_allclose(display.images[2, 0, ..., 0], model.inverse_transform(code)[0], atol=1e-5)
    assert display.title == "the other 2 latents at their mean"


def test_any_decoder_of_flat_rows_has_one(digits_autoencoder, own_axes, assert_readable):
    X = digits_autoencoder[1].reshape(-1, 64)
    pca = PCA(2).fit(X)
    display = ManifoldDisplay.from_estimator(pca, X, n=4, image_shape=(8, 8), ax=own_axes)
    assert display.ax_ is own_axes
    corner = pca.mean_ + pca.transform(X).min(0) @ pca.components_
    np.testing.assert_allclose(display.images[0, 0].ravel(), corner, atol=1e-5)
    assert_readable(display.figure_)


def test_colours_and_signals():
    colored = np.random.default_rng(0).random((2, 3, 4, 5, 3))
    drawn = np.asarray(ManifoldDisplay(colored, range(3), range(2)).plot().mosaic_.get_array())
    np.testing.assert_allclose(drawn[4:, 10:], colored[0, 2])
    signals = np.random.default_rng(0).random((2, 3, 1, 20))
    drawn = np.asarray(ManifoldDisplay(signals, range(3), range(2)).plot().mosaic_.get_array())
    assert drawn.shape == (10, 60, 3)
    np.testing.assert_array_equal(drawn[0], drawn[4])


@pytest.mark.parametrize(
    ("n_places", "expected"),
    [(2, [0, 1]), (5, [0, 1, 2, 3, 4]), (9, [0, 2, 4, 6, 8]), (10, [0, 3, 6, 9]), (15, [0, 4, 7, 10, 14])],
)
def test_ticks_are_the_same_from_either_end(n_places, expected):
    assert chosen_ticks(n_places, 5).tolist() == expected
    for n in range(2, 40):
        places = chosen_ticks(n, 5)
        assert len(places) <= 5
        np.testing.assert_array_equal(places, n - 1 - places[::-1])
        assert places[0] == 0


def test_mistakes_are_named(digits_vae, digits_autoencoder, digits_reader):
    vae, images, _ = digits_vae
    model = digits_autoencoder[0]
    with pytest.raises(TypeError, match="MLPClassifier has no inverse_transform.*give ManifoldDisplay the images"):
        ManifoldDisplay.from_estimator(digits_reader[0])
    with pytest.raises(ValueError, match="there are 4 latents: pass X.*or latents="):
        ManifoldDisplay.from_estimator(vae)
    with pytest.raises(ValueError, match="Autoencoder has no prior: pass X"):
        ManifoldDisplay.from_estimator(model, latents=(0, 1))
    for latents in ((0, 0), (0, 4), (-1, 2)):
        with pytest.raises(ValueError, match=r"latents=\(.*two different numbers from 0 to 3 are needed"):
            ManifoldDisplay.from_estimator(vae, latents=latents)
    with pytest.raises(ValueError, match="n=1; at least 2 are needed"):
        ManifoldDisplay.from_estimator(vae, images, n=1)
    X = images.reshape(-1, 64)
    with pytest.raises(ValueError, match="codes have 1 number; a grid is over two: take TraversalDisplay"):
        ManifoldDisplay.from_estimator(PCA(1).fit(X), X)
    with pytest.raises(ValueError, match="holds rows of 64 numbers.*or use TraversalDisplay"):
        ManifoldDisplay.from_estimator(PCA(2).fit(X), X)
    with pytest.raises(ValueError, match=r"images have shape \(2, 3, 8, 8\), for 2 numbers across and 3 up"):
        ManifoldDisplay(np.zeros((2, 3, 8, 8)), range(2), range(3))
