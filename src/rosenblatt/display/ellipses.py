"""Gaussians in a plane: an ellipse around each mean, and circles around that of a standard normal prior."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from rosenblatt.display.canvas import Color, page_color, text_color, tint

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_N_CORNERS = 60
_OPACITY = (0.12, 0.7)  # of an ellipse, and of its edge
_PRIOR_RADII = (1.0, 2.0)  # standard deviations


def outlines(centers: np.ndarray, covariances: np.ndarray) -> np.ndarray:
    """Where each Gaussian is one standard deviation from its center, polygons (n, n_corners, 2)."""
    angles = np.linspace(0, 2 * np.pi, _N_CORNERS, endpoint=False)
    variances, axes = np.linalg.eigh(covariances)
    roots = axes * np.sqrt(variances.clip(0))[:, None, :]  # root root' = covariance
    return centers[:, None] + np.stack([np.cos(angles), np.sin(angles)], axis=1) @ roots.swapaxes(1, 2)


def draw_ellipses(ax: Axes, centers: np.ndarray, covariances: np.ndarray, colors: Sequence[Color]) -> Any:
    """Draws ellipses of one standard deviation around centers (n, 2), and returns their collection."""
    from matplotlib.collections import PolyCollection

    inside, edge = ([(*color, opacity) for color in colors] for opacity in _OPACITY)
    style = {"facecolors": inside, "edgecolors": edge, "linewidths": 0.8, "zorder": 0.9}
    return ax.add_collection(PolyCollection(list(outlines(centers, covariances)), **style))


def draw_prior(ax: Axes, center: np.ndarray) -> list[Any]:
    """Draws circles of 1 and 2 standard deviations of N(center, I), and returns their lines."""
    color = tint(page_color(ax), text_color(), 0.6)
    style = {"color": color, "linewidth": 0.8, "linestyle": ":", "zorder": 2.5}
    return [
        ax.plot(*np.concatenate([circle, circle[:1]]).T, **style)[0]
        for radius in _PRIOR_RADII
        for circle in outlines(center[None], radius**2 * np.eye(2)[None])
    ]
