"""Samples from a latent space, as images and as histograms."""

import itertools

import numpy as np
import pytest
from sklearn.decomposition import PCA

from rosenblatt.data import load
from rosenblatt.display import LatentSamplesDisplay
from rosenblatt.studies import LatentSamples, sample_latents

pytestmark = pytest.mark.filterwarnings("ignore::rosenblatt.models.pca_yardstick.WorseThanPCAWarning")


@pytest.fixture(scope="module")
def samples():
    """Of digits as flat rows, some garbage and some not."""
    X = load("digits").X
    pca = PCA(4, random_state=0).fit(X[:600])
    found = sample_latents(pca, X[:600], X[600:1000], n_samples=100, how="uniform", random_state=0)
    assert 0.1 < found.garbage_share < 0.9
    return found


def replaced(samples, **values):
    return LatentSamples(**vars(samples) | values)


def shown_ranks(display, samples):
    """Which samples the images are, by the images themselves."""
    low, high = samples.value_range
    known = ((samples.samples - low) / (high - low)).clip(0, 1)
    drawn = np.stack([np.ravel(image.get_array()) for image in display.images_])
    distances = np.abs(drawn[:, None] - known[None]).max(-1)
    np.testing.assert_allclose(distances.min(1), 0, atol=1e-9)
    return distances.argmin(1)


def test_samples_from_the_best_to_the_worst(samples):
    display = LatentSamplesDisplay(samples, (8, 8)).plot(n_images=10)
    np.testing.assert_array_equal(shown_ranks(display, samples), np.arange(0, 100, 11))
    everything = LatentSamplesDisplay(samples, (8, 8)).plot(n_images=500)
    np.testing.assert_array_equal(shown_ranks(everything, samples), np.arange(100))


def test_samples_by_chance_the_same_each_time(samples):
    first, again = (LatentSamplesDisplay(samples, (8, 8)).plot(n_images=10, order="random") for _ in range(2))
    ranks = shown_ranks(first, samples)
    np.testing.assert_array_equal(shown_ranks(again, samples), ranks)
    assert len(set(ranks)) == 10
    assert sorted(ranks) != list(ranks)


def test_captions_mark_garbage(samples):
    display = LatentSamplesDisplay(samples, (8, 8)).plot(n_images=10)
    for text, i in zip(display.captions_, range(0, 100, 11), strict=True):
        mark = "garbage" if samples.distances[i] > samples.limit else ""
        assert text.get_text() == f"{mark}\n{samples.distances[i]:.3g}"
    title = f"Uniform samples: distance to data, {samples.garbage_share:.0%} garbage"
    assert title in (display.ax_.get_title("left"), display.ax_.get_title())


def test_histograms_are_shares_on_either_side_of_the_limit(samples):
    display = LatentSamplesDisplay(samples).plot(kind="distances")
    for stairs, distances, share in zip(
        display.histograms_,
        (samples.held_out_distances, samples.distances),
        (samples.held_out_share, samples.garbage_share),
        strict=True,
    ):
        heights, edges, _ = stairs.get_data()
        expected = [((distances >= a) & (distances < b)).mean() for a, b in itertools.pairwise(edges)]
        np.testing.assert_allclose(heights[:-1], expected[:-1], atol=1e-12)
        assert heights.sum() == pytest.approx(1)
        assert f"{share:.1%} beyond" in stairs.get_label()
    np.testing.assert_array_equal(display.limit_line_.get_xdata(), samples.limit)


def test_distances_of_every_size(samples, assert_readable):
    zero = np.zeros(100)
    for distances, held_out, limit, scale in (
        (np.linspace(1, 2, 100), np.linspace(1.1, 2, 50), 1.9, "linear"),
        (np.geomspace(1e-9, 1e6, 100), np.linspace(1, 2, 50), 1.9, "log"),
        (zero, zero, 0.0, "linear"),
        (zero, np.linspace(0, 1, 50), 0.95, "log"),
    ):
        found = replaced(samples, distances=distances, held_out_distances=held_out, limit=limit)
        display = LatentSamplesDisplay(found).plot(kind="distances")
        assert display.ax_.get_xscale() == scale
        assert_readable(display.figure_)
        for stairs in display.histograms_:
            assert stairs.get_data().values.sum() == pytest.approx(1)  # none is outside


def test_estimators_of_images_need_no_shape():
    from rosenblatt import Autoencoder

    images = load("digits").X[:300].reshape(-1, 8, 8)
    model = Autoencoder(latent_dim=4, learning_rate=0.01, max_epochs=10, random_state=0).fit(images[:200])
    display = LatentSamplesDisplay.from_estimator(model, images[:200], images[200:], n_images=3, random_state=0)
    assert len(display.images_) == 3
    pca = PCA(2).fit(images[:200].reshape(-1, 64))
    rows = images.reshape(-1, 64)
    display = LatentSamplesDisplay.from_estimator(
        pca, rows[:200], rows[200:], n_samples=20, image_shape=(8, 8), order="random", random_state=0
    )
    assert len(display.images_) == 20


def test_draws_into_axes_that_are_given(samples, own_axes):
    assert LatentSamplesDisplay(samples).plot(own_axes, kind="distances").ax_ is own_axes


def test_mistakes_are_named(samples):
    display = LatentSamplesDisplay(samples, (8, 8))
    with pytest.raises(ValueError, match="kind='grid' is not known; use 'images' or 'distances'"):
        display.plot(kind="grid")
    with pytest.raises(ValueError, match="order='best' is not known; use 'distance' or 'random'"):
        display.plot(order="best")
    with pytest.raises(ValueError, match="n_images=0; at least 1 is needed"):
        display.plot(n_images=0)
    with pytest.raises(ValueError, match=r"X has flat rows of 64 values; pass image_shape=\(height, width\)"):
        LatentSamplesDisplay(samples).plot()
