"""Rows as points, in the colour and with the marker of their class."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from rosenblatt.display.canvas import MARKERS, page_color, series_colors

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.collections import PathCollection

_SIZES = (16.0, 45.0)  # square points
_AREAS = dict(zip(MARKERS, (1.0, 0.9, 0.8, 1.1, 1.1, 1.3, 1.3, 2.0), strict=True))  # with which markers look as large
_MOST_CLASSES = 20  # that colours and markers tell apart


def find_classes(labels: np.ndarray, n_rows: int) -> np.ndarray | None:
    """The sorted classes; None where labels are numbers that are too many, or not whole."""
    if labels.shape != (n_rows,):
        raise ValueError(f"labels have shape {labels.shape} and there are {n_rows} rows; give one label for each")
    classes = np.unique(labels)
    is_number = labels.dtype.kind in "iuf"
    if is_number and (len(classes) > _MOST_CLASSES or (classes != np.round(classes)).any()):
        return None
    if len(classes) > _MOST_CLASSES:
        raise ValueError(
            f"there are {len(classes)} different labels; colours and markers tell at most {_MOST_CLASSES} apart: join "
            "some, or leave the labels out"
        )
    return classes


def name_classes(classes: np.ndarray | None, given: Sequence[str] | None) -> list[str]:
    if given is None:
        return [] if classes is None else [str(label) for label in classes]
    if classes is None or len(given) != len(classes):
        found = "no classes" if classes is None else f"{len(classes)} classes ({classes.tolist()})"
        raise ValueError(f"there are {len(given)} class names and {found}; give one for each")
    return [str(name) for name in given]


def point_style(ax: Axes, n_points: int) -> dict[str, Any]:
    """Points that are smaller the more there are, with an edge that parts them."""
    size = float(np.clip(8000 / max(n_points, 1), *_SIZES))
    return {"s": size, "edgecolors": [page_color(ax)], "linewidths": 0.3}


def draw_classes(
    ax: Axes,
    points: np.ndarray,
    labels: np.ndarray,
    classes: Iterable[Any],
    names: Sequence[str],
    alpha: float | None = None,
) -> list[Any]:
    """Draws points (n, n_axes of ax), and returns a collection for each class."""
    style = point_style(ax, len(points))
    groups = []
    for number, (label, color, name) in enumerate(zip(classes, series_colors(len(names)), names, strict=True)):
        marker, members = MARKERS[number % len(MARKERS)], points[labels == label]
        sized = style | {"s": style["s"] * _AREAS[marker]}
        groups.append(ax.scatter(*members.T, color=color, marker=marker, label=name, alpha=alpha, **sized))
    return groups


def draw_legend(ax: Axes, *, below: bool = False) -> None:
    """Beside or below the picture where a layout engine makes room there, else in it; points before lines."""
    figure = ax.get_figure(root=True)
    engine = None if figure is None else figure.get_layout_engine()
    if engine is not None and not engine.adjust_compatible:
        place = {"loc": "upper left", "bbox_to_anchor": (1.0, 1.0), "frameon": False}
        if below:
            place |= {"loc": "upper center", "bbox_to_anchor": (0.5, -0.14), "ncols": 3}
    else:
        place = {"frameon": True, "framealpha": 0.9, "facecolor": page_color(ax), "edgecolor": "none"}
    legend = ax.legend(*named_artists(ax), handletextpad=0.2, **place)
    for handle in legend.legend_handles:
        if hasattr(handle, "set_sizes"):  # of points; a line stays as it is
            cast("PathCollection", handle).set(sizes=[_SIZES[1]], alpha=1.0)


def named_artists(ax: Axes) -> tuple[list[Any], list[str]]:
    """What a legend shows, and how it is called: points first."""
    pairs = zip(*ax.get_legend_handles_labels(), strict=True)
    ordered = sorted(pairs, key=lambda pair: not hasattr(pair[0], "set_sizes"))
    return [artist for artist, _ in ordered], [name for _, name in ordered]
