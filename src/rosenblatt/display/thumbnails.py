"""Small images in place of points, of so many points that they do not overlap."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from rosenblatt.display.canvas import Color, font_scale, size_in_inches
from rosenblatt.display.tiles import SIGNAL

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_SIDE = 0.24  # inches, of a square one
_PAD = 1.2  # points around it, which its frame has


def apart(places: np.ndarray, width: float, height: float) -> np.ndarray:
    """The numbers of places (n, 2), the first ones first, around which boxes of that size do not overlap."""
    free = np.ones(len(places), bool)
    chosen = []
    for i in range(len(places)):
        if free[i]:
            chosen.append(i)
            distances = np.abs(places - places[i])
            free &= (distances[:, 0] >= width) | (distances[:, 1] >= height)
    return np.asarray(chosen, int)


def draw_thumbnails(ax: Axes, points: np.ndarray, images: Sequence[np.ndarray], frames: Sequence[Color]) -> list[Any]:
    """Draws images (height, width, 3) around points (n, 2), in frames, as many as do not overlap."""
    from matplotlib.offsetbox import AnnotationBbox, OffsetImage

    if images[0].shape[0] == 1:  # a signal, whose numbers would be a thin line
        images = [np.repeat(image, max(image.shape[1] // SIGNAL, 1), axis=0) for image in images]
    height, width = images[0].shape[:2]
    zoom = 72 * _SIDE * font_scale() / math.sqrt(height * width)
    size_in_inches(ax)  # lays the figure out, so that places on the page are known
    dots = ax.figure.dpi / 72
    sides = [(zoom * side + 2 * _PAD + 1) * dots for side in (width, height)]
    thumbnails = []
    for i in apart(ax.transData.transform(points), *sides):
        picture = OffsetImage(np.clip(images[i], 0, 1), zoom=zoom, interpolation="nearest")
        frame = {"edgecolor": frames[i], "facecolor": frames[i], "linewidth": 0}
        box = AnnotationBbox(picture, tuple(points[i]), pad=_PAD, fontsize=1, bboxprops=frame)
        thumbnails.append(ax.add_artist(box))
    return thumbnails
