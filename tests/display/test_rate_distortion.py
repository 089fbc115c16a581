"""Rate-distortion curves: points, the line of the best bound, and labels."""

import numpy as np
import pytest

from rosenblatt import VAE
from rosenblatt.display import RateDistortionDisplay
from rosenblatt.studies import BetaSweep


@pytest.fixture
def sweep():
    betas, rates = np.array([0.5, 1.0, 2.0, 4.0, 8.0]), np.array([9.0, 4.0, 2.0, 0.001, 0.0])
    distortions = np.array([18.0, 20.0, 23.0, 27.0, 27.0])
    return BetaSweep(betas, rates, distortions, rates[:, None], rates > 0.1, 10, 10, ())


def test_the_points_are_the_fits(sweep):
    display = RateDistortionDisplay(sweep).plot()
    np.testing.assert_array_equal(display.curve_.get_xdata(), sweep.rates)
    np.testing.assert_array_equal(display.curve_.get_ydata(), sweep.distortions)


def test_points_on_the_line_have_the_best_bound_and_none_is_below(sweep):
    display = RateDistortionDisplay(sweep).plot()
    assert display.bound_line_.get_xy1() == (4, 20)
    assert display.bound_line_.get_slope() == -1
    assert display.bound_line_.get_label() == "distortion + rate = 24.0,\nthe best ELBO (β = 1)"
    assert (sweep.distortions >= 24 - sweep.rates).all()


def test_points_that_are_too_near_share_a_label(sweep):
    labels = RateDistortionDisplay(sweep).plot().labels_
    assert [label.get_text() for label in labels] == ["β = 0.5", "β = 1", "β = 2", "β = 4, 8"]
    assert [label.xy[0] for label in labels[:3]] == [9, 4, 2]


def test_a_single_fit_and_axes_that_are_given(own_axes, assert_readable):
    X = np.random.default_rng(0).random((60, 4))
    model = VAE(latent_dim=2, hidden_layer_sizes=(4,), max_epochs=2, random_state=0)
    display = RateDistortionDisplay.from_estimator(model, X[:40], X[40:], betas=(1,), ax=own_axes)
    assert display.ax_ is own_axes
    assert [label.get_text() for label in display.labels_] == ["β = 1"]
    assert_readable(display.figure_)
