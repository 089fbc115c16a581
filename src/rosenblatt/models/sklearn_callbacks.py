"""scikit-learn's own callback protocol (``set_callbacks``), where the installed version has it."""

from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from rosenblatt.training.callbacks import Callback, Logs

if TYPE_CHECKING:
    from rosenblatt.training.loop import Training


class _Mute:
    """Stands in where scikit-learn (before 1.9) has no callbacks."""


def _undecorated(method: Callable) -> Callable:
    return method


_protocol: Any = import_module("sklearn.callback") if find_spec("sklearn.callback") else None
CallbackSupport: Any = _protocol.CallbackSupportMixin if _protocol else _Mute
with_callbacks: Callable[[Callable], Callable] = _protocol.with_callbacks if _protocol else _undecorated


class SklearnCallbacks(Callback):
    """Tells scikit-learn's callbacks of each epoch as a task of the fit; any of them may end it.

    ``attributes`` returns the fitted attributes as if the fit had stopped now; it is only called by callbacks that ask
    for a fitted estimator.
    """

    def __init__(self, estimator: Any, X: Any, y: Any, attributes: Callable[["Training"], dict[str, Any]]):
        self.estimator, self.data, self.attributes = estimator, {"X": X, "y": y}, attributes

    def on_train_begin(self, training: "Training") -> None:
        self.training = training
        self.fit_context = self.estimator._init_callback_context(max_subtasks=training.settings.max_epochs)
        self.fit_context.call_on_fit_task_begin(estimator=self.estimator, **self.data)
        self.epoch_context: Any = None
        self._begin_epoch()

    def on_epoch_end(self, epoch: int, logs: Logs) -> bool:
        stop = self._end(self.epoch_context)
        self.epoch_context = None
        if not stop and epoch < self.training.settings.max_epochs:
            self._begin_epoch()
        return stop

    def on_train_end(self, training: "Training") -> None:
        for context in filter(None, (self.epoch_context, self.fit_context)):
            self._end(context)

    def _begin_epoch(self) -> None:
        self.epoch_context = self.fit_context.subcontext(task_name="epoch")
        self.epoch_context.call_on_fit_task_begin(estimator=self.estimator, **self.data)

    def _end(self, context: Any) -> bool:
        def attributes() -> dict[str, Any]:
            return self.attributes(self.training)

        told = context.call_on_fit_task_end(estimator=self.estimator, **self.data, reconstruction_attributes=attributes)
        return bool(told)


def sklearn_callbacks(
    estimator: Any, X: Any, y: Any, attributes: Callable[["Training"], dict[str, Any]]
) -> list[SklearnCallbacks]:
    """The callback that tells scikit-learn's, in a list; an empty one where none is set."""
    heard = getattr(estimator, "_skl_callbacks", None) or hasattr(estimator, "_parent_callback_ctx")
    return [SklearnCallbacks(estimator, X, y, attributes)] if heard else []
