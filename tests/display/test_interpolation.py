"""Lines of decoded images between real ones."""

import numpy as np
import pytest

from rosenblatt import Autoencoder
from rosenblatt.display import InterpolationDisplay


def test_a_row_for_each_pair(digits_autoencoder):
    model, images, _ = digits_autoencoder
    display = InterpolationDisplay.from_estimator(model, images[:2], images[5:7], n_steps=3)
    captions = [text.get_text() for text in display.captions_]
    assert captions == ["from", "0%", "50%", "100%", "to"] * 2
    heights = [artist.get_extent()[3] for artist in display.images_]
    assert heights[:5] == [heights[0]] * 5
    assert heights[5] < heights[0]
    np.testing.assert_array_equal(display.starts[..., 0], images[:2])
    np.testing.assert_array_equal(display.ends[..., 0], images[5:7])
    # The ends of a line are reconstructions, and its middle is the decoded mean of the codes; all in float32.
    np.testing.assert_allclose(display.lines[:, 0, ..., 0], model.reconstruct(images[:2]), atol=1e-5)
    np.testing.assert_allclose(display.lines[:, -1, ..., 0], model.reconstruct(images[5:7]), atol=1e-5)
    middle = model.inverse_transform((model.transform(images[:2]) + model.transform(images[5:7])) / 2)
    np.testing.assert_allclose(display.lines[:, 1, ..., 0], middle, atol=1e-5)


def test_images_are_drawn_in_order_and_in_one_scale():
    starts, ends = np.array([[[0.0, 0.5]]]), np.array([[[1.0, 0.5]]])
    lines = np.array([[[[0.5, -1.0]], [[1.0, 2.0]]]])
    drawn = [
        np.asarray(artist.get_array())[0, :, 0] for artist in InterpolationDisplay(lines, starts, ends).plot().images_
    ]
    # Gray, of 256 steps; what is beyond the real images' scale is black or white.
    np.testing.assert_allclose(drawn, [[0, 0.5], [0.5, 0], [1, 1], [1, 0.5]], atol=0.005)


def test_rows_and_bytes():
    X = np.random.default_rng(0).integers(0, 256, (40, 64), dtype=np.uint8)
    model = Autoencoder(latent_dim=16, hidden_layer_sizes=(), max_epochs=1, random_state=0)
    with pytest.warns(UserWarning, match="PCA"):
        model.fit(X)
    display = InterpolationDisplay.from_estimator(model, X[:1], X[1:2], image_shape=(8, 8))
    np.testing.assert_allclose(display.starts, X[:1].reshape(1, 8, 8, 1) / 255)
    assert display.lines.shape == (1, 6, 8, 8, 1)
    np.testing.assert_allclose(display.lines[0, 0].ravel(), model.reconstruct(X[:1])[0], atol=1e-5)


def test_signals_go_down():
    signals = np.random.default_rng(0).random((3, 1, 12))
    display = InterpolationDisplay(np.stack([signals] * 4, axis=1), signals, signals).plot()
    assert [text.get_text() for text in display.captions_][::3] == ["from", "0%", "33%", "67%", "100%", "to"]
    assert len({artist.get_extent()[0] for artist in display.images_}) == 3


def test_given_axes_are_drawn_on(digits_autoencoder, own_axes, assert_readable):
    model, images, _ = digits_autoencoder
    display = InterpolationDisplay.from_estimator(model, images[:3], images[3:6], ax=own_axes)
    assert display.ax_ is own_axes
    assert display.figure_ is own_axes.figure
    assert_readable(display.figure_)


def test_mistakes_are_named(digits_autoencoder, digits_reader):
    model, images, _ = digits_autoencoder
    with pytest.raises(TypeError, match="MLPClassifier has no interpolate.*give InterpolationDisplay the images"):
        InterpolationDisplay.from_estimator(digits_reader[0], images[:1], images[1:2])
    with pytest.raises(ValueError, match="X has 1 rows and to has 2; they are paired"):
        InterpolationDisplay.from_estimator(model, images[:1], images[1:3])
    with pytest.raises(ValueError, match="n_steps=1; at least 2"):
        InterpolationDisplay.from_estimator(model, images[:1], images[1:2], n_steps=1)
    with pytest.raises(ValueError, match=r"image_shape=\(8, 9, 1\) needs 72 numbers a row, and X has 64"):
        InterpolationDisplay.from_estimator(model, images[:1], images[1:2], image_shape=(8, 9))
    with pytest.raises(ValueError, match=r"lines have shape \(2, 3, 8, 8, 1\), starts \(1, 8, 8, 1\) and ends"):
        InterpolationDisplay(np.zeros((2, 3, 8, 8)), images[:1], images[1:2])
    with pytest.raises(ValueError, match=r"lines have shape \(1, 0, 8, 8, 1\)"):
        InterpolationDisplay(np.zeros((1, 0, 8, 8)), images[:1], images[1:2])
