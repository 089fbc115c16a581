"""The gallery's pages show what its scripts hold and print, and pictures that are small."""

import re
import runpy
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

ROOT = Path(__file__).resolve().parents[1]
GALLERY = ROOT / "docs" / "gallery"
PAGES = sorted(path.stem for path in GALLERY.glob("*.md") if path.stem != "README")
# How far (absolutely, relatively) numbers may be from the page's where rounding differs. Of few labels they moved by
# up to 0.054 from two cores to one, over which convolutions are shared out; of the others none moved.
TOLERANCES = {
    "anomalies": (0.02, 0.05),
    "compression": (1.0, 0.0),
    "denoising": (0.0, 0.1),
    "few-labels": (0.08, 0.0),
    "games": (8.0, 0.5),
    "latent": (0.5, 0.05),
    "latent-spaces": (0.02, 0.1),
}
NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?")


def script_of(page):
    return ROOT / "examples" / f"{page.replace('-', '_')}.py"


def blocks_of(page, language):
    fenced = re.findall(r"^```(\w*)\n(.*?)^```$", (GALLERY / f"{page}.md").read_text(), re.DOTALL | re.MULTILINE)
    return [block for name, block in fenced if name == language]


def test_the_index_names_each_page():
    linked = re.findall(r"\((\S+)\.md\)", (GALLERY / "README.md").read_text())
    assert sorted(linked) == PAGES == sorted(TOLERANCES)


@pytest.mark.parametrize("page", PAGES)
def test_the_code_of_a_page_is_in_its_script(page):
    (code,) = blocks_of(page, "python")
    lines = {line.strip() for line in script_of(page).read_text().splitlines()}
    assert [line for line in code.splitlines() if line.strip() not in lines] == []


@pytest.mark.parametrize("page", PAGES)
def test_links_and_pictures_of_a_page_are_there(page):
    links = re.findall(r"\]\((\S+?)\)", (GALLERY / f"{page}.md").read_text())
    assert {f"../../examples/{script_of(page).name}", f"{script_of(page).stem}.png"} == set(links)
    assert (GALLERY / f"{script_of(page).stem}.png").stat().st_size < 100_000


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES)
def test_a_page_shows_what_its_script_prints(page, tmp_path, monkeypatch, capsys):
    picture = tmp_path / "picture.png"
    monkeypatch.setattr(sys, "argv", [str(script_of(page)), str(picture)])
    runpy.run_path(str(script_of(page)), run_name="__main__")
    printed, (shown,) = capsys.readouterr().out, blocks_of(page, "")
    assert NUMBER.sub("#", printed) == NUMBER.sub("#", shown)
    absolute, relative = TOLERANCES[page]
    numbers, expected = (np.array(NUMBER.findall(text), float) for text in (printed, shown))
    np.testing.assert_allclose(numbers, expected, atol=absolute, rtol=relative)
    with Image.open(picture) as drawn, Image.open(GALLERY / f"{script_of(page).stem}.png") as shown_picture:
        assert drawn.size == pytest.approx(shown_picture.size, abs=10)  # pixels: fonts differ
