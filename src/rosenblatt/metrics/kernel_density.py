"""The density that points were drawn from, estimated by a Gaussian bump around each."""

import numpy as np
from numpy.typing import ArrayLike

from rosenblatt.metrics.distances import distances

_BANDWIDTHS = np.geomspace(0.01, 1.0, 13)  # in standard deviations of the points
_AT_ONCE = 1024  # places; bounds the memory


def log_kernel_density(points: ArrayLike, places: ArrayLike) -> np.ndarray:
    """log q at some places, of the density q that points come from.

    All bumps are as wide, in each column in parts of its standard deviation; how wide, is chosen so that each point is
    most likely under the bumps of the others, which keeps clouds apart that are small against their distances.

    Parameters
    ----------
    points : array-like (n, n_features)
        At least 2.
    places : array-like (m, n_features)

    Returns
    -------
    ndarray (m,)

    Raises
    ------
    ValueError
        If these are not rows of as many numbers, or less than 2 points.

    Notes
    -----
    For points in a few dimensions: in more, all places are far from all points. A column in which the points are all
    the same is taken to have the standard deviation 1e-3 of its size.

    References
    ----------
    B. W. Silverman, "Density Estimation for Statistics and Data Analysis", 1986, section 3.4.4 (likelihood
    cross-validation).

    Examples
    --------
    >>> import numpy as np
    >>> from rosenblatt.metrics import log_kernel_density
    >>> points = np.random.default_rng(0).normal(size=(2000, 1))
    >>> np.exp(log_kernel_density(points, [[0.0], [2.0]])).round(1)  # of a normal: 0.40 and 0.05
    array([0.4, 0.1])
    """
    points, places = np.asarray(points, np.float64), np.asarray(places, np.float64)
    if points.ndim != 2 or places.ndim != 2 or points.shape[1] != places.shape[1] or len(points) < 2:
        raise ValueError(
            f"points have shape {points.shape} and places {places.shape}; both must be rows of as many numbers, at "
            "least 2 points"
        )
    deviations = points.std(axis=0)
    scale = np.where(deviations > 0, deviations, 1e-3 * np.maximum(abs(points).max(axis=0), 1e-3))
    bumps = points / scale
    width = _likeliest(bumps)
    parts = [
        _log_mean(distances(places[start : start + _AT_ONCE] / scale, bumps) ** 2, width, points.shape[1])
        for start in range(0, len(places), _AT_ONCE)
    ]
    return np.concatenate(parts) - np.log(scale).sum()


def _likeliest(bumps: np.ndarray) -> float:
    """The bandwidth with the largest likelihood of each point under the others."""
    squares = distances(bumps, bumps) ** 2
    np.fill_diagonal(squares, np.inf)
    likelihoods = [_log_mean(squares, width, bumps.shape[1]).mean() for width in _BANDWIDTHS]
    return float(_BANDWIDTHS[int(np.argmax(likelihoods))])


def _log_mean(squares: np.ndarray, width: float, n_dimensions: int) -> np.ndarray:
    """log of the mean bump of that width at these squared distances (m, n); a bump at infinity is none."""
    exponents = -0.5 * squares / width**2
    largest = exponents.max(axis=1)
    n_bumps = np.isfinite(squares).sum(axis=1)
    total = np.log(np.exp(exponents - largest[:, None]).sum(axis=1)) + largest
    return total - np.log(n_bumps) - 0.5 * n_dimensions * np.log(2 * np.pi * width**2)
