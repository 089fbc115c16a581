"""The slopes of both losses are where they were measured, and the curves are what theory says."""

import numpy as np
import pytest

from rosenblatt.display import GeneratorLossDisplay


def test_points_are_epochs_and_curves_are_theory(generator_losses):
    display = generator_losses.plot()
    ratios = []
    for loss, played in display.comparison.games.items():
        offsets = np.asarray(display.points_[loss].get_offsets())
        np.testing.assert_allclose(offsets, np.column_stack([played.confidence, played.gradient_norm]))
        places, heights = display.curves_[loss].get_data()
        theory = places if loss == "saturating" else 1 - places
        np.testing.assert_allclose(heights, display.factor * theory)
        ratios += list(played.gradient_norm / (played.confidence if loss == "saturating" else 1 - played.confidence))
    assert display.factor == pytest.approx(np.median(ratios))
    assert display.ax_.get_yscale() == "log"


def test_both_games_stand_beside(generator_losses):
    display = generator_losses.plot_games(epoch=0)
    assert len(display.axes_) == 3
    first, second = (each.artists_["bars"] for each in display.displays.values())
    assert [bar.get_height() for bar in first] == pytest.approx([bar.get_height() for bar in second], abs=0.3)
    assert [ax.get_title().split("\n")[0] for ax in display.axes_[:2]] == ["saturating", "non-saturating"]
    with pytest.raises(ValueError, match="the games are not known: use from_estimator"):
        GeneratorLossDisplay(display.comparison).plot_games()
