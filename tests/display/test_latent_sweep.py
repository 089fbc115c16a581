"""Sweeps over the length of codes, as curves and as images."""

import numpy as np
import pytest

from rosenblatt import Autoencoder
from rosenblatt.data import load
from rosenblatt.display import LatentSweepDisplay
from rosenblatt.studies import LatentSweep, latent_sweep

pytestmark = pytest.mark.filterwarnings("ignore::rosenblatt.models.pca_yardstick.WorseThanPCAWarning")


@pytest.fixture(scope="module")
def sweep():
    """Of digits as flat rows."""
    X = load("digits").X
    model = Autoencoder(hidden_layer_sizes=(16,), max_epochs=3, random_state=0)
    return latent_sweep(model, X[:300], X[300:500], latent_dims=(2, 8), n_images=4)


def replaced(sweep, **values):
    return LatentSweep(**vars(sweep) | values)


def test_the_curves_are_the_numbers_of_the_sweep(sweep):
    display = LatentSweepDisplay(sweep).plot()
    assert [line.get_label() for line in display.lines_] == ["train", "test", "PCA, test"]
    for line, errors in zip(display.lines_, (sweep.train_errors, sweep.test_errors, sweep.pca_errors), strict=True):
        np.testing.assert_array_equal(line.get_xdata(), [2, 8])
        np.testing.assert_array_equal(line.get_ydata(), errors)
    assert [label.get_text() for label in display.ax_.get_xticklabels()] == ["2", "8"]


def test_a_logarithmic_scale_where_it_helps(sweep, assert_readable):
    def scale(*errors):
        flat = np.array(errors)
        display = LatentSweepDisplay(replaced(sweep, train_errors=flat, test_errors=flat, pca_errors=flat)).plot()
        assert_readable(display.figure_)
        return display.ax_.get_yscale()

    assert scale(1.0, 10.0) == "log"
    assert scale(1.0, 2.0) == "linear"
    assert scale(0.0, 2.0) == "linear"
    assert scale(1e-12, 2.0) == "linear"  # PCA that loses nothing is no reason for twelve decades
    assert scale(1e-4, 100.0) == "log"


def test_originals_and_below_them_a_row_of_images_for_each_length(sweep):
    display = LatentSweepDisplay(sweep, (8, 8)).plot(kind="images")
    assert len(display.images_) == 12
    low, high = sweep.originals.min(), sweep.originals.max()
    for drawn, row in zip(display.images_, [*sweep.originals, *sweep.reconstructions.reshape(8, 64)], strict=True):
        expected = (row.reshape(8, 8).clip(low, high) - low) / (high - low)
        np.testing.assert_allclose(np.squeeze(drawn.get_array()), expected)
        assert drawn.get_clim() == (0, 1)
    columns = [image.get_extent()[0] for image in display.images_]
    assert columns[:4] == columns[4:8] == columns[8:]


def test_captions_say_the_length_and_the_error_of_each(sweep):
    captions = [text.get_text() for text in LatentSweepDisplay(sweep, (8, 8)).plot(kind="images").captions_]
    assert captions[:4] == ["input", "", "", ""]
    for rows, found, name in zip(sweep.reconstructions, (captions[4:8], captions[8:]), ("2-D", "8-D"), strict=True):
        errors = [f"{((row - x) ** 2).sum():.3g}" for row, x in zip(rows, sweep.originals, strict=True)]
        assert found == [f"{name}\n{errors[0]}", *(f"\n{error}" for error in errors[1:])]


def test_images_that_an_estimator_is_fitted_on_need_no_shape(assert_readable):
    images = np.random.default_rng(0).random((60, 5, 6, 3)).astype(np.float32)
    model = Autoencoder(hidden_layer_sizes=(), max_epochs=2, random_state=0)
    display = LatentSweepDisplay.from_estimator(
        model, images[:40], images[40:], latent_dims=(3,), n_images=2, kind="images"
    )
    assert [image.get_array().shape for image in display.images_] == [(5, 6, 3)] * 4
    rows = images.reshape(60, 90)
    shaped = LatentSweepDisplay.from_estimator(
        model, rows[:40], rows[40:], latent_dims=(3,), n_images=2, image_shape=(5, 6, 3), kind="images"
    )
    np.testing.assert_allclose(shaped.images_[3].get_array(), display.images_[3].get_array(), atol=1e-5)


def test_draws_into_axes_that_are_given(sweep, own_axes):
    assert LatentSweepDisplay(sweep, (8, 8)).plot(own_axes, kind="images").ax_ is own_axes
    other = own_axes.figure.add_subplot()
    assert LatentSweepDisplay(sweep).plot(other).ax_ is other


def test_mistakes_are_named(sweep):
    with pytest.raises(ValueError, match="kind='curve' is not known; use 'error' or 'images'"):
        LatentSweepDisplay(sweep).plot(kind="curve")
    with pytest.raises(ValueError, match=r"X has flat rows of 64 values; pass image_shape=\(height, width\)"):
        LatentSweepDisplay(sweep).plot(kind="images")
