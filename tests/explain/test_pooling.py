"""The pooling bench against the notes, PyTorch and the engine's pooling."""

import numpy as np
import pytest

from rosenblatt.explain import pooling_bench
from rosenblatt.nn.pooling import average_pool, max_pool

NOTES = [
    [2, 1, 7, 1, 2, 5],
    [5, 0, 3, 4, 1, 2],
    [1, 7, 8, 3, 3, 0],
    [0, 3, 2, 0, 1, 1],
    [3, 6, 5, 3, 0, 3],
    [3, 6, 0, 2, 1, 0],
]
CONFIGURATIONS = [(2, 2, 0), (3, 1, 1), ((2, 3), (1, 2), (1, 0)), (3, 2, 1)]


def test_the_notes_maximum():
    bench = pooling_bench(NOTES, 3)
    assert bench.output.tolist() == [[8.0, 5.0], [6.0, 3.0]]
    assert str(bench.forward[0]) == (
        "Y(1,1) = max(X(1,1), X(1,2), X(1,3), X(2,1), X(2,2), X(2,3), X(3,1), X(3,2), X(3,3))\n"
        "= max(2, 1, 7, 5, 0, 3, 1, 7, 8)\n= 8"
    )


def test_the_notes_mean():
    """Sums of 34, 21, 28 and 11 by hand, over nine pixels."""
    bench = pooling_bench(NOTES, 3, kind="average")
    np.testing.assert_allclose(bench.output, np.array([[34, 21], [28, 11]]) / 9, rtol=1e-15)
    assert bench.forward[1].numbers == "(1 + 2 + 5 + 4 + 1 + 2 + 3 + 3 + 0)·0.1111"
    assert bench.forward[1].symbols.endswith("+ X(3,6))·1/9")


def test_the_largest_pixel_gets_the_slope_and_the_mean_shares_it_out():
    slope = [[1, 2], [3, 4]]
    largest = pooling_bench(NOTES, 3, slope=slope)
    assert [tuple(place) for place in np.argwhere(largest.image_slope)] == [(0, 5), (2, 2), (4, 1), (4, 3)]
    assert largest.image_slope[0, 5] == 2.0
    mean = pooling_bench(NOTES, 3, kind="average", slope=slope)
    np.testing.assert_allclose(mean.image_slope, np.kron(slope, np.ones((3, 3))) / 9, rtol=1e-15)


def test_shares_add_up():
    bench = pooling_bench(NOTES, 3, 2, "average")
    assert bench.backward[0].so_far.values.sum() == pytest.approx(1.0)
    assert bench.backward[-1].so_far.values.sum() == pytest.approx(bench.output.size)
    assert bench.backward[1].shares.sum() == pytest.approx(bench.backward[1].slope)


def test_of_equal_pixels_the_first_is_the_largest():
    assert pooling_bench(np.ones((2, 2)), 2).image_slope.tolist() == [[1.0, 0.0], [0.0, 0.0]]


def test_padding_is_never_the_largest_and_counts_as_0_in_the_mean():
    image = -np.arange(1.0, 5.0).reshape(2, 2)
    assert pooling_bench(image, 2, 2, "max", 1).output.tolist() == [[-1, -2], [-3, -4]]
    assert pooling_bench(image, 2, 2, "average", 1).output.tolist() == [[-0.25, -0.5], [-0.75, -1]]
    assert pooling_bench(image, 2, 2, "average", 1).forward[0].numbers == "(-1)·0.25"


@pytest.mark.parametrize("kind", ["max", "average"])
@pytest.mark.parametrize("configuration", CONFIGURATIONS, ids=str)
def test_values_and_slopes_equal_the_engines(configuration, kind, float64):
    import jax

    size, stride, padding = configuration
    X = np.random.default_rng(0).normal(size=(6, 7))
    dY = np.random.default_rng(1).normal(size=pooling_bench(X, size, stride, kind, padding).output.shape)
    bench = pooling_bench(X, size, stride, kind, padding, slope=dY)
    pool = max_pool if kind == "max" else average_pool

    @jax.jit
    def value_and_slope(image, slope):
        value, pull = jax.vjp(lambda image: pool(image[..., None], bench.window)[..., 0], image)
        return value, pull(slope)[0]

    Y, dX = value_and_slope(X, dY)
    np.testing.assert_allclose(bench.output, Y, rtol=1e-12)
    np.testing.assert_allclose(bench.image_slope, dX, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("kind", ["max", "average"])
@pytest.mark.parametrize("configuration", CONFIGURATIONS, ids=str)
def test_values_and_slopes_equal_pytorchs(configuration, kind):
    torch = pytest.importorskip("torch")
    size, stride, padding = configuration
    image = np.random.default_rng(0).normal(size=(6, 7))
    bench = pooling_bench(image, size, stride, kind, padding)
    X = torch.tensor(image[None, None], requires_grad=True)
    pool = torch.nn.functional.max_pool2d if kind == "max" else torch.nn.functional.avg_pool2d
    Y = pool(X, size, stride, padding)
    Y.sum().backward()
    np.testing.assert_allclose(bench.output, Y.detach()[0, 0].numpy(), rtol=1e-12)
    np.testing.assert_allclose(bench.image_slope, X.grad[0, 0].numpy(), rtol=1e-12, atol=1e-13)


def test_mistakes():
    with pytest.raises(ValueError, match=r"kind='mean' must be one of \['average', 'max'\]"):
        pooling_bench(NOTES, 3, kind="mean")
    with pytest.raises(ValueError, match=r"an image of 2 x 2 pixels is too small .* \(2 - 3 \+ 0\) / 3 \+ 1 = 0"):
        pooling_bench(np.ones((2, 2)), 3)
    with pytest.raises(
        ValueError, match=r"the window of Y\(1,1\) covers nothing but padding=3; take a smaller padding"
    ):
        pooling_bench(np.ones((4, 4)), 2, padding=3)
    with pytest.raises(ValueError, match=r"image has nan in row 2, column 1"):
        pooling_bench([[1, 2], [np.nan, 3]], 2)
