"""What a fitted estimator makes of a data set: scores, predictions, and the model of a run."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from rosenblatt.data.dataset import Dataset
from rosenblatt.data.wording import listed
from rosenblatt.runs.folder import RunFolder
from rosenblatt.runs.model_file import load
from rosenblatt.runs.run_record import RUN_FILE


class Evaluation(NamedTuple):
    """How good predictions are.

    Parameters
    ----------
    scores : dict of str to float
        Of a classifier ``accuracy`` and, where it gives probabilities of classes, ``cross_entropy`` in nats; of a
        regressor ``r2``, ``mean_squared_error`` and ``mean_absolute_error``.
    labels : list or None
        The classes, where each row has one.
    confusion : ndarray of shape (n_classes, n_classes) or None
        How many rows of each class (row) were taken for each class (column).
    """

    scores: dict[str, float]
    labels: list[Any] | None = None
    confusion: np.ndarray | None = None


def evaluate(estimator: Any, X: Any, y: Any) -> Evaluation:
    """Compare predictions with the truth.

    Parameters
    ----------
    estimator : fitted classifier or regressor
    X : array-like
    y : array-like of shape (n_rows,) or (n_rows, n_outputs)

    Returns
    -------
    Evaluation

    Raises
    ------
    ValueError
        If no row of y has a class that the estimator knows.
    """
    from sklearn.base import is_classifier

    if not is_classifier(estimator):
        return Evaluation(_regression_scores(np.asarray(y), estimator.predict(X)))
    y = np.asarray(y)
    if y.ndim == 2:
        from sklearn.metrics import accuracy_score, hamming_loss

        predicted = estimator.predict(X)
        return Evaluation({"accuracy": accuracy_score(y, predicted), "hamming_loss": hamming_loss(y, predicted)})
    return _classification(estimator, X, y)


def inputs(dataset: Dataset, X: np.ndarray) -> Any:
    """Rows of a data set as an estimator should see them: images, or columns with their names.

    Parameters
    ----------
    dataset : Dataset
    X : ndarray of shape (n_rows, n_features)
        Some of its rows.

    Returns
    -------
    ndarray of shape (n_rows, height, width, channels), pandas.DataFrame, or X itself
    """
    if dataset.image_shape is not None:
        return X.reshape(len(X), *dataset.image_shape)
    if dataset.feature_names is None:
        return X
    import pandas as pd

    return pd.DataFrame(X, columns=list(dataset.feature_names))


def targets(dataset: Dataset, y: np.ndarray) -> np.ndarray:
    """Targets of a data set, classes by their names: codes mean something else in the next data set."""
    return y if dataset.target_names is None else np.asarray(dataset.target_names)[y]


def inputs_for(estimator: Any, dataset: Dataset, X: np.ndarray) -> Any:
    """Rows of a data set as a fitted estimator knows them: the columns that it learned from, in their order.

    Raises
    ------
    ValueError
        If a column is missing.
    """
    names = getattr(estimator, "feature_names_in_", None)
    if names is None or dataset.feature_names is None:
        return inputs(dataset, X)
    missing = [name for name in names if name not in dataset.feature_names]
    if missing:
        raise ValueError(
            f"{dataset.source} lacks columns that the model was trained on: {listed(missing)}; it has "
            f"{listed(dataset.feature_names)}"
        )
    import pandas as pd

    return pd.DataFrame(X, columns=list(dataset.feature_names))[list(names)]


def open_model(path: str | os.PathLike[str]) -> tuple[Any, RunFolder | None]:
    """Load the model of a run, or a model that was saved alone.

    Parameters
    ----------
    path : str or path
        A run folder, or what ``save`` wrote.

    Returns
    -------
    estimator : fitted
    folder : RunFolder or None
        The run.

    Raises
    ------
    FileNotFoundError
        If there is nothing, or a run without a model.
    ModelFileError
        If the model is damaged.
    """
    if not (Path(path) / RUN_FILE).is_file():
        return load(path), None
    folder = RunFolder.open(path)
    if not folder.model.exists():
        raise FileNotFoundError(f"the run in {path} ({folder.status}) has no model; only a fit that ended has one")
    return load(folder.model), folder


def prediction_columns(estimator: Any, X: Any, *, probabilities: bool = False) -> dict[str, np.ndarray]:
    """Predictions as the columns of a table.

    Parameters
    ----------
    estimator : fitted
    X : array-like
    probabilities : bool, default=False
        Whether there is also a column for the probability of each class.

    Returns
    -------
    dict of str to ndarray (n_rows,)
        ``prediction``, or ``prediction_0``, ... where there are several outputs; ``probability_CLASS``.

    Raises
    ------
    ValueError
        If probabilities are asked of an estimator that has none.
    """
    columns = _columns("prediction", estimator.predict(X))
    if not probabilities:
        return columns
    if not hasattr(estimator, "predict_proba"):
        raise ValueError(f"{type(estimator).__name__} gives no probabilities; leave --proba out")
    return columns | _columns("probability", estimator.predict_proba(X), estimator.classes_)


def _columns(name: str, values: np.ndarray, labels: Sequence[Any] | None = None) -> dict[str, np.ndarray]:
    if values.ndim == 1:
        return {name: values}
    labels = range(values.shape[1]) if labels is None else labels
    return {f"{name}_{label}": column for label, column in zip(labels, values.T, strict=True)}


def _classification(estimator: Any, X: Any, y: np.ndarray) -> Evaluation:
    from sklearn.metrics import confusion_matrix

    known = np.isin(y, estimator.classes_)
    if not known.any():
        raise ValueError(
            f"no row has a class that the model knows: the target holds {listed(np.unique(y).tolist())}, the model "
            f"tells apart {listed(estimator.classes_.tolist())}"
        )
    predicted = estimator.predict(X)
    scores = {"accuracy": float(np.mean(predicted == y))}
    if known.all() and hasattr(estimator, "predict_log_proba"):
        codes = np.searchsorted(estimator.classes_, y)
        scores["cross_entropy"] = -float(estimator.predict_log_proba(X)[np.arange(len(y)), codes].mean())
    labels = np.union1d(estimator.classes_, y)
    return Evaluation(scores, labels.tolist(), confusion_matrix(y, predicted, labels=labels))


def _regression_scores(y: np.ndarray, predicted: np.ndarray) -> dict[str, float]:
    from sklearn.metrics import mean_absolute_error, mean_squared_error, r2_score

    return {
        "r2": float(r2_score(y, predicted)),
        "mean_squared_error": float(mean_squared_error(y, predicted)),
        "mean_absolute_error": float(mean_absolute_error(y, predicted)),
    }
