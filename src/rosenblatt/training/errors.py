"""What can happen to a fit."""

import math


class NonFiniteRiskError(ArithmeticError):
    """The risk, or a parameter, became infinite or not a number; the last good parameters are kept.

    Attributes
    ----------
    player : str
    epoch : int
        Counts from 1.
    step : int
        Counts from 1 within the epoch. Parameters are looked at a few times a second, so where they are what is not
        finite, it happened at this step or shortly before.
    """

    def __init__(self, player: str, epoch: int, step: int, risk: float):
        self.player, self.epoch, self.step = player, epoch, step
        what = f"the parameters of {player!r}" if math.isfinite(risk) else f"the risk of {player!r}"
        became = "were no longer finite" if math.isfinite(risk) else f"became {risk}"
        super().__init__(
            f"{what} {became} at epoch {epoch}, step {step}. "
            "The last parameters that were finite are kept. Try a smaller learning_rate, inputs scaled to about unit "
            "variance (sklearn.preprocessing.StandardScaler), or a larger batch_size"
        )


class InterruptedFitWarning(UserWarning):
    """The fit was ended by Ctrl-C; the estimator holds what was learned so far."""


class CheckpointMismatchError(ValueError):
    """A checkpoint belongs to another fit."""
