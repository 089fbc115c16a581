"""Numbers that change from step to step: the host evaluates them, and to the compiled program they are data."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

RampKind = Literal["constant", "cyclic", "linear", "sigmoid"]

_STEEPNESS = 10.0  # of the sigmoid: it leads from 0.7 % to 99.3 %


@dataclass(frozen=True)
class Ramp:
    """The way of a number from 0 to its value, over some epochs.

    Parameters
    ----------
    value : float
    kind : {"constant", "linear", "sigmoid", "cyclic"}, default="constant"
        At the value from the start; up to it in a straight line, or in an S, and then there; or again and again, each
        time half of the epochs up in a straight line and half of them there (Fu et al. 2019).
    epochs : int, default=1
        Those of the way up, or of a whole cycle.

    References
    ----------
    H. Fu, C. Li, X. Liu, J. Gao, A. Celikyilmaz, L. Carin, "Cyclical annealing schedule: a simple approach to
    mitigating KL vanishing", NAACL 2019.
    """

    value: float
    kind: RampKind = "constant"
    epochs: int = 1

    def __call__(self, epochs: np.ndarray) -> np.ndarray:
        """The number after so many epochs, whole or not."""
        share = np.asarray(epochs) / self.epochs
        if self.kind == "linear":
            return self.value * np.minimum(share, 1.0)
        if self.kind == "cyclic":
            return self.value * np.minimum(2 * (share % 1.0), 1.0)
        if self.kind == "sigmoid":
            return self.value * np.where(share < 1, 1 / (1 + np.exp(-_STEEPNESS * (share - 0.5))), 1.0)
        return np.full(share.shape, self.value)


@dataclass(frozen=True)
class Decay:
    """The way of a number from its value to 0, in a straight line over some epochs, and 0 from then on."""

    value: float
    epochs: int

    def __call__(self, epochs: np.ndarray) -> np.ndarray:
        """The number after so many epochs, whole or not."""
        return self.value * np.maximum(1.0 - np.asarray(epochs) / self.epochs, 0.0)


Schedule = Callable[[Any], Any]  # of the step number, or of an array of them; Ramp and Decay count epochs


def evaluate_schedule(
    schedule: float | Schedule, steps: np.ndarray, steps_per_epoch: int = 1, name: str = "learning_rate"
) -> np.ndarray:
    """The number at each step, float32.

    Raises
    ------
    ValueError
        If a function gives anything but a number >= 0; it is called by ``name``.
    """
    if isinstance(schedule, Ramp | Decay):
        return schedule(steps / steps_per_epoch).astype(np.float32)
    if not callable(schedule):
        return np.full(len(steps), schedule, np.float32)
    try:
        values = np.broadcast_to(np.asarray(schedule(steps), np.float32), len(steps))
    except (TypeError, ValueError):
        # A function that branches on its step takes one step at a time.
        given = [schedule(int(step)) for step in steps]
        values = np.array([np.nan if value is None else value for value in given], np.float32)
    wrong = np.flatnonzero(~(np.isfinite(values) & (values >= 0)))
    if len(wrong):
        raise ValueError(
            f"{name} gave {values[wrong[0]]} at step {steps[wrong[0]]}; it must be a number >= 0 at every step"
        )
    return values
