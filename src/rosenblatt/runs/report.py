"""A report: chapters of text, numbers, tables and pictures in one file that opens anywhere.

The file holds its pictures and its style, loads nothing from a network, needs no script, and is made for a phone as
well as for a desk, on light and on dark pages.

Examples
--------
>>> report = Report("A first run", "Ten digits, one hidden layer")
>>> chapter = report.chapter("What was learned", "learned")
>>> chapter.text("The network reads **97 %** of the test digits correctly.")
>>> chapter.numbers([("test accuracy", 0.9722), ("parameters", 7510)])
>>> "97 %" in report.html()
True
"""

from __future__ import annotations

import math
import os
import re
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from html import escape
from importlib import resources
from string import Template
from textwrap import dedent
from typing import TYPE_CHECKING

from rosenblatt.runs.atomic import write_atomic
from rosenblatt.runs.report_figures import DARK, LIGHT, embed_animation, embed_figure

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from matplotlib.figure import Figure

    from rosenblatt.runs.report_figures import EmbeddedImage

__all__ = ["Chapter", "Report"]

# What would break the order of the headings (headings), load from a network (images), or surprise in running text.
_NOT_FOR_TEXT = ["heading", "lheading", "hr", "image", "code", "reference"]
_ON_DARK = "(prefers-color-scheme: dark)"
_NO_MOTION = "(prefers-reduced-motion: reduce)"
_ANCHOR = re.compile(r"[a-z][a-z0-9-]*")
_LOOKS_NUMERIC = re.compile(r"[-+−±]?(\d|inf|nan)|–$|$")


class Report:
    """A report in the making.

    Parameters
    ----------
    title : str
        Heading of the page, plain text.
    subtitle : str, default=""
        One or two sentences below it, in the Markdown of `Chapter.text`.
    """

    def __init__(self, title: str, subtitle: str = "") -> None:
        self.title = title
        self.subtitle = subtitle
        self._chapters: list[Chapter] = []

    def chapter(self, title: str, anchor: str) -> Chapter:
        """Add a chapter at the end.

        Parameters
        ----------
        title : str
            Its heading, plain text. Chapters are numbered by themselves.
        anchor : str
            Its name in addresses, as in ``report.html#anchor``: lower-case letters, digits and hyphens.

        Returns
        -------
        Chapter
            Empty; its methods add to it, in order.

        Raises
        ------
        ValueError
            If the anchor has other characters, or belongs to another chapter.
        """
        if not _ANCHOR.fullmatch(anchor):
            raise ValueError(
                f"got anchor={anchor!r}, and it needs lower-case letters, digits and hyphens, a letter first; "
                "write it as in 'xor-fails'"
            )
        if any(chapter.anchor == anchor for chapter in self._chapters):
            raise ValueError(f"anchor={anchor!r} belongs to an earlier chapter; give each chapter its own")
        self._chapters.append(Chapter(title, anchor))
        return self._chapters[-1]

    def html(self) -> str:
        """Return the whole page.

        Returns
        -------
        str
            HTML. The same content gives the same text.
        """
        template = Template(
            resources.files("rosenblatt.runs").joinpath("report_template.html").read_text(encoding="utf-8")
        )
        return template.substitute(
            title=escape(self.title),
            subtitle=f"<p>{_inline(self.subtitle)}</p>" if self.subtitle else "",
            contents=_contents(self._chapters),
            chapters="\n".join(chapter.html() for chapter in self._chapters),
            light=LIGHT.css_variables(),
            dark=DARK.css_variables(),
        )

    def write(self, path: str | os.PathLike[str]) -> None:
        """Write the page as one file, which replaces an earlier one as a whole.

        Parameters
        ----------
        path : str or path
            The file, usually ``report.html``; missing folders above it are made.

        Raises
        ------
        OSError
            If the file cannot be written; the message says why and what to do.
        """
        write_atomic(path, self.html())


