"""What the curves show, and mistakes in asking for them."""

import numpy as np
import pytest
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression

from rosenblatt import MLPClassifier
from rosenblatt.display import RiskDisplay


def test_curves_are_the_columns_of_the_history(notes_network):
    display = RiskDisplay.from_estimator(notes_network)
    history = notes_network.history_
    np.testing.assert_array_equal(display.train_line_.get_xydata(), np.c_[history["epoch"], history["train_risk"]])
    np.testing.assert_array_equal(display.validation_line_.get_ydata(), history["validation_risk"])
    assert (display.ax_.get_xlabel(), display.ax_.get_ylabel()) == ("epoch", "risk")
    assert display.figure_ is display.ax_.figure


def test_the_best_epoch_is_where_the_validation_risk_is_lowest():
    display = RiskDisplay.from_history(
        {"epoch": [1, 2, 3], "train_risk": [3, 2, 1], "validation_risk": [2.0, 1.5, 4.0]}, best_epoch=2
    )
    assert display.best_line_.get_xdata() == [2, 2]
    labels = [text.get_text() for text in display.ax_.get_legend().get_texts()]
    assert labels == ["train", "validation", "best epoch 2: 1.5"]


def test_the_best_epoch_of_an_estimator(notes_network):
    best = RiskDisplay.from_estimator(notes_network).best_epoch
    assert best == notes_network.best_epoch_ == 1 + np.argmin(notes_network.history_["validation_risk"])


def test_without_validation_there_is_no_best_epoch(moons):
    model = MLPClassifier(hidden_layer_sizes=(4,), max_epochs=1).fit(*moons)
    display = RiskDisplay.from_estimator(model)
    assert display.best_line_ is None
    assert display.validation_line_ is None
    assert display.train_line_.get_marker() == "o"  # a line of one point would not be seen


def test_another_measure(notes_network):
    display = RiskDisplay.from_estimator(notes_network, measure="accuracy")
    assert display.train_line_ is None
    np.testing.assert_array_equal(display.validation_line_.get_ydata(), notes_network.history_["validation_accuracy"])
    assert display.ax_.get_ylabel() == "accuracy"


def test_logarithmic_scale(notes_network):
    assert RiskDisplay.from_estimator(notes_network, log_scale=True).ax_.get_yscale() == "log"
    assert RiskDisplay.from_estimator(notes_network).ax_.get_yscale() == "linear"


def test_a_data_frame_is_a_history(notes_network):
    display = RiskDisplay.from_history(notes_network.history_.to_frame())
    np.testing.assert_array_equal(display.train, notes_network.history_["train_risk"])


def test_draws_into_given_axes_and_again(notes_network, own_axes):
    from matplotlib import pyplot

    display = RiskDisplay.from_estimator(notes_network, ax=own_axes)
    assert display.ax_ is own_axes
    assert pyplot.get_fignums() == []
    assert display.plot().ax_ is not own_axes
    assert len(pyplot.get_fignums()) == 1


def test_mistakes(notes_network):
    with pytest.raises(NotFittedError, match="MLPClassifier instance is not fitted yet"):
        RiskDisplay.from_estimator(MLPClassifier())
    with pytest.raises(TypeError, match=r"LogisticRegression has no history_; an estimator of rosenblatt is needed"):
        RiskDisplay.from_estimator(LogisticRegression().fit([[0.0], [1.0]], [0, 1]))
    with pytest.raises(ValueError, match=r"has neither 'train_loss' nor 'validation_loss'; it has epoch, train_risk, "):
        RiskDisplay.from_estimator(notes_network, measure="loss")
    with pytest.raises(ValueError, match=r"there is nothing to draw: give train, validation, or both"):
        RiskDisplay([1, 2])
    with pytest.raises(ValueError, match=r"train has shape \(3,\) and epochs \(2,\); each epoch needs one number"):
        RiskDisplay([1, 2], train=[1, 2, 3])
