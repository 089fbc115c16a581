"""The sizes that a sliding window makes, and what is said when it does not fit."""

import itertools

import numpy as np
import pytest

from rosenblatt.nn.windows import Window


@pytest.mark.parametrize(
    ("width", "size", "stride", "padding", "dilation"),
    list(itertools.product([5, 8, 13], [1, 2, 3], [1, 2, 3], [0, 1, 2], [1, 2])),
)
def test_output_size_is_the_number_of_places(width, size, stride, padding, dilation):
    window = Window.of(size, stride, padding, dilation, n_axes=1)
    reach = dilation * (size - 1) + 1
    places = [start for start in range(0, width + 2 * padding, stride) if start + reach <= width + 2 * padding]
    assert window.output_shape((width,)) == (len(places),)


@pytest.mark.parametrize("width", range(3, 12))
@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("size", [1, 2, 3, 4])
def test_same_padding_divides_the_size_by_the_stride(width, stride, size):
    window = Window.of(size, stride, "same", n_axes=1)
    assert window.output_shape((width,)) == (-(-width // stride),)
    ((before, after),) = window.pads((width,))
    assert 0 <= before <= after <= before + 1


def test_places_are_the_covered_pixels_in_row_major_order():
    image = np.arange(20.0).reshape(4, 5, 1)
    window = Window.of((2, 2), (2, 1), "valid", (1, 2))
    places = window.places(image)
    assert len(places) == 4
    for (i, j), place in zip(itertools.product(range(2), range(2)), places, strict=True):
        np.testing.assert_array_equal(place[..., 0], image[i : i + 3 : 2, 2 * j : 2 * j + 3, 0])


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: Window.of(0), "kernel_size=0 must be an integer >= 1"),
        (lambda: Window.of(3, (1, 2, 3)), r"stride=\(1, 2, 3\) must be .* 2 of them"),
        (lambda: Window.of(3, padding=-1), "padding=-1 must be 'same', 'valid'"),
        (lambda: Window.of(3, padding="full"), "padding='full' must be"),
        (lambda: Window.of(3, dilation=1.5), "dilation=1.5 must be an integer"),
        (
            lambda: Window.of(5).output_shape((9, 4)),
            r"9 x 4 pixels is too small.*O = .*2P\) / S \+ 1 = \(4 - 5 \+ 0\) / 1 \+ 1 = 0 on axis 1.*padding='same'",
        ),
        (lambda: Window.of(3, dilation=4).output_shape((6, 6)), "K = 9 .a kernel of 3 with dilation 4"),
    ],
)
def test_errors_show_the_arithmetic(call, words):
    with pytest.raises(ValueError, match=words):
        call()
