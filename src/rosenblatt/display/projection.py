"""Codes on as many axes as can be drawn: the latents themselves, or their principal components."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

_MOST_AXES = 3


class Projection(NamedTuple):
    """Coordinates (n_samples, n_axes), what each axis is, and its share of the variance where axes are components."""

    coordinates: np.ndarray
    axis_names: list[str]
    variance_shares: np.ndarray | None


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
        return Projection(codes, latent_names(n_axes), None)
    if n_rows < n_axes:
        raise ValueError(f"X has {n_rows} row; a map of {n_axes} principal components needs at least {n_axes} rows")
    coordinates, shares = _principal_components(codes, n_axes)
    names = [f"PCA {number + 1} of {n_latents} latents ({share:.0%})" for number, share in enumerate(shares)]
    return Projection(coordinates, names, shares)


def _principal_components(codes: np.ndarray, n_axes: int) -> tuple[np.ndarray, np.ndarray]:
    """The first components, and their shares of the variance; 0 where codes do not vary."""
    from sklearn.decomposition import PCA

    with np.errstate(invalid="ignore"):  # scikit-learn divides 0 by 0 where codes do not vary
        pca = PCA(n_axes, svd_solver="full").fit(codes)
    return pca.transform(codes), np.nan_to_num(pca.explained_variance_ratio_)
