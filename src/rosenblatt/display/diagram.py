"""How a network is laid out and drawn: circles in columns, lines between them, and texts around."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from rosenblatt.display.canvas import (
    SMALLEST_FONT,
    font_points,
    font_scale,
    page_color,
    picture_axes,
    series_colors,
    shorten,
    text_color,
    text_points,
    tint,
    widest_points,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Lengths are in distances between neighbouring units of a layer.
_RADIUS = 0.37  # of a unit's circle
_APART = 2.4  # one layer from the next
_BESIDE = 0.75  # room beside the outer layers
_ABOVE, _BELOW = 1.2, 1.95  # room for the layers' names, and for their counts and the key
_PLAIN = 0.5  # room above and below, where there is no text
_INCHES = 0.6  # a distance in a figure of its own, at most
_HIGHEST = 6.5  # inches, of such a figure
_SMALLEST = 0.36  # inches of a distance at which there is room for text
_SMALLEST_CIRCLE = 20.0  # points across, to be written into
_NAME_POINTS = 90.0  # width of the names of inputs and outputs, at most


class Column(NamedTuple):
    """A layer as it is drawn: which units, at which heights, and whether some are left out between them."""

    units: tuple[int, ...]
    heights: tuple[float, ...]
    is_cut: bool

    @classmethod
    def of(cls, width: int, max_units: int) -> Column:
        """The first units, and the last one, of a layer with more than ``max_units``; otherwise all."""
        is_cut = width > max_units
        units = (*range(max_units - 2), width - 1) if is_cut else tuple(range(width))
        n_places = len(units) + is_cut
        heights = [(n_places - 1) / 2 - place for place in range(n_places)]
        if is_cut:
            del heights[-2]
        return cls(units, tuple(heights), is_cut)

    @property
    def places(self) -> list[tuple[int, float]]:
        return list(zip(self.units, self.heights, strict=True))

    @property
    def gap(self) -> float:
        """The height of the dots."""
        return self.heights[-1] + 1


class Texts(NamedTuple):
    """What is written: a title, above and below each layer, and beside the circles of the outer layers.

    ``units`` has a list for each layer, with the lines in each circle.
    """

    title: str
    headings: list[str]
    counts: list[str]
    units: list[list[list[str]]]
    input_names: list[str] | None
    output_names: list[str] | None


@dataclass
class Diagram:
    """A drawing of layers.

    Parameters
    ----------
    columns : list of Column
    weights : list of ndarray (n_inputs, n_units), one for each pair of neighbouring columns
    texts : Texts
    """

    columns: list[Column]
    weights: list[np.ndarray]
    texts: Texts

    def draw(self, ax: Axes | None) -> tuple[Axes, Any, list[Any]]:
        """Draws into axes, or into a new figure of fitting size; returns axes, lines and circles."""
        sides = [self._side_inches(names) for names in (self.texts.input_names, self.texts.output_names)]
        inches = min(_INCHES * font_scale(), _HIGHEST / self._height(_ABOVE + _BELOW))
        size = (self._width * inches + sum(sides), self._height(_ABOVE + _BELOW) * inches)
        self.ax, width, height = picture_axes(ax, size, self.texts.title)
        above, below = _ABOVE, _BELOW
        inches = self._fitting_inches(width - sum(sides), height, above + below)
        has_room = inches >= _SMALLEST
        if not has_room:
            above, below = _PLAIN, _PLAIN
            inches = self._fitting_inches(width - sum(sides), height, above + below)
        self._set_style(inches)
        edges, circles = self._draw_edges(), self._draw_units()
        self._draw_names()
        if has_room:
            self._draw_texts()
            self._draw_key(-self._top - below)
        self.ax.set(aspect="equal", xlim=(-_BESIDE - sides[0] / inches, self._right + _BESIDE + sides[1] / inches))
        self.ax.set_ylim(-self._top - below, self._top + above)
        return self.ax, edges, circles

    @property
    def _right(self) -> float:
        return _APART * (len(self.columns) - 1)

    @property
    def _top(self) -> float:
        return max(column.heights[0] for column in self.columns)

    @property
    def _width(self) -> float:
        return self._right + 2 * _BESIDE

    def _height(self, around: float) -> float:
        return 2 * self._top + around

    def _fitting_inches(self, width: float, height: float, around: float) -> float:
        return max(min(width / self._width, height / self._height(around)), 0.05)

    @staticmethod
    def _side_inches(names: list[str] | None) -> float:
        """Room for names beside the circles."""
        return (6 + min(widest_points(names, font_points("small")), _NAME_POINTS)) / 72 if names else 0.0

    def _set_style(self, inches: float) -> None:
        self.font = min(max(0.2 * 72 * inches, SMALLEST_FONT), font_points("small"))
        self.diameter = 72 * inches * 2 * _RADIUS
        self.line_scale = min(1.0, inches / _INCHES)
        self.ink, page = text_color(), page_color(self.ax)
        self.positive, self.negative = series_colors(2)
        hidden = [tint(page, self.ink, 0.1)] * (len(self.columns) - 2)
        self.fills = [tint(page, self.positive, 0.22), *hidden, tint(page, self.negative, 0.22)]

    def _draw_edges(self) -> Any:
        from matplotlib.collections import LineCollection

        lines, sizes = [], []
        for layer, (left, right) in enumerate(pairwise(self.columns)):
            for i, y_left in left.places:
                for j, y_right in right.places:
                    lines.append([(_APART * layer, y_left), (_APART * (layer + 1), y_right)])
                    sizes.append(self.weights[layer][i, j])
        share = np.abs(sizes) / (self._largest_weight or 1.0)
        colors = np.where(np.array(sizes)[:, None] < 0, self.negative, self.positive)
        edges = LineCollection(
            lines,
            linewidths=(0.4 + 2.6 * share) * self.line_scale,
            colors=np.column_stack([colors, 0.25 + 0.75 * share]),
            zorder=1,
        )
        self.ax.add_collection(edges)
        return edges

    @property
    def _largest_weight(self) -> float:
        return max(float(np.abs(W).max()) for W in self.weights)

    def _draw_units(self) -> list[Any]:
        from matplotlib.patches import Circle

        circles = []
        for layer, column in enumerate(self.columns):
            style = {"facecolor": self.fills[layer], "edgecolor": self.ink, "linewidth": 0.9, "zorder": 2}
            for unit, height in column.places:
                circles.append(self.ax.add_patch(Circle((_APART * layer, height), _RADIUS, **style)))
                if self.diameter >= _SMALLEST_CIRCLE:
                    self._write_into(_APART * layer, height, self.texts.units[layer][unit])
            if column.is_cut:
                dots = {"fontsize": 1.6 * self.font, "ha": "center", "va": "center"}
                self.ax.text(_APART * layer, column.gap, "⋮", **dots)
        return circles

    def _write_into(self, x: float, y: float, lines: Sequence[str]) -> None:
        """One line in the middle of a circle, or two, of which the second is larger."""
        places = [(0.0, "center", 0.3)] if len(lines) == 1 else [(0.05, "bottom", 0.23), (-0.02, "top", 0.25)]
        for line, (above, side, size) in zip(lines, places, strict=True):
            width = text_points(line, self.diameter)
            font = self.diameter * min(size, 0.8 * self.diameter / width)
            self.ax.text(x, y + above, line, fontsize=font, ha="center", va=side, zorder=3)

    def _draw_names(self) -> None:
        beside = _RADIUS + 0.12
        self._draw_side(self.texts.input_names, self.columns[0], -beside, "right")
        self._draw_side(self.texts.output_names, self.columns[-1], self._right + beside, "left")

    def _draw_side(self, names: list[str] | None, column: Column, x: float, side: str) -> None:
        if names is None:
            return
        for unit, height in column.places:
            text = shorten(names[unit], self.font, _NAME_POINTS)
            self.ax.text(x, height, text, fontsize=self.font, ha=side, va="center")

    def _draw_texts(self) -> None:
        for layer, (heading, count) in enumerate(zip(self.texts.headings, self.texts.counts, strict=True)):
            style = {"fontsize": self.font, "ha": "center"}
            self.ax.text(_APART * layer, self._top + 0.55, heading, va="bottom", **style)
            self.ax.text(_APART * layer, -self._top - 0.55, count, va="top", **style)

    def _draw_key(self, bottom: float) -> None:
        from matplotlib.lines import Line2D

        key = self.ax.legend(
            handles=[
                Line2D([], [], color=self.positive, linewidth=2, label="weight > 0"),
                Line2D([], [], color=self.negative, linewidth=2, label="weight < 0"),
            ],
            title=f"thickest line: |weight| = {self._largest_weight:.3g}",
            loc="lower center",
            bbox_to_anchor=(self._right / 2, bottom),
            bbox_transform=self.ax.transData,
            ncols=2,
            fontsize=self.font,
            title_fontsize=self.font,
            frameon=False,
            borderaxespad=0,
        )
        key.set_in_layout(False)
