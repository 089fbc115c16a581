"""Sets drawn from mixtures of normal distributions, whose density `rosenblatt.data.density` knows.

The parameters of `load(name)` are each function's defaults, with random_state=0:

| set              | classes                            | parameters                                     |
| ---------------- | ---------------------------------- | ---------------------------------------------- |
| gaussian-mixture | 2 modes on the line, at -2 and 2   | 1,000 numbers, deviation 0.5                   |
| grid             | 25 modes of a 5 x 5 grid           | 1,000 points, spacing 2, deviation 0.05        |
| ring             | 8 modes on a circle                | 1,000 points, radius 2, deviation 0.02         |

``y`` is the mode. As in the toys, class sizes differ by at most one (from the shares, where there are some), and rows
are in random order; `MixtureDensity.sample` draws the mode of each row independently.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from rosenblatt.data.dataset import Dataset
from rosenblatt.data.densities import MixtureDensity
from rosenblatt.data.drawing import check_number, drawn


def gaussian_mixture(
    n_samples: int = 1000,
    centers: ArrayLike = (-2.0, 2.0),
    deviation: float | Sequence[float] = 0.5,
    weights: Sequence[float] | None = None,
    random_state: int | None = 0,
) -> Dataset:
    """Rows of a mixture of normal distributions; of one column by default.

    Parameters
    ----------
    n_samples : int, default=1000
        Number of rows, at least 1.
    centers : array-like (n_modes,) or (n_modes, n_features), default=(-2, 2)
        Means; numbers are one column.
    deviation : float or sequence of float, default=0.5
        Standard deviation in each direction, above 0, of all modes or of each.
    weights : sequence of float or None, default=None
        Shares of the modes; None is equal shares.
    random_state : int or None, default=0
        Seed of `numpy.random.default_rng`.

    Returns
    -------
    Dataset

    Raises
    ------
    ValueError
        If a parameter is out of its range.

    Examples
    --------
    >>> from rosenblatt.data import gaussian_mixture
    >>> gaussian_mixture(centers=[4.0], deviation=0.5).X.shape
    (1000, 1)
    """
    density = MixtureDensity(np.asarray(centers), np.asarray(deviation), None if weights is None else np.array(weights))
    return _draw("gaussian-mixture", density, n_samples, random_state)


def ring(
    n_samples: int = 1000,
    n_modes: int = 8,
    radius: float = 2.0,
    deviation: float = 0.02,
    random_state: int | None = 0,
) -> Dataset:
    """Narrow normal distributions on a circle, of which a generator in mode collapse finds but some.

    Parameters
    ----------
    n_samples : int, default=1000
        Number of points, at least 1; the literature trains on 100,000.
    n_modes : int, default=8
    radius : float, default=2.0
        Of the circle around the origin, on which mode k has the angle 2 pi k / n_modes.
    deviation : float, default=0.02
        Standard deviation of a mode in each direction, above 0.
    random_state : int or None, default=0
        Seed of `numpy.random.default_rng`.

    Returns
    -------
    Dataset

    Raises
    ------
    ValueError
        If a parameter is out of its range.

    References
    ----------
    L. Metz et al., "Unrolled generative adversarial networks", ICLR 2017.

    Examples
    --------
    >>> from rosenblatt.data import ring
    >>> ring(n_modes=4).target_names
    ('mode 0', 'mode 1', 'mode 2', 'mode 3')
    """
    return _draw("ring", MixtureDensity.ring(n_modes, radius, deviation), n_samples, random_state)


def grid(
    n_samples: int = 1000,
    n_side: int = 5,
    spacing: float = 2.0,
    deviation: float = 0.05,
    random_state: int | None = 0,
) -> Dataset:
    """Narrow normal distributions on a square grid around the origin.

    Parameters
    ----------
    n_samples : int, default=1000
        Number of points, at least 1; the literature trains on 100,000.
    n_side : int, default=5
        Modes along a side; n_side^2 in all, numbered along the second axis first.
    spacing : float, default=2.0
        Between neighbouring modes.
    deviation : float, default=0.05
        Standard deviation of a mode in each direction, above 0.
    random_state : int or None, default=0
        Seed of `numpy.random.default_rng`.

    Returns
    -------
    Dataset

    Raises
    ------
    ValueError
        If a parameter is out of its range.

    References
    ----------
    A. Srivastava et al., "VEEGAN: reducing mode collapse in GANs using implicit variational learning", NeurIPS 2017.

    Examples
    --------
    >>> from rosenblatt.data import grid
    >>> len(grid().target_names)
    25
    """
    return _draw("grid", MixtureDensity.grid(n_side, spacing, deviation), n_samples, random_state)


def _draw(name: str, density: MixtureDensity, n_samples: int, random_state: int | None) -> Dataset:
    check_number(name, n_samples, 1)
    generator = np.random.default_rng(random_state)
    assert density.weights is not None
    ends = np.floor(n_samples * np.cumsum(density.weights) + 0.5).astype(int)
    ends[-1] = n_samples
    y = generator.permutation(np.repeat(np.arange(len(ends)), np.diff(ends, prepend=0)))
    return drawn(name, density.around(y, generator), y, tuple(f"mode {k}" for k in range(len(ends))))
