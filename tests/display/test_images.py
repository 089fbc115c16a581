"""Images of every kind, in order, with captions that fit."""

import numpy as np
import pytest

from rosenblatt.display import ImagesDisplay


def test_images_are_drawn_in_order_upright():
    images = np.zeros((3, 4, 5))
    images[0, 0, 0] = 1.0
    display = ImagesDisplay(images, ["a", "b", "c"]).plot(n_columns=2)
    np.testing.assert_array_equal(np.squeeze(display.images_[0].get_array()), images[0])
    (left, right, bottom, top), second, third = (image.get_extent() for image in display.images_)
    assert top > bottom  # matplotlib draws the first row of an image at the top of its extent
    assert display.images_[0].origin == "upper"
    assert second[0] > right
    assert third[3] < bottom
    assert third[0] == left
    assert [text.get_text() for text in display.captions_] == ["a", "b", "c"]


def test_the_same_number_has_the_same_colour_in_all_images():
    display = ImagesDisplay(np.stack([np.zeros((2, 2)), np.full((2, 2), 5.0)])).plot()
    assert {image.get_clim() for image in display.images_} == {(0.0, 5.0)}


def test_images_without_a_grid_of_their_own_colormap_are_gray():
    import matplotlib

    images = np.random.default_rng(0).random((2, 3, 3))
    assert ImagesDisplay(images).plot().images_[0].get_cmap().name == "gray"
    assert ImagesDisplay(images).plot(cmap="magma").images_[0].get_cmap().name == "magma"
    with matplotlib.rc_context({"image.cmap": "cividis"}):
        assert ImagesDisplay(images).plot().images_[0].get_cmap().name == "cividis"


@pytest.mark.parametrize("shape", [(2, 3, 4), (2, 3, 4, 1), (2, 3, 4, 3), (2, 3, 4, 4)])
def test_channels(shape):
    display = ImagesDisplay(np.random.default_rng(0).random(shape)).plot()
    assert len(display.images_) == 2
    display.figure_.canvas.draw()


def test_whole_numbers_are_colours_up_to_255():
    display = ImagesDisplay(np.full((1, 2, 2, 3), 255, np.uint8)).plot()
    np.testing.assert_array_equal(display.images_[0].get_array(), 255)


def test_rows_become_images():
    X = np.arange(24.0).reshape(2, 12)
    for shape in [(3, 4), (3, 4, 1), (2, 2, 3)]:
        display = ImagesDisplay.from_rows(X, shape)
        assert display.images.shape == (2, *shape[:2], shape[2] if len(shape) == 3 else 1)


def test_long_captions_are_cut(assert_readable):
    display = ImagesDisplay(np.zeros((4, 8, 8)), ["w" * 200, "m" * 200, "", "two\nlines"]).plot()
    first, second, third, last = (text.get_text() for text in display.captions_)
    assert first.endswith("w…")
    assert len(first) < 60
    assert second.endswith("m…")
    assert (third, last) == ("", "two\nlines")
    assert_readable(display.figure_)


@pytest.mark.parametrize(("n_images", "n_columns"), [(1, 1), (10, 5), (12, 6), (16, 4), (5, 5)])
def test_columns_leave_few_places_empty(n_images, n_columns):
    display = ImagesDisplay(np.zeros((n_images, 8, 8))).plot()
    assert len({image.get_extent()[0] for image in display.images_}) == n_columns


def test_title(own_axes):
    assert ImagesDisplay(np.zeros((2, 8, 8)), title="Two").plot(own_axes).ax_.get_title() == "Two"


def test_mistakes():
    with pytest.raises(ValueError, match=r"images have shape \(3, 4\); \(n_images, height, width\)"):
        ImagesDisplay(np.zeros((3, 4)))
    with pytest.raises(ValueError, match=r"images have shape \(3, 4, 4, 2\)"):
        ImagesDisplay(np.zeros((3, 4, 4, 2)))
    with pytest.raises(ValueError, match=r"images have shape \(0, 4, 4, 1\).*at least one image"):
        ImagesDisplay(np.zeros((0, 4, 4)))
    with pytest.raises(ValueError, match=r"there are 3 images and 2 captions; give one for each"):
        ImagesDisplay(np.zeros((3, 4, 4)), ["a", "b"])
    with pytest.raises(ValueError, match=r"X has flat rows of 64 values; pass image_shape=\(height, width\)"):
        ImagesDisplay.from_rows(np.zeros((3, 64)))
    with pytest.raises(ValueError, match=r"image_shape=\(8, 9\) needs 72 values a row, and X has 64"):
        ImagesDisplay.from_rows(np.zeros((3, 64)), (8, 9))
    with pytest.raises(ValueError, match=r"n_columns=0; at least 1 is needed"):
        ImagesDisplay(np.zeros((3, 4, 4))).plot(n_columns=0)
