"""A picture of a fit, to be drawn into files and reports."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from rosenblatt.runs.report_figures import LIGHT, PNG_PIXELS_PER_INCH, close_figure, house_style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


class Picture(NamedTuple):
    """A picture of a fit: its file's name, how it is drawn into axes, and texts about it."""

    name: str
    title: str
    draw: Callable[[Axes], object]
    alt: str
    caption: str
    size: tuple[float, float] = (5.2, 3.3)

    def figure(self) -> Figure:
        """Draw it into a new figure."""
        from matplotlib.figure import Figure

        figure = Figure(figsize=self.size, layout="constrained")
        self.draw(figure.subplots())
        return figure

    def png(self) -> bytes:
        """Draw it for a light page."""
        return png(self.figure)


def png(draw: Callable[[], Figure]) -> bytes:
    """Draw a figure for a light page; it is closed afterwards."""
    buffer = io.BytesIO()
    with house_style(LIGHT):
        figure = draw()
        figure.savefig(buffer, format="png", dpi=PNG_PIXELS_PER_INCH, metadata={"Software": None})
        close_figure(figure)
    return buffer.getvalue()
