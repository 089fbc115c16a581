"""The space in which generated rows are compared with real ones.

Distances between the rows themselves are those between columns of different units, or of images between pixels, most
of which say the same. So a few columns are put on one scale, and many become principal components. On digits and
Fashion-MNIST the codes of an autoencoder ranked 30 and 30 generators no more like a classifier's features did than
these, and cost a fit: rank correlations of 0.7 to 0.98, whichever, and as much with 200 rows as with 1,000.
"""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from scipy.linalg import eigh

from rosenblatt.metrics.distances import distances
from rosenblatt.models.pca_yardstick import as_float64

_FEW_COLUMNS = 16  # that are compared as they are
_COMPONENTS = 32
_MOST_ROWS = 4000  # that the axes are found with
_SCALE_ROWS = 500
_TINY = 1e-6


@dataclass(frozen=True)
class FeatureSpace:
    """Rows as features (x - center) @ axes, in units of the mean distance between two training rows.

    Attributes
    ----------
    center : ndarray (n_columns,)
    axes : ndarray (n_columns, n_features)
    name : str
        What the features are.
    """

    center: np.ndarray
    axes: np.ndarray
    name: str

    @classmethod
    def of(cls, rows: np.ndarray, are_images: bool) -> Self:
        """That of training rows, of numbers or bytes; columns of a table, unlike pixels, get a deviation of 1 first."""
        seen = as_float64(rows[:: -(-len(rows) // _MOST_ROWS)])
        center, n_columns = seen.mean(axis=0), seen.shape[1]
        scale = np.ones(n_columns) if are_images else np.maximum(seen.std(axis=0), _TINY)
        axes, name = np.diag(1 / scale), "columns"
        if n_columns > _FEW_COLUMNS:
            axes = axes @ _principal_axes((seen - center) / scale, min(_COMPONENTS, n_columns))
            # Between the rows' own distances, in which weak components count for nothing, and those of whitened ones,
            # in which they count too much.
            deviations = ((seen - center) @ axes).std(axis=0)
            axes /= np.sqrt(np.maximum(deviations, max(_TINY * deviations.max(), _TINY**2)))
            name = "principal components"
        features = (seen[:_SCALE_ROWS] - center) @ axes
        return cls(center, axes / _mean_distance(features), f"{axes.shape[1]} {name}")

    def __call__(self, rows: np.ndarray) -> np.ndarray:
        return (as_float64(rows) - self.center) @ self.axes


@dataclass(frozen=True)
class GivenFeatures:
    """What a fitted transformer makes of rows, in units of the mean distance between two of some real rows.

    Attributes
    ----------
    transformer : fitted, with a method transform
    row_shape : shape of a row as the transformer takes it
    unit : float
    """

    transformer: Any
    row_shape: tuple[int, ...]
    unit: float = 1.0

    @classmethod
    def of(cls, transformer: Any, rows: np.ndarray, row_shape: tuple[int, ...]) -> Self:
        """Those of a transformer that knows rows such as these.

        Raises
        ------
        TypeError
            If it has no method ``transform``.
        """
        if not hasattr(transformer, "transform"):
            raise TypeError(
                f"features={transformer!r} has no method transform: give a fitted transformer, such as an Autoencoder "
                "or an MLPClassifier"
            )
        return cls(transformer, row_shape, _mean_distance(cls(transformer, row_shape)(rows[:_SCALE_ROWS])))

    @property
    def name(self) -> str:
        return f"transform of {type(self.transformer).__name__}"

    def __call__(self, rows: np.ndarray) -> np.ndarray:
        features = np.asarray(self.transformer.transform(rows.reshape(-1, *self.row_shape)), np.float64)
        return features.reshape(len(rows), -1) / self.unit


Features = FeatureSpace | GivenFeatures


def _principal_axes(rows: np.ndarray, n_axes: int) -> np.ndarray:
    """The directions of the largest variance (n_columns, n_axes), by the smaller of the two matrices of products."""
    n_rows, n_columns = rows.shape
    if n_columns <= n_rows:
        return eigh(rows.T @ rows, subset_by_index=(n_columns - n_axes, n_columns - 1))[1]
    squares, vectors = eigh(rows @ rows.T, subset_by_index=(n_rows - min(n_axes, n_rows), n_rows - 1))
    return rows.T @ vectors / np.sqrt(np.maximum(squares, _TINY))


def _mean_distance(features: np.ndarray) -> float:
    n_rows = len(features)
    return max(float(distances(features, features).sum()) / max(n_rows * (n_rows - 1), 1), _TINY)
