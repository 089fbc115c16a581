"""Originals above their reconstructions, in one scale, and signed errors below."""

import numpy as np
import pytest
from matplotlib.colors import to_rgb

from rosenblatt import Autoencoder
from rosenblatt.display import ReconstructionDisplay

pytestmark = pytest.mark.filterwarnings("ignore::rosenblatt.models.pca_yardstick.WorseThanPCAWarning")


def colors(artist):
    return np.asarray(artist.get_array())


def shown(display):
    return [artist for artist in display.images_ if artist.get_visible()]


def test_the_first_images_with_their_squared_errors(digits_autoencoder):
    model, images, _ = digits_autoencoder
    display = ReconstructionDisplay.from_estimator(model, images, n_images=5)
    assert len(shown(display)) == 15
    np.testing.assert_allclose(display.reconstructions[..., 0], model.reconstruct(images[:5]), rtol=1e-6)
    # In float32 an error is a sum of 64 rounded squares.
    np.testing.assert_allclose(display.squared_errors, model.reconstruction_error(images[:5]), rtol=1e-5)
    captions = [text.get_text() for text in display.captions_]
    assert captions[:6] == ["original", "", "", "", "", "reconstruction"]
    assert captions[10] == f"Σ error²: {display.squared_errors[0]:.3g}"
    assert captions[11:] == [f"{error:.3g}" for error in display.squared_errors[1:]]


def test_rows_with_a_shape_are_images(digits_autoencoder):
    model, images, _ = digits_autoencoder
    by_image = ReconstructionDisplay.from_estimator(model, images)
    by_row = ReconstructionDisplay.from_estimator(model, images.reshape(-1, 64))
    np.testing.assert_array_equal(by_row.reconstructions, by_image.reconstructions)
    wide = ReconstructionDisplay.from_estimator(model, images.reshape(-1, 64), image_shape=(4, 16))
    np.testing.assert_array_equal(wide.images, by_image.images.reshape(8, 4, 16, 1))


def test_a_number_has_one_colour_in_originals_and_reconstructions():
    images = np.array([[[0.0, 0.25, 1.0]], [[0.5, 0.5, 0.5]]])
    others = np.array([[[-0.5, 0.5, 2.0]], [[0.25, 0.0, 1.0]]])
    first, second, reconstructed, other = map(colors, ReconstructionDisplay(images, others).plot().images_[:4])
    np.testing.assert_array_equal(reconstructed[0, 1], second[0, 0])
    np.testing.assert_array_equal(other[0], first[0, [1, 0, 2]])
    np.testing.assert_array_equal(reconstructed[0, [0, 2]], first[0, [0, 2]])  # beyond the scale are its ends


def test_errors_have_signs_and_one_scale():
    images = np.full((2, 2, 2), 0.5)
    others = np.add(images, [[[0.4, -0.4], [0.0, 0.2]], [[-0.2, 0.0], [0.0, 0.0]]])
    display = ReconstructionDisplay(images, others).plot()
    first, second = map(colors, display.images_[4:])
    np.testing.assert_allclose(first[0], [to_rgb("C0"), to_rgb("C1")], atol=0.01)  # 256 steps of colour
    np.testing.assert_allclose(first[1, 0], 1.0, atol=0.01)
    halfway = 0.45 + 0.55 * np.array([to_rgb("C1"), to_rgb("C0")])  # Palette: 55 % of the colour over a white page
    np.testing.assert_allclose([second[0, 0], first[1, 1]], halfway, atol=0.01)
    (key,) = display.ax_.child_axes
    assert [text.get_text() for text in key.get_yticklabels()] == ["-0.4", "0", "0.4"]
    assert display.squared_errors.tolist() == pytest.approx([0.36, 0.04])


def test_a_perfect_reconstruction_has_an_error_of_no_colour():
    display = ReconstructionDisplay(np.ones((1, 2, 2)), np.ones((1, 2, 2))).plot()
    np.testing.assert_allclose(colors(display.images_[2]), 1.0, atol=0.01)
    assert display.captions_[2].get_text() == "Σ error²: 0"


def test_of_colours_the_mean_error_is_drawn():
    images = np.full((1, 1, 2, 3), 0.5)
    others = np.add(images, [[0.3, 0.3, 0.3], [0.3, -0.3, -0.3]])
    error = colors(ReconstructionDisplay(images, others).plot().images_[2])
    np.testing.assert_allclose(error[0, 0], to_rgb("C0"), atol=0.01)
    assert error[0, 1].argmax() == 0  # -0.1: C1 is orange


