"""Grids of numbers side by side, with signs between, labels above and a line of text below."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from rosenblatt.display.canvas import (
    SMALLEST_FONT,
    font_points,
    font_scale,
    page_color,
    series_colors,
    short_number,
    text_color,
    text_points,
    tint,
    widest_points,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_CELL = 0.44  # inches, in a figure of its own
_WIDEST = 11.0  # inches, such a figure
_GAP = 1.0  # between grids, in cells
_LABEL = 0.34  # font size of labels and signs, in cells
_NUMBER = 0.40  # font size of numbers, in cells, where they are short
_LINE = 1.35  # height of a line of text, in font sizes
_MOST_LINES = 4
_HINTED = 0.95  # a text's width as computed, by its width on a screen, where letters begin at whole pixels


class Panel(NamedTuple):
    """One grid.

    Attributes
    ----------
    label : str
    values : ndarray (rows, columns)
        NaN is an empty cell.
    faded, marked : ndarray (rows, columns) of bool
    series : int
        Which of the settings' colours marks.
    """

    label: str
    values: np.ndarray
    faded: np.ndarray
    marked: np.ndarray
    series: int


class Frame(NamedTuple):
    """What is drawn at one step: grids, the signs between them, and the computation.

    Attributes
    ----------
    panels : tuple of Panel
    signs : tuple of str
    name, computation, result : str
        The line below is ``name = computation = result``; what is too long of the computation is left out.
    """

    panels: tuple[Panel, ...]
    signs: tuple[str, ...]
    name: str
    computation: str
    result: str

    @property
    def text(self) -> str:
        """The line below."""
        return f"{self.name} = {self.computation} = {self.result}"


class Layout:
    """Where everything of some frames is, the same for all of them: sizes in inches.

    Parameters
    ----------
    frames : list of Frame
    """

    def __init__(self, frames: list[Frame]):
        self.columns = np.max([[panel.values.shape[1] for panel in frame.panels] for frame in frames], axis=0)
        self.rows = max(panel.values.shape[0] for frame in frames for panel in frame.panels)
        self.label_widths = np.max(
            [[text_points(panel.label, 10.0) / 720 for panel in frame.panels] for frame in frames], axis=0
        )  # for a font of one inch
        values = np.concatenate([panel.values.ravel() for frame in frames for panel in frame.panels])
        texts = map(short_number, np.unique(values[~np.isnan(values)]))
        self.number_width = widest_points(sorted(texts, key=len)[-12:], 10.0) / 10
        self.longest = sorted(frames, key=lambda frame: len(frame.text))[-5:]
        self.font = font_points("small")
        self.cell = self.width = 0.0
        self.n_lines = 1

    def comfortable(self) -> tuple[float, float]:
        """Width and height of a figure of its own."""
        cell = _CELL * font_scale()
        while cell > 0.02 and self._needed(cell) > max(_WIDEST, _WIDEST * font_scale()):
            cell *= 0.97
        width = self._needed(cell)
        self.n_lines = self._count_lines(width)
        return width, self.rows * cell + self._text_height(cell)

    def fit(self, width: float, height: float) -> None:
        """Makes cells as large as they can be in that room."""
        self.n_lines = self._count_lines(width)
        low, high = 0.0, max(width, height)
        for _ in range(40):
            cell = (low + high) / 2
            fits = self._needed(cell) <= width and self.rows * cell + self._text_height(cell) <= height
            low, high = (cell, high) if fits else (low, cell)
        self.cell, self.width = max(low, 1e-3), width

    def label_font(self, cell: float) -> float:
        """In points."""
        return min(max(SMALLEST_FONT, 72 * _LABEL * cell), 1.3 * font_points("medium"))

    def number_font(self) -> float:
        """In points: 0 where the numbers are too wide for their cells."""
        font = min(72 * _NUMBER * self.cell, 72 * 0.8 * self.cell / max(self.number_width, 0.1))
        return font if font >= SMALLEST_FONT else 0.0

    def slots(self, cell: float) -> np.ndarray:
        """The width of each grid with its label."""
        return np.maximum(self.columns * cell, self.label_widths * self.label_font(cell) + 0.05)

    def lines(self, frame: Frame, width: float) -> list[str]:
        """The text below, broken at its signs; the middle of what is too long is left out."""
        room, start, end = 72 * _HINTED * (width - 0.1), f"{frame.name} = ", f" = {frame.result}"
        words = frame.computation.replace(", ", ",\0").replace(" + ", " +\0").split("\0")
        lines, line = [], start
        for word in words:
            longer = f"{line}{word} "
            if line != start and text_points(longer.rstrip() + end, self.font) > room:
                lines.append(line.rstrip())
                longer = f"    {word} "
            line = longer
        lines.append(line.rstrip() + end)
        if len(lines) <= _MOST_LINES:
            return lines
        return [*lines[: _MOST_LINES - 1], f"    … ({len(words):,} terms){end}"]

    def _needed(self, cell: float) -> float:
        return float(self.slots(cell).sum()) + _GAP * max(cell, 0.12) * (len(self.columns) - 1) + 0.1

    def _count_lines(self, width: float) -> int:
        return max(len(self.lines(frame, width)) for frame in self.longest)

    def _text_height(self, cell: float) -> float:
        """Of labels above and lines below."""
        below = (self.n_lines * _LINE + 1.2) * self.font
        return (1.6 * self.label_font(cell) + below) / 72


def draw(ax: Axes, frame: Frame, layout: Layout) -> tuple[list[Any], list[Any], Any]:
    """Draws a frame into axes that ``layout`` was fitted to, in inches from the upper left corner.

    Returns
    -------
    (collections of cells, texts of numbers, text below)
    """
    cell, font = layout.cell, layout.label_font(layout.cell)
    slots, gap = layout.slots(cell), _GAP * max(cell, 0.12)
    left = (layout.width - slots.sum() - gap * (len(slots) - 1)) / 2
    top, middle = 1.6 * font / 72, 1.6 * font / 72 + layout.rows * cell / 2
    grids, numbers = [], []
    for i, (panel, slot) in enumerate(zip(frame.panels, slots, strict=True)):
        rows, columns = panel.values.shape
        x, y = left + (slot - columns * cell) / 2, middle - rows * cell / 2
        grids += _cells(ax, panel, x, y, cell, shaded=not layout.number_font())
        numbers += _numbers(ax, panel, x, y, cell, layout.number_font())
        ax.text(left + slot / 2, y - 0.35 * font / 72, panel.label, ha="center", va="bottom", fontsize=font)
        if i < len(frame.signs):
            ax.text(left + slot + gap / 2, middle, frame.signs[i], ha="center", va="center", fontsize=1.1 * font)
        left += slot + gap
    lines = layout.lines(frame, layout.width)
    bottom = top + layout.rows * cell + 0.9 * layout.font / 72
    style = {"va": "top", "fontsize": layout.font, "linespacing": 1.2}
    caption = ax.text(0.05, bottom, "\n".join(lines).replace("$", r"\$"), **style)
    ax.set_xlim(0, layout.width)
    ax.set_ylim(bottom + (layout.n_lines * _LINE + 0.3) * layout.font / 72, 0)
    ax.set_aspect("equal")
    return grids, numbers, caption


def _cells(ax: Axes, panel: Panel, x: float, y: float, cell: float, *, shaded: bool) -> list[Any]:
    """The cells as squares; those that are marked lie above the others."""
    from matplotlib.collections import PatchCollection
    from matplotlib.patches import Rectangle

    page, ink = page_color(ax), text_color()
    color = series_colors(panel.series + 1)[panel.series]
    shades = _shades(panel.values) if shaded else np.zeros(panel.values.shape)
    collections = []
    for marked in (False, True):
        places = np.argwhere(panel.marked == marked)
        if not len(places):
            continue
        squares = [Rectangle((x + c * cell, y + r * cell), cell, cell) for r, c in places]
        faces = [tint(page, ink, 0.6 * float(shades[r, c])) for r, c in places]
        faces = [tint(face, color, 0.22) for face in faces] if marked else faces
        edge, width = (color, min(1.8, 4 * cell)) if marked else (tint(page, ink, 0.25), min(0.8, 2 * cell))
        collection = PatchCollection(squares, facecolors=faces, edgecolors=[edge], linewidths=width, zorder=1 + marked)
        collections.append(ax.add_collection(collection, autolim=False))
    return collections


def _shades(values: np.ndarray) -> np.ndarray:
    """How dark each cell is from 0 to 1, for grids whose numbers cannot be read."""
    finite = np.where(np.isfinite(values), values, np.nan)
    if np.isnan(finite).all():
        return np.zeros(values.shape)
    low, high = np.nanmin(finite), np.nanmax(finite)
    return np.nan_to_num((finite - low) / ((high - low) or 1.0))


def _numbers(ax: Axes, panel: Panel, x: float, y: float, cell: float, font: float) -> list[Any]:
    if not font:
        return []
    ink = text_color()
    faded = tint(page_color(ax), ink, 0.5)
    style = {"ha": "center", "va": "center_baseline", "fontsize": font, "zorder": 4}
    return [
        ax.text(
            x + (c + 0.5) * cell,
            y + (r + 0.5) * cell,
            short_number(float(panel.values[r, c])),
            color=faded if panel.faded[r, c] else ink,
            **style,
        )
        for r, c in np.argwhere(~np.isnan(panel.values))
    ]
