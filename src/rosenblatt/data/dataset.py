"""The record that every loader returns."""

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np


class SkippedDataWarning(UserWarning):
    """Files, or a column, were left out of a data set; `Dataset.skipped` names each with its reason."""


@dataclass(frozen=True, eq=False, repr=False)
class Dataset:
    """Rows to learn from, their targets, and where they came from.

    Parameters
    ----------
    name : str
        Name of the built-in set, or of the file or folder without its suffix.
    X : ndarray of shape (n_rows, n_features)
        One row a sample. Images are flattened in the order (height, width, channels), as float32 in [0, 1].
    y : ndarray of shape (n_rows,) or (n_rows, n_outputs), or None
        Class codes where ``target_names`` is given; otherwise the labels or numbers as they were found.
    feature_names : tuple of str or None
        Name of each feature; None for images and for arrays without names.
    target_names : tuple of str or None
        ``target_names[code]`` is the name of the class that ``y`` holds as ``code``.
    image_shape : (height, width, channels) or None
        Shape of the image in a row; None where rows are not images.
    X_test, y_test : ndarray or None
        Official test part, for sets that have one.
    description : str
        One line about the set.
    skipped : tuple of (Path, str)
        What was found and left out, each with the reason.
    source : str
        Where the data were found.

    Raises
    ------
    ValueError
        If the shapes do not belong together.
    """

    name: str
    X: np.ndarray
    y: np.ndarray | None = None
    feature_names: tuple[str, ...] | None = None
    target_names: tuple[str, ...] | None = None
    image_shape: tuple[int, int, int] | None = None
    X_test: np.ndarray | None = None
    y_test: np.ndarray | None = None
    description: str = ""
    skipped: tuple[tuple[Path, str], ...] = ()
    source: str = ""

    def __post_init__(self) -> None:
        where = self.source or self.name
        _check_rows(where, "X", self.X, "y", self.y)
        if self.X_test is not None:
            _check_rows(where, "X_test", self.X_test, "y_test", self.y_test)
            if self.X_test.shape[1] != self.X.shape[1]:
                raise ValueError(
                    f"{where}: X_test has {self.X_test.shape[1]} features and X has {self.X.shape[1]}; "
                    "both need the same."
                )
        if self.X_test is None and self.y_test is not None:
            raise ValueError(f"{where}: y_test is given without X_test; give both or neither.")
        if self.X_test is not None and (self.y is None) != (self.y_test is None):
            raise ValueError(f"{where}: one of y and y_test is missing; give both or neither.")
        if self.image_shape is not None and math.prod(self.image_shape) != self.X.shape[1]:
            raise ValueError(
                f"{where}: images of shape {self.image_shape} have {math.prod(self.image_shape)} values, "
                f"but X has {self.X.shape[1]} features a row; give the image_shape that the rows have."
            )

    def __repr__(self) -> str:
        parts = [f"X {self.X.shape} {self.X.dtype}"]
        if self.image_shape is not None:
            parts.append("images {} x {} x {}".format(*self.image_shape))
        parts.append(_target_text(self.y))
        if self.X_test is not None:
            parts.append(f"X_test {self.X_test.shape}")
        if self.skipped:
            parts.append(f"{len(self.skipped)} skipped")
        return f"<Dataset {self.name!r}: {', '.join(parts)}; source: {self.source or 'memory'}>"

    def split(
        self, test_size: float | int | None = None, random_state: int | None = 0
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray | None, np.ndarray | None]:
        """Return rows to train on and rows to test on: the official parts where the set has them.

        Otherwise rows are drawn by scikit-learn, stratified where the labels are classes (codes, integers, strings
        or booleans in one column) with at least two rows each and no more of them than test rows.

        Parameters
        ----------
        test_size : float in (0, 1), int or None, default=None
            Share or number of the rows to test on. None means the official test part, or 0.25 where there is none.
        random_state : int or None, default=0
            Seed of the draw; None draws differently each time.

        Returns
        -------
        X_train, X_test, y_train, y_test : ndarray
            The last two are None where the set has no ``y``.

        Raises
        ------
        ValueError
            If ``test_size`` is given for a set with an official test part, or does not fit the number of rows.
        """
        if self.X_test is not None:
            if test_size is not None:
                raise ValueError(
                    f"{self.name} has an official test part of {len(self.X_test)} rows, so test_size={test_size} "
                    "would not be used. Call split() without it, or split data.X yourself "
                    "(sklearn.model_selection.train_test_split)."
                )
            return self.X, self.X_test, self.y, self.y_test
        return _drawn_split(self.X, self.y, 0.25 if test_size is None else test_size, random_state)


def _check_rows(where: str, x_name: str, x: np.ndarray, y_name: str, y: np.ndarray | None) -> None:
    if x.ndim != 2 or 0 in x.shape:
        raise ValueError(f"{where}: {x_name} has shape {x.shape}; it needs rows and features, at least one of each.")
    if y is not None and (y.ndim not in (1, 2) or len(y) != len(x)):
        raise ValueError(
            f"{where}: {x_name} has {len(x)} rows and {y_name} has shape {y.shape}; "
            f"{y_name} needs one entry (or one row) for each row of {x_name}."
        )


def _target_text(y: np.ndarray | None) -> str:
    if y is None:
        return "no y"
    if y.ndim == 2:
        return f"y {y.shape}"
    if y.dtype.kind == "f":
        return f"y from {y.min():.4g} to {y.max():.4g}"
    return f"y with {len(np.unique(y))} different labels"


def _drawn_split(
    X: np.ndarray, y: np.ndarray | None, test_size: float | int, random_state: int | None
) -> tuple[np.ndarray, np.ndarray, np.ndarray | None, np.ndarray | None]:
    from sklearn.model_selection import train_test_split

    strata = y if y is not None and _can_stratify(y, test_size) else None
    rows = train_test_split(np.arange(len(X)), test_size=test_size, random_state=random_state, stratify=strata)
    train, test = map(np.asarray, rows)
    if y is None:
        return X[train], X[test], None, None
    return X[train], X[test], y[train], y[test]


def _can_stratify(y: np.ndarray, test_size: float | int) -> bool:
    if y.ndim != 1 or y.dtype.kind == "f":
        return False
    _, counts = np.unique(y, return_counts=True)
    n_test = math.ceil(test_size * len(y)) if isinstance(test_size, float) else test_size
    return bool(counts.min() >= 2 and len(counts) <= min(n_test, len(y) - n_test))
