"""What a fitted estimator gives for rows, as the columns of a table: predictions, codes, restored rows."""

from collections.abc import Sequence
from typing import Any

import numpy as np


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
        If the estimator predicts nothing, or probabilities are asked of one that has none.
    """
    name = type(estimator).__name__
    if not hasattr(estimator, "predict"):
        raise ValueError(
            f"{name} learned without a target and has no predictions: `rosenblatt transform` gives the code of each "
            "row, and `rosenblatt reconstruct` the row that is restored from it"
            if restores_rows(estimator)
            else f"{name} learned without a target and has no predictions: `rosenblatt sample` gives new rows"
        )
    columns = _columns("prediction", estimator.predict(X))
    if not probabilities:
        return columns
    if not hasattr(estimator, "predict_proba"):
        raise ValueError(f"{name} gives no probabilities; leave --proba out")
    return columns | _columns("probability", estimator.predict_proba(X), estimator.classes_)


def check_transforms(estimator: Any) -> None:
    """Refuse an estimator that has no codes.

    Raises
    ------
    ValueError
    """
    if not hasattr(estimator, "transform"):
        raise ValueError(
            f"{type(estimator).__name__} has no codes: autoencoders have, and networks whose last layer has layers "
            "before it; `rosenblatt predict` gives its predictions"
        )


def check_restores(estimator: Any) -> None:
    """Refuse an estimator that restores no rows.

    Raises
    ------
    ValueError
    """
    if not restores_rows(estimator):
        raise ValueError(
            f"{type(estimator).__name__} restores no rows, as an autoencoder does (rosenblatt fit autoencoder); "
            "`rosenblatt predict` gives its predictions"
        )


def restores_rows(estimator: Any) -> bool:
    """Whether an estimator restores rows from codes, instead of predicting a target."""
    return hasattr(estimator, "reconstruct")


def check_generates(estimator: Any) -> None:
    """Refuse an estimator that generates no rows.

    Raises
    ------
    ValueError
    """
    if not hasattr(estimator, "sample"):
        raise ValueError(
            f"{type(estimator).__name__} generates no rows, as a variational autoencoder or a GAN does "
            "(rosenblatt fit vae, rosenblatt fit gan)"
        )


def is_game(estimator: Any) -> bool:
    """Whether an estimator is a generator that plays against a discriminator."""
    return hasattr(estimator, "discriminate")


def check_game(estimator: Any) -> None:
    """Refuse an estimator that is no game.

    Raises
    ------
    ValueError
    """
    if not is_game(estimator):
        raise ValueError(f"{type(estimator).__name__} plays no game, as a GAN does (rosenblatt fit gan)")


def named_columns(names: Sequence[str], rows: np.ndarray) -> dict[str, np.ndarray]:
    """Rows (n_rows, n_columns), or images of as many numbers, as columns by name."""
    return dict(zip(map(str, names), rows.reshape(len(rows), -1).T, strict=True))


def feature_names(estimator: Any) -> list[str]:
    """The names of the columns that an estimator learned from, x0, x1, ... where they had none."""
    names = getattr(estimator, "feature_names_in_", None)
    return [f"x{i}" for i in range(estimator.n_features_in_)] if names is None else list(names)


def _columns(name: str, values: np.ndarray, labels: Sequence[Any] | None = None) -> dict[str, np.ndarray]:
    if values.ndim == 1:
        return {name: values}
    labels = range(values.shape[1]) if labels is None else labels
    return named_columns([f"{name}_{label}" for label in labels], values)
