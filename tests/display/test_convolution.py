"""What is drawn of a bench is what it computed; animations are files that can be read again."""

import re
from itertools import pairwise

import numpy as np
import pytest

from rosenblatt.display import ConvolutionDisplay
from rosenblatt.explain import convolution_bench, pooling_bench
from rosenblatt.runs.report_figures import DARK, LIGHT, house_style

IMAGE = np.arange(1, 17).reshape(4, 4)
KERNEL = [[1, 2], [3, -4]]


@pytest.fixture
def bench():
    return convolution_bench(IMAGE, KERNEL, slope=[[1, 0, -1], [2, 1, 0], [0.5, 0, 1]])


def written_numbers(display):
    return [text.get_text() for text in display.numbers_]


def marked_cells(display, color):
    """How many cells are outlined in one of the settings' colours."""
    from matplotlib.colors import to_rgba

    marked = [grid for grid in display.grids_ if np.allclose(grid.get_edgecolor()[0], to_rgba(color))]
    return sum(len(grid.get_paths()) for grid in marked)


def test_one_step_has_its_numbers(bench):
    display = ConvolutionDisplay.from_bench(bench, step=4)
    image, kernel, products = [str(pixel) for pixel in range(1, 17)], ["1", "2", "3", "-4"], ["6", "14", "30", "-44"]
    assert written_numbers(display) == [*image, *kernel, *products, "-4", "-2", "0", "4", "6"]
    assert display.caption_.get_text() == "Y(2,2) = 6·1 + 7·2 + 10·3 + 11·(-4) = 6"
    assert display.ax_.get_title() == "Forward: W slides over X and gives Y: 5 of 9"
    assert (marked_cells(display, "C0"), marked_cells(display, "C1")) == (4, 1)


def test_the_last_step_has_the_whole_output(bench):
    display = ConvolutionDisplay.from_bench(bench)
    assert [float(number) for number in written_numbers(display)[-9:]] == bench.output.ravel().tolist()


def test_backward_to_the_kernel(bench):
    display = ConvolutionDisplay.from_bench(bench, "kernel")
    assert [float(number) for number in written_numbers(display)[-4:]] == bench.kernel_slope.ravel().tolist()
    assert marked_cells(display, "C0") == 9
    assert display.ax_.get_title() == "Backward: ∂L/∂Y slides over X and gives ∂L/∂W: 4 of 4"


def test_backward_to_the_image(bench):
    display = ConvolutionDisplay.from_bench(bench, "image", step=6)
    assert display.ax_.get_title() == "Backward: W flipped slides over ∂L/∂Y and gives ∂L/∂X: 7 of 16"
    assert display.caption_.get_text() == "∂L/∂X(2,3) = 0·(-4) + (-1)·3 + 1·2 + 0·1 = -1"
    border = [text for text in display.numbers_ if text.get_color() != display.numbers_[6].get_color()]
    assert len(border) == 16  # around the slopes' 3 x 3 cells, in a fainter colour


def test_true_convolution_says_that_the_kernel_is_flipped():
    display = ConvolutionDisplay.from_arrays(IMAGE, KERNEL, flipped=True, step=0)
    assert display.ax_.get_title() == "Forward: W flipped slides over X and gives Y: 1 of 9"
    assert written_numbers(display)[16:20] == ["-4", "3", "2", "1"]


def test_all_parts_one_after_another(bench):
    display = ConvolutionDisplay.from_bench(bench, "all", step=9)
    assert display.n_steps == 9 + 4 + 16
    assert display.ax_.get_title().endswith("gives ∂L/∂W: 1 of 4")
    assert display.plot(step=-1).ax_.get_title().endswith("gives ∂L/∂X: 16 of 16")


def test_pooling_forward_and_backward():
    bench = pooling_bench(IMAGE, 2, kind="average")
    display = ConvolutionDisplay.from_bench(bench, step=0)
    assert display.caption_.get_text() == "Y(1,1) = (1 + 2 + 5 + 6)·0.25 = 3.5"
    display = ConvolutionDisplay.from_bench(bench, "image", step=1)
    assert written_numbers(display)[-16:] == ["0.25"] * 8 + ["0"] * 8
    assert display.caption_.get_text() == "share of ∂L/∂Y(1,2) = 1·0.25 = 0.25"


def test_a_border_that_is_never_the_largest():
    display = ConvolutionDisplay.from_bench(pooling_bench(IMAGE, 3, padding=1), step=0)
    assert written_numbers(display)[0] == "-∞"
    assert display.caption_.get_text() == "Y(1,1) = max(1, 2, 5, 6) = 6"


