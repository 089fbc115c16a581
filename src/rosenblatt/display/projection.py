"""Codes on as many axes as can be drawn: the latents themselves, or their principal components."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

_MOST_AXES = 3


class Projection(NamedTuple):
    """Codes on axes.

    Attributes
    ----------
    coordinates : ndarray (n_samples, n_axes)
    axis_names : list of str
    variance_shares : ndarray (n_axes,) or None
        Of each axis, where axes are principal components.
    directions : ndarray (n_axes, n_latents)
        Of length 1 and orthogonal: coordinates are ``origin + codes @ directions.T``.
    origin : ndarray (n_axes,)
        Where the code 0 is.
    """

    coordinates: np.ndarray
    axis_names: list[str]
    variance_shares: np.ndarray | None
    directions: np.ndarray
    origin: np.ndarray

    def covariances(self, deviations: np.ndarray) -> np.ndarray:
        """Of Gaussians with independent latents of these deviations (n, n_latents), on the axes (n, n_axes, n_axes)."""
        return np.einsum("ai,ni,bi->nab", self.directions, deviations**2, self.directions)


def latent_names(n_axes: int) -> list[str]:
    return [f"latent {number + 1}" for number in range(n_axes)]


def project(codes: np.ndarray, n_axes: int | None) -> Projection:
    """Codes (n_samples, n_latents) on 1 to 3 axes; None is all latents up to 3, otherwise 2 principal components.

    Raises
    ------
    ValueError
        If there are not so many latents, or too few rows for components.
    """
    n_rows, n_latents = codes.shape
    most = min(n_latents, _MOST_AXES)
    if n_axes is None:
        return project(codes, most if most == n_latents else 2)
    if n_axes not in range(1, most + 1):
        raise ValueError(f"n_axes={n_axes!r}; codes of {n_latents} numbers can be drawn on 1 to {most} axes")
    if n_axes == n_latents:
        return Projection(codes, latent_names(n_axes), None, np.eye(n_axes), np.zeros(n_axes))
    if n_rows < n_axes:
        raise ValueError(f"X has {n_rows} row; a map of {n_axes} principal components needs at least {n_axes} rows")
    return _principal_components(codes, n_axes)


def _principal_components(codes: np.ndarray, n_axes: int) -> Projection:
    """The first components; their shares of the variance are 0 where codes do not vary."""
    from sklearn.decomposition import PCA

    with np.errstate(invalid="ignore"):  # scikit-learn divides 0 by 0 where codes do not vary
        pca: Any = PCA(n_axes, svd_solver="full").fit(codes)
    shares = np.nan_to_num(pca.explained_variance_ratio_)
    names = [f"PCA {number + 1} of {codes.shape[1]} latents ({share:.0%})" for number, share in enumerate(shares)]
    origin = pca.transform(np.zeros((1, codes.shape[1])))[0]
    return Projection(pca.transform(codes), names, shares, pca.components_, origin)
