"""One fit from data to scores, and the run folder that keeps what came of it."""

import math
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from rosenblatt.data.dataset import Dataset
from rosenblatt.runs.checkpoint import Checkpoint
from rosenblatt.runs.evaluation import evaluate, inputs, targets
from rosenblatt.runs.folder import RunFolder
from rosenblatt.runs.model_file import save
from rosenblatt.training.callbacks import Callback, Logs
from rosenblatt.training.loop import Training

_MOST_CLASSES = 20  # that whole numbers are taken for; more are taken for amounts
_SECONDS_BETWEEN_CHECKPOINTS = 2.0


@dataclass(frozen=True)
class Split:
    """Rows to learn from and rows to test on.

    Parameters
    ----------
    X, y : array-like
        What is learned from.
    X_test, y_test : array-like or None
        What is tested on, if anything.
    """

    X: Any
    y: np.ndarray
    X_test: Any = None
    y_test: np.ndarray | None = None

    @classmethod
    def of(cls, dataset: Dataset, test_size: float | int | None = None) -> Self:
        """Split a data set.

        Parameters
        ----------
        dataset : Dataset
            With targets. Classes that have names are learned by name, images as images, and the columns of a table
            by name, so that the fitted estimator knows all of these.
        test_size : float in (0, 1), int or None, default=None
            As for `Dataset.split`; 0 tests on nothing.

        Returns
        -------
        Split
            The same rows whenever the data and the size are the same.

        Raises
        ------
        ValueError
            If the data set has no targets, or the size does not fit it.
        """
        if dataset.y is None:
            raise ValueError(f"{dataset.source or dataset.name} has no target to learn{_how_to_give_one(dataset)}")
        if test_size == 0:
            return cls(inputs(dataset, dataset.X), targets(dataset, dataset.y))
        X, X_test, y, y_test = dataset.split(test_size)
        assert y is not None
        assert y_test is not None
        return cls(inputs(dataset, X), targets(dataset, y), inputs(dataset, X_test), targets(dataset, y_test))


def task_of(y: np.ndarray) -> tuple[str, str]:
    """Tell whether a target holds classes or numbers.

    Parameters
    ----------
    y : ndarray of shape (n_rows,) or (n_rows, n_outputs)
        The target.

    Returns
    -------
    task : {"classification", "regression"}
        Texts and booleans are classes, and so are at most 20 different whole numbers that occur twice or more on
        average; a table is classes where it holds 0 and 1 only.
    reason : str
        Why, in words.
    """
    values = np.unique(y)
    if y.ndim == 2:
        is_labels = y.dtype.kind in "biu" and len(values) <= 2 and np.isin(values, (0, 1)).all()
        held = f"{y.shape[1]} columns" + (" of 0 and 1" if is_labels else "")
        return ("classification" if is_labels else "regression"), f"the target has {held}"
    if y.dtype.kind not in "iuf":
        return "classification", f"the target holds {len(values)} different labels"
    if y.dtype.kind == "f":
        return "regression", "the target holds decimal numbers"
    few = len(values) <= min(_MOST_CLASSES, len(y) / 2)
    return ("classification" if few else "regression"), f"the target holds {len(values)} different whole numbers"


def fit(estimator: Any, rows: Split, folder: RunFolder | None = None) -> dict[str, Any]:
    """Fit an estimator, score it, and keep all of it in a run folder.

    Parameters
    ----------
    estimator : estimator of this library
        It is fitted in place.
    rows : Split
        The risk on the test rows is in the history too, unless early stopping sets rows of its own aside; nothing is
        decided by it.
    folder : RunFolder, optional
        A run that has begun. Its history grows line by line, a checkpoint is written every few seconds (and
        gone on from, if there is one), and at the end come the model, pictures and a report. Ctrl-C ends the run as
        ``"interrupted"``, an error as ``"failed"``.

    Returns
    -------
    dict
        Scores and the risk of the training rows (``train_accuracy``, ...) and of the test rows, ``epochs``, ``stopped`` (why the
        fit ended), ``parameters``, and ``seconds`` of training.

    Raises
    ------
    Exception
        What ``estimator.fit`` and the files raise.
    """
    with _outcome_noted(folder):
        with _kept(estimator, folder):
            estimator.fit(rows.X, rows.y, validation_data=_watched(estimator, rows))
        results = _results(estimator, rows)
        if folder is not None:
            _finish(estimator, rows, folder, results)
    return results


