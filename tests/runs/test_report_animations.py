"""Animations in a report: which picture is for whom, and what is refused."""

import base64
import io
import re

import matplotlib
import numpy as np
import pytest
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from PIL import Image

from rosenblatt.runs.report import Chapter, Report
from rosenblatt.runs.report_figures import DARK, LIGHT

IN_THE_DARK, UNMOVED = "(prefers-color-scheme: dark)", "(prefers-reduced-motion: reduce)"


@pytest.fixture
def chapter() -> Chapter:
    return Report("t").chapter("c", "c")


def two_pages(dpi: float) -> bytes:
    """A GIF of one inch: the colour of the page, then of the ink."""
    side = round(dpi)
    colours = [to_rgb(matplotlib.rcParams[name]) for name in ("figure.facecolor", "text.color")]
    first, last = (Image.fromarray(np.full((side, side, 3), np.multiply(c, 255), np.uint8)) for c in colours)
    buffer = io.BytesIO()
    first.save(buffer, "GIF", save_all=True, append_images=[last])
    return buffer.getvalue()


def opened(address: str, kind: str) -> Image.Image:
    start, content = address.split(";base64,")
    assert start == f"data:image/{kind}"
    return Image.open(io.BytesIO(base64.b64decode(content)))


def assert_shows(image: Image.Image, colour: str) -> None:
    shown = image.convert("RGB").getpixel((0, 0))
    np.testing.assert_allclose(shown, [int(colour[i : i + 2], 16) for i in (1, 3, 5)], atol=1)  # a GIF has a palette


def test_it_moves_in_the_colours_of_the_page_and_stands_still_for_who_wants_that(chapter):
    chapter.animation(two_pages, alt="a page, then ink", caption="It *moves*.", wide=True)
    html = chapter.html()
    sources = re.findall(r'<source media="([^"]*)" srcset="([^"]*)">', html)
    assert [media for media, _ in sources] == [f"{UNMOVED} and {IN_THE_DARK}", UNMOVED, IN_THE_DARK]
    ((light, rest),) = re.findall(r'<img src="([^"]*)" ([^>]*)>', html)
    assert rest == 'width="96" height="96" alt="a page, then ink"'
    assert "<figcaption>It <em>moves</em>.</figcaption>" in html
    (_, dark_still), (_, still), (_, dark) = sources
    for address, kind, colour in [
        (light, "gif", LIGHT.page),
        (dark, "gif", DARK.page),
        (still, "png", LIGHT.ink),
        (dark_still, "png", DARK.ink),
    ]:
        with opened(address, kind) as image:
            assert image.size == (144, 144)
            assert_shows(image, colour)


def test_the_users_settings_of_matplotlib_do_not_change(chapter):
    before = dict(matplotlib.rcParams)
    chapter.animation(two_pages, alt="a page, then ink")
    assert dict(matplotlib.rcParams) == before


def test_what_is_no_gif_is_refused(chapter):
    with pytest.raises(
        TypeError, match=r"animate returned Figure that is no GIF; return the content of one, as ConvolutionDisplay.gif"
    ):
        chapter.animation(lambda dpi: Figure(), alt="x")
    with pytest.raises(TypeError, match=r"animate returned bytes that is no GIF"):
        chapter.animation(lambda dpi: b"\x89PNG", alt="x")


def test_it_needs_words(chapter):
    with pytest.raises(ValueError, match=r"alt is empty; say in a sentence what the picture shows"):
        chapter.animation(two_pages, alt=" ")
