"""The convolution bench against the notes, PyTorch, the engine's convolution and central differences."""

from itertools import product

import numpy as np
import pytest

from rosenblatt.explain import convolution_bench
from rosenblatt.nn.convolution import convolve
from rosenblatt.nn.correlation import correlate

GRID = [
    (shape, size, stride, padding, dilation)
    for shape, size, stride, padding, dilation in product(
        [(5, 5), (7, 6)], [(1, 1), (2, 2), (3, 2)], [1, 2, (3, 1)], [0, 1, 2, (0, 2)], [1, 2]
    )
]
IRREGULAR = [
    ((6, 7), (3, 3), 2, "same", 1),
    ((5, 5), (2, 4), 1, "same", 2),
    ((5, 6), (2, 3), (2, 1), [(0, 2), (3, 1)], 1),
    ((3, 3), (2, 2), 4, 1, 1),
]


def random_bench(shape, size, stride, padding, dilation, **options):
    rng = np.random.default_rng(0)
    image, kernel = rng.normal(size=shape), rng.normal(size=size)
    places = convolution_bench(image, kernel, stride, padding, dilation, **options).output.shape
    return convolution_bench(image, kernel, stride, padding, dilation, slope=rng.normal(size=places), **options)


def test_the_notes_4_by_4_example_in_names():
    bench = convolution_bench(np.zeros((4, 4)), np.zeros((2, 2)))
    assert bench.output.shape == (3, 3)
    assert [f"{step.name} = {step.symbols}" for step in bench.forward[:3]] == [
        "Y(1,1) = X(1,1)·W(1,1) + X(1,2)·W(1,2) + X(2,1)·W(2,1) + X(2,2)·W(2,2)",
        "Y(1,2) = X(1,2)·W(1,1) + X(1,3)·W(1,2) + X(2,2)·W(2,1) + X(2,3)·W(2,2)",
        "Y(1,3) = X(1,3)·W(1,1) + X(1,4)·W(1,2) + X(2,3)·W(2,1) + X(2,4)·W(2,2)",
    ]


def test_the_notes_4_by_4_example_in_numbers():
    """Y by hand for X = 1 to 16, W = (1, 2; 3, 4): 1 + 4 + 15 + 24 = 44, and 10 more for each pixel to the right."""
    bench = convolution_bench(np.arange(1, 17).reshape(4, 4), [[1, 2], [3, 4]])
    assert bench.output.tolist() == [[44.0, 54.0, 64.0], [84.0, 94.0, 104.0], [124.0, 134.0, 144.0]]
    # With slopes of 1: the sum of the nine pixels that an entry meets; the sum of the entries that a pixel meets.
    assert bench.kernel_slope.tolist() == [[54.0, 63.0], [90.0, 99.0]]
    assert bench.image_slope.tolist() == [[1, 3, 3, 2], [4, 10, 10, 6], [4, 10, 10, 6], [3, 7, 7, 4]]
    assert str(bench.forward[0]).endswith("= 1·1 + 2·2 + 5·3 + 6·4\n= 44")


def test_a_step_is_what_the_window_covers():
    step = convolution_bench(np.arange(25).reshape(5, 5), [[1, -1], [2, 0]], stride=2, dilation=2).forward[1]
    assert step.place == (0, 1)
    assert (step.rows.tolist(), step.columns.tolist()) == ([0, 2], [2, 4])
    assert step.window.values.tolist() == [[2, 4], [12, 14]]
    assert step.products.tolist() == [[2, -4], [24, 0]]
    assert step.value == 22.0
    assert step.numbers == "2·1 + 4·(-1) + 12·2 + 14·0"


def test_the_slope_of_the_kernel_is_the_output_slope_slid_over_the_image():
    bench = convolution_bench(np.arange(25).reshape(5, 5), np.ones((2, 2)), stride=2, slope=[[1, 2], [3, 4]])
    assert bench.backward_kernel.stride == (1, 1)
    assert bench.backward_kernel.dilation == (2, 2)
    assert bench.backward_kernel[3].symbols == (
        "X(2,2)·dL/dY(1,1) + X(2,4)·dL/dY(1,2) + X(4,2)·dL/dY(2,1) + X(4,4)·dL/dY(2,2)"
    )
    assert str(bench.backward_kernel[0]).endswith("= 0·1 + 2·2 + 10·3 + 12·4\n= 82")


