"""The look of a report's pictures: one palette for light and one for dark pages, and figures embedded as images.

The series colours keep a distance of at least 20 (CIE 1976 ΔE) from one another for readers with any of the three
colour-vision deficiencies, simulated after Machado, Oliveira and Fernandes (2009), and a contrast of at least 3 to
the page. Tests recompute both.
"""

from __future__ import annotations

import base64
import io
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["DARK", "LIGHT", "Animation", "EmbeddedImage", "Theme", "embed_animation", "embed_figure", "house_style"]

CSS_PIXELS_PER_INCH = 96
PNG_PIXELS_PER_INCH = 192
GIF_PIXELS_PER_INCH = 144  # sharp enough, and half as many bytes
SVG_BYTES_ALWAYS_SMALL_ENOUGH = 60_000
MOST_IMAGES_OF_AN_SVG = 12  # an SVG takes a second for some dozens, and holds pixels anyway


@dataclass(frozen=True)
class Theme:
    """The colours of a page and of its figures.

    Parameters
    ----------
    page, surface : str
        Background of the page, and of boxes on it, as ``#rrggbb``.
    ink, muted, accent : str
        Colour of text, of secondary text, and of links and numbers.
    rule : str
        Colour of thin lines.
    series : tuple of str
        Colours of lines and points, in this order.
    colormap : tuple of str
        Colours from low to high for images and risk maps. The low end is the page, and lightness changes evenly.
    """

    page: str
    surface: str
    ink: str
    muted: str
    accent: str
    rule: str
    series: tuple[str, ...]
    colormap: tuple[str, ...]

    def css_variables(self) -> str:
        """The colours as a style sheet's variables: ``--page``, ..., and ``--series-0``, ``--colormap-0``, ..."""
        texts = []
        for field in fields(self):
            value = getattr(self, field.name)
            named = {field.name: value} if isinstance(value, str) else _numbered(field.name, value)
            texts += [f"--{name}: {colour};" for name, colour in named.items()]
        return " ".join(texts)


def _numbered(name: str, colours: tuple[str, ...]) -> dict[str, str]:
    return {f"{name}-{number}": colour for number, colour in enumerate(colours)}


LIGHT = Theme(
    page="#ffffff",
    surface="#f3f5f8",
    ink="#1a1f26",
    muted="#545e69",
    accent="#1456c8",
    rule="#d8dde3",
    series=("#1456c8", "#d9690f", "#158a4d", "#7b2472", "#868a92", "#6b5300"),
    colormap=("#ffffff", "#c9dbf7", "#86acec", "#4a7fdb", "#1456c8", "#0c2f74"),
)

DARK = Theme(
    page="#14171a",
    surface="#1e2328",
    ink="#e6e8eb",
    muted="#a3adb7",
    accent="#7fb0ff",
    rule="#363d45",
    series=("#4a8cf2", "#f26a1b", "#53cf9f", "#ec93d6", "#76828e", "#f1de61"),
    colormap=("#14171a", "#17315f", "#235cb8", "#4a8cf2", "#9cc2fa", "#f4f8ff"),
)


@dataclass(frozen=True)
class EmbeddedImage:
    """A picture as text that a page can hold.

    Parameters
    ----------
    source : str
        A ``data:`` address with the whole image in it, SVG or PNG.
    width, height : int
        Natural size in CSS pixels.
    """

    source: str
    width: int
    height: int


class Animation(NamedTuple):
    """Moving pictures, and the last of them for readers who do not want any.

    Parameters
    ----------
    moving, still : EmbeddedImage
    """

    moving: EmbeddedImage
    still: EmbeddedImage


@contextmanager
def house_style(theme: Theme) -> Iterator[None]:
    """Let figures made and drawn in the body have the look of a report, whatever the user's own settings of matplotlib.

    Parameters
    ----------
    theme : Theme
        `LIGHT` or `DARK`.
    """
    import matplotlib

    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(_matplotlib_settings(theme))
        yield


def embed_figure(draw: Callable[[], Figure]) -> tuple[EmbeddedImage, EmbeddedImage]:
    """Draw a figure for light and for dark pages.

    Parameters
    ----------
    draw : callable
        Takes nothing and returns a new `matplotlib.figure.Figure` at each call. It is called twice, each time with
        `house_style` in force, and should leave colours, fonts and colormaps to it.

    Returns
    -------
    light, dark : EmbeddedImage
        As SVG where that is small and is not made of many images, else as PNG with two pixels for each CSS pixel. Equal
        figures give equal bytes.

    Raises
    ------
    TypeError
        If `draw` returns something else than a figure.
    ValueError
        If `draw` returns the same figure twice.
    """
    figures: list[Figure] = []
    try:
        images = [_embed_themed(draw, theme, figures) for theme in (LIGHT, DARK)]
    finally:
        for figure in figures:
            close_figure(figure)
    return images[0], images[1]


def embed_animation(animate: Callable[[float], bytes]) -> tuple[Animation, Animation]:
    """Draw an animation for light and for dark pages.

    Parameters
    ----------
    animate : callable
        Takes pixels per inch, returns the content of a GIF, and leaves colours and fonts to `house_style`, in which it
        is called twice.

    Returns
    -------
    light, dark : Animation

    Raises
    ------
    TypeError
        If `animate` returns something else.
    """
    animations = []
    for theme in (LIGHT, DARK):
        with house_style(theme):
            animations.append(_embed_gif(animate(GIF_PIXELS_PER_INCH)))
    return animations[0], animations[1]


