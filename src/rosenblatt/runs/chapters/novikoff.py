"""Novikoff's bound on a perceptron's mistakes (A. B. J. Novikoff, "On convergence proofs on perceptrons", 1962)."""

import math
from typing import NamedTuple

import numpy as np
from scipy.optimize import nnls


class Novikoff(NamedTuple):
    """What the theorem says of rows that a plane separates: at most (R/γ)² mistakes, in whatever order they come.

    Attributes
    ----------
    radius : float
        R, the length of the longest row [1, x].
    margin : float
        γ, how far the nearest row [1, x] stays from the best plane; 0 where no plane separates.
    plane : ndarray (1 + n_features,)
        [b, w] of the best plane, of length 1; zeros where there is none.
    """

    radius: float
    margin: float
    plane: np.ndarray

    @property
    def bound(self) -> float:
        """(R/γ)², infinite where no plane separates."""
        return (self.radius / self.margin) ** 2 if self.margin else math.inf


def novikoff(X: np.ndarray, signs: np.ndarray) -> Novikoff:
    """The bound for a set of rows.

    The best plane has the direction of the shortest v with Z v >= 1, for the rows Z = signs · [1, X], and γ = 1 / |v|.
    This *least distance* problem is one of non-negative least squares: of u >= 0 with Zᵀu nearest to 0 and sum u
    nearest to 1, whose residual is v up to a factor, or 0 where there is no v (C. L. Lawson, R. J. Hanson, "Solving
    Least Squares Problems", 1974, chapter 23).

    Parameters
    ----------
    X : ndarray (n_rows, n_features)
    signs : ndarray (n_rows,) of 1 and -1

    Returns
    -------
    Novikoff
    """
    Z = signs[:, None] * np.column_stack([np.ones(len(X)), X]).astype(np.float64)
    radius = float(np.linalg.norm(Z, axis=1).max())
    target = np.append(np.zeros(Z.shape[1]), 1.0)
    system = np.vstack([Z.T, np.ones(len(Z))])
    multipliers, distance = nnls(system, target)
    if distance < 1e-9:
        return Novikoff(radius, 0.0, np.zeros(Z.shape[1]))
    residual = system @ multipliers - target
    v = -residual[:-1] / residual[-1]
    length = float(np.linalg.norm(v))
    return Novikoff(radius, 1 / length, v / length)