def test_the_slope_of_the_image_is_the_flipped_kernel_slid_over_the_output_slope():
    bench = convolution_bench(np.arange(25).reshape(5, 5), [[1, 2], [3, 4]], stride=2, slope=[[1, 2], [3, 4]])
    slide = bench.backward_image
    assert slide.image.values.tolist() == [
        [0, 0, 0, 0, 0, 0],
        [0, 1, 0, 2, 0, 0],
        [0, 0, 0, 0, 0, 0],
        [0, 3, 0, 4, 0, 0],
        [0, 0, 0, 0, 0, 0],
        [0, 0, 0, 0, 0, 0],
    ]
    assert slide.rule.kernel.values.tolist() == [[4, 3], [2, 1]]
    assert slide[6].symbols == "dL/dY(1,1)·W(2,2)"
    assert bench.image_slope[4].tolist() == [0.0] * 5  # the window with its stride never covers the last row


def test_padding_is_left_out_of_the_text_and_its_slopes_are_cut_off():
    bench = convolution_bench(np.ones((3, 3)), np.ones((3, 3)), padding="same")
    assert bench.forward[0].symbols == "X(1,1)·W(2,2) + X(1,2)·W(2,3) + X(2,1)·W(3,2) + X(2,2)·W(3,3)"
    assert bench.forward[0].products.shape == (3, 3)
    assert bench.backward_image.output.values.shape == (5, 5)
    assert str(bench.backward_image[0]).startswith("border = ")
    assert bench.image_slope.tolist() == [[4, 6, 4], [6, 9, 6], [4, 6, 4]]


def test_a_window_on_padding_alone():
    bench = convolution_bench([[2.0]], [[3.0]], padding=1)
    assert str(bench.forward[0]) == "Y(1,1) = 0\n= 0\n= 0"


def test_slides_are_sequences():
    slide = convolution_bench(np.eye(4), np.eye(2)).forward
    assert len(slide) == len(list(slide)) == 9
    assert slide[-1].place == (2, 2)
    assert [step.place for step in slide[1:3]] == [(0, 1), (0, 2)]
    with pytest.raises(IndexError):
        slide[9]


