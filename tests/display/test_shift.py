"""Shift reports as curves."""

import numpy as np
import pytest

from rosenblatt.display import ShiftDisplay
from rosenblatt.studies import ShiftReport, shift_report


@pytest.fixture(scope="module")
def report(conv_reader):
    """Of a network whose first block alone sees no border."""
    model, images = conv_reader
    return shift_report(model, images[:50], model.predict(images[:50]), max_shift=2)


def test_the_curves_are_the_numbers_of_the_report(report):
    display = ShiftDisplay(report).plot()
    assert [line.get_label() for line in display.lines_] == [*report.layers, "outputs"]
    for line, values in zip(display.lines_, [*report.changes, report.output_changes], strict=True):
        np.testing.assert_array_equal(line.get_ydata(), values)
        np.testing.assert_array_equal(line.get_xdata(), [0, 1, 2])


def test_pooling_has_the_colour_of_what_it_pools(report):
    _, first, pooled, second, *_ = ShiftDisplay(report).plot().lines_
    assert first.get_color() == pooled.get_color() != second.get_color()
    assert (first.get_linestyle(), pooled.get_linestyle()) == ("-", "--")


def test_layers_without_a_measure_are_left_out(report):
    measured = {name for name, row in zip(report.layers, report.equivariance_errors, strict=True) if row[0] == row[0]}
    lines = ShiftDisplay(report).plot(measure="equivariance").lines_
    assert {line.get_label() for line in lines} == measured - {"image"} < set(report.layers)


def test_predictions(report):
    lines = ShiftDisplay(report).plot(measure="prediction").lines_
    assert [line.get_label() for line in lines] == ["prediction unchanged", "score"]
    assert lines[0].get_ydata()[0] == lines[1].get_ydata()[0] == 1


def test_mistakes_are_named(report, conv_reader):
    with pytest.raises(ValueError, match="measure='accuracy' is not known; use one of 'change', 'equivariance', 'pred"):
        ShiftDisplay(report).plot(measure="accuracy")
    bare = ShiftReport(**vars(report) | {"unchanged": None, "scores": None})
    with pytest.raises(ValueError, match="the report of a regressor has no predicted classes"):
        ShiftDisplay(bare).plot(measure="prediction")
    nowhere = ShiftReport(**vars(report) | {"equivariance_errors": np.full((5, 3), np.nan)})
    with pytest.raises(ValueError, match="take larger images or a smaller max_shift"):
        ShiftDisplay(nowhere).plot(measure="equivariance")
    with pytest.raises(TypeError, match="got type; a fitted estimator"):
        ShiftDisplay.from_estimator(int, conv_reader[1])
