"""What all displays need of matplotlib: axes, colours of the settings, and texts of known width."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, Literal, cast

if TYPE_CHECKING:
    from collections.abc import Iterable

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Color = tuple[float, float, float]
MARKERS = "osD^vPX*"
SMALLEST_FONT = 6.0  # points
_PAD = 0.05  # inches around a picture
_ANCHORS = {"center": "N", "left": "NW", "right": "NE"}


def axes_or_new(
    ax: Axes | None, size: tuple[float, float] | None = None, projection: Literal["3d"] | None = None
) -> Axes:
    """The axes given, or those of a new figure of that size in inches (None: that of the settings).

    The figure is made by pyplot, as scikit-learn does, so that notebooks show it.
    """
    if ax is not None:
        return ax
    from matplotlib import pyplot

    return pyplot.subplots(figsize=size, layout="constrained", subplot_kw={"projection": projection})[1]


def picture_axes(ax: Axes | None, size: tuple[float, float], title: str) -> tuple[Axes, float, float]:
    """Axes without scales, under a title, and how many inches wide and high they are.

    Without ``ax`` a figure is made that has room for a picture of that size and for the title; with it, a title that
    is too wide becomes smaller, or is cut.
    """
    from matplotlib import rcParams

    font, weight = font_points(rcParams["axes.titlesize"]), rcParams["axes.titleweight"]
    if ax is None:
        width = max(size[0], (text_points(title, font, weight) + 10) / 72)
        height = size[1] + (1.3 * font + rcParams["axes.titlepad"]) / 72 * bool(title)
        ax = axes_or_new(None, (width + 2 * _PAD, height + 2 * _PAD))
    ax.set_axis_off()
    # A picture that is narrower than the title above it leaves it room on the side where it ends.
    ax.set_anchor(_ANCHORS[rcParams["axes.titlelocation"]])
    room = 72 * size_in_inches(ax)[0]
    font *= min(1.0, max(room / max(text_points(title, font, weight), 1.0), 0.7))
    ax.set_title(shorten(title, font, room, weight), fontsize=font)
    return ax, *size_in_inches(ax)


def size_in_inches(ax: Axes) -> tuple[float, float]:
    """Width and height of axes, once their figure is laid out."""
    figure = cast("Figure", ax.get_figure(root=True))
    figure.draw_without_rendering()
    box = ax.get_window_extent()
    return box.width / figure.dpi, box.height / figure.dpi


def series_colors(n_colors: int) -> list[Color]:
    """Colours of the settings' cycle, from the start again where there are not enough."""
    from matplotlib import rcParams
    from matplotlib.colors import to_rgb

    colors = rcParams["axes.prop_cycle"].by_key().get("color", [rcParams["lines.color"]])
    return [to_rgb(colors[i % len(colors)]) for i in range(n_colors)]


def text_color() -> Color:
    """The colour that texts have."""
    from matplotlib import rcParams
    from matplotlib.colors import to_rgb

    return to_rgb(rcParams["text.color"])


def page_color(ax: Axes) -> Color:
    """The colour behind the axes."""
    from matplotlib.colors import to_rgb

    return to_rgb(ax.get_facecolor())


def tint(page: Color, color: Color, share: float) -> Color:
    """``share`` of a colour over that of the page."""
    red, green, blue = (behind + share * (front - behind) for behind, front in zip(page, color, strict=True))
    return red, green, blue


def font_scale() -> float:
    """The settings' font size, relative to matplotlib's default."""
    from matplotlib import rcParams

    return float(rcParams["font.size"]) / 10.0


def font_points(size: float | str) -> float:
    """A font size, such as "small", in points."""
    from matplotlib.font_manager import FontProperties

    return float(FontProperties(size=size).get_size_in_points())


def text_points(text: str, font_size: float, weight: str | int | None = None) -> float:
    """The width of a line of text in points, in the font of the settings; formulas between dollars are typeset."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import text_to_path

    font, is_formula = FontProperties(size=font_size, weight=weight), text.count("$") == 2
    return text_to_path.get_text_width_height_descent(text, font, ismath=is_formula)[0]


def widest_points(texts: Iterable[str], font_size: float) -> float:
    """The width of the widest line in points; 0 without texts."""
    return max((text_points(line, font_size) for text in texts for line in text.split("\n")), default=0.0)


def shorten(text: str, font_size: float, points: float, weight: str | int | None = None) -> str:
    """The text, cut so that it is at most so many points wide."""
    if text_points(text, font_size, weight) <= points:
        return text
    kept = bisect_right(range(1, len(text)), points, key=lambda n: text_points(text[:n] + "…", font_size, weight))
    return text[: max(kept, 1)].rstrip() + "…"


def short_number(value: float) -> str:
    """A number in about six characters."""
    text = f"{value + 0.0:.3g}".replace("inf", "∞")  # a negative zero is written as 0
    return text if len(text) <= 6 else f"{value:.1g}"