@pytest.mark.parametrize("flipped", [False, True])
@pytest.mark.parametrize("configuration", GRID[::8] + IRREGULAR, ids=str)
def test_values_and_slopes_equal_the_engines(configuration, flipped, float64):
    import jax

    bench = random_bench(*configuration, flipped=flipped)
    operation = convolve if flipped else correlate

    def output(image, kernel):
        return operation(image[..., None], kernel[..., None, None], bench.window)[..., 0]

    @jax.jit
    def value_and_slopes(image, kernel, slope):
        value, pull = jax.vjp(output, image, kernel)
        return value, *pull(slope)

    Y, dX, dW = value_and_slopes(bench.image, bench.kernel, bench.slope)
    for ours, engines in [(bench.output, Y), (bench.image_slope, dX), (bench.kernel_slope, dW)]:
        np.testing.assert_allclose(ours, engines, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("configuration", GRID, ids=str)
def test_values_and_slopes_equal_pytorchs(configuration):
    torch = pytest.importorskip("torch")
    bench = random_bench(*configuration)
    X, W = (torch.tensor(each[None, None], requires_grad=True) for each in (bench.image, bench.kernel))
    *_, stride, padding, dilation = configuration
    Y = torch.nn.functional.conv2d(X, W, stride=stride, padding=padding, dilation=dilation)
    Y.backward(torch.tensor(bench.slope[None, None]))
    for ours, theirs in [(bench.output, Y.detach()), (bench.image_slope, X.grad), (bench.kernel_slope, W.grad)]:
        np.testing.assert_allclose(ours, theirs[0, 0].numpy(), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("configuration", IRREGULAR, ids=str)
def test_slopes_equal_central_differences(configuration):
    """The loss is linear in image and in kernel: a step of 1 has no error but rounding."""
    bench = random_bench(*configuration)
    options = configuration[2:]

    def loss(X, W):
        return (convolution_bench(X, W, *options).output * bench.slope).sum()

    def difference(shape, place, of):
        step = np.zeros(shape)
        step[place] = 1.0
        return (of(step) - of(-step)) / 2

    for place in np.ndindex(bench.image.shape):
        slope = difference(bench.image.shape, place, lambda step: loss(bench.image + step, bench.kernel))
        assert bench.image_slope[place] == pytest.approx(slope, abs=1e-12)
    for place in np.ndindex(bench.kernel.shape):
        slope = difference(bench.kernel.shape, place, lambda step: loss(bench.image, bench.kernel + step))
        assert bench.kernel_slope[place] == pytest.approx(slope, abs=1e-12)


def test_true_convolution_equals_scipys():
    from scipy.signal import convolve2d

    rng = np.random.default_rng(1)
    image, kernel = rng.normal(size=(5, 6)), rng.normal(size=(2, 3))
    bench = convolution_bench(image, kernel, flipped=True)
    np.testing.assert_allclose(bench.output, convolve2d(image, kernel, mode="valid"), rtol=1e-12, atol=1e-13)
    assert bench.forward[0].symbols.startswith("X(1,1)·W(2,3) + X(1,2)·W(2,2)")
    assert bench.backward_kernel[0].name == "dL/dW(2,3)"


def test_the_bench_does_not_share_the_users_arrays():
    image = np.ones((3, 3), np.float32)
    bench = convolution_bench(image, np.ones((2, 2), int))
    bench.image[0, 0] = 7.0
    assert image[0, 0] == 1.0
    assert bench.output.dtype == np.float64


def test_a_kernel_that_is_too_large():
    with pytest.raises(
        ValueError,
        match=r"an image of 2 x 2 pixels is too small .* O = \(W - K \+ 2P\) / S \+ 1 = \(2 - 3 \+ 0\) / 1 \+ 1 = 0",
    ):
        convolution_bench(np.ones((2, 2)), np.ones((3, 3)))


@pytest.mark.parametrize(
    ("image", "kernel", "text"),
    [
        (
            np.ones((4, 4, 3)),
            np.ones((2, 2)),
            r"image has shape \(4, 4, 3\); .* take one channel, such as image\[..., 0\]",
        ),
        (np.ones(4), np.ones((2, 2)), r"image has shape \(4,\); rows and columns of numbers are needed$"),
        (np.ones((4, 4)), np.ones((0, 2)), r"kernel has shape \(0, 2\)"),
        (
            [[1, np.nan], [2, 3]],
            [[1]],
            r"image has nan in row 1, column 2 \(1 such in all\); finite numbers are needed",
        ),
        (np.ones((2, 2)), [[np.inf]], r"kernel has inf in row 1, column 1"),
        ([["a", "b"], ["c", "d"]], [[1]], r"image has entries of type <U1; real numbers are needed"),
        (np.ones((2, 2), complex), [[1]], r"image has entries of type complex128; real numbers are needed"),
        ([[1, 2], [3]], [[1]], r"the rows of image differ in length"),
    ],
)
def test_images_and_kernels_that_are_none(image, kernel, text):
    with pytest.raises(ValueError, match=text):
        convolution_bench(image, kernel)


def test_options_out_of_range():
    with pytest.raises(ValueError, match=r"stride=0 must be an integer >= 1"):
        convolution_bench(np.ones((4, 4)), np.ones((2, 2)), stride=0)
    with pytest.raises(ValueError, match=r"padding='full' must be 'same', 'valid'"):
        convolution_bench(np.ones((4, 4)), np.ones((2, 2)), padding="full")
    with pytest.raises(ValueError, match=r"slope has 2 x 2 numbers; the output has 3 x 3, and each needs its dL/dY"):
        convolution_bench(np.ones((4, 4)), np.ones((2, 2)), slope=np.ones((2, 2)))
