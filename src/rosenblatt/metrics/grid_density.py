"""The density of samples in one or two dimensions: a fine histogram, smoothed as much as held-out samples like best."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, cast

import numpy as np
from numpy.typing import ArrayLike
from scipy.fft import dctn, idctn
from scipy.ndimage import map_coordinates


class Box(NamedTuple):
    """A box of equal cells.

    Attributes
    ----------
    low, high : ndarray (dimension,)
        Its corners.
    shape : tuple of int
        Cells along each axis.
    """

    low: np.ndarray
    high: np.ndarray
    shape: tuple[int, ...]

    @property
    def steps(self) -> np.ndarray:
        """Size of a cell along each axis."""
        return (self.high - self.low) / np.array(self.shape)

    @property
    def cell(self) -> float:
        """Volume of a cell."""
        return float(np.prod(self.steps))

    def centers(self) -> np.ndarray:
        """The middle of each cell (n_cells, dimension), the last axis first."""
        axes = [
            low + step * (np.arange(n) + 0.5) for low, step, n in zip(self.low, self.steps, self.shape, strict=True)
        ]
        return np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, len(self.shape))

    def positions(self, rows: np.ndarray) -> np.ndarray:
        """Where rows lie, in cells from the middle of the first (n, dimension)."""
        return (rows - self.low) / self.steps - 0.5


@dataclass(frozen=True, eq=False)
class GridDensity:
    """The density of samples inside a box.

    Attributes
    ----------
    box : Box
    masses : ndarray of the box's shape
        Probability of each cell; with ``outside`` they sum to 1.
    outside : float
        Probability of lying outside of the box.
    bandwidth : float
        h of the kernel 2 K(h) - K(2^(1/2) h), K(h) a normal distribution of that deviation; in units of the samples.
    n_samples : int
    """

    box: Box
    masses: np.ndarray
    outside: float
    bandwidth: float
    n_samples: int

    @classmethod
    def of(cls, rows: np.ndarray, box: Box) -> GridDensity:
        """The estimate from samples (n, dimension).

        The kernel is of fourth order, and its bandwidth that for which half the samples make the other half most
        likely, less by the factor that twice the samples allow, 2^(-1 / (8 + dimension)).
        """
        cells = np.rint(box.positions(rows)).astype(int)
        cells = cells[((cells >= 0) & (cells < box.shape)).all(axis=1)]
        inside = len(cells) / len(rows)
        if len(cells) < 2:
            return cls(box, np.full(box.shape, inside / np.prod(box.shape)), 1 - inside, 0.0, len(rows))
        bandwidth = _likeliest_bandwidth(cells, box) * 0.5 ** (1 / (8 + rows.shape[1]))
        masses = inside * _smoothed(_spectrum(cells, box), bandwidth, box)
        return cls(box, masses, 1 - inside, bandwidth, len(rows))

    def log_density(self, x: ArrayLike) -> np.ndarray:
        """The logarithm of the density at rows (n, dimension), linear between cells; at the edge's beyond the box.

        One more sample is spread evenly over the box, so that it is finite where no samples are.
        """
        positions = self.box.positions(np.asarray(x, np.float64).reshape(-1, len(self.box.shape)))
        masses = map_coordinates(self.masses, positions.T, order=1, mode="nearest")
        return np.log(_with_one_more(masses, self.n_samples, self.box) / self.box.cell)


def _with_one_more(masses: np.ndarray, n_samples: int, box: Box) -> np.ndarray:
    return (masses * n_samples + 1 / np.prod(box.shape)) / (n_samples + 1)


def _likeliest_bandwidth(cells: np.ndarray, box: Box) -> float:
    """Of bandwidths a factor of 2 apart the best, and then of those between it and its neighbours."""
    order = np.random.default_rng(0).permutation(len(cells))
    learning, held_out = np.array_split(cells[order], 2)
    spectrum = _spectrum(learning, box)

    def likelihood(bandwidth: float) -> float:
        masses = _smoothed(spectrum, bandwidth, box)[tuple(held_out.T)]
        return float(np.log(_with_one_more(masses, len(learning), box)).mean())

    smallest, largest = box.steps.min() / 2, (box.high - box.low).max() / 4
    coarse = smallest * 2.0 ** np.arange(np.ceil(np.log2(largest / smallest)) + 1)
    best = max(coarse.tolist(), key=likelihood)
    return max((best / 2**0.5, best, best * 2**0.5), key=likelihood)


def _spectrum(cells: np.ndarray, box: Box) -> np.ndarray:
    """The cosine transform of the histogram, which reflects at the edges, so that smoothing loses no mass there."""
    counts = np.bincount(np.ravel_multi_index(tuple(cells.T), box.shape), minlength=int(np.prod(box.shape)))
    return cast(np.ndarray, dctn(counts.reshape(box.shape) / len(cells), norm="ortho"))


def _smoothed(spectrum: np.ndarray, bandwidth: float, box: Box) -> np.ndarray:
    """The histogram convolved with 2 K(h) - K(2^(1/2) h), K normal: whose error is of the order h^4, not h^2."""
    decay = np.ones(())
    for n, step in zip(box.shape, box.steps, strict=True):
        decay = decay[..., None] * np.exp(-0.5 * (np.pi * np.arange(n) / n * bandwidth / step) ** 2)
    masses = cast(np.ndarray, idctn(spectrum * decay * (2 - decay), norm="ortho"))
    masses = np.maximum(masses, 0)  # that kernel has values below 0
    return masses / masses.sum()
