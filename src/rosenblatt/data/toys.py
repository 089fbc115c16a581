"""Points in the plane with two coordinates and a class, drawn from a seed: the same seed gives the same points.

The parameters of `load(name)` are each function's defaults, with random_state=0:

| set     | drawn by     | classes                     | parameters                             |
| ------- | ------------ | --------------------------- | -------------------------------------- |
| blobs   | scikit-learn | 3 clouds                    | 1,000 points, noise 1                  |
| circles | scikit-learn | 0 outer, 1 inner            | 1,000 points, noise 0.05, factor 0.5   |
| moons   | scikit-learn | 0 upper, 1 lower            | 1,000 points, noise 0.1                |
| spirals | NumPy        | 2 arms                      | 1,000 points, noise 0.02, 1.25 turns   |
| xor     | NumPy        | 0 same signs, 1 other signs | 1,000 points, noise 0.05               |

Sets whose density is known are in `rosenblatt.data.mixtures`; `rosenblatt.data.density` has that of spirals too.
``X`` is float32 and ``y`` int64. Class sizes differ by at most one, and rows are in random order.
"""

import numpy as np

from rosenblatt.data.dataset import Dataset
from rosenblatt.data.densities import on_spiral
from rosenblatt.data.drawing import check_number, drawn


def blobs(n_samples: int = 1000, n_classes: int = 3, noise: float = 1.0, random_state: int | None = 0) -> Dataset:
    """Round clouds whose centres lie evenly on a circle of radius 5 around the origin (`sklearn.datasets.make_blobs`).

    Parameters
    ----------
    n_samples : int, default=1000
        Number of points, at least ``n_classes``.
    n_classes : int, default=3
        Number of clouds, at least 1. Cloud k has its centre at the angle 2 pi k / n_classes.
    noise : float, default=1.0
        Standard deviation of a cloud in each direction, at least 0. At 1 with 2 or 3 clouds no two overlap much.
    random_state : int or None, default=0
        Seed.

    Returns
    -------
    Dataset

    Raises
    ------
    ValueError
        If ``n_samples``, ``n_classes`` or ``noise`` is out of range.

    Examples
    --------
    >>> from rosenblatt.data import blobs
    >>> blobs(n_classes=2).X.shape
    (1000, 2)
    """
    from sklearn.datasets import make_blobs

    _check("blobs", n_samples, n_classes, noise)
    angles = 2 * np.pi * np.arange(n_classes) / n_classes
    centers = 5 * np.column_stack([np.cos(angles), np.sin(angles)])
    X, y = make_blobs(n_samples, centers=centers, cluster_std=noise, random_state=random_state)[:2]
    return drawn("blobs", X, y, tuple(f"cloud {k}" for k in range(n_classes)))


def circles(n_samples: int = 1000, noise: float = 0.05, factor: float = 0.5, random_state: int | None = 0) -> Dataset:
    """Two circles around the origin, the outer of radius 1 (`sklearn.datasets.make_circles`).

    Parameters
    ----------
    n_samples : int, default=1000
        Number of points, at least 2.
    noise : float, default=0.05
        Standard deviation of the noise added to each coordinate, at least 0.
    factor : float, default=0.5
        Radius of the inner circle, at least 0 and less than 1.
    random_state : int or None, default=0
        Seed.

    Returns
    -------
    Dataset

    Raises
    ------
    ValueError
        If ``n_samples``, ``noise`` or ``factor`` is out of range.

    Examples
    --------
    >>> from rosenblatt.data import circles
    >>> circles(200).X.shape
    (200, 2)
    """
    from sklearn.datasets import make_circles

    _check("circles", n_samples, 2, noise)
    if not 0 <= factor < 1:
        raise ValueError(f"circles: factor={factor!r}; the inner radius must be at least 0 and less than 1.")
    X, y = make_circles(n_samples, noise=noise, factor=factor, random_state=random_state)
    return drawn("circles", X, y, ("outer", "inner"))


