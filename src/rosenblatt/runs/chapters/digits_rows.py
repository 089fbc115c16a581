"""scikit-learn's handwritten digits in three parts: to learn from, to watch, and to test on."""

from typing import NamedTuple

import numpy as np
from sklearn.model_selection import train_test_split

from rosenblatt.data import load


class DigitsRows(NamedTuple):
    """8×8 images as rows of 64 numbers in [0, 1], and which digit each is."""

    X: np.ndarray
    y: np.ndarray
    X_validation: np.ndarray
    y_validation: np.ndarray
    X_test: np.ndarray
    y_test: np.ndarray

    @property
    def validation(self) -> tuple[np.ndarray, np.ndarray]:
        """What ``fit`` takes as ``validation_data``."""
        return self.X_validation, self.y_validation


def digits_rows(n_training_rows: int | None = None) -> DigitsRows:
    """1,077 rows (or as many as asked for) to learn from, 270 to watch the risk on, and 450 to test on.

    Each part has about the same share of each digit, and the same rows are drawn each time.
    """
    digits = load("digits")
    y = np.asarray(digits.y)
    rest, test = _split(np.arange(len(y)), y, 0.25)
    training, validation = _split(rest, y, 0.2)
    if n_training_rows is not None:
        _, training = _split(training, y, n_training_rows)
    parts = (training, validation, test)
    return DigitsRows(*[array[rows] for rows in parts for array in (digits.X, y)])


def images(X: np.ndarray) -> np.ndarray:
    """Rows as images of 8×8 pixels."""
    return X.reshape(-1, 8, 8)


def _split(rows: np.ndarray, y: np.ndarray, size: float) -> tuple[np.ndarray, np.ndarray]:
    """The rows without a part of that size (a share, or a number of rows), and that part."""
    first, second = train_test_split(rows, test_size=size, stratify=y[rows], random_state=0)
    return np.asarray(first), np.asarray(second)
