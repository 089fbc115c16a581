"""How good a fitted estimator is on a data set, and what it predicts."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from sklearn.base import is_classifier

from rosenblatt.data.wording import listed


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
    if not is_classifier(estimator):
        return Evaluation(_regression_scores(np.asarray(y), estimator.predict(X)))
    y = np.asarray(y)
    if y.ndim == 2:
        from sklearn.metrics import accuracy_score, hamming_loss

        predicted = estimator.predict(X)
        return Evaluation({"accuracy": accuracy_score(y, predicted), "hamming_loss": hamming_loss(y, predicted)})
    return _classification(estimator, X, y)


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
