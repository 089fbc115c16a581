"""From what a referee saw of a game of two networks to a verdict, and to the one change that comes first.

The thresholds lie in the middle of what games that were made to fail, and others, have shown. Distances are
discrepancies in units of the mean distance between two rows: 0 is equality, and 1 another place altogether.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

ALARMS = ("collapsed", "discriminator has won", "oscillating")
_FAR = 0.05  # healthy games end at 0.03 or less, collapsed and lost ones at 0.1 or more
_NEAR = 0.02
_WON = 0.95  # accuracy on rows and on samples
_SURE = 0.1  # D of samples up to which it has no doubt
_UNDECIDED = 0.65  # mean of both accuracies
_PLAUSIBLE, _MET, _SPREAD, _ALIKE = 0.3, 0.4, 0.15, 0.8  # shares of what real rows get
_SWING = 0.1  # healthy games swing by 0.03
_IMPROVED = 0.85  # of the distance, from one quarter of the looks to the next
_WORSE = 1.5  # times the smallest distance, from where on a game does not improve
_STRONG = 10  # times the usual weight of R1
_LOW_RATE = 1e-3  # of what is usual; a generator that has run into its bounds at a higher one does not move either
_STILL = 0.15  # of the distance: what it moves by where hardly anything is learned
_FEW_LOOKS, _SWINGING_LOOKS = 4, 6  # with fewer there is nothing to be seen of a trend, or of swings


@dataclass(frozen=True)
class State:
    """What a verdict rests on.

    Attributes
    ----------
    looks : sequence of dict
        What the referee saw in the course of the game, the last look last.
    now : dict
        The same of the networks that are kept.
    of_real : dict
        The measures of real rows in the place of samples.
    """

    looks: Sequence[dict[str, float]]
    now: dict[str, float]
    of_real: dict[str, float]

    @property
    def end(self) -> dict[str, float]:
        """The game at its end, whichever networks were kept."""
        return self.looks[-1] if self.looks else self.now

    @property
    def distances(self) -> np.ndarray:
        return np.array([look["discrepancy"] for look in self.looks])

    def share(self, name: str, of: dict[str, float]) -> float:
        """A measure in parts of what real rows get."""
        return of[name] / max(self.of_real[name], 1e-12)


class Advice(NamedTuple):
    """A verdict, a sentence on what to change, and the fields to change."""

    verdict: str
    remedy: str
    change: dict[str, Any]


def advise(state: State, estimator: Any) -> Advice:
    """The verdict and the remedy."""
    found = verdict(state)
    return Advice(found, *remedy(found, state, estimator))


def remedy(found: str, state: State, estimator: Any) -> tuple[str, dict[str, Any]]:
    """What to change first at this verdict: a sentence, and the same as fields."""
    return _REMEDIES[found](state, estimator)


def verdict(state: State) -> str:
    """The state of the game in words."""
    return alarm(state) or ("at equilibrium" if _is_at_equilibrium(state) else "still learning")


def alarm(state: State) -> str:
    """The one of ``ALARMS`` that the game gives at its end; "" for none."""
    if is_oscillating(state.distances):
        return "oscillating"
    settled = len(state.looks) >= _FEW_LOOKS or not state.looks
    if settled and not is_improving(state.distances) and state.end["discrepancy"] > _FAR:
        if _is_won(state.end):
            return "discriminator has won"
        if _is_collapsed(state):
            return "collapsed"
    return ""


def is_oscillating(distances: np.ndarray) -> bool:
    """Whether the distance rises and falls widely, and without a trend, after the first quarter of the looks."""
    if len(distances) < _SWINGING_LOOKS or is_improving(distances):
        return False
    late = distances[len(distances) // 4 :]
    return _reversals(late, max(_SWING, 0.3 * float(np.median(late)))) >= 2


def is_improving(distances: np.ndarray) -> bool:
    """Whether the distance fell in the last half of the looks, and is about the smallest that there was."""
    late = distances[len(distances) // 2 :]
    before, after = late[: len(late) // 2], late[len(late) // 2 :]
    if not len(before) or distances[-1] > max(_WORSE * distances.min(), _NEAR):
        return False
    return bool(np.median(after) < _IMPROVED * np.median(before))


def _reversals(values: np.ndarray, wide: float) -> int:
    """How often values that moved at least so far in one direction move as far in the other."""
    low = high = float(values[0])
    direction = turns = 0
    for value in values[1:].tolist():
        low, high = min(low, value), max(high, value)
        if direction <= 0 and value - low >= wide:
            turns, direction, high = turns + (direction < 0), 1, value
        elif direction >= 0 and high - value >= wide:
            turns, direction, low = turns + (direction > 0), -1, value
    return turns


def _is_won(look: dict[str, float]) -> bool:
    return min(look["accuracy_real"], look["accuracy_fake"]) > _WON and look["fake"] < min(_SURE, look["real"])


def _is_collapsed(state: State) -> bool:
    precision, recall, coverage = (state.share(name, state.end) for name in ("precision", "recall", "coverage"))
    return precision > _PLAUSIBLE and (coverage < _MET or recall < _SPREAD)


def _is_at_equilibrium(state: State) -> bool:
    now = state.now
    alike = min(state.share("precision", now), state.share("coverage", now)) > _ALIKE
    undecided = 0.5 * (now["accuracy_real"] + now["accuracy_fake"]) < _UNDECIDED
    return bool(alike and undecided and now["discrepancy"] < _NEAR)


def _at_equilibrium(state: State, estimator: Any) -> tuple[str, dict[str, Any]]:
    return "", {}


def _still_learning(state: State, estimator: Any) -> tuple[str, dict[str, Any]]:
    n_epochs = 2 * int(estimator.max_epochs)
    if len(state.looks) < _FEW_LOOKS or is_improving(state.distances):
        return f"Samples come nearer to the data: try max_epochs={n_epochs}", {"max_epochs": n_epochs}
    late = state.distances[len(state.distances) // 2 :]
    end, best = float(late[-1]), float(state.distances.min())
    rate = _rate(estimator)
    if end > _FAR and float(np.ptp(late)) < _STILL * float(np.median(late)):
        if rate is not None and rate < _LOW_RATE:
            return f"Samples hardly move: try learning_rate={10 * rate:g}", {"learning_rate": 10 * rate}
        return _steadier("Samples hardly move", estimator)
    if end > _FAR and end > 2 * best:
        return _steadier(f"Samples were nearer to the data earlier, at {best:.2g} instead of {end:.2g}", estimator)
    if estimator.averaging == 0:
        text = "Samples move around the data without coming nearer; the average of the generators is steadier"
        return f"{text}: try averaging=0.999", {"averaging": 0.999}
    return f"Samples come nearer to the data slowly: try max_epochs={n_epochs}", {"max_epochs": n_epochs}


def _collapsed(state: State, estimator: Any) -> tuple[str, dict[str, Any]]:
    met = f"The samples meet {state.end['coverage']:.0%} of the rows ({state.of_real['coverage']:.0%} is all)"
    if estimator._n_latents() == 1 and estimator.n_features_in_ > 1:
        return f"{met}, since codes of one number make a line: try latent_dim='auto'", {"latent_dim": "auto"}
    own, rate = estimator.discriminator_learning_rate, _rate(estimator)
    if isinstance(own, int | float) and rate is not None and own < rate:
        text = f"{met}, since the discriminator learns more slowly than they move"
        return f"{text}: try discriminator_learning_rate=None", {"discriminator_learning_rate": None}
    return _steadier(met, estimator)


def _won(state: State, estimator: Any) -> tuple[str, dict[str, Any]]:
    text = f"The discriminator knows {state.end['accuracy_fake']:.0%} of the samples"
    if estimator.loss == "saturating":
        return f"{text}, where this loss has no slope: try loss='non-saturating'", {"loss": "non-saturating"}
    if estimator.discriminator_learning_rate is not None:
        text = f"{text} and learns at a rate of its own"
        return f"{text}: try discriminator_learning_rate=None", {"discriminator_learning_rate": None}
    if estimator.discriminator_steps > 1 and estimator.loss != "wasserstein":
        return f"{text} and has more moves: try discriminator_steps=1", {"discriminator_steps": 1}
    return _steadier(text, estimator)


def _oscillating(state: State, estimator: Any) -> tuple[str, dict[str, Any]]:
    late = state.distances[len(state.distances) // 4 :]
    text = f"The distance of samples from the data swings between {late.min():.2g} and {late.max():.2g}"
    return _steadier(text, estimator)


def _steadier(text: str, estimator: Any) -> tuple[str, dict[str, Any]]:
    """What makes games converge, the strongest that is not tried yet."""
    if estimator.loss == "wasserstein" and estimator._gradient_penalty() == 0:
        return f"{text}: try gradient_penalty=10", {"gradient_penalty": 10.0}
    least = max(1.0, estimator._r1_of("auto"))
    stronger = least if estimator._r1() < least else _STRONG * least
    if estimator.loss != "wasserstein" and estimator._r1() < stronger:
        return f"{text}: try r1={stronger:g} (it is {estimator._r1():g})", {"r1": stronger}
    if not estimator.decay and isinstance(estimator.optimizer, str) and _rate(estimator) is not None:
        return f"{text}: try decay=True, so that the game comes to rest", {"decay": True}
    if estimator.optimizer == "adam" and estimator.momentum > 0:
        return f"{text}: try momentum=0 (it is {estimator.momentum:g})", {"momentum": 0.0}
    if estimator.averaging == 0:
        return f"{text}: try averaging=0.999", {"averaging": 0.999}
    if not estimator.spectral_normalization:
        return f"{text}: try spectral_normalization=True", {"spectral_normalization": True}
    rate = (_rate(estimator) or 1e-3) / 4
    return f"{text}: try learning_rate={rate:g}", {"learning_rate": rate}


def _rate(estimator: Any) -> float | None:
    """The generator's learning rate, where it is one number."""
    rate = estimator._rate()
    return float(rate) if isinstance(rate, int | float) else None


_REMEDIES: dict[str, Callable[[State, Any], tuple[str, dict[str, Any]]]] = {
    "at equilibrium": _at_equilibrium,
    "collapsed": _collapsed,
    "discriminator has won": _won,
    "oscillating": _oscillating,
    "still learning": _still_learning,
}
