"""How it is minimised: games of players, epochs compiled into one program, and the host loop around them."""

from typing import TYPE_CHECKING

from rosenblatt.lazy import attach

if TYPE_CHECKING:
    from rosenblatt.training.callbacks import Callback as Callback
    from rosenblatt.training.errors import CheckpointMismatchError as CheckpointMismatchError
    from rosenblatt.training.errors import InterruptedFitWarning as InterruptedFitWarning
    from rosenblatt.training.errors import NonFiniteRiskError as NonFiniteRiskError
    from rosenblatt.training.history import History as History
    from rosenblatt.training.loop import Training as Training
    from rosenblatt.training.optimizers import OPTIMIZERS as OPTIMIZERS
    from rosenblatt.training.players import Player as Player
    from rosenblatt.training.progress import ProgressBar as ProgressBar
    from rosenblatt.training.state import Settings as Settings

_HOMES = {
    "Callback": "callbacks",
    "CheckpointMismatchError": "errors",
    "History": "history",
    "InterruptedFitWarning": "errors",
    "NonFiniteRiskError": "errors",
    "OPTIMIZERS": "optimizers",
    "Player": "players",
    "ProgressBar": "progress",
    "Settings": "state",
    "Training": "loop",
}

__all__ = sorted(_HOMES)
__getattr__, __dir__ = attach(__name__, _HOMES)
