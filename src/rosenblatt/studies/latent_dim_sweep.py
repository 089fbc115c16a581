"""How long a code has to be: the same autoencoder with codes of few and of many numbers, beside PCA with as many.

A short code loses detail, a long one keeps it, and may keep what only the training rows have. Both show on rows that no
fit saw: so the autoencoder learns from the training rows, PCA is fitted to them, and both are judged on the test rows.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from rich.table import Table
from sklearn.base import clone
from sklearn.decomposition import PCA
from sklearn.utils import check_array

from rosenblatt.data.checks import flatten_images
from rosenblatt.models.pca_yardstick import as_float64
from rosenblatt.models.tables import PrintedTable


@dataclass(frozen=True)
class LatentSweep(PrintedTable):
    """Reconstruction from codes of several lengths; prints as a table.

    Errors are squared errors sum (x - x')^2, means over rows; bytes count as numbers from 0 to 1.

    Attributes
    ----------
    latent_dims : ndarray of int (n_dims,)
        Numbers of a code, ascending.
    n_parameters : ndarray of int (n_dims,)
        Weights and biases of each network.
    train_errors, test_errors : ndarray (n_dims,)
        Of the autoencoders.
    pca_errors : ndarray (n_dims,)
        On the test rows, of PCA that is fitted to the training rows, with as many components (at most as many as there
        are training rows or columns).
    variance : float
        The error on the test rows of the mean training row in the place of each: what there is to explain.
    n_train, n_test : int
        Rows.
    originals : ndarray (n_images, *shape of a row)
        The first test rows.
    reconstructions : ndarray (n_dims, n_images, *shape of a row)
        What each autoencoder makes of them.
    estimators : tuple of estimators
        The fits.
    """

    latent_dims: np.ndarray
    n_parameters: np.ndarray
    train_errors: np.ndarray
    test_errors: np.ndarray
    pca_errors: np.ndarray
    variance: float
    n_train: int
    n_test: int
    originals: np.ndarray
    reconstructions: np.ndarray
    estimators: tuple[Any, ...]

    def __rich__(self) -> Table:
        table = Table(
            title=f"Codes learned from {self.n_train:,} rows, and {self.n_test:,} others as they restore them",
            caption="squared error of a row, mean; PCA is fitted to the training rows\n"
            f"the mean row in the place of each leaves {self.variance:.4g}",
        )
        for name in ("latent_dim", "parameters", "train error", "test error", "PCA's test error"):
            table.add_column(name, justify="right")
        errors = zip(self.train_errors, self.test_errors, self.pca_errors, strict=True)
        for latent_dim, n_parameters, row in zip(self.latent_dims, self.n_parameters, errors, strict=True):
            table.add_row(f"{latent_dim}", f"{n_parameters:,}", *(f"{error:.4g}" for error in row))
        return table


def latent_sweep(
    estimator: Any, X: Any, X_test: Any, *, latent_dims: Sequence[int] = (2, 5, 32), n_images: int = 8
) -> LatentSweep:
    """Fits an autoencoder with codes of several lengths, and compares what they restore.

    Parameters
    ----------
    estimator : Autoencoder
        Its clones are fitted, each with another ``latent_dim``; it stays as it is.
    X : array-like (n_train, n_features), or images
        What is learned from.
    X_test : array-like (n_test, n_features), or images
        Other rows, of the same kind.
    latent_dims : sequence of int >= 1, default=(2, 5, 32)
        Numbers of a code; each is fitted once.
    n_images : int >= 1, default=8
        How many test rows, from the first on, are kept with their reconstructions.

    Returns
    -------
    LatentSweep

    Raises
    ------
    TypeError
        If the estimator has no codes, or restores nothing.
    ValueError
        If the lengths are no whole numbers from 1 on, or the rows do not fit.

    Examples
    --------
    >>> from rosenblatt import Autoencoder
    >>> from rosenblatt.studies import latent_sweep
    >>> from sklearn.datasets import load_digits
    >>> X = load_digits().data / 16
    >>> model = Autoencoder(max_epochs=20, learning_rate=0.005, random_state=0)
    >>> sweep = latent_sweep(model, X[:1200], X[1200:], latent_dims=(2, 8))
    >>> bool(sweep.test_errors[1] < sweep.test_errors[0] < sweep.variance)
    True
    """
    dims = _checked(estimator, latent_dims, n_images)
    pca_errors, variance = _pca_errors(_rows(X), _rows(X_test), dims)
    fits = tuple(_with_codes_of(int(latent_dim), estimator).fit(X) for latent_dim in dims)
    return LatentSweep(
        dims,
        np.array([fit.n_parameters_.total for fit in fits]),
        np.array([_mean_error(fit, X) for fit in fits]),
        np.array([_mean_error(fit, X_test) for fit in fits]),
        pca_errors,
        variance,
        len(X),
        len(X_test),
        as_float64(np.asarray(X_test[:n_images])),
        np.stack([fit.reconstruct(X_test[:n_images]) for fit in fits]),
        fits,
    )


def _with_codes_of(latent_dim: int, estimator: Any) -> Any:
    copied: Any = clone(estimator)
    return copied.set_params(latent_dim=latent_dim)


def _rows(X: Any) -> np.ndarray:
    return as_float64(check_array(flatten_images(X)[0]))


def _pca_errors(X: np.ndarray, X_test: np.ndarray, latent_dims: np.ndarray) -> tuple[np.ndarray, float]:
    """The mean squared error on X_test of the PCA of X with so many components each, and without any.

    Components are orthogonal and nested, so by Pythagoras each takes away the square of what lies along it.
    """
    pca: Any = PCA(min(int(latent_dims[-1]), *X.shape), random_state=0).fit(X)
    along = (pca.transform(X_test) ** 2).mean(0).cumsum()
    variance = float(((X_test - pca.mean_) ** 2).sum(1).mean())
    left = variance - along[np.minimum(latent_dims, len(along)) - 1]
    return np.maximum(left, 0.0), variance  # rounding may make nothing a little less


def _mean_error(estimator: Any, X: Any) -> float:
    return float(estimator.reconstruction_error(X).astype(np.float64).mean())


def _checked(estimator: Any, latent_dims: Sequence[int], n_images: int) -> np.ndarray:
    """The lengths, ascending, each once."""
    if not (hasattr(estimator, "latent_dim") and hasattr(estimator, "reconstruction_error")):
        raise TypeError(
            f"got {type(estimator).__name__}, which has no latent_dim or no reconstruction_error; an Autoencoder, "
            "fitted or not, is needed"
        )
    dims = np.unique(np.asarray(latent_dims))
    if dims.size == 0 or dims.dtype.kind not in "iu" or dims[0] < 1:
        raise ValueError(f"latent_dims={latent_dims!r}; whole numbers from 1 on are needed, such as (2, 5, 32)")
    if n_images < 1:
        raise ValueError(f"n_images={n_images}; at least 1 is needed")
    return dims
