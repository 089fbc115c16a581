"""Reports on few labels as curves."""

import numpy as np
import pytest

from rosenblatt.display import LabelCurveDisplay
from rosenblatt.studies import FineTuningReport, RepresentationReport

COUNTS = np.array([1, 10, 100])


@pytest.fixture(scope="module")
def representations():
    accuracies = np.random.default_rng(0).random((2, 3, 3, 4))
    names = ("raw rows", "PCA, 6 components", "Autoencoder, 6 numbers")
    return RepresentationReport(COUNTS, names, ("linear", "nearest"), accuracies, np.ones((3, 4)), np.ones(3), 10, 200)


@pytest.fixture(scope="module")
def tuning():
    strategies = ("fine-tuned", "frozen encoder", "from scratch")
    return FineTuningReport(COUNTS, strategies, np.random.default_rng(1).random((3, 3, 4)), 20, 100)


def test_lines_are_means_and_bands_one_standard_deviation(representations):
    display = LabelCurveDisplay.from_report(representations, classifier="nearest")
    assert [line.get_label() for line in display.lines_] == list(representations.representations)
    assert display.ax_.get_title() == "nearest"
    for line, band, curve in zip(display.lines_, display.bands_, representations.accuracies[1], strict=True):
        np.testing.assert_array_equal(line.get_xdata(), COUNTS)
        np.testing.assert_allclose(line.get_ydata(), curve.mean(1))
        corners = band.get_paths()[0].vertices
        for n, values in zip(COUNTS, curve, strict=True):
            ends = corners[corners[:, 0] == n, 1]
            np.testing.assert_allclose(ends.min(), values.mean() - values.std(ddof=1))
            np.testing.assert_allclose(ends.max(), values.mean() + values.std(ddof=1))


def test_strategies(tuning):
    display = LabelCurveDisplay.from_report(tuning)
    assert [line.get_label() for line in display.lines_] == list(tuning.strategies)
    assert display.ax_.get_xscale() == "log"
    display.figure_.draw_without_rendering()
    assert [label.get_text() for label in display.ax_.get_xticklabels()] == ["1", "10", "100"]


def test_one_seed_has_no_band(own_axes):
    display = LabelCurveDisplay(COUNTS, {"one": np.ones((3, 1))}).plot(own_axes)
    assert display.bands_ == []
    assert display.ax_ is own_axes


def test_mistakes_are_named(representations, tuning):
    with pytest.raises(ValueError, match=r"the curve 'one' has shape \(2, 1\); \(3, n_seeds\) is needed"):
        LabelCurveDisplay(COUNTS, {"one": np.ones((2, 1))})
    with pytest.raises(ValueError, match="classifier='tree' is not known; use one of 'linear', 'nearest'"):
        LabelCurveDisplay.from_report(representations, classifier="tree")
    with pytest.raises(ValueError, match="classifier='linear', but a FineTuningReport is of one network: leave it out"):
        LabelCurveDisplay.from_report(tuning, classifier="linear")
