"""A game's history as curves: D of rows and of samples, the discrepancy where it was looked at, and the epoch kept."""

import numpy as np
import pytest

from rosenblatt import GAN, MLPClassifier
from rosenblatt.display import GameHistoryDisplay

EPOCHS = np.arange(1, 5)
REAL, FAKE = np.array([0.9, 0.8, 0.6, 0.5]), np.array([0.1, 0.2, 0.4, 0.5])


def test_the_curves_are_the_columns():
    display = GameHistoryDisplay(EPOCHS, REAL, FAKE, discrepancy=[np.nan, 0.4, np.nan, 0.1], best_epoch=4).plot()
    np.testing.assert_array_equal(display.lines_["real"].get_ydata(), REAL)
    np.testing.assert_array_equal(display.lines_["fake"].get_ydata(), FAKE)
    np.testing.assert_array_equal(display.lines_["discrepancy"].get_xydata(), [[2, 0.4], [4, 0.1]])
    assert display.lines_["best"].get_xdata()[0] == 4
    assert display.lines_["middle"].get_ydata()[0] == 0.5


def test_what_is_not_known_is_not_drawn():
    display = GameHistoryDisplay(EPOCHS, REAL, FAKE, middle=None).plot()
    assert set(display.lines_) == {"real", "fake"}
    assert display.ax_.get_ylabel() == "critic"


def test_columns_of_another_length_are_refused():
    with pytest.raises(ValueError, match="all need the same length"):
        GameHistoryDisplay(EPOCHS, REAL, FAKE[:3])


def test_other_estimators_are_refused():
    with pytest.raises(TypeError, match="MLPClassifier has no history of a game"):
        GameHistoryDisplay.from_estimator(MLPClassifier())


def test_smoothed_labels_move_the_middle():
    X = np.random.default_rng(0).normal(size=(60, 2))
    game = GAN(hidden_layer_sizes=(8,), batch_size=8, max_epochs=3, label_smoothing=0.2, random_state=0).fit(X)
    display = GameHistoryDisplay.from_estimator(game)
    assert display.lines_["middle"].get_ydata()[0] == 0.4
    np.testing.assert_array_equal(display.lines_["real"].get_ydata(), game.history_["train_discriminator_real"])