def _embed_gif(gif: object) -> Animation:
    from PIL import Image

    if not isinstance(gif, bytes) or not gif.startswith(b"GIF8"):
        raise TypeError(
            f"animate returned {type(gif).__name__} that is no GIF; return the content of one, as "
            "ConvolutionDisplay.gif gives it"
        )
    buffer = io.BytesIO()
    with Image.open(io.BytesIO(gif)) as pictures:
        width, height = (round(side * CSS_PIXELS_PER_INCH / GIF_PIXELS_PER_INCH) for side in pictures.size)
        pictures.seek(getattr(pictures, "n_frames", 1) - 1)
        pictures.convert("RGB").quantize(64).save(buffer, "PNG", optimize=True)
    moving, still = _data_address("image/gif", gif), _data_address("image/png", buffer.getvalue())
    return Animation(EmbeddedImage(moving, width, height), EmbeddedImage(still, width, height))


def _embed_themed(draw: Callable[[], Figure], theme: Theme, drawn: list[Figure]) -> EmbeddedImage:
    with house_style(theme):
        figure = _checked_figure(draw())
        if any(figure is earlier for earlier in drawn):
            raise ValueError(
                "draw returned the same Figure twice; make a new Figure inside draw, which is called once for the "
                "light and once for the dark page"
            )
        drawn.append(figure)
        return _embed(figure)


def _checked_figure(figure: object) -> Figure:
    from matplotlib.figure import Figure

    if not isinstance(figure, Figure):
        raise TypeError(
            f"draw returned {type(figure).__name__}, and a matplotlib.figure.Figure is needed; "
            "return the figure itself (of an axes it is axes.figure)"
        )
    return figure


def _embed(figure: Figure) -> EmbeddedImage:
    width, height = (round(inches * CSS_PIXELS_PER_INCH) for inches in figure.get_size_inches())
    svg = b"" if _n_images(figure) > MOST_IMAGES_OF_AN_SVG else _saved(figure, "svg", metadata={"Date": None})
    if not svg or len(svg) > SVG_BYTES_ALWAYS_SMALL_ENOUGH:
        png = _saved(figure, "png", metadata={"Software": None})
        if not svg or len(png) < len(svg):
            return EmbeddedImage(_data_address("image/png", png), width, height)
    return EmbeddedImage(_data_address("image/svg+xml", svg), width, height)


def _n_images(figure: Figure) -> int:
    return sum(len(axes.images) for axes in figure.axes)


def _saved(figure: Figure, image_format: str, metadata: dict[str, None]) -> bytes:
    buffer = io.BytesIO()
    figure.savefig(buffer, format=image_format, dpi=PNG_PIXELS_PER_INCH, metadata=metadata)
    return buffer.getvalue()


def _data_address(media_type: str, content: bytes) -> str:
    return f"data:{media_type};base64,{base64.b64encode(content).decode('ascii')}"


def close_figure(figure: Figure) -> None:
    """Free a figure, also one that the caller made with pyplot, which keeps its figures until they are closed."""
    figure.clear()
    pyplot = sys.modules.get("matplotlib.pyplot")
    if pyplot is not None:
        pyplot.close(figure)


def _matplotlib_settings(theme: Theme) -> dict[Any, Any]:
    from cycler import cycler
    from matplotlib import rcParamsDefault

    black = [name for name, value in rcParamsDefault.items() if value in ("black", "k")]
    return dict.fromkeys(black, theme.ink) | {
        "figure.figsize": (5.2, 3.3),
        "figure.constrained_layout.use": True,
        "figure.facecolor": theme.page,
        "savefig.facecolor": theme.page,
        "axes.facecolor": theme.page,
        "axes.edgecolor": theme.muted,
        "axes.labelcolor": theme.ink,
        "axes.titlecolor": theme.ink,
        "axes.titlelocation": "left",
        "axes.titlesize": 10.5,
        "axes.titleweight": "bold",
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.prop_cycle": cycler(color=theme.series),
        "font.family": "DejaVu Sans",
        "font.size": 10,
        "grid.color": theme.rule,
        "image.cmap": _registered_colormap(theme),
        "image.interpolation": "nearest",
        "legend.frameon": False,
        "lines.linewidth": 1.8,
        "lines.markersize": 5,
        "patch.edgecolor": theme.page,
        "svg.fonttype": "path",
        "svg.hashsalt": "rosenblatt",
        "text.color": theme.ink,
        "xtick.color": theme.muted,
        "ytick.color": theme.muted,
        "xtick.labelcolor": theme.ink,
        "ytick.labelcolor": theme.ink,
    }


def _registered_colormap(theme: Theme) -> str:
    """Make matplotlib know the colormap, which its settings can only hold by name."""
    from matplotlib import colormaps
    from matplotlib.colors import LinearSegmentedColormap

    name = f"rosenblatt-{theme.page.removeprefix('#')}"
    if name not in colormaps:
        colormaps.register(LinearSegmentedColormap.from_list(name, theme.colormap))
    return name
