"""What reconstructions lack: variance, and sharpness."""

import numpy as np
from numpy.typing import ArrayLike


def unexplained(X: ArrayLike, reconstructions: ArrayLike) -> float:
    """The squared error in parts of the variance of X: 0 where nothing is lost, 1 for the mean row, more is worse.

    Parameters
    ----------
    X, reconstructions : array-like (n_samples, n_features)
    """
    X, made = np.asarray(X, np.float64), np.asarray(reconstructions, np.float64)
    error, variance = ((X - made) ** 2).sum(), ((X - X.mean(axis=0)) ** 2).sum()
    if variance == 0:
        return float(np.inf if error else 0.0)
    return float(error / variance)


def unexplained_by_pca(X: ArrayLike, n_components: int) -> float:
    """The same of the best linear reconstruction of X from so many numbers a row: what PCA leaves of the variance.

    Parameters
    ----------
    X : array-like (n_samples, n_features)
    n_components : int
    """
    X = np.asarray(X, np.float64)
    centred = X - X.mean(axis=0)
    variances = np.linalg.eigvalsh(centred.T @ centred if X.shape[1] <= len(X) else centred @ centred.T)
    return float(max(variances[: max(len(variances) - n_components, 0)].sum() / variances.sum(), 0.0))


def blur(images: ArrayLike, reconstructions: ArrayLike) -> float:
    """The part of the differences between neighbouring pixels that reconstructions lack.

    1 - sum (differences of reconstructions)^2 / sum (those of images)^2: 0 where edges are as sharp, 1 where there are
    none, negative where reconstructions have more of them, as noise is. The squared gradient is a measure of
    sharpness of optics (Krotkov 1988). NaN for images that are flat themselves.

    Parameters
    ----------
    images, reconstructions : array-like (n_samples, height, width, channels) or signals (n_samples, length, channels)

    References
    ----------
    E. Krotkov, "Focusing", International Journal of Computer Vision 1, 1988.
    """
    sharpness = _gradient_energy(images)
    return 1 - _gradient_energy(reconstructions) / sharpness if sharpness else float("nan")


def _gradient_energy(images: ArrayLike) -> float:
    images = np.asarray(images, np.float64)
    return sum(float((np.diff(images, axis=axis) ** 2).sum()) for axis in range(1, images.ndim - 1))
