"""Rows as an explorer shows them: some of X, what a picture of one is, and their labels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from rosenblatt.data.checks import flatten_images
from rosenblatt.runs.columns import feature_names
from rosenblatt.runs.packing import packed

_MOST_POINTS = 2_000  # of a map; more hide one another
_MOST_BYTES = 1_500_000  # of the rows' own pictures
_MOST_CLASSES = 20  # that colours and marks tell apart
_DARK = 0.4  # a mean brightness below it: strokes on an empty ground rather than a photograph
_LEVELS = 255


@dataclass(frozen=True)
class ExploredRows:
    """The rows of X that are points of the map.

    Attributes
    ----------
    chosen : ndarray of int (n_points,)
        Which rows of X they are.
    numbers : ndarray (n_points, n_features)
        What is in them; bytes are 0 to 1.
    labels : dict or None
    """

    chosen: np.ndarray
    numbers: np.ndarray
    labels: dict[str, Any] | None

    @classmethod
    def of(cls, X: Any, y: Any) -> ExploredRows:
        """Takes rows evenly from X, which an estimator has accepted.

        Raises
        ------
        ValueError
            If there is not one label for each row.
        """
        from scipy.sparse import csr_array, issparse

        given, _ = flatten_images(X)
        rows: Any = csr_array(given) if issparse(given) else np.asarray(given)
        n_rows = rows.shape[0]
        chosen = np.linspace(0, n_rows - 1, min(n_rows, _MOST_POINTS)).astype(int)
        numbers = rows[chosen].toarray() if issparse(given) else rows[chosen]
        numbers = numbers / 255.0 if numbers.dtype == np.uint8 else numbers.astype(float)
        return cls(chosen, numbers, None if y is None else _labels(y, n_rows, chosen))

    def content(self, picture: dict[str, Any]) -> dict[str, Any]:
        """What the page needs: the rows' numbers as bytes on the picture's scale, of as many as there is room for."""
        low, high = (np.asarray(picture[name], float) for name in ("low", "high"))
        n_pictured = min(len(self.chosen), max(_MOST_BYTES // self.numbers.shape[1], 1))
        shares = (self.numbers[:n_pictured] - low) / np.maximum(high - low, np.finfo(np.float32).tiny)
        levels = np.round(np.clip(shares, 0, 1) * _LEVELS).astype(np.uint8)
        return {"index": self.chosen.tolist(), "pictures": packed(levels), "labels": self.labels}


def picture_of(estimator: Any, numbers: np.ndarray) -> dict[str, Any]:
    """How rows are drawn: their kind and shape, and the range of their numbers.

    Parameters
    ----------
    estimator : fitted
    numbers : ndarray (n_rows, n_features)
        Rows of X, or some that were decoded.
    """
    shape = estimator.image_shape_
    if shape is None:
        low, high = numbers.min(axis=0), numbers.max(axis=0)
        names = [str(name) for name in feature_names(estimator)]
        return {"kind": "table", "shape": [1, len(names), 1], "names": names} | _range(low, high)
    low, high = (0.0, 1.0) if _is_share(estimator) else (float(numbers.min()), float(numbers.max()))
    kind = "signal" if len(shape) == 2 else "image"
    is_stroke = bool(numbers.mean() < low + _DARK * (high - low))
    return {"kind": kind, "shape": [1, *shape][-3:], "ink": is_stroke} | _range(low, high)


def _range(low: Any, high: Any) -> dict[str, Any]:
    return {"low": np.asarray(low).tolist(), "high": np.asarray(high).tolist()}


def _is_share(estimator: Any) -> bool:
    """Whether the numbers of a row are from 0 to 1."""
    outputs = estimator.output_activation == "sigmoid" or estimator.loss == "bernoulli"
    return bool(outputs or estimator.pixel_maximum_)


def _labels(y: Any, n_rows: int, chosen: np.ndarray) -> dict[str, Any]:
    """Labels as classes (up to 20), as numbers on a scale, or as names that are only shown."""
    values = np.asarray(y)
    if values.shape != (n_rows,):
        raise ValueError(f"y has shape {values.shape} and X has {n_rows} rows; give one label for each")
    name, is_number = str(getattr(y, "name", None) or "label"), values.dtype.kind in "iuf"
    if is_number and not np.isfinite(values).all():
        raise ValueError("y holds labels that are not finite; leave these rows out")
    classes = np.unique(values)
    whole = not is_number or bool((classes == np.round(classes)).all())
    if whole and len(classes) <= _MOST_CLASSES:
        places = np.searchsorted(classes, values[chosen])
        return {"kind": "classes", "name": name, "classes": [_text(each) for each in classes], "of": places.tolist()}
    if is_number:
        return {"kind": "numbers", "name": name, "of": values[chosen].astype(float).tolist()}
    return {"kind": "names", "name": name, "of": [_text(each) for each in values[chosen]]}


def _text(label: Any) -> str:
    return f"{label:g}" if isinstance(label, float | np.floating) else str(label)
