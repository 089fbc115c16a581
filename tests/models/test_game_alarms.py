"""When an alarm stands, on courses of looks that are written down."""

import numpy as np

from rosenblatt.models.game_alarms import Alarms
from rosenblatt.models.game_verdict import State, alarm

REAL = {"precision": 0.9, "recall": 0.9, "coverage": 0.95}
WELL = REAL | {"discrepancy": 0.3, "real": 0.5, "fake": 0.5, "accuracy_real": 0.5, "accuracy_fake": 0.5}
COLLAPSED = WELL | {"coverage": 0.2}
WON = WELL | {"real": 1.0, "fake": 0.0, "accuracy_real": 1.0, "accuracy_fake": 1.0}
MANY = 10**6  # steps


def heard(looks, n_steps=MANY):
    """What is said of each look, and what would be said at the end."""
    alarms = Alarms(REAL)
    return alarms, [alarms.hear(look, n_steps) for look in looks]


def test_an_alarm_stands_from_the_third_look_in_a_row_on_and_is_raised_once():
    """The first that can be one is the fourth look, before which there is no trend."""
    alarms, said = heard([COLLAPSED] * 12)
    assert [alarm(State([COLLAPSED] * n, COLLAPSED, REAL)) for n in (3, 4)] == ["", "collapsed"]
    assert said == ["", "", "", "", "", "collapsed", *[""] * 6]
    assert alarms.raised == {"collapsed"}


def test_looks_between_that_see_no_alarm_break_the_row():
    _, said = heard([WELL] * 4 + [COLLAPSED, COLLAPSED, WELL] * 4)
    assert set(said) == {""}
    _, said = heard([WELL] * 4 + [COLLAPSED, COLLAPSED, WON, WON, COLLAPSED, COLLAPSED])
    assert set(said) == {""}


def test_in_a_long_game_a_quarter_of_the_looks_agree():
    """After 20 good looks those are n of 20 + n: 7 of 27 are the first that suffice."""
    _, said = heard([WELL] * 20 + [COLLAPSED] * 20)
    assert said.index("collapsed") + 1 == 27


def test_each_kind_is_raised_once_also_when_it_comes_back():
    alarms, said = heard([*[COLLAPSED] * 6, *[WON] * 6, *[COLLAPSED] * 12])
    assert [name for name in said if name] == ["collapsed", "discriminator has won"]
    assert alarms.raised == {"collapsed", "discriminator has won"}


def test_too_few_steps_raise_nothing():
    assert set(heard([COLLAPSED] * 12, 99)[1]) == {""}
    assert "collapsed" in heard([COLLAPSED] * 12, 100)[1]


def test_a_game_that_comes_nearer_raises_nothing():
    distances = 0.9 * 0.8 ** np.arange(12)
    assert set(heard([COLLAPSED | {"discrepancy": distance} for distance in distances])[1]) == {""}