class Chapter:
    """One chapter of a `Report`, made by `Report.chapter`.

    Parameters
    ----------
    title : str
        Heading, plain text.
    anchor : str
        Name in addresses, checked by `Report.chapter`.
    """

    def __init__(self, title: str, anchor: str) -> None:
        self.title = title
        self.anchor = anchor
        self._blocks: list[str] = []

    def text(self, text: str) -> None:
        """Add paragraphs.

        Parameters
        ----------
        text : str
            Markdown: paragraphs, emphasis, lists, links, quotations and code. Headings, images and HTML are not
            interpreted but shown as they are typed. Common indentation is removed.
        """
        self._blocks.append(_markdown().render(_undented(text)).strip())

    def formula(self, text: str) -> None:
        """Add a formula on lines of its own.

        Parameters
        ----------
        text : str
            Plain text with the signs that Unicode has, as in ``J(w) = ½ Σ (y − f(x))²``. Line breaks and common
            indentation are kept as in `text`.
        """
        lines = escape(_undented(text))
        self._blocks.append(f'<div class="formula" role="math" tabindex="0"><span>{lines}</span></div>')

    def numbers(self, numbers: Iterable[tuple[str, object]]) -> None:
        """Add a row of cards, each with one number that matters.

        Parameters
        ----------
        numbers : iterable of (str, object)
            Label and value. A float is shown with four significant digits, ``None`` as a dash, a string as it is.
        """
        cards = [f"<div><dt>{escape(label)}</dt><dd>{escape(_shown(value))}</dd></div>" for label, value in numbers]
        self._blocks.append(f'<dl class="numbers">\n{_joined(cards)}\n</dl>')

    def table(self, columns: Sequence[str], rows: Iterable[Sequence[object]], caption: str = "") -> None:
        """Add a table, which scrolls in its own box where the page is too narrow.

        Parameters
        ----------
        columns : sequence of str
            Headings.
        rows : iterable of sequences
            Each of as many values as there are columns, shown as in `numbers`. The first value names the row.
            Columns of numbers are aligned on the right.
        caption : str, default=""
            What the table shows, in one paragraph of Markdown, above it and numbered; without it there is no number.

        Raises
        ------
        ValueError
            If a row has more or fewer values than there are columns.
        """
        cells = [[_shown(value) for value in row] for row in rows]
        for index, row in enumerate(cells):
            if len(row) != len(columns):
                raise ValueError(
                    f"row {index} has {len(row)} values and the table {len(columns)} columns; give one each"
                )
        label = f' role="region" aria-label="{escape(caption)}"' if caption else ""
        self._blocks.append(
            f'<figure class="listing">{_caption(caption)}\n<div class="scroll" tabindex="0"{label}>'
            f"{_table(columns, cells)}</div></figure>"
        )

    def figure(self, draw: Callable[[], Figure], *, alt: str, caption: str = "", wide: bool = False) -> None:
        """Add a picture, in one version for light and one for dark pages.

        Parameters
        ----------
        draw : callable
            Takes nothing and returns a new `matplotlib.figure.Figure` at each call; it is called at once, twice, with
            the settings of `rosenblatt.runs.report_figures.house_style` in force, and the figures are closed. Best
            are figures up to 5.2 inches wide, whose text is as large as the page's on a phone.
        alt : str
            What the picture shows, for those who cannot see it. Not empty.
        caption : str, default=""
            One paragraph of Markdown, below the picture and numbered; without it there is no number.
        wide : bool, default=False
            Whether the picture may be wider than the text (up to 9 inches). On a phone it scrolls in its own box.

        Raises
        ------
        TypeError
            If `draw` does not return a figure.
        ValueError
            If `alt` is empty, or if `draw` returns the same figure twice.
        """
        _check_alt(alt)
        light, dark = embed_figure(draw)
        sources = [(_ON_DARK, dark.source)]
        self._blocks.append(_figure(_picture(sources, light, alt), caption, wide))

    def animation(self, animate: Callable[[float], bytes], *, alt: str, caption: str = "", wide: bool = False) -> None:
        """Add pictures that follow one another, for ever; for readers who want no motion only the last is shown.

        Parameters
        ----------
        animate : callable
            Takes a number of pixels per inch and returns the content of a GIF, as `ConvolutionDisplay.gif` does. It is
            called as `draw` of a figure is.
        alt, caption, wide
            As for `figure`.

        Raises
        ------
        TypeError
            If `animate` does not return a GIF.
        ValueError
            If `alt` is empty.
        """
        _check_alt(alt)
        light, dark = embed_animation(animate)
        sources = [
            (f"{_NO_MOTION} and {_ON_DARK}", dark.still.source),
            (_NO_MOTION, light.still.source),
            (_ON_DARK, dark.moving.source),
        ]
        self._blocks.append(_figure(_picture(sources, light.moving, alt), caption, wide))

    def code(self, text: str) -> None:
        """Add lines of code or output, in a box that scrolls.

        Parameters
        ----------
        text : str
            Shown as it is, without common indentation.
        """
        self._blocks.append(f'<pre tabindex="0"><code>{escape(_undented(text))}</code></pre>')

    def html(self) -> str:
        """Return the chapter as a section of the page.

        Returns
        -------
        str
            HTML.
        """
        heading = f'<h2 id="{self.anchor}_title">{escape(self.title)}</h2>'
        start = f'<section id="{self.anchor}" aria-labelledby="{self.anchor}_title">'
        return _joined([start, heading, *self._blocks, "</section>"])


