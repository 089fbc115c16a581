"""The phases of a game in a row, each at its first moment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rosenblatt.display.canvas import font_scale, page_color, text_color, tint
from rosenblatt.display.points import named_artists

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

    from rosenblatt.display.game_moments import GameMoment
    from rosenblatt.display.game_pictures import Painter

_PANELS = {"bars": (2.4, 2.3), "surface": (2.4, 2.1), "images": (2.2, 3.2), "rows": (2.3, 3.2)}  # inches
_AROUND = (0.9, 1.0)  # inches beside and above all panels, for texts


def draw_phases(
    painter: Painter, panels: Sequence[tuple[str, GameMoment | None]]
) -> tuple[Any, Any, list[dict[str, Any]]]:
    """Draws a panel for each phase, and where the best discriminator over the plane is known, that in a row below.

    Parameters
    ----------
    painter : Painter
    panels : sequence of (name, GameMoment or None)
        None where the phase was not reached.

    Returns
    -------
    (figure, ndarray of axes (n_rows, n_phases), what was drawn of each phase that was reached)
    """
    from matplotlib import pyplot

    n_rows = 2 if painter.kind == "surface" and painter.has_best else 1
    width, height = _PANELS[painter.kind]
    size = ((width * len(panels) + _AROUND[0]) * font_scale(), (height * n_rows + _AROUND[1]) * font_scale())
    figure, axes = pyplot.subplots(n_rows, len(panels), squeeze=False, figsize=size, layout="constrained")
    artists = []
    for column, (name, moment) in enumerate(panels):
        title = f"{column + 1}. {name}"
        if moment is None:
            _draw_nothing(axes[:, column], title)
            continue
        artists.append(painter.draw(axes[0, column], moment))
        axes[0, column].set_title(f"{title}\nepoch {moment.epoch}", fontsize="medium", fontweight="normal")
        if n_rows == 2:
            painter.draw_best(axes[1, column], moment)
    _name_axes(painter, axes, artists)
    if artists:
        handles, labels = named_artists(artists[0]["key_ax"])
        figure.legend(handles, labels, loc="outside lower center", ncols=len(labels), frameon=False)
        if painter.kind == "surface":
            draw_key(artists[0]["surface"], list(axes.ravel()))
    return figure, axes, artists


def draw_key(surface: Any, axes: list[Axes]) -> None:
    """A bar beside axes that says which colour stands for which D."""
    bar = axes[0].figure.colorbar(surface, ax=axes, shrink=0.8, ticks=[0.0, 0.5, 1.0])
    bar.ax.set_title("D", fontsize="medium", fontweight="normal")
    bar.outline.set_linewidth(0.5)


def _draw_nothing(axes: Any, title: str) -> None:
    for ax in axes:
        ax.set_axis_off()
    ax, color = axes[0], tint(page_color(axes[0]), text_color(), 0.7)
    ax.set_title(f"{title}\n", fontsize="medium", fontweight="normal")
    ax.text(0.5, 0.5, "not reached", ha="center", va="center", transform=ax.transAxes, color=color)


def _name_axes(painter: Painter, axes: Any, artists: list[dict[str, Any]]) -> None:
    n_rows = len(axes)
    for column, of_phase in enumerate(artists):
        painter.label(axes[0, column], of_phase, vertical=column == 0)
        if painter.kind not in ("bars", "surface"):
            continue
        for row in range(n_rows):
            axes[row, column].tick_params(labelleft=column == 0)
        if n_rows == 2:
            painter.label(axes[1, column], of_phase, vertical=False)
            axes[0, column].set_xlabel("")
            axes[0, column].tick_params(labelbottom=False)
    if n_rows == 2:
        axes[0, 0].set_ylabel(f"learned D\n{painter.axis_names[1]}")
        axes[1, 0].set_ylabel(f"best D, p / (p + q)\n{painter.axis_names[1]}")
