"""Rows of a data set as estimators learn them: images as images, columns and classes by their names, and divided."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np

from rosenblatt.data.dataset import Dataset
from rosenblatt.data.wording import listed
from rosenblatt.runs.folder import fingerprint

_MOST_CLASSES = 20  # that whole numbers are taken for; more are taken for amounts


@dataclass(frozen=True)
class Split:
    """Rows to learn from and rows to test on.

    Parameters
    ----------
    X, y : array-like
        What is learned from; y is None where there is no target.
    X_test, y_test : array-like or None
        What is tested on, if anything.
    """

    X: Any
    y: Any = None
    X_test: Any = None
    y_test: Any = None

    @classmethod
    def of(cls, dataset: Dataset, test_size: float | None = None, *, needs_target: bool = True) -> Self:
        """Divide a data set.

        Parameters
        ----------
        dataset : Dataset
        test_size : float, default=None
            As for `Dataset.split`, a whole number of rows from 1 on; 0 tests on nothing.
        needs_target : bool, default=True
            Whether a data set without a target is refused.

        Returns
        -------
        Split
            The same rows whenever the data and the size are the same.

        Raises
        ------
        ValueError
            If the target is needed and missing, or the size does not fit.
        """
        if needs_target and dataset.y is None:
            raise ValueError(f"{dataset.source or dataset.name} is read without a target{_which_target(dataset)}")
        X, X_test, y, y_test = divided(dataset, test_size)
        tested = None if X_test is None else inputs(dataset, X_test)
        return cls(inputs(dataset, X), targets(dataset, y), tested, targets(dataset, y_test))


def divided(
    dataset: Dataset, test_size: float | None
) -> tuple[np.ndarray, np.ndarray | None, np.ndarray | None, np.ndarray | None]:
    """Divide a data set as `Dataset.split` does; nothing is tested on where the size is 0."""
    if test_size == 0:
        return dataset.X, None, dataset.y, None
    whole = test_size is not None and test_size >= 1 and float(test_size).is_integer()
    return dataset.split(int(test_size) if whole and test_size is not None else test_size)


def inputs(dataset: Dataset, X: np.ndarray) -> Any:
    """Give rows of a data set the shape of its images, or the names of its columns.

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
    return X if dataset.feature_names is None else _named_columns(dataset.feature_names, X)


def inputs_for(estimator: Any, dataset: Dataset, X: np.ndarray) -> Any:
    """Give rows of a data set the columns that a fitted estimator learned from, in their order.

    Raises
    ------
    ValueError
        If a column is missing.
    """
    learned = getattr(estimator, "feature_names_in_", None)
    if learned is None or dataset.feature_names is None:
        return inputs(dataset, X)
    missing = [name for name in learned if name not in dataset.feature_names]
    if missing:
        raise ValueError(
            f"{dataset.source} lacks columns that the model learned from: {listed(missing)}; it has "
            f"{listed(dataset.feature_names)}"
        )
    order = [dataset.feature_names.index(name) for name in learned]
    return _named_columns(tuple(learned), X[:, order])


def _named_columns(names: Sequence[str], X: np.ndarray) -> Any:
    try:
        import pandas as pd
    except ImportError:  # tables are read by pandas: what comes here without it is a built-in set
        return X
    return pd.DataFrame(X, columns=list(names))


def targets(dataset: Dataset, y: Any) -> Any:
    """Give classes their names, since their codes may mean something else in the next data set; None stays None."""
    return y if y is None or dataset.target_names is None else np.asarray(dataset.target_names)[y]


def dataset_fingerprint(dataset: Dataset) -> str:
    """Return the fingerprint of all that a data set holds, of its test part too."""
    return fingerprint(dataset.X, dataset.y, dataset.X_test, dataset.y_test)


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
        average. A table is classes where it holds 0 and 1 only.
    reason : str
        Why, in words.
    """
    values = np.unique(y)
    if y.ndim == 2:
        are_labels = y.dtype.kind in "biu" and np.isin(values, (0, 1)).all()
        return _task(are_labels), f"the target has {y.shape[1]} columns{' of 0 and 1' if are_labels else ''}"
    if y.dtype.kind == "f":
        return "regression", "the target holds decimal numbers"
    if y.dtype.kind not in "iu":
        return "classification", f"the target holds {len(values)} different labels"
    few = len(values) <= min(_MOST_CLASSES, len(y) / 2)
    return _task(few), f"the target holds {len(values)} different whole numbers"


def _task(are_classes: Any) -> str:
    return "classification" if are_classes else "regression"


def _which_target(dataset: Dataset) -> str:
    if dataset.image_shape is not None and dataset.source and Path(dataset.source).is_dir():
        return ": put the images of each class into a sub-folder of its name"
    if dataset.feature_names is None:
        return ", which is needed to learn"
    return f"; name the column that is to be predicted (target), one of {listed(dataset.feature_names)}"
