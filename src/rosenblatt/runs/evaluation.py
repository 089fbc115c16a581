"""How good a fitted estimator is on a data set."""

from typing import Any, NamedTuple

import numpy as np
from sklearn.base import is_classifier

from rosenblatt.data.wording import listed
from rosenblatt.models.referee import FEWEST_ROWS
from rosenblatt.runs.columns import is_game, restores_rows


class Evaluation(NamedTuple):
    """How good predictions are.

    Parameters
    ----------
    scores : dict of str to float
        Of a classifier ``accuracy`` and, where it gives probabilities of classes, ``cross_entropy`` in nats; of a
        regressor ``r2``, ``mean_squared_error`` and ``mean_absolute_error``. Of what restores rows
        ``reconstruction_error`` (the mean over rows of sum (x - x')^2), ``explained_variance`` (how much smaller that
        is than with the mean row in the place of each, as a share), and for likelihoods ``log_likelihood``, the mean
        of log p(x | h) in nats; of what encodes as distributions instead ``elbo``, the bound on log p(x), and ``kl``,
        both in nats a row. Of a GAN what its referee measures of rows and samples (``GameDiagnosis.found``), unless
        there are too few rows.
    labels : list or None
        The classes, where each row has one.
    confusion : ndarray of shape (n_classes, n_classes) or None
        How many rows of each class (row) were taken for each class (column).
    """

    scores: dict[str, float]
    labels: list[Any] | None = None
    confusion: np.ndarray | None = None


def evaluate(estimator: Any, X: Any, y: Any = None) -> Evaluation:
    """Compare predictions with the truth, or restored rows with the rows.

    Parameters
    ----------
    estimator : fitted
    X : array-like
    y : array-like of shape (n_rows,) or (n_rows, n_outputs), or None
        What restores rows does without.

    Returns
    -------
    Evaluation

    Raises
    ------
    ValueError
        If no row of y has a class that the estimator knows.
    """
    if restores_rows(estimator):
        return Evaluation(_reconstruction_scores(estimator, X))
    if is_game(estimator):
        return Evaluation(_game_scores(estimator, X, y))
    if not is_classifier(estimator):
        return Evaluation(_regression_scores(np.asarray(y), estimator.predict(X)))
    y = np.asarray(y)
    if y.ndim == 2:
        from sklearn.metrics import accuracy_score, hamming_loss

        predicted = estimator.predict(X)
        return Evaluation({"accuracy": accuracy_score(y, predicted), "hamming_loss": hamming_loss(y, predicted)})
    return _classification(estimator, X, y)


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


def _reconstruction_scores(estimator: Any, X: Any) -> dict[str, float]:
    error = float(estimator.reconstruction_error(X).astype(np.float64).mean())
    scores = {"reconstruction_error": error}
    variance = _variance(X) / (estimator.pixel_maximum_ or 1) ** 2
    if variance > 0:
        scores["explained_variance"] = 1 - error / variance
    if hasattr(estimator, "elbo_terms"):
        misses, kl = (np.asarray(terms, np.float64) for terms in estimator.elbo_terms(X))
        scores |= {"elbo": -float(misses.mean() + kl.sum(axis=1).mean()), "kl": float(kl.sum(axis=1).mean())}
    elif estimator.loss != "square":
        scores["log_likelihood"] = estimator.score(X)
    return scores


def _game_scores(estimator: Any, X: Any, y: Any) -> dict[str, float]:
    if len(X) < 2 * FEWEST_ROWS:
        return {}
    found = estimator.diagnose(X, y if estimator.conditional else None).found
    return {name: each.estimate for name, each in found.items()}


def _variance(X: Any) -> float:
    """The mean over rows of the squared distance from the mean row."""
    rows = np.asarray(X)
    return float(rows.reshape(len(rows), -1).var(axis=0, dtype=np.float64).sum())


def _regression_scores(y: np.ndarray, predicted: np.ndarray) -> dict[str, float]:
    from sklearn.metrics import mean_absolute_error, mean_squared_error, r2_score

    return {
        "r2": float(r2_score(y, predicted)),
        "mean_squared_error": float(mean_squared_error(y, predicted)),
        "mean_absolute_error": float(mean_absolute_error(y, predicted)),
    }
