"""The five phases of a game of generator and discriminator, found by what was measured, not by fixed epochs."""

from dataclasses import dataclass

import numpy as np
from rich.table import Table

from rosenblatt.models.game_course import GameCourse
from rosenblatt.models.tables import PrintedTable

PHASES = ("start", "first update", "generator improves", "advanced", "equilibrium")


@dataclass(frozen=True)
class GamePhases(PrintedTable):
    """Which moment of a game is the first of each phase; prints as a table.

    Attributes
    ----------
    course : GameCourse
    start : int or None
        A moment's place in ``course``: the first one, where a test tells samples from data. None where a phase was not
        reached; a later one then was neither.
    first_update : int or None
        The next one, after the first moves that were recorded.
    improves : int or None
        The distance between samples and data is half of the largest that it was, and no larger than at the start.
    advanced : int or None
        It is a quarter of the largest, and half of that at the start, and the discriminator's lead is half of what it
        was at most.
    equilibrium : int or None
        The discriminator is undecided, and a test cannot tell samples from data; and at the end of the game they are
        still as in the advanced phase.
    lost : bool
        Whether there was such a moment, but at the end of the game it was gone.
    """

    course: GameCourse
    start: int | None
    first_update: int | None
    improves: int | None
    advanced: int | None
    equilibrium: int | None
    lost: bool

    @property
    def places(self) -> dict[str, int | None]:
        """The moment of each phase, by its name."""
        found = (self.start, self.first_update, self.improves, self.advanced, self.equilibrium)
        return dict(zip(PHASES, found, strict=True))

    @property
    def epochs(self) -> dict[str, int | None]:
        """The epoch of each phase, by its name."""
        return {name: None if place is None else int(self.course.epochs[place]) for name, place in self.places.items()}

    def __rich__(self) -> Table:
        course = self.course
        caption = f"D(x) and D(G(z)): mean confidence on rows and on samples, {course.middle:g} where it cannot tell\n"
        caption += "distance: between rows and samples, 0 to 1; p: how often it would be so large by chance"
        table = Table(title="The phases of the game", caption=caption)
        table.add_column("phase")
        for name in ("epoch", "D(x)", "D(G(z))", "distance", "p"):
            table.add_column(name, justify="right")
        for name, place in self.places.items():
            if place is None:
                what = "lost again" if name == "equilibrium" and self.lost else "not reached"
                table.add_row(name, what, "", "", "", "")
                continue
            confidences = (f"{column[place]:.2f}" for column in (course.real, course.fake))
            numbers = f"{course.distance[place]:.3f}", f"{course.p_value[place]:.3f}"
            table.add_row(name, f"{course.epochs[place]}", *confidences, *numbers)
        return table


def find_phases(
    course: GameCourse, *, improved: float = 0.5, advanced: float = 0.25, tolerance: float = 0.1, alpha: float = 0.05
) -> GamePhases:
    """Finds the phases, each after the one before.

    Parameters
    ----------
    course : GameCourse
    improved, advanced : float in (0, 1), default=0.5 and 0.25
        To what share of the largest distance so far that of samples and data has fallen in these phases; of that at
        the start, to twice the share. A distance that a test cannot tell from 0 has fallen far enough.
    tolerance : float, default=0.1
        How far from the middle the mean D of rows, and that of samples, may be at the equilibrium. A lead of the
        discriminator of less than half of this is none, whatever it was before.
    alpha : float, default=0.05
        Level of the test.

    Returns
    -------
    GamePhases

    Examples
    --------
    >>> import numpy as np
    >>> from rosenblatt.models import GameCourse, find_phases
    >>> course = GameCourse(
    ...     epochs=np.array([0, 1, 4, 15, 60]),
    ...     real=np.array([0.5, 0.9, 0.8, 0.6, 0.51]),
    ...     fake=np.array([0.5, 0.1, 0.3, 0.4, 0.49]),
    ...     distance=np.array([0.8, 0.8, 0.3, 0.1, 0.01]),
    ...     p_value=np.array([0.005, 0.005, 0.005, 0.005, 0.6]),
    ... )
    >>> find_phases(course).epochs["generator improves"]
    4
    """
    if not 0 < advanced < improved < 1:
        raise ValueError(f"advanced={advanced} and improved={improved}; 0 < advanced < improved < 1 is needed")
    undecided = course.p_value > alpha
    largest_lead = np.maximum.accumulate(course.lead)
    small_lead = course.lead <= np.maximum(0.5 * largest_lead, 0.5 * tolerance)
    has_improved = undecided | _has_fallen(course.distance, improved)
    is_advanced = small_lead & (undecided | _has_fallen(course.distance, advanced))
    off_middle = np.maximum(abs(course.real - course.middle), abs(course.fake - course.middle))
    is_equal = (off_middle <= tolerance) & undecided
    start = None if undecided[0] else 0
    first_update = None if start is None or len(course.epochs) == 1 else 1
    improves = _first(has_improved, first_update)
    good = _first(is_advanced, improves)
    equilibrium = _first(is_equal, good)
    lost = equilibrium is not None and not is_advanced[-1]
    return GamePhases(course, start, first_update, improves, good, None if lost else equilibrium, lost)


def _has_fallen(distance: np.ndarray, share: float) -> np.ndarray:
    """Whether it is that share of the largest so far; a game that first goes astray must also get back from there."""
    return distance <= np.minimum(share * np.maximum.accumulate(distance), 2 * share * distance[0])


def _first(signs: np.ndarray, after: int | None) -> int | None:
    """The first place that has the sign, after the phase before; None where there is none."""
    if after is None:
        return None
    places = np.flatnonzero(signs[after + 1 :])
    return after + 1 + int(places[0]) if len(places) else None
