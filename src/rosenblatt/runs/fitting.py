"""One fit from data to scores, and the run folder that keeps what came of it."""

import math
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import numpy as np
from sklearn.base import is_classifier

from rosenblatt.runs.checkpoint import Checkpoint
from rosenblatt.runs.columns import is_game
from rosenblatt.runs.evaluation import Evaluation, evaluate
from rosenblatt.runs.fit_report import write_report
from rosenblatt.runs.folder import RunFolder
from rosenblatt.runs.game_file import GameWriter
from rosenblatt.runs.model_file import save
from rosenblatt.runs.rows import Split
from rosenblatt.training.callbacks import Callback, Logs
from rosenblatt.training.loop import Training

_SECONDS_BETWEEN_CHECKPOINTS = 2.0


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
        Scores and the risk of the training rows (``train_accuracy``, ...) and of the test rows, ``epochs``,
        ``stopped`` (why the fit ended), ``parameters``, and ``seconds`` of training. Of an autoencoder also
        ``train_ratio_to_pca``, unless PCA loses nothing.

    Raises
    ------
    Exception
        What ``estimator.fit`` and the files raise.
    """
    with _outcome_noted(folder):
        with _kept(estimator, folder):
            estimator.fit(rows.X, rows.y, validation_data=_watched(estimator, rows))
        train = evaluate(estimator, rows.X, rows.y)
        test = None if rows.X_test is None else evaluate(estimator, rows.X_test, rows.y_test)
        results = _results(estimator, train, test)
        if folder is not None:
            save(estimator, folder.model)
            folder.finish("interrupted" if estimator.stopped_ == "interrupted" else "finished", results)
    if folder is not None:
        write_report(estimator, rows, test or train, folder)
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
        watching = [GameWriter(folder.game, estimator)] if is_game(estimator) else []
        estimator.callbacks = (*own, _PacedCheckpoint(folder.checkpoint), _HistoryLines(folder), *watching)
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


def _watched(estimator: Any, rows: Split) -> tuple[Any, Any] | None:
    """The test rows, where their risk can be watched without deciding anything."""
    decides = getattr(estimator, "early_stopping", False) or getattr(estimator, "restore_best", False)
    if rows.X_test is None or decides:
        return None
    if is_classifier(estimator) and not np.isin(rows.y_test, rows.y).all():
        return None  # a class that no training row has
    return rows.X_test, rows.y_test


def _results(estimator: Any, train: Evaluation, test: Evaluation | None) -> dict[str, Any]:
    scores = {f"train_{name}": value for name, value in train.scores.items()}
    scores |= {f"test_{name}": value for name, value in test.scores.items()} if test else {}
    history = estimator.history_
    seconds = sum(float(history[name].sum()) for name in history if name.endswith("_seconds"))
    return (
        scores
        | _yardstick(estimator)
        | _risks(estimator)
        | {
            **({"verdict": estimator.diagnosis_["verdict"]} if hasattr(estimator, "diagnosis_") else {}),
            "epochs": estimator.n_epochs_,
            "stopped": estimator.stopped_,
            "parameters": estimator.n_parameters_.total,
            "seconds": seconds,
        }
    )


def _yardstick(estimator: Any) -> dict[str, float]:
    """The reconstruction error in parts of PCA's, on the rows on which they were compared after the fit."""
    ratio = estimator.compare_pca().ratio if hasattr(estimator, "compare_pca") else math.inf
    return {"train_ratio_to_pca": float(ratio)} if math.isfinite(ratio) else {}


def _risks(estimator: Any) -> dict[str, float]:
    """The risks at the end of the epoch whose parameters were kept."""
    history, keeps_best = estimator.history_, getattr(estimator, "early_stopping", False)
    kept = (estimator.best_epoch_ if keeps_best else estimator.n_epochs_) - 1
    named = {"train_risk": "train_risk", "validation_risk": "validation_risk" if keeps_best else "test_risk"}
    return {name: float(history[column][kept]) for column, name in named.items() if column in list(history)}
