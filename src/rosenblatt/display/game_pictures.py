"""One moment of a game drawn into axes: bars along a line, a surface over the plane, or samples above a histogram."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from rosenblatt.display.canvas import page_color, series_colors, text_color, tint
from rosenblatt.display.points import point_style
from rosenblatt.display.tiles import SIGNAL, Palette

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from rosenblatt.display.game_moments import GameMoment

NAMES = ("data", "generated")
BEST_NAME = "best D: p / (p + q)"
_BAR = 0.55  # of the colour of a bar or a surface, where the discriminator is certain
_STRIPS = (-0.14, -0.34)  # where points are below bars: data, samples
_JITTER = 0.07
_LOWEST = -0.46
_N_ARROWS = {1: 12, 2: 40}
_LONGEST = {1: 0.07, 2: 0.08}  # of the range of an axis
_N_BINS = 20
_MOST_IMAGES = 5  # along a side
_MARGIN = 0.1  # around points, in parts of their range
_PARTS = {"above": (0.0, 0.33, 1.0, 0.67), "below": (0.0, 0.0, 1.0, 0.24)}


Kind = Literal["bars", "images", "rows", "surface"]


@dataclass(frozen=True)
class Painter:
    """Draws moments of one game, all in the same limits.

    Attributes
    ----------
    real : ndarray (n_real, n_numbers)
    moments : list of GameMoment
    grid : tuple of ndarrays
    image_shape : (height, width, channels) or None
    axis_names : tuple of str
    """

    real: np.ndarray
    moments: list[GameMoment]
    grid: tuple[np.ndarray, ...]
    image_shape: tuple[int, ...] | None
    axis_names: tuple[str, ...]

    @property
    def kind(self) -> Kind:
        if self.grid:
            return "bars" if len(self.grid) == 1 else "surface"
        return "rows" if self.image_shape is None else "images"

    @property
    def has_best(self) -> bool:
        """Whether the best discriminator is known."""
        return self.moments[0].optimal is not None

    def draw(self, ax: Axes, moment: GameMoment) -> dict[str, Any]:
        """What was drawn, by name; "key_ax" is where the legend belongs."""
        if self.kind == "bars":
            return draw_bars(ax, self.real, moment, self.grid[0], self._arrow_scale()) | {"key_ax": ax}
        if self.kind == "surface":
            return draw_surface(ax, self.real, moment, self.grid, self._arrow_scale()) | {"key_ax": ax}
        return self._draw_samples(ax, moment)

    def draw_best(self, ax: Axes, moment: GameMoment) -> dict[str, Any]:
        """The best discriminator of that moment over the plane."""
        return draw_surface(ax, self.real, moment, self.grid, 0.0, best=True)

    def label(self, ax: Axes, artists: dict[str, Any], *, vertical: bool = True) -> None:
        """Names the axes; the vertical one only where asked for, as in the first of a row."""
        if self.kind == "surface":
            ax.set(xlabel=self.axis_names[0], ylabel=self.axis_names[1] if vertical else "")
        elif self.kind == "bars":
            ax.set(xlabel=self.axis_names[0], ylabel="")
            if vertical:
                ax.set_ylabel("D", y=(0.5 - _LOWEST) / (1.04 - _LOWEST), rotation=0, va="center", ha="right")
        else:
            artists["key_ax"].set_xlabel("D")

    def _arrow_scale(self) -> float:
        return arrow_scale(self.moments, np.array([np.ptp(axis) for axis in self.grid]))

    def _draw_samples(self, ax: Axes, moment: GameMoment) -> dict[str, Any]:
        """Samples as images, or as points of the plane in which the data are widest; below, a histogram of D."""
        ax.set_axis_off()
        above, below = (ax.inset_axes(_PARTS[part]) for part in ("above", "below"))
        artists = {"histograms": draw_histogram(below, moment), "key_ax": below, "samples_ax": above}
        above.set(xticks=(), yticks=())
        if self.image_shape is not None:
            return artists | {"images": _draw_mosaic(above, self.real, moment.fake, self.image_shape)}
        to_plane = main_plane(self.real)
        points = [to_plane(rows) for rows in (self.real, moment.fake)]
        everywhere = np.concatenate([points[0], *(to_plane(each.fake) for each in self.moments)])
        low, high = np.quantile(everywhere, [0.01, 0.99], axis=0)
        margin = _MARGIN * np.maximum(high - low, 1e-9)
        above.set(xlim=(low[0] - margin[0], high[0] + margin[0]), ylim=(low[1] - margin[1], high[1] + margin[1]))
        return artists | _draw_points(above, *points)


def confidence_map(ax: Axes) -> Any:
    """Colours of D from 0 to 1: that of samples, the page where it cannot tell, that of the data."""
    from matplotlib.colors import LinearSegmentedColormap

    page, (real, fake) = page_color(ax), series_colors(2)
    return LinearSegmentedColormap.from_list("confidence", [tint(page, fake, _BAR), page, tint(page, real, _BAR)])


def arrow_scale(moments: list[GameMoment], spans: np.ndarray) -> float:
    """What to multiply slopes with, so that the long ones of a usual moment have the length of long arrows.

    One for all moments: so arrows become short where slopes do.
    """
    slopes = [moment.slopes for moment in moments if moment.slopes is not None]
    long_ones = [np.quantile(np.linalg.norm(each / spans, axis=1), 0.9) for each in slopes]
    usual = float(np.median(long_ones)) if long_ones else 0.0
    return _LONGEST[len(spans)] / usual if usual > 0 else 0.0


def draw_bars(ax: Axes, real: np.ndarray, moment: GameMoment, axis: np.ndarray, scale: float) -> dict[str, Any]:
    """D as bars from 1/2 up and down, and below them the points; arrows show where samples are drawn to."""
    assert moment.confidence is not None
    colors, names = confidence_map(ax), ("bars", "real", "fake", "arrows", "best")
    width = axis[1] - axis[0]
    height = moment.confidence - 0.5
    bars = ax.bar(axis, height, 0.85 * width, bottom=0.5, color=colors(np.where(height > 0, 1.0, 0.0)))
    ax.axhline(0.5, color=tint(page_color(ax), text_color(), 0.4), linewidth=0.8, zorder=1)
    jitter = np.random.default_rng(0).uniform(-_JITTER, _JITTER, len(real))
    points = []
    for rows, level, color, name in zip((real, moment.fake), _STRIPS, series_colors(2), NAMES, strict=True):
        style = point_style(ax, 2 * len(rows))
        points.append(ax.scatter(rows[:, 0], level + jitter[: len(rows)], color=color, label=name, **style))
    places = np.column_stack([moment.fake[:, 0], _STRIPS[1] + jitter[: len(moment.fake)]])
    arrows = _draw_arrows(ax, places, moment, np.array([np.ptp(axis)]), scale)
    best = _draw_best_line(ax, axis, moment)
    ax.set(xlim=(axis[0] - width / 2, axis[-1] + width / 2), ylim=(_LOWEST, 1.04), yticks=(0.0, 0.5, 1.0))
    return dict(zip(names, (bars, *points, arrows, best), strict=True))


def _draw_best_line(ax: Axes, axis: np.ndarray, moment: GameMoment) -> Any:
    if moment.optimal is None:
        return None
    style = {"color": text_color(), "linestyle": "--", "linewidth": 1.2, "label": BEST_NAME}
    return ax.plot(axis, moment.optimal, **style)[0]


def draw_surface(
    ax: Axes, real: np.ndarray, moment: GameMoment, grid: tuple[np.ndarray, ...], scale: float, *, best: bool = False
) -> dict[str, Any]:
    """D as colours over the plane with the line where it is 1/2, and the points.

    With ``best`` the colours are those of p / (p + q); otherwise its line is there, where it is known.
    """
    x1, x2 = grid
    shown = moment.optimal if best else moment.confidence
    assert shown is not None
    extent = (x1[0], x1[-1], x2[0], x2[-1])
    style = {"origin": "lower", "aspect": "auto", "interpolation": "bilinear", "vmin": 0.0, "vmax": 1.0}
    surface = ax.imshow(shown, extent=extent, cmap=confidence_map(ax), **style)
    lines = {"boundary": _draw_half(ax, grid, shown, "-"), "best": None}
    if moment.optimal is not None and not best:
        lines["best"] = _draw_half(ax, grid, moment.optimal, "--")
        ax.plot([], [], color=text_color(), linestyle="--", linewidth=1.2, label=f"{BEST_NAME} = ½")
    points = _draw_points(ax, real, moment.fake)
    spans = np.array([np.ptp(axis) for axis in grid])
    arrows = None if best else _draw_arrows(ax, moment.fake, moment, spans, scale)
    ax.set(xlim=extent[:2], ylim=extent[2:])
    return {"surface": surface, "arrows": arrows, **points, **lines}


def _draw_points(ax: Axes, real: np.ndarray, fake: np.ndarray) -> dict[str, Any]:
    parts = zip(("real", "fake"), (real, fake), series_colors(2), NAMES, strict=True)
    style = point_style(ax, len(real) + len(fake))
    return {key: ax.scatter(*rows.T, color=color, label=name, **style) for key, rows, color, name in parts}


def _draw_half(ax: Axes, grid: tuple[np.ndarray, ...], values: np.ndarray, line: str) -> Any:
    if not np.nanmin(values) < 0.5 < np.nanmax(values):
        return None
    width = 0.8 if line == "-" else 1.2
    return ax.contour(
        *grid, np.ma.masked_invalid(values), levels=[0.5], colors=[text_color()], linewidths=width, linestyles=line
    )


def _draw_arrows(ax: Axes, places: np.ndarray, moment: GameMoment, spans: np.ndarray, scale: float) -> Any:
    """From some of the samples, as long as slopes are, but for those that would be very long."""
    assert moment.slopes is not None
    n_axes = len(spans)
    chosen = np.linspace(0, len(places) - 1, min(_N_ARROWS[n_axes], len(places))).round().astype(int)
    chosen = np.argsort(places[:, 0], kind="stable")[chosen]
    moves = scale * moment.slopes[chosen]
    lengths = np.linalg.norm(moves / spans, axis=1, keepdims=True)
    moves = moves * np.minimum(1.0, 1.5 * _LONGEST[n_axes] / np.maximum(lengths, 1e-12))
    across = moves[:, 0]
    along = moves[:, 1] if n_axes == 2 else np.zeros(len(moves))
    style = {
        "angles": "xy",
        "scale_units": "xy",
        "scale": 1.0,
        "units": "inches",
        "width": 0.018,
        "zorder": 4,
        "minlength": 0.5,
    }
    return ax.quiver(*places[chosen].T, across, along, color=text_color(), **style)


def draw_histogram(ax: Axes, moment: GameMoment) -> list[Any]:
    """How often the discriminator gives rows and samples which confidence."""
    edges, artists = np.linspace(0.0, 1.0, _N_BINS + 1), []
    for values, color, name in zip((moment.of_real, moment.of_fake), series_colors(2), NAMES, strict=True):
        shares = np.histogram(np.clip(values, 0, 1), edges)[0] / len(values)
        artists.append(ax.stairs(shares, edges, fill=True, alpha=0.55, color=color, label=name))
    ax.set(xlim=(0, 1), xticks=(0, 0.5, 1), yticks=())
    for side in ("left", "right", "top"):
        ax.spines[side].set_visible(False)
    return artists


def main_plane(real: np.ndarray) -> Any:
    """A function that projects rows to the two directions in which the data are widest, with columns of deviation 1."""
    center, deviation = real.mean(axis=0), real.std(axis=0)
    scale = np.where(deviation > 0, deviation, 1.0)
    directions = np.linalg.svd((real - center) / scale, full_matrices=False)[2][:2]
    return lambda rows: (rows - center) / scale @ directions.T


def _draw_mosaic(ax: Axes, real: np.ndarray, fake: np.ndarray, image_shape: tuple[int, ...]) -> Any:
    """The first samples side by side, in the colours of the data's scale."""
    height, width, _ = image_shape
    n_across = _MOST_IMAGES if height > 1 else 1
    n_down = max(1, min(_MOST_IMAGES, len(fake) // n_across))
    images = fake[: n_down * n_across].reshape(-1, *image_shape)
    palette, scale = Palette(ax), real.reshape(-1, *image_shape)
    gap = max(1, round(0.08 * width))
    colors = np.stack([palette.image(image, scale) for image in images])
    padded = np.full((len(images), height + gap, width + gap, 3), page_color(ax))
    padded[:, :height, :width] = colors
    mosaic = padded.reshape(n_down, n_across, *padded.shape[1:]).swapaxes(1, 2)
    mosaic = mosaic.reshape(n_down * padded.shape[1], n_across * padded.shape[2], 3)[:-gap, :-gap]
    for spine in ax.spines.values():
        spine.set_visible(False)
    aspect = 1.0 if height > 1 else n_down * width / SIGNAL / len(mosaic)
    return ax.imshow(np.clip(mosaic, 0, 1), aspect=aspect, interpolation="nearest")