def test_bytes_are_numbers_from_0_to_1():
    rng = np.random.default_rng(0)
    X = rng.integers(0, 256, (40, 4, 4, 3), dtype=np.uint8)
    model = Autoencoder(latent_dim=2, hidden_layer_sizes=(), max_epochs=1, random_state=0).fit(X)
    display = ReconstructionDisplay.from_estimator(model, X, n_images=3)
    np.testing.assert_allclose(display.images, X[:3] / 255)
    np.testing.assert_allclose(display.squared_errors, model.reconstruction_error(X[:3]), rtol=1e-5)
    np.testing.assert_array_equal(colors(display.images_[0]), X[0] / 255)
    np.testing.assert_array_equal(ReconstructionDisplay(X, X / 255).images, X / 255)


def test_signals_are_bars():
    X = np.random.default_rng(0).random((40, 20))
    model = Autoencoder(
        architecture="conv", channels=(2,), latent_dim=2, hidden_layer_sizes=(), max_epochs=1, random_state=0
    ).fit(X)
    display = ReconstructionDisplay.from_estimator(model, X, n_images=5)
    assert display.images.shape == (5, 1, 20, 1)
    left, right, bottom, top = display.images_[0].get_extent()
    assert (right - left) / (top - bottom) == pytest.approx(4)
    assert len({artist.get_extent()[0] for artist in display.images_}) == 4


@pytest.mark.parametrize(("n_images", "n_columns", "n_rows"), [(5, 2, 9), (4, 2, 6), (3, 8, 3), (1, 1, 3)])
def test_what_does_not_fit_side_by_side_is_below(n_images, n_columns, n_rows):
    images = np.arange(n_images * 4.0).reshape(-1, 2, 2) / (4 * n_images)
    display = ReconstructionDisplay(images, images).plot(n_columns=n_columns)
    artists = shown(display)
    assert len(artists) == 3 * n_images
    assert len({round(artist.get_extent()[3], 6) for artist in artists}) == n_rows
    places = {artist.get_extent()[0] for artist in artists}
    assert len(places) == min(n_columns, n_images)
    last = [artist for artist in artists if artist.get_extent()[0] == artists[-1].get_extent()[0]][-3:]
    np.testing.assert_array_equal(colors(last[0]), colors(last[1]))  # the last original and its reconstruction
    np.testing.assert_allclose(colors(last[0])[..., 0], images[-1], atol=0.01)


def test_axes_decide_how_many_are_side_by_side():
    from matplotlib.figure import Figure

    images = np.zeros((6, 4, 4))
    for size, n_columns in (((12, 3), 6), ((2, 8), 2)):
        ax = Figure(figsize=size, layout="constrained").subplots()
        drawn = ReconstructionDisplay(images, images).plot(ax).images_
        assert len({artist.get_extent()[0] for artist in drawn}) == n_columns


def test_mistakes_are_named(digits_autoencoder, digits_reader):
    model, images, _ = digits_autoencoder
    with pytest.raises(
        TypeError, match="MLPClassifier has no reconstruct, which an autoencoder of rosenblatt has; giv"
    ):
        ReconstructionDisplay.from_estimator(digits_reader[0], digits_reader[1])
    rows = images.reshape(-1, 64)
    plain = Autoencoder(latent_dim=2, hidden_layer_sizes=(), max_epochs=1, random_state=0).fit(rows)
    with pytest.raises(ValueError, match=r"no image to draw; pass image_shape=.*or use estimator.reconstruction_error"):
        ReconstructionDisplay.from_estimator(plain, rows)
    with pytest.raises(ValueError, match=r"image_shape=\(8, 9, 1\) needs 72 numbers a row, and X has 64"):
        ReconstructionDisplay.from_estimator(plain, rows, image_shape=(8, 9))
    with pytest.raises(ValueError, match="n_images=0; at least 1"):
        ReconstructionDisplay.from_estimator(model, images, n_images=0)
    with pytest.raises(ValueError, match="n_columns=0; at least 1"):
        ReconstructionDisplay(images, images).plot(n_columns=0)
    with pytest.raises(ValueError, match=r"images have shape \(3, 8\).*a signal is an image of height 1"):
        ReconstructionDisplay(images[0, :3], images[0, :3])
    with pytest.raises(ValueError, match=r"reconstructions \(3, 8, 8, 1\); give one reconstruction of the same shape"):
        ReconstructionDisplay(images[:2], images[:3])
    with pytest.raises(TypeError, match="type has no reconstruct"):
        ReconstructionDisplay.from_estimator(int, images)
