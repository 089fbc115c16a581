"""The Fréchet distance of two normal distributions, as the Fréchet inception distance has it, of any features."""

import numpy as np
from numpy.typing import ArrayLike

from rosenblatt.metrics.checks import pair_of_rows

_ROWS_AT_ONCE = 4096  # or four times as many as there are features


def frechet_distance(real: ArrayLike, generated: ArrayLike) -> float:
    """|m1 - m2|^2 + tr(C1 + C2 - 2 (C1 C2)^(1/2)) of the means m and covariances C of two sets of rows.

    It is the squared 2-Wasserstein distance of the two normal distributions with these moments.

    Parameters
    ----------
    real : array-like (n, n_features)
    generated : array-like (m, n_features)

    Returns
    -------
    float
        At least 0, in squared units of the features.

    Raises
    ------
    ValueError
        If there are fewer than 2 rows, or numbers that are not finite.

    Notes
    -----
    Biased upwards for few rows. Two sets of one normal distribution with d independent features of variance 1 do not
    have 0 but about (1/n + 1/m) (d + d (d + 1) / 4): 0.007 with 1,000 and 1,000 rows in 2 dimensions, 2.2 in 64.
    So compare only distances of as many rows, and with that of held-out real rows. `bootstrap_interval` tells what
    half the rows give; twice the distance less that has no bias of the order 1/n.

    With C = R'R, R the triangle of the QR decomposition of the centred rows, the trace of (C1 C2)^(1/2) is the sum of
    the singular values of R1 R2'. No covariance is formed, rooted or inverted, so singular ones do no harm.

    References
    ----------
    M. Heusel et al., "GANs trained by a two time-scale update rule converge to a local Nash equilibrium", NeurIPS 2017.
    M. J. Chong, D. Forsyth, "Effectively unbiased FID and Inception score and where to find them", CVPR 2020.

    Examples
    --------
    >>> import numpy as np
    >>> from rosenblatt.metrics import frechet_distance
    >>> rows = np.random.default_rng(0).normal(size=(400, 2))
    >>> round(frechet_distance(rows, rows + [3, 4]), 6)
    25.0
    """
    a, b = pair_of_rows("real", real, "generated", generated)
    shift = a.mean(axis=0) - b.mean(axis=0)
    root_a, root_b = _root_of_covariance(a), _root_of_covariance(b)
    overlap = np.linalg.svd(root_a @ root_b.T, compute_uv=False).sum()
    return float(shift @ shift + max((root_a**2).sum() + (root_b**2).sum() - 2 * overlap, 0.0))


def _root_of_covariance(rows: np.ndarray) -> np.ndarray:
    """R with R'R the covariance; a decomposition of all rows at once would hold several copies of them."""
    n_rows, n_features = rows.shape
    center, root = rows.mean(axis=0), np.empty((0, n_features))
    length = max(_ROWS_AT_ONCE, 4 * n_features)
    for start in range(0, n_rows, length):
        block = rows[start : start + length] - center
        root = np.linalg.qr(np.concatenate([root, block]), mode="r")
    return root / np.sqrt(n_rows - 1)
