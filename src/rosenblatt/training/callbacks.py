"""Being heard during a fit: our protocol, and plain functions."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from rosenblatt.training.loop import Training

Logs = dict[str, float]


class Callback:
    """Hooks that do nothing; override those that you need.

    They run on the host, between compiled parts of the work: none of them slows the steps down.
    """

    def on_train_begin(self, training: Training) -> None:
        """Before the first epoch; ``training`` gives access to everything, networks included."""

    def on_steps(self, training: Training, step: int, n_steps: int) -> None:
        """A few times a second within an epoch: ``step`` of its ``n_steps`` are done."""

    def on_epoch_end(self, epoch: int, logs: Logs) -> bool | None:
        """After an epoch (counted from 1), with its row of the history; true ends the fit."""

    def on_train_end(self, training: Training) -> None:
        """At the end, however it came: also after an error or Ctrl-C."""


class FunctionCallback(Callback):
    """A plain function ``f(epoch, logs) -> bool | None``, called after each epoch."""

    def __init__(self, function: Callable[[int, Logs], bool | None]):
        self.function = function

    def on_epoch_end(self, epoch: int, logs: Logs) -> bool | None:
        return self.function(epoch, logs)


class CallbackList(Callback):
    """Several callbacks as one; the fit ends when any of them says so, after all were asked."""

    def __init__(self, callbacks: Iterable[Any]):
        self.callbacks = [_as_callback(callback) for callback in callbacks]
        self.begun: list[Callback] = []

    def on_train_begin(self, training: Training) -> None:
        for callback in self.callbacks:
            callback.on_train_begin(training)
            self.begun.append(callback)

    def on_steps(self, training: Training, step: int, n_steps: int) -> None:
        for callback in self.callbacks:
            callback.on_steps(training, step, n_steps)

    def on_epoch_end(self, epoch: int, logs: Logs) -> bool:
        answers = [callback.on_epoch_end(epoch, logs) for callback in self.callbacks]
        return any(answers)

    def on_train_end(self, training: Training) -> None:
        # One whose beginning failed has nothing to end, and its error must not be hidden by another.
        for callback in self.begun:
            callback.on_train_end(training)


def _as_callback(callback: Any) -> Callback:
    if isinstance(callback, Callback):
        return callback
    if callable(callback) and not isinstance(callback, type):
        return FunctionCallback(cast(Callable[[int, Logs], bool | None], callback))
    raise TypeError(
        f"callbacks must be functions f(epoch, logs) or instances of rosenblatt.Callback, got {callback!r}; "
        "scikit-learn's own callbacks go to set_callbacks"
    )
