"""Where a game stands, and how it is to be played."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from jaxtyping import PyTree

from rosenblatt.training.schedules import Schedule


@dataclass(frozen=True)
class Best:
    """The networks at the end of the best epoch so far.

    Attributes
    ----------
    epoch : int
    risk : float
        The lowest number so far of those that decide which epoch is the best.
    networks : arrays by name
    """

    epoch: int
    risk: float
    networks: PyTree


@dataclass(frozen=True)
class State:
    """What changes while a game is played: arrays on the device, and counts.

    Compiled steps return new arrays and leave these alone (their inputs are not donated), so keeping an earlier state
    (the best one, the last good one) means keeping a reference.
    """

    networks: PyTree
    optimizer_states: PyTree
    epoch: int = 0
    step: int = 0
    best: Best | None = None


@dataclass(frozen=True)
class Settings:
    """How a game is played.

    Attributes
    ----------
    batch_size : int or "full"
    max_epochs : int
    learning_rates : tuple of float or function of the step number
        One for each player.
    patience : int or None
        The number of epochs without a better one after which the fit ends, with the best networks. None plays all
        epochs.
    schedules : tuple of mappings
        For each player, the numbers of its objective that change from step to step, by name; none where it is empty.
    best_by : str
        The column of the history that is lowest in the best epoch; an epoch without it is no candidate, nor is
        one where it is NaN.
    tolerance : float
        By how much that number may be above the lowest so far, in a later epoch that is the best one all the same:
        what chance does to numbers that are measured on few rows.
    keep_best : bool
        Whether the best networks are kept, and not the last ones, also where all epochs are played.
    shown : tuple of str
        The columns of the history that tell how a fit goes, where there are many; all results where it is empty.
    """

    batch_size: int | str
    max_epochs: int
    learning_rates: tuple[float | Schedule, ...]
    patience: int | None = None
    schedules: tuple[Mapping[str, float | Schedule], ...] = ()
    best_by: str = "validation_risk"
    tolerance: float = 0.0
    keep_best: bool = False
    shown: tuple[str, ...] = ()


class Clock:
    """Seconds by what they were spent on."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = dict.fromkeys(
            ("data_seconds", "compile_seconds", "step_seconds", "evaluation_seconds"), 0.0
        )

    @contextmanager
    def __call__(self, what: str) -> Iterator[None]:
        began = time.perf_counter()
        yield
        self.seconds[what] += time.perf_counter() - began