def test_a_large_image_has_shades_instead_of_numbers(assert_readable):
    display = ConvolutionDisplay.from_arrays(np.full((28, 28), 0.125), np.full((9, 9), -0.5), step=30)
    assert display.numbers_ == []
    assert len(display.caption_.get_text().split("\n")) <= 4
    assert display.caption_.get_text().endswith("… (81 terms) = -5.062")
    assert_readable(display.figure_)


def test_given_axes(bench, own_axes, assert_readable):
    display = ConvolutionDisplay.from_bench(bench, ax=own_axes)
    assert display.figure_ is own_axes.figure
    assert_readable(display.figure_)


def test_gif(bench, tmp_path):
    from matplotlib import pyplot
    from PIL import Image

    ConvolutionDisplay(bench.forward).save(tmp_path / "steps.gif", seconds=0.5)
    assert pyplot.get_fignums() == []
    with Image.open(tmp_path / "steps.gif") as gif:
        assert gif.n_frames == 9
        assert gif.info["duration"] == 500
        pictures = [np.asarray(gif.convert("RGB")) for gif.n in range(9) if gif.seek(gif.n) is None]
    assert all((first != second).any() for first, second in pairwise(pictures))
    assert np.median(pictures[0]) == 255  # a light page


def test_a_gif_without_a_file_is_the_same(bench, tmp_path):
    display = ConvolutionDisplay(bench.forward)
    display.save(tmp_path / "steps.gif", steps=[0, 3], dpi=60)
    assert display.gif(steps=[0, 3], dpi=60) == (tmp_path / "steps.gif").read_bytes()


def test_a_page_has_the_colour_of_its_pictures(bench, tmp_path):
    for theme in (LIGHT, DARK):
        with house_style(theme):
            ConvolutionDisplay(bench.forward).save(tmp_path / "steps.html", steps=[0])
        assert f"background: {theme.page};" in (tmp_path / "steps.html").read_text(encoding="utf-8")


def test_html_is_one_file_with_a_picture_and_a_text_for_each_step(bench, tmp_path):
    ConvolutionDisplay(bench.backward_kernel).save(tmp_path / "steps.html", steps=[0, -1])
    page = (tmp_path / "steps.html").read_text(encoding="utf-8")
    assert re.findall(r'<img hidden alt="([^"]*)" src="data:image/png;base64,', page) == [
        "Backward: ∂L/∂Y slides over X and gives ∂L/∂W: 1 of 4: "
        "∂L/∂W(1,1) = 1·1 + 2·0 + 3·(-1) + 5·2 + 6·1 + 7·0 + 9·0.5 + 10·0 + 11·1 = 29.5",
        "Backward: ∂L/∂Y slides over X and gives ∂L/∂W: 4 of 4: "
        "∂L/∂W(2,2) = 6·1 + 7·0 + 8·(-1) + 10·2 + 11·1 + 12·0 + 14·0.5 + 15·0 + 16·1 = 52",
    ]
    assert 'max="1"' in page
    assert "http" not in page


def test_mistakes(bench, tmp_path):
    with pytest.raises(ValueError, match=r"part='weights' of a ConvolutionBench must be one of \['forward', 'kernel'"):
        ConvolutionDisplay.from_bench(bench, "weights")
    with pytest.raises(
        ValueError, match=r"part='kernel' of a PoolingBench must be one of \['forward', 'image', 'all'\]"
    ):
        ConvolutionDisplay.from_bench(pooling_bench(IMAGE), "kernel")
    with pytest.raises(ValueError, match=r"there are 0 scenes; at least one with a step is needed"):
        ConvolutionDisplay()
    with pytest.raises(TypeError, match=r"ConvolutionBench is no scene, such as bench.forward is; from_bench draws"):
        ConvolutionDisplay(bench)
    with pytest.raises(TypeError, match=r"ndarray is no bench; rosenblatt.explain.convolution_bench and pooling_bench"):
        ConvolutionDisplay.from_bench(IMAGE)
    display = ConvolutionDisplay(bench.forward)
    with pytest.raises(ValueError, match=r"step=9 of 9 steps, which are counted from 0"):
        display.plot(step=9)
    with pytest.raises(ValueError, match=r"steps.avi' must end in .gif, .html or .mp4"):
        display.save(tmp_path / "steps.avi")
    with pytest.raises(ValueError, match=r"seconds=0 must be positive"):
        display.save(tmp_path / "steps.gif", seconds=0)
    with pytest.raises(ValueError, match=r"an animation of 0 steps; 1 to 400 are possible"):
        display.save(tmp_path / "steps.gif", steps=[])
    with pytest.raises(ValueError, match=r"an animation of 484 steps; .* Choose some, such as steps=range\(400\)"):
        ConvolutionDisplay(convolution_bench(np.eye(24), np.eye(3)).forward).save(tmp_path / "steps.gif")
    assert list(tmp_path.iterdir()) == []
