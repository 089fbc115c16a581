"""Points with the distances between them, computed once, also for the many subsets that are resampled."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from rosenblatt.metrics.distances import distances

_KEPT = (
    8  # neighbours for each one asked for: of 40 that are kept, half the points have fewer than 5 once in 10^7 times
)
_TIES = 1 + 1e-9  # a distance that equals a radius but for rounding is within it


class Points:
    """Points of one set; those of a subset look up what is known of all.

    Parameters
    ----------
    name : str
        What errors call the set.
    rows : ndarray (n, n_features)
    """

    def __init__(self, name: str, rows: np.ndarray) -> None:
        self.name = name
        self.rows = rows
        self.members = np.arange(len(rows))
        self._whole: Points | None = None
        self._radii: dict[int, np.ndarray] = {}
        self._nearest: dict[int, tuple[np.ndarray, np.ndarray]] = {}

    def __len__(self) -> int:
        return len(self.rows)

    def subset(self, members: np.ndarray) -> Points:
        """The points of these numbers, each at most once."""
        part = Points(self.name, self.rows[members])
        part.members, part._whole = members, self
        return part

    @cached_property
    def within(self) -> np.ndarray:
        """The distances of the points from each other (n, n)."""
        if self._whole is not None:
            return self._whole.within[self.members][:, self.members]
        within = distances(self.rows, self.rows)
        np.fill_diagonal(within, 0)
        return within

    def radii(self, k: int) -> np.ndarray:
        """The distance of each point from its k-th nearest other point (n,), rounded up."""
        if not 1 <= k < len(self):
            raise ValueError(
                f"k={k} with {len(self)} {self.name} rows; k must be at least 1 and less than the number of rows"
            )
        if self._whole is not None:
            return self._whole._radii_among(self.members, k) * _TIES
        if k not in self._radii:
            self._radii[k] = np.partition(self.within, k, axis=1)[:, k] * _TIES
        return self._radii[k]

    def _radii_among(self, members: np.ndarray, k: int) -> np.ndarray:
        """The radii of a subset, read off the nearest of all points; those that these do not tell are computed."""
        nearest, far = self._nearest_others(k)
        is_member = np.zeros(len(self), bool)
        is_member[members] = True
        found = is_member[nearest[members]].cumsum(axis=1)
        radii = far[members, (found >= k).argmax(axis=1)]
        few = members[found[:, -1] < k]
        if len(few):
            radii[found[:, -1] < k] = np.partition(self.within[few][:, members], k, axis=1)[:, k]
        return radii

    def _nearest_others(self, k: int) -> tuple[np.ndarray, np.ndarray]:
        """The nearest other points of each, the nearest first, and their distances (n, 8 k)."""
        if k not in self._nearest:
            others = self.within.copy()
            np.fill_diagonal(others, np.inf)
            n_kept = min(_KEPT * k, len(self) - 1)
            nearest = np.argpartition(others, n_kept - 1, axis=1)[:, :n_kept]
            far = np.take_along_axis(others, nearest, axis=1)
            order = far.argsort(axis=1)
            self._nearest[k] = np.take_along_axis(nearest, order, axis=1), np.take_along_axis(far, order, axis=1)
        return self._nearest[k]
