"""Kernels as images."""

import numpy as np
import pytest

from rosenblatt.display import FilterDisplay


def colors_of(display):
    return [np.asarray(image.get_array()) for image in display.images_]


def test_signs_have_colours_of_the_settings_and_zero_is_the_page():
    from matplotlib.colors import to_rgb

    kernels = np.array([[2.0, 0.0, -2.0, 1.0]]).reshape(2, 2, 1, 1)
    (colors,) = colors_of(FilterDisplay(kernels).plot())
    np.testing.assert_allclose(colors[0, 0], to_rgb("C0"), atol=0.01)
    np.testing.assert_allclose(colors[0, 1], 1, atol=0.01)
    np.testing.assert_allclose(colors[1, 0], to_rgb("C1"), atol=0.01)


def test_kernels_are_drawn_in_order(conv_reader):
    model, _ = conv_reader
    display = FilterDisplay.from_estimator(model, n_kernels=3)
    np.testing.assert_array_equal(display.kernels, model.features_.blocks[0].convolution.weight)
    assert [text.get_text() for text in display.captions_] == ["0", "1", "2"]
    assert display.ax_.get_title() == "convolution 1: 3 of 6 kernels 3 x 3"


def test_of_many_channels_the_strongest_or_the_one_asked_for_is_drawn():
    kernels = np.zeros((2, 2, 5, 2))
    kernels[0, 0, 3, 0] = kernels[1, 1, 4, 1] = 1.0
    display = FilterDisplay(kernels).plot()
    assert [text.get_text() for text in display.captions_] == ["0 from 3", "1 from 4"]
    first, second = colors_of(FilterDisplay(kernels, input_channel=3).plot())
    assert first[0, 0, 0] < 0.5
    np.testing.assert_allclose(second, 1, atol=0.01)


def test_three_channels_are_red_green_and_blue():
    kernels = np.zeros((1, 2, 3, 1))
    kernels[0, 0, :, 0] = [1, 0, -1]
    (colors,) = colors_of(FilterDisplay(kernels).plot())
    np.testing.assert_allclose(colors, [[[1, 0.5, 0], [0.5, 0.5, 0.5]]])


def test_kernels_of_signals_are_lines():
    assert colors_of(FilterDisplay(np.ones((5, 1, 2))).plot())[0].shape == (1, 5, 3)


def test_mistakes_are_named(conv_reader, digits_reader):
    with pytest.raises(ValueError, match=r"kernels have shape \(3, 3\); \(height, width, n_inputs, n_kernels\)"):
        FilterDisplay(np.ones((3, 3)))
    with pytest.raises(ValueError, match="input_channel=6; these kernels have input channels 0 to 5"):
        FilterDisplay.from_estimator(conv_reader[0], block=1, input_channel=6)
    with pytest.raises(ValueError, match="block=3; this network has 2 convolution blocks"):
        FilterDisplay.from_estimator(conv_reader[0], block=3)
    with pytest.raises(TypeError, match="this MLPClassifier has a network of class MLP, without convolution blocks"):
        FilterDisplay.from_estimator(digits_reader[0])
    with pytest.raises(ValueError, match="n_kernels=0; at least 1"):
        FilterDisplay(np.ones((3, 3, 1, 1))).plot(n_kernels=0)


@pytest.mark.parametrize("new", [True, False])
def test_the_key_is_beside_the_kernels(conv_reader, new):
    from matplotlib.figure import Figure

    ax = None if new else Figure(figsize=(8, 2), layout="constrained").subplots()
    display = FilterDisplay.from_estimator(conv_reader[0], block=1, ax=ax)
    display.figure_.draw_without_rendering()
    (key,) = display.ax_.child_axes
    kernels, bar = display.ax_.get_window_extent(), key.get_window_extent()
    assert 0 < bar.x0 - kernels.x1 < 0.1 * kernels.width
    assert (bar.y0, bar.y1) == pytest.approx((kernels.y0, kernels.y1))
    largest = np.abs(display.kernels).max()
    assert [label.get_text() for label in key.get_yticklabels()] == [f"{-largest:.2g}", "0", f"{largest:.2g}"]
