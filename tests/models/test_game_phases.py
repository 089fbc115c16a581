"""Phases of made-up games with known turns: each is found where its sign first is, and none where there is none."""

import numpy as np
import pytest

from rosenblatt.models import GameCourse, find_phases
from rosenblatt.models.game_phases import PHASES


def course(lead, distance, p_value, middle=0.5):
    """A game whose discriminator is as sure of rows as of samples."""
    lead = np.asarray(lead, float)
    numbers = np.asarray(distance, float), np.asarray(p_value, float)
    return GameCourse(np.arange(len(lead)) ** 2, middle + lead / 2, middle - lead / 2, *numbers, middle=middle)


LEARNED = course(
    lead=[0.1, 0.8, 0.9, 0.7, 0.5, 0.4, 0.1, 0.05, 0.02],
    distance=[0.6, 0.6, 0.5, 0.3, 0.2, 0.14, 0.05, 0.01, 0.005],
    p_value=[0.005] * 7 + [0.2, 0.7],
)


def test_a_game_that_is_learned_has_all_five():
    phases = find_phases(LEARNED)
    assert list(phases.places.items()) == list(zip(PHASES, [0, 1, 3, 5, 7], strict=True))
    assert phases.epochs == dict(zip(PHASES, [0, 1, 9, 25, 49], strict=True))
    assert not phases.lost


@pytest.mark.parametrize(
    ("fields", "name", "place"),
    [
        ({"improved": 0.8}, "generator improves", 3),
        ({"improved": 0.9}, "generator improves", 2),
        ({"advanced": 0.1}, "advanced", 6),
        ({"alpha": 0.3}, "equilibrium", 8),
        ({"tolerance": 0.02}, "equilibrium", 8),
    ],
)
def test_the_signs_are_those_that_were_asked_for(fields, name, place):
    assert find_phases(LEARNED, **fields).places[name] == place


def test_a_middle_that_smoothing_moved_is_the_middle():
    moved = course(LEARNED.lead, LEARNED.distance, LEARNED.p_value, middle=0.35)
    assert find_phases(moved).equilibrium == 7
    unmoved = GameCourse(moved.epochs, moved.real, moved.fake, moved.distance, moved.p_value)
    assert find_phases(unmoved).places == {**find_phases(moved).places, "equilibrium": None}


def test_a_discriminator_that_has_won_is_no_equilibrium():
    phases = find_phases(course([0.1, 0.8, 0.95, 0.99, 1, 1], [0.6, 0.6, 0.6, 0.5, 0.6, 0.6], [0.005] * 6))
    assert list(phases.places.values()) == [0, 1, None, None, None]
    assert not phases.lost


def test_an_undecided_discriminator_alone_is_no_equilibrium():
    """Mode collapse: D may be at 1/2 while samples are on the move, but they are not distributed as the data."""
    phases = find_phases(course([0.1, 0.8, 0.3, 0.02, 0.02], [0.6, 0.6, 0.25, 0.2, 0.2], [0.005] * 5))
    assert list(phases.places.values()) == [0, 1, 2, None, None]


def test_samples_like_the_data_alone_are_no_equilibrium():
    phases = find_phases(course([0.1, 0.8, 0.7, 0.7, 0.7], [0.6, 0.6, 0.2, 0.01, 0.01], [0.005] * 3 + [0.5] * 2))
    assert list(phases.places.values()) == [0, 1, 2, None, None]


def test_an_equilibrium_that_is_lost_is_none():
    lead, distance = [*LEARNED.lead, 0.6], [*LEARNED.distance, 0.4]
    phases = find_phases(course(lead, distance, [*LEARNED.p_value, 0.005]))
    assert phases.equilibrium is None
    assert phases.advanced == 5
    assert phases.lost
    assert "lost again" in str(phases)


def test_an_equilibrium_may_waver():
    lead, distance = [*LEARNED.lead, 0.04], [*LEARNED.distance, 0.015]
    assert find_phases(course(lead, distance, [*LEARNED.p_value, 0.04])).equilibrium == 7


def test_a_game_that_goes_astray_improves_only_when_it_is_back():
    astray = course([0.1, 0.2, 0.9, 0.9, 0.6, 0.4], [0.2, 0.3, 0.9, 0.4, 0.19, 0.1], [0.005] * 6)
    assert list(find_phases(astray).places.values()) == [0, 1, 4, 5, None]


def test_a_game_that_starts_at_its_end_has_no_phases():
    assert set(find_phases(course([0.0, 0.0], [0.004, 0.004], [0.4, 0.6])).places.values()) == {None}
    assert list(find_phases(course([0.1], [0.5], [0.005])).places.values()) == [0, None, None, None, None]


def test_it_prints_as_a_table():
    text = str(find_phases(LEARNED))
    lines = {line.split("│")[1].strip(): line.split("│")[2:-1] for line in text.splitlines() if line.count("│") == 7}
    assert list(lines) == list(PHASES)
    assert [cell.strip() for cell in lines["advanced"]] == ["25", "0.70", "0.30", "0.140", "0.005"]
    won = find_phases(course([0.1, 0.9], [0.6, 0.6], [0.005] * 2))
    assert str(won).count("not reached") == 3


def test_columns_that_are_none_are_refused():
    three = np.ones(3)
    with pytest.raises(
        ValueError, match=r"the columns have shapes \[\(3,\), \(3,\), \(3,\), \(3,\), \(2,\)\]; a number"
    ):
        GameCourse(np.arange(3), three, three, three, np.ones(2))
    with pytest.raises(ValueError, match=r"epochs=\[2, 1, 0\] must be ascending"):
        GameCourse(np.arange(3)[::-1], three, three, three, three)
    with pytest.raises(ValueError, match="advanced=0.25 and improved=0.2; 0 < advanced < improved < 1 is needed"):
        find_phases(LEARNED, improved=0.2)