@cache
def _markdown() -> MarkdownIt:
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark", {"html": False}).disable(_NOT_FOR_TEXT)


def _undented(text: str) -> str:
    return dedent(text).strip("\n")


def _inline(text: str) -> str:
    return _markdown().renderInline(_undented(text))


def _joined(parts: Iterable[str]) -> str:
    return "\n".join(parts)


def _contents(chapters: Sequence[Chapter]) -> str:
    if not chapters:
        return ""
    entries = [f'<li><a href="#{chapter.anchor}">{escape(chapter.title)}</a></li>' for chapter in chapters]
    start = '<nav aria-labelledby="contents_title">\n<h2 id="contents_title">Contents</h2>\n<ol>'
    return _joined([start, *entries, "</ol>\n</nav>"])


def _caption(text: str) -> str:
    return f"<figcaption>{_inline(text)}</figcaption>" if text else ""


def _table(columns: Sequence[str], cells: Sequence[Sequence[str]]) -> str:
    kinds = [_alignment(index, [row[index] for row in cells]) for index in range(len(columns))]
    head = "".join(f'<th scope="col"{kind}>{escape(name)}</th>' for name, kind in zip(columns, kinds, strict=True))
    body = _joined(_row(row, kinds) for row in cells)
    return f"<table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody></table>"


def _alignment(index: int, column: Sequence[str]) -> str:
    numeric = index > 0 and all(_LOOKS_NUMERIC.match(cell) for cell in column)
    return ' class="number"' if numeric else ""


def _row(row: Sequence[str], kinds: Sequence[str]) -> str:
    first, *others = row
    values = "".join(f"<td{kind}>{escape(value)}</td>" for value, kind in zip(others, kinds[1:], strict=True))
    return f'<tr><th scope="row">{escape(first)}</th>{values}</tr>'


def _check_alt(alt: str) -> None:
    if not alt.strip():
        raise ValueError("alt is empty; say in a sentence what the picture shows, for those who cannot see it")


def _picture(sources: Iterable[tuple[str, str]], image: EmbeddedImage, alt: str) -> str:
    """An image, and others for readers of whom a condition is true: the first of them counts."""
    others = "".join(f'<source media="{media}" srcset="{source}">' for media, source in sources)
    size = f'width="{image.width}" height="{image.height}"'
    return f'<picture>{others}<img src="{image.source}" {size} alt="{escape(alt)}"></picture>'


def _figure(picture: str, caption: str, wide: bool) -> str:
    if wide:
        picture = f'<div class="scroll" tabindex="0" role="group" aria-label="wide picture">{picture}</div>'
    return f'<figure class="picture{" wide" if wide else ""}">{picture}{_caption(caption)}</figure>'


def _shown(value: object) -> str:
    """Format a value for a reader: NumPy's and JAX's scalars as Python's."""
    item = getattr(value, "item", None)
    if callable(item) and getattr(value, "ndim", None) == 0:
        value = item()
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}" if abs(value) >= 10_000 else str(value)
    if isinstance(value, float):
        return _shown_float(value)
    return str(value)


def _shown_float(value: float) -> str:
    if not math.isfinite(value):
        return str(value)
    if 10_000 <= abs(value) < 1e9:
        return f"{value:,.0f}"
    return f"{value:.3g}" if abs(value) < 0.01 else f"{value:.4g}"  # zeros after the point take room
