"""The page is read back with the parsers of the standard library; colours are recomputed from their definitions."""

import base64
import io
import itertools
import subprocess
import sys
from dataclasses import fields
from html.parser import HTMLParser
from xml.etree import ElementTree

import matplotlib
import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image

from rosenblatt.runs.report import Report
from rosenblatt.runs.report_figures import DARK, LIGHT, Theme, embed_figure

VOID = {"meta", "img", "source", "br", "link"}

# Machado, Oliveira and Fernandes (2009), severity 1, on linear RGB.
VISION = {
    "normal": np.eye(3),
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.3039]],
}


class Page(HTMLParser):
    """Elements with attributes in order, text, and a check that every element is closed in its turn."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.words: list[str] = []
        self.open: list[str] = []
        self.feed(html)
        self.close()
        assert not self.open

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if "style" not in self.open:
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join("".join(self.words).split())

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.elements if name == tag]


def line_figure() -> Figure:
    figure = Figure()
    figure.subplots().plot([0, 1], [0, 1])
    return figure


def noise_figure() -> Figure:
    figure = Figure(figsize=(3, 2))
    points = np.random.default_rng(0).normal(size=(2, 3000))
    figure.subplots().plot(*points, "o")
    return figure


def full_report() -> Report:
    report = Report("Title", "A *subtitle*")
    first = report.chapter("First", "first")
    first.text("Some **bold** words.\n\n- one\n- two")
    first.formula("a < b\nb > c")
    first.numbers([("accuracy", 0.9722), ("rows", 1797)])
    first.figure(line_figure, alt="a line", caption="It rises.")
    second = report.chapter("Second", "second")
    second.table(["name", "value"], [["a", 1], ["b", 2]], "Two values")
    second.figure(line_figure, alt="again", wide=True)
    second.code("print('x')")
    return report


def luminance(colour: str) -> float:
    return float(linear(colour) @ [0.2126, 0.7152, 0.0722])


def linear(colour: str) -> np.ndarray:
    channels = np.array([int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)])
    return np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)


def contrast(one: str, other: str) -> float:
    """Contrast ratio of the Web Content Accessibility Guidelines 2.1."""
    darker, lighter = sorted([luminance(one), luminance(other)])
    return (lighter + 0.05) / (darker + 0.05)


def lab(rgb: np.ndarray) -> np.ndarray:
    matrix = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    x, y, z = (np.cbrt(v) if v > 0.008856 else 7.787 * v + 16 / 116 for v in matrix @ rgb / [0.9505, 1, 1.089])
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def test_the_page_is_one_file_that_loads_nothing(tmp_path):
    full_report().write(tmp_path / "sub" / "report.html")
    html = (tmp_path / "sub" / "report.html").read_text(encoding="utf-8")
    page = Page(html)
    assert not page.all("script") + page.all("link") + page.all("iframe")
    addresses = [image["src"] for image in page.all("img")] + [source["srcset"] for source in page.all("source")]
    assert len(addresses) == 4
    assert all(address.startswith("data:image/") for address in addresses)
    assert "url(" not in html
    assert "@import" not in html
    assert "http" not in html.replace("http-equiv", "")


def test_headings_language_and_contents_let_a_reader_find_the_way():
    page = Page(full_report().html())
    assert page.all("html")[0]["lang"] == "en"
    assert [tag for tag, _ in page.elements if tag[0] == "h" and tag[1:].isdigit()] == ["h1", "h2", "h2", "h2"]
    targets = {attributes["href"][1:] for attributes in page.all("a")} - {""}
    identifiers = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert targets == {"first", "second"} <= set(identifiers)
    assert len(identifiers) == len(set(identifiers))
    assert page.all("meta")[1]["content"] == "width=device-width, initial-scale=1"
    assert {"content": "light dark", "name": "color-scheme"} in page.all("meta")


def test_the_same_content_gives_the_same_page():
    assert full_report().html() == full_report().html()


def test_a_report_without_chapters_has_no_contents():
    page = Page(Report("Empty").html())
    assert not page.all("nav")
    assert page.text.startswith("Empty Empty Made with")


def test_everything_typed_is_escaped():
    nasty = "<script>alert(1)</script> & \"q\" 'a'"
    report = Report(nasty, nasty)
    chapter = report.chapter(nasty, "x")
    chapter.text(nasty)
    chapter.formula(nasty)
    chapter.code(nasty)
    chapter.numbers([(nasty, nasty)])
    chapter.table([nasty], [[nasty]], nasty)
    chapter.figure(line_figure, alt=nasty, caption=nasty)
    page = Page(report.html())
    assert not page.all("script")
    assert page.all("img")[0]["alt"] == nasty
    # title, h1, subtitle, entry of the contents, heading, text, formula, code, label, value, caption, th, td, caption
    assert page.text.count("<script>alert(1)</script> &") == 14


def test_text_is_markdown_without_what_breaks_the_page():
    report = Report("t")
    report.chapter("c", "c").text("""
        # no heading
        **bold** and `code` and [a link](#c)

        - one
          - nested

        ![no image](http://example.org/x.png)
        [no script](javascript:alert)
    """)
    page = Page(report.html())
    assert len(page.all("h1")) == 1
    assert len(page.all("strong")) == len(page.all("code")) == 1
    assert len(page.all("ul")) == 2
    assert not page.all("img")
    assert "# no heading" in page.text
    assert not [link for link in page.all("a") if link["href"].startswith("javascript")]


def test_code_and_formulas_keep_their_alignment():
    report = Report("t")
    chapter = report.chapter("c", "c")
    chapter.code("[[1 2]\n [3 4]]")
    chapter.formula("    y = 1\n      + 2\n    ")
    assert "<code>[[1 2]\n [3 4]]</code>" in report.html()
    assert "<span>y = 1\n  + 2</span>" in report.html()


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0.972222, "0.9722"),
        (np.float32(0.5), "0.5"),
        (1e-7, "1e-07"),
        (12345.6, "12,346"),
        (1e12, "1e+12"),
        (float("nan"), "nan"),
        (float("-inf"), "-inf"),
        (1797, "1797"),
        (np.int64(101770), "101,770"),
        (True, "yes"),
        (np.bool_(False), "no"),
        (None, "–"),
        ("1.3 s", "1.3 s"),
        (np.array([1, 2]), "[1 2]"),
    ],
)
def test_values_are_shown_for_readers(value, shown):
    report = Report("t")
    report.chapter("c", "c").numbers([("label", value)])
    assert f"<dt>label</dt><dd>{shown}</dd>" in report.html()


def test_a_table_names_its_rows_and_aligns_its_numbers():
    report = Report("t")
    rows = [["one", 1, "a", None], ["two", -2.5, "1 b", "97 %"], ["three", float("nan"), "c", 3]]
    report.chapter("c", "c").table(["name", "number", "text", "mixed"], iter(rows))
    page = Page(report.html())
    assert [cell.get("class") for cell in page.all("td")] == ["number", None, "number"] * 3
    assert [cell["scope"] for cell in page.all("th")] == ["col"] * 4 + ["row"] * 3
    assert "one 1 a – two -2.5 1 b 97 % three nan c 3".replace(" ", "") in page.text.replace(" ", "")


def test_a_table_without_rows_is_a_table():
    report = Report("t")
    report.chapter("c", "c").table(["name", "value"], [])
    assert len(Page(report.html()).all("th")) == 2


def test_a_ragged_table_is_refused():
    with pytest.raises(ValueError, match=r"row 1 has 1 values and the table 2 columns; give one each"):
        Report("t").chapter("c", "c").table(["a", "b"], [[1, 2], [3]])


@pytest.mark.parametrize("anchor", ["", "Upper", "with space", "1st", 'a"b', "ä"])
def test_an_anchor_that_no_address_can_hold_is_refused(anchor):
    with pytest.raises(ValueError, match=r"got anchor=.*needs lower-case letters, .*write it as in 'xor-fails'"):
        Report("t").chapter("c", anchor)


def test_an_anchor_belongs_to_one_chapter():
    report = Report("t")
    report.chapter("one", "same")
    with pytest.raises(ValueError, match=r"anchor='same' belongs to an earlier chapter; give each chapter its own"):
        report.chapter("two", "same")


def decoded(source: str) -> tuple[str, bytes]:
    kind, content = source.split(";base64,")
    return kind, base64.b64decode(content)


def test_a_small_figure_is_drawn_as_svg_in_both_themes():
    light, dark = embed_figure(line_figure)
    for image, theme in ((light, LIGHT), (dark, DARK)):
        kind, content = decoded(image.source)
        root = ElementTree.fromstring(content)
        assert kind == "data:image/svg+xml"
        assert theme.page.encode() in content
        assert theme.series[0].encode() in content
        assert not list(root.iter("{http://www.w3.org/2000/svg}text"))
        assert (image.width, image.height) == (499, 317)


def test_a_figure_of_many_points_is_a_png_of_twice_the_size():
    light, dark = embed_figure(noise_figure)
    assert (light.width, light.height) == (288, 192)
    for image, theme in ((light, LIGHT), (dark, DARK)):
        kind, content = decoded(image.source)
        with Image.open(io.BytesIO(content)) as picture:
            assert kind == "data:image/png"
            assert picture.size == (576, 384)
            assert picture.convert("RGB").getpixel((0, 0)) == tuple(bytes.fromhex(theme.page[1:]))


def test_a_page_shows_the_picture_of_its_theme():
    page = Page(full_report().html())
    light, dark = embed_figure(line_figure)
    assert page.all("source")[0] == {"media": "(prefers-color-scheme: dark)", "srcset": dark.source}
    assert page.all("img")[0] == {"src": light.source, "width": "499", "height": "317", "alt": "a line"}


def test_the_users_settings_of_matplotlib_neither_matter_nor_change():
    expected = embed_figure(line_figure)
    with matplotlib.rc_context({"lines.linewidth": 20, "image.cmap": "jet"}):
        before = dict(matplotlib.rcParams)
        assert embed_figure(line_figure) == expected
        assert dict(matplotlib.rcParams) == before


def test_nothing_is_drawn_black_on_the_dark_page():
    def draw() -> Figure:
        figure = Figure()
        first, second = figure.subplots(1, 2)
        first.boxplot([[1, 2, 3, 9]])
        second.bar([0], [1], hatch="/")
        return figure

    assert b"#000000" not in decoded(embed_figure(draw)[1].source)[1]


def test_figures_are_closed_also_those_of_pyplot():
    from matplotlib import pyplot

    figures = []

    def draw() -> Figure:
        figures.append(pyplot.figure())
        return figures[-1]

    embed_figure(draw)
    assert len(figures) == 2
    assert not pyplot.get_fignums()


def test_a_figure_whose_drawing_fails_is_closed_too():
    figures = []

    def draw() -> Figure:
        if figures:
            raise RuntimeError("second time")
        figures.append(line_figure())
        return figures[-1]

    with pytest.raises(RuntimeError, match="second time"):
        embed_figure(draw)
    assert not figures[0].axes


def test_a_draw_that_returns_no_figure_is_told_what_to_return():
    with pytest.raises(TypeError, match=r"draw returned Axes, and a matplotlib.figure.Figure .* axes.figure"):
        Report("t").chapter("c", "c").figure(lambda: Figure().subplots(), alt="x")  # pyright: ignore[reportArgumentType]


def test_a_draw_that_returns_one_figure_twice_is_told_to_make_new_ones():
    figure = line_figure()
    with pytest.raises(ValueError, match=r"the same Figure twice; make a new Figure inside draw"):
        Report("t").chapter("c", "c").figure(lambda: figure, alt="x")


def test_a_picture_needs_words():
    with pytest.raises(ValueError, match=r"alt is empty; say in a sentence what the picture shows"):
        Report("t").chapter("c", "c").figure(line_figure, alt=" ")


def test_a_report_that_cannot_be_written_says_why(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError, match=r"cannot write .*: .*file is a file where a folder is needed"):
        Report("t").write(tmp_path / "file" / "report.html")


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_text_has_contrast(theme: Theme):
    for text, ground in itertools.product((theme.ink, theme.muted, theme.accent), (theme.page, theme.surface)):
        assert contrast(text, ground) >= 4.5, (text, ground)


@pytest.mark.parametrize("vision", VISION)
@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_series_can_be_told_apart_whatever_the_readers_colour_vision(theme: Theme, vision: str):
    seen = [lab(np.clip(np.array(VISION[vision]) @ linear(colour), 0, 1)) for colour in theme.series]
    assert min(np.linalg.norm(one - other) for one, other in itertools.combinations(seen, 2)) >= 20
    assert min(contrast(colour, theme.page) for colour in theme.series) >= 3


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_the_colormap_runs_from_the_page_evenly_away_from_it(theme: Theme):
    assert theme.colormap[0] == theme.page
    steps = np.diff([lab(linear(colour))[0] for colour in theme.colormap])
    assert np.all(np.sign(steps) == np.sign(steps[0]))
    assert np.min(np.abs(steps)) >= 10
    assert np.max(np.abs(steps)) <= 26


def test_every_colour_reaches_the_style_of_the_page():
    html = full_report().html()
    for theme in (LIGHT, DARK):
        for field in fields(theme):
            value = getattr(theme, field.name)
            assert not isinstance(value, str) or f"--{field.name}: {value};" in html


def test_importing_a_report_loads_no_drawing_library():
    heavy = {"matplotlib", "numpy", "markdown_it", "jax", "sklearn", "PIL"}
    code = f"import sys, rosenblatt.runs.report; assert not {heavy!r} & set(sys.modules), {heavy!r} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
