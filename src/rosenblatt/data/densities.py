"""Distributions whose density is known, so that what a model learned of them can be held against the truth.

| density          | what it is                                                  | source                          |
| ---------------- | ----------------------------------------------------------- | ------------------------------- |
| gaussian-mixture | 2 on the line, at -2 and 2, deviation 0.5                   |                                 |
| ring             | 8 on a circle of radius 2, deviation 0.02                   | Metz et al. 2017 (unrolled GAN) |
| grid             | 25 at {-4, -2, 0, 2, 4} x {-4, -2, 0, 2, 4}, deviation 0.05 | Srivastava et al. 2017 (VEEGAN) |
| spirals          | 2 arms with normal noise, deviation 0.02                    | `rosenblatt.data.spirals`       |

VEEGAN's and PacGAN's ring (Lin et al. 2018) has radius 1 and deviation 0.01: the same in half the unit.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike

from rosenblatt.data.wording import listed

_AT_ONCE = 2**21  # pairs of points and centres; bounds the memory
_NODES = 8  # of Gauss and Legendre on each piece of an arm, 2 deviations long


@dataclass(frozen=True, eq=False)
class MixtureDensity:
    """A mixture of normal distributions, each round.

    Parameters
    ----------
    centers : array-like (n_modes,) or (n_modes, dimension)
        Means; a list of numbers is one dimension.
    deviation : float or array-like (n_modes,)
        Standard deviation in each direction, above 0, of all or of each.
    weights : array-like (n_modes,) or None, default=None
        Shares, at least 0; they are divided by their sum. None is equal shares.

    Raises
    ------
    ValueError
        If the shapes do not fit, or a number is out of its range.

    Examples
    --------
    >>> from rosenblatt.data import MixtureDensity
    >>> MixtureDensity(centers=[0.0], deviation=1.0).log_density([[0.0]]).round(4)
    array([-0.9189])
    >>> MixtureDensity.ring().sample(5).shape
    (5, 2)
    """

    centers: np.ndarray
    deviation: float | np.ndarray = 0.5
    weights: np.ndarray | None = None

    def __post_init__(self) -> None:
        centers = np.asarray(self.centers, np.float64)
        centers = centers[:, None] if centers.ndim == 1 else centers
        if centers.ndim != 2 or not centers.size or not np.isfinite(centers).all():
            raise ValueError(f"centers={self.centers!r}; one finite row (or number) a mode is needed")
        deviation = np.asarray(self.deviation, np.float64)
        if deviation.shape not in ((), (len(centers),)) or not ((deviation > 0) & (deviation < np.inf)).all():
            raise ValueError(
                f"deviation={self.deviation!r}; a number above 0, or one for each of {len(centers)} modes, is needed"
            )
        weights = np.ones(len(centers)) if self.weights is None else np.asarray(self.weights, np.float64)
        if weights.shape != (len(centers),) or not (weights >= 0).all() or not 0 < weights.sum() < np.inf:
            raise ValueError(
                f"weights={self.weights!r}; one share, 0 or more, for each of {len(centers)} modes is needed"
            )
        object.__setattr__(self, "centers", centers)
        object.__setattr__(self, "deviation", float(deviation) if deviation.ndim == 0 else deviation)
        object.__setattr__(self, "weights", weights / weights.sum())

    @classmethod
    def ring(cls, n_modes: int = 8, radius: float = 2.0, deviation: float = 0.02) -> MixtureDensity:
        """Equal modes evenly on a circle around the origin, the first at the angle 0."""
        if n_modes < 1:
            raise ValueError(f"n_modes={n_modes!r}; at least 1 is needed")
        angles = 2 * np.pi * np.arange(n_modes) / n_modes
        return cls(radius * np.column_stack([np.cos(angles), np.sin(angles)]), deviation)

    @classmethod
    def grid(cls, n_side: int = 5, spacing: float = 2.0, deviation: float = 0.05) -> MixtureDensity:
        """Equal modes at the n_side^2 points of a square grid around the origin."""
        if n_side < 1:
            raise ValueError(f"n_side={n_side!r}; at least 1 is needed")
        ticks = spacing * (np.arange(n_side) - (n_side - 1) / 2)
        return cls(np.stack(np.meshgrid(ticks, ticks, indexing="ij"), axis=-1).reshape(-1, 2), deviation)

    @property
    def dimension(self) -> int:
        """Number of features."""
        return self.centers.shape[1]

    def sample(self, n_samples: int, random_state: int | None = 0) -> np.ndarray:
        """Independent rows (n_samples, dimension)."""
        generator = np.random.default_rng(random_state)
        mode = generator.choice(len(self.centers), size=n_samples, p=self.weights)
        return self.around(mode, generator)

    def around(self, mode: np.ndarray, generator: np.random.Generator) -> np.ndarray:
        """A row of each of these modes, given by their numbers (n, dimension)."""
        deviations = np.broadcast_to(self.deviation, len(self.centers))
        return self.centers[mode] + deviations[mode, None] * generator.normal(size=(len(mode), self.dimension))

    def log_density(self, x: ArrayLike) -> np.ndarray:
        """The logarithm of the density, natural, at rows (n, dimension), or at numbers (n,) in one dimension."""
        rows = _rows(x, self.dimension)
        n_at_once = max(1, _AT_ONCE // len(self.centers))
        parts = [self._log_density(rows[start : start + n_at_once]) for start in range(0, len(rows), n_at_once)]
        return np.concatenate(parts) if parts else np.zeros(0)

    def _log_density(self, rows: np.ndarray) -> np.ndarray:
        from scipy.spatial.distance import cdist

        exponents = cdist(rows, self.centers, "sqeuclidean")
        exponents /= -2 * np.square(self.deviation)
        exponents += self._log_scales
        largest = exponents.max(axis=1)
        exponents -= largest[:, None]
        return largest + np.log(np.exp(exponents, out=exponents).sum(axis=1))

    @cached_property
    def _log_scales(self) -> np.ndarray:
        assert self.weights is not None
        with np.errstate(divide="ignore"):  # a weight of 0 is -inf
            return np.log(self.weights) - self.dimension * np.log(np.sqrt(2 * np.pi) * np.asarray(self.deviation))


@dataclass(frozen=True, eq=False)
class SpiralDensity:
    """The distribution that `rosenblatt.data.spirals` draws from: arms with normal noise.

    The density is an integral over the radius, of normal distributions around the points of the arms; it is computed
    by the quadrature of Gauss and Legendre on pieces of 2 deviations; its logarithm is exact to 1e-9.

    Parameters
    ----------
    n_classes : int, default=2
    turns : float, default=1.25
        See `rosenblatt.data.spirals`.
    deviation : float, default=0.02
        Of the noise, above 0.

    Raises
    ------
    ValueError
        If ``n_classes`` or ``deviation`` is out of its range.
    """

    n_classes: int = 2
    turns: float = 1.25
    deviation: float = 0.02

    def __post_init__(self) -> None:
        if self.n_classes < 1:
            raise ValueError(f"n_classes={self.n_classes!r}; at least 1 arm is needed")
        if not 0 < self.deviation < np.inf:
            raise ValueError(f"deviation={self.deviation!r}; a number above 0 is needed")

    @property
    def dimension(self) -> int:
        """Number of features: 2."""
        return 2

    @cached_property
    def centers(self) -> np.ndarray:
        """Points along the arms about one deviation apart (n, 2): what lies near none of them lies near no arm."""
        return self._on_all_arms(self._radii(1.0))

    def sample(self, n_samples: int, random_state: int | None = 0) -> np.ndarray:
        """Independent rows (n_samples, 2)."""
        generator = np.random.default_rng(random_state)
        arm = generator.integers(self.n_classes, size=n_samples)
        points = on_spiral(np.sqrt(generator.uniform(size=n_samples)), arm, self.n_classes, self.turns)
        return points + generator.normal(scale=self.deviation, size=points.shape)

    def log_density(self, x: ArrayLike) -> np.ndarray:
        """The logarithm of the density, natural, at rows (n, 2)."""
        return self._quadrature.log_density(x)

    @cached_property
    def _quadrature(self) -> MixtureDensity:
        nodes, weights = np.polynomial.legendre.leggauss(_NODES)
        edges = self._radii(2.0)
        half = np.diff(edges)[:, None] / 2
        radius = (edges[:-1, None] + half * (1 + nodes)).ravel()
        masses = 2 * radius * (half * weights).ravel()  # the density of the radius is 2 r
        return MixtureDensity(self._on_all_arms(radius), self.deviation, np.tile(masses, self.n_classes))

    def _radii(self, n_deviations: float) -> np.ndarray:
        """Radii from 0 to 1 that cut an arm into equal pieces, at most so many deviations long."""
        fine = np.linspace(0, 1, 2001)
        length = np.append(0, np.cumsum(np.hypot(*np.diff(on_spiral(fine, 0, 1, self.turns), axis=0).T)))
        n_pieces = int(np.ceil(length[-1] / (n_deviations * self.deviation)))
        return np.interp(np.linspace(0, length[-1], n_pieces + 1), length, fine)

    def _on_all_arms(self, radius: np.ndarray) -> np.ndarray:
        return np.concatenate([on_spiral(radius, arm, self.n_classes, self.turns) for arm in range(self.n_classes)])


def on_spiral(radius: np.ndarray, arm: int | np.ndarray, n_arms: int, turns: float) -> np.ndarray:
    """Points of arms at radii from 0 to 1 (n, 2): the angle is 2 pi (turns radius + arm / n_arms)."""
    angle = 2 * np.pi * (turns * radius + arm / n_arms)
    return radius[:, None] * np.column_stack([np.cos(angle), np.sin(angle)])


_DENSITIES: dict[str, Callable[[], MixtureDensity | SpiralDensity]] = {
    "gaussian-mixture": lambda: MixtureDensity(np.array([-2.0, 2.0]), 0.5),
    "grid": MixtureDensity.grid,
    "ring": MixtureDensity.ring,
    "spirals": SpiralDensity,
}


def density(name: str) -> MixtureDensity | SpiralDensity:
    """The density that the built-in set of that name is drawn from.

    Parameters
    ----------
    name : {"gaussian-mixture", "grid", "ring", "spirals"}
        For other parameters than the set's own make a `MixtureDensity` or a `SpiralDensity`.

    Returns
    -------
    MixtureDensity or SpiralDensity

    Raises
    ------
    ValueError
        If it is not known for that set.

    Examples
    --------
    >>> from rosenblatt.data import density
    >>> density("grid").centers.shape
    (25, 2)
    """
    if name not in _DENSITIES:
        raise ValueError(
            f"The density of {name!r} is not known; known are those of {listed(sorted(_DENSITIES), limit=9)}."
        )
    return _DENSITIES[name]()


def _rows(x: ArrayLike, dimension: int) -> np.ndarray:
    rows = np.asarray(x, np.float64)
    rows = rows[:, None] if rows.ndim == 1 and dimension == 1 else rows
    if rows.ndim != 2 or rows.shape[1] != dimension:
        raise ValueError(f"x has shape {np.shape(x)}; rows of {dimension} numbers are needed, (n, {dimension})")
    return rows
