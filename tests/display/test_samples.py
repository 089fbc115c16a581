"""What generators draw, and the nearest training rows, against brute force."""

import numpy as np
import pytest
from sklearn.mixture import GaussianMixture
from sklearn.neighbors import KernelDensity

from rosenblatt.display import SamplesDisplay


def shown(display):
    return [np.asarray(artist.get_array())[..., 0] for artist in display.images_ if artist.get_visible()]


def all_squared_distances(images, known):
    return np.square(images[:, None] - known[None]).reshape(len(images), len(known), -1).sum(-1)


def test_the_samples_of_a_seed(digits_vae):
    model, _, _ = digits_vae
    display = SamplesDisplay.from_estimator(model, n_samples=5, random_state=3)
    drawn = model.sample(5, random_state=3)
    np.testing.assert_array_equal(display.images[..., 0], drawn)
    low, high = min(drawn.min(), 0), max(drawn.max(), 1)
    for found, image in zip(shown(display), drawn, strict=True):
        np.testing.assert_allclose(found, (image - low) / (high - low), atol=0.005)  # 256 grays
    assert len(SamplesDisplay.from_estimator(model).images_) == 40


def test_below_each_sample_is_the_nearest_row(digits_vae):
    model, images, _ = digits_vae
    display = SamplesDisplay.from_estimator(model, images, n_samples=5, random_state=0, n_columns=3)
    distances = all_squared_distances(display.images[..., 0], images)
    np.testing.assert_array_equal(display.nearest[..., 0], images[distances.argmin(1)])
    np.testing.assert_allclose(display.squared_distances, distances.min(1), rtol=1e-5)  # sums in float32 in the oracle
    among = all_squared_distances(images, images)
    np.fill_diagonal(among, np.inf)
    assert display.usual_distance == pytest.approx(np.median(among.min(1)), rel=1e-5)
    pictures = shown(display)
    assert len(pictures) == 10
    for place, row in zip((3, 4, 5, 8, 9), images[distances.argmin(1)], strict=True):  # bands of 3 and 2
        np.testing.assert_allclose(pictures[place], row, atol=0.005)
    captions = [text.get_text() for text in display.captions_ if text.get_text()]
    assert captions == [f"{distance:.3g}" for distance in display.squared_distances]
    titles = "".join(display.ax_.get_title(side) for side in ("left", "center"))
    assert titles == f"below: nearest in X, Σ difference² (usual: {display.usual_distance:.3g})"


def test_rows_learned_by_heart_are_found_at_no_distance(digits_vae):
    X = digits_vae[1].reshape(-1, 64).astype(float)
    memory = KernelDensity(bandwidth=1e-6).fit(X)
    display = SamplesDisplay.from_estimator(memory, X, n_samples=6, random_state=0, image_shape=(8, 8))
    assert display.squared_distances.max() < 1e-9
    assert display.usual_distance > 1


def test_bytes_count_as_numbers_from_0_to_1(digits_vae):
    X = digits_vae[1].reshape(-1, 64)
    memory = KernelDensity(bandwidth=1e-6).fit(X)
    known = np.round(255 * X).astype(np.uint8)
    display = SamplesDisplay.from_estimator(memory, known, n_samples=3, random_state=0, image_shape=(8, 8))
    assert display.squared_distances.max() < 64 * (0.5 / 255 + 1e-4) ** 2  # rounding


def test_a_mixture_samples_without_a_seed(digits_vae):
    X = digits_vae[1].reshape(-1, 64)
    mixture = GaussianMixture(2, covariance_type="diag", random_state=0).fit(X)
    display = SamplesDisplay.from_estimator(mixture, n_samples=3, image_shape=(8, 8))
    assert display.images.shape == (3, 8, 8, 1)


def test_draws_into_axes_that_are_given(digits_vae, own_axes, assert_readable):
    model, images, _ = digits_vae
    display = SamplesDisplay.from_estimator(model, images, ax=own_axes)
    assert display.ax_ is own_axes
    assert_readable(display.figure_)


def test_a_single_known_row_has_no_usual_distance(digits_vae):
    model, images, _ = digits_vae
    display = SamplesDisplay.from_estimator(model, images[:1], n_samples=2, random_state=0)
    assert display.usual_distance is None
    assert "usual" not in "".join(display.ax_.get_title(side) for side in ("left", "center"))


def test_mistakes_are_named(digits_vae, digits_autoencoder):
    model, images, _ = digits_vae
    with pytest.raises(TypeError, match="Autoencoder has no sample.*give SamplesDisplay the images"):
        SamplesDisplay.from_estimator(digits_autoencoder[0])
    with pytest.raises(ValueError, match="n_samples=0; at least 1 is needed"):
        SamplesDisplay.from_estimator(model, n_samples=0)
    with pytest.raises(ValueError, match="n_columns=0; at least 1 is needed"):
        SamplesDisplay.from_estimator(model, n_columns=0)
    table = KernelDensity().fit(images.reshape(-1, 64))
    with pytest.raises(ValueError, match=r"holds rows of 64 numbers.*or use estimator.sample\(n\)"):
        SamplesDisplay.from_estimator(table)
    with pytest.raises(ValueError, match=r"images have shape \(2, 8, 8, 1\) and nearest \(3, 8, 8, 1\)"):
        SamplesDisplay(images[:2], images[:3])