class _PacedCheckpoint(Checkpoint):
    """Writes after an epoch at most every two seconds: an epoch of a small network is shorter than a write."""

    def on_train_begin(self, training: Training) -> None:
        self.written = -math.inf
        super().on_train_begin(training)

    def on_epoch_end(self, epoch: int, logs: Logs) -> None:
        is_last = epoch == self.training.settings.max_epochs
        if is_last or time.monotonic() - self.written >= _SECONDS_BETWEEN_CHECKPOINTS:
            super().on_epoch_end(epoch, logs)
            self.written = time.monotonic()


class _HistoryLines(Callback):
    """Appends each epoch to a run's history."""

    def __init__(self, folder: RunFolder):
        self.folder = folder

    def on_train_begin(self, training: Training) -> None:
        # After a kill the history may be ahead of the checkpoint.
        self.folder.truncate_history(training.state.epoch)

    def on_epoch_end(self, epoch: int, logs: Logs) -> None:
        self.folder.append_history(logs)


@contextmanager
def _kept(estimator: Any, folder: RunFolder | None) -> Iterator[None]:
    """While the estimator is fitted, its epochs are kept in the folder."""
    own = estimator.callbacks
    if folder is not None:
        estimator.callbacks = (*own, _PacedCheckpoint(folder.checkpoint), _HistoryLines(folder))
    try:
        yield
    finally:
        estimator.callbacks = own


@contextmanager
def _outcome_noted(folder: RunFolder | None) -> Iterator[None]:
    """An error or Ctrl-C in the body is noted in the run."""
    try:
        yield
    except BaseException as error:
        status = "interrupted" if isinstance(error, KeyboardInterrupt) else "failed"
        if folder is not None:
            with suppress(OSError):  # the error itself is what the user has to see
                folder.finish(status, error=None if status == "interrupted" else error)
        raise


def _watched(estimator: Any, rows: Split) -> tuple[Any, np.ndarray] | None:
    """The test rows, where their risk can be watched without deciding anything."""
    if rows.y_test is None or getattr(estimator, "early_stopping", False):
        return None
    if rows.y.dtype.kind != "f" and not np.isin(rows.y_test, rows.y).all():
        return None  # a class that no training row has
    return rows.X_test, rows.y_test


def _results(estimator: Any, rows: Split) -> dict[str, Any]:
    scores = {f"train_{name}": value for name, value in evaluate(estimator, rows.X, rows.y).scores.items()}
    if rows.y_test is not None:
        tested = evaluate(estimator, rows.X_test, rows.y_test).scores
        scores |= {f"test_{name}": value for name, value in tested.items()}
    history = estimator.history_
    seconds = sum(float(history[name].sum()) for name in history if name.endswith("_seconds"))
    return scores | _risks(estimator) | {
        "epochs": estimator.n_epochs_,
        "stopped": estimator.stopped_,
        "parameters": estimator.n_parameters_.total,
        "seconds": seconds,
    }


def _risks(estimator: Any) -> dict[str, float]:
    """The risks at the end of the epoch whose parameters were kept."""
    history, keeps_best = estimator.history_, getattr(estimator, "early_stopping", False)
    kept = (estimator.best_epoch_ if keeps_best else estimator.n_epochs_) - 1
    named = {"train_risk": "train_risk", "validation_risk": "validation_risk" if keeps_best else "test_risk"}
    return {name: float(history[column][kept]) for column, name in named.items() if column in list(history)}


def _finish(estimator: Any, rows: Split, folder: RunFolder, results: dict[str, Any]) -> None:
    save(estimator, folder.model)
    status = "interrupted" if estimator.stopped_ == "interrupted" else "finished"
    folder.finish(status, results)


def _how_to_give_one(dataset: Dataset) -> str:
    if dataset.feature_names is None:
        return ""
    return f": give the column that is to be predicted (target=), one of {', '.join(dataset.feature_names)}"