def moons(n_samples: int = 1000, noise: float = 0.1, random_state: int | None = 0) -> Dataset:
    """Two half moons of radius 1 that reach into each other (`sklearn.datasets.make_moons`).

    Parameters
    ----------
    n_samples : int, default=1000
        Number of points, at least 2.
    noise : float, default=0.1
        Standard deviation of the noise added to each coordinate, at least 0.
    random_state : int or None, default=0
        Seed.

    Returns
    -------
    Dataset

    Raises
    ------
    ValueError
        If ``n_samples`` or ``noise`` is out of range.

    Examples
    --------
    >>> from rosenblatt.data import moons
    >>> moons(200, noise=0.2).X.shape
    (200, 2)
    """
    from sklearn.datasets import make_moons

    _check("moons", n_samples, 2, noise)
    X, y = make_moons(n_samples, noise=noise, random_state=random_state)
    return drawn("moons", X, y, ("upper", "lower"))


def spirals(
    n_samples: int = 1000,
    n_classes: int = 2,
    turns: float = 1.25,
    noise: float = 0.02,
    random_state: int | None = 0,
) -> Dataset:
    """Arms of an Archimedean spiral of radius 1.

    A point of arm k at radius r lies at the angle 2 pi (turns r + k / n_classes). r is the square root of a uniform
    number, which spreads the points evenly along the arm.

    Parameters
    ----------
    n_samples : int, default=1000
        Number of points, at least ``n_classes``.
    n_classes : int, default=2
        Number of arms, at least 1.
    turns : float, default=1.25
        How often an arm winds around the origin; negative winds clockwise.
    noise : float, default=0.02
        Standard deviation of the noise added to each coordinate, at least 0. Neighbouring arms lie
        1 / (turns n_classes) apart, 0.4 by default.
    random_state : int or None, default=0
        Seed of `numpy.random.default_rng`.

    Returns
    -------
    Dataset

    Raises
    ------
    ValueError
        If ``n_samples``, ``n_classes`` or ``noise`` is out of range.

    Examples
    --------
    >>> from rosenblatt.data import spirals
    >>> spirals(n_classes=3).X.shape
    (1000, 2)
    """
    _check("spirals", n_samples, n_classes, noise)
    generator = np.random.default_rng(random_state)
    y = generator.permutation(np.arange(n_samples) % n_classes)
    radius = np.sqrt(generator.uniform(size=n_samples))
    X = on_spiral(radius, y, n_classes, turns)
    X += generator.normal(scale=noise, size=X.shape)
    return drawn("spirals", X, y, tuple(f"arm {k}" for k in range(n_classes)))


def xor(n_samples: int = 1000, noise: float = 0.05, random_state: int | None = 0) -> Dataset:
    """Points of the square [-1, 1] x [-1, 1], of class 1 where the signs of the two coordinates differ.

    The four quadrants hold equally many points (to within one), uniform in each. The label is that of the point
    before the noise, so noise makes the classes overlap along the axes.

    Parameters
    ----------
    n_samples : int, default=1000
        Number of points, at least 4.
    noise : float, default=0.05
        Standard deviation of the noise added to each coordinate, at least 0.
    random_state : int or None, default=0
        Seed of `numpy.random.default_rng`.

    Returns
    -------
    Dataset

    Raises
    ------
    ValueError
        If ``n_samples`` or ``noise`` is out of range.

    Examples
    --------
    >>> from rosenblatt.data import xor
    >>> xor(n_samples=400).X.shape
    (400, 2)
    """
    _check("xor", n_samples, 4, noise)
    generator = np.random.default_rng(random_state)
    quadrant = generator.permutation(np.arange(n_samples) % 4)
    signs = np.array([[1, 1], [1, -1], [-1, -1], [-1, 1]])[quadrant]
    X = signs * generator.uniform(size=(n_samples, 2)) + generator.normal(scale=noise, size=(n_samples, 2))
    return drawn("xor", X, quadrant % 2, ("same signs", "other signs"))


def _check(name: str, n_samples: int, n_least: int, noise: float) -> None:
    if n_least < 1:
        raise ValueError(f"{name}: n_classes={n_least!r}; at least 1 class is needed.")
    check_number(name, n_samples, n_least)
    if not 0 <= noise < np.inf:
        raise ValueError(f"{name}: noise={noise!r}; a standard deviation, 0 or more, is needed.")
