"""Which alarms a game of two networks raises while it is played, and which of them are sure."""

from rosenblatt.models.game_verdict import State, alarm

ENOUGH_STEPS = 100  # a shorter game is just unfinished
_IN_A_ROW = 3  # looks; and of a longer game a quarter of those so far, which many a young game goes astray for
_SHARE = 4


class Alarms:
    """Hears what a referee sees, look by look, and says of each kind of alarm once that it stands.

    An alarm stands where three looks in a row, and a quarter of all so far, agree on it: a game that is young looks
    collapsed for a while, as its samples spread from one place.

    Parameters
    ----------
    of_real : dict
        The measures of real rows in the place of samples.

    Attributes
    ----------
    looks : list of dict
        Those that were heard.
    raised : set of str
        The kinds that stood at some time.
    """

    def __init__(self, of_real: dict[str, float]):
        self.of_real = of_real
        self.looks: list[dict[str, float]] = []
        self.raised: set[str] = set()
        self._latest, self._in_a_row = "", 0

    @property
    def state(self) -> State:
        """The game as it was at the last look."""
        return State(self.looks, self.looks[-1], self.of_real)

    def hear(self, look: dict[str, float], n_steps: int) -> str:
        """The kind of alarm that stands from this look, after so many steps; "" for none, or one that stood before."""
        self.looks.append(look)
        found = alarm(self.state)
        self._in_a_row = self._in_a_row + 1 if found == self._latest else 1
        self._latest = found
        stands = self._in_a_row >= max(_IN_A_ROW, -(-len(self.looks) // _SHARE))
        if not found or found in self.raised or not stands or n_steps < ENOUGH_STEPS:
            return ""
        self.raised.add(found)
        return found
