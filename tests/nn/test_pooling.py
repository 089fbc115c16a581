"""Pooling against brute force, the notes' example, PyTorch, and its gradients."""

import itertools
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from rosenblatt.nn.pooling import Pooling, average_pool, global_average_pool, global_max_pool, max_pool
from rosenblatt.nn.windows import Window

# The 6 x 6 image of the notes; its last entry, which the notes' scan lost, does not decide any maximum.
NOTES = np.array(
    [
        [2, 1, 7, 1, 2, 5],
        [5, 0, 3, 4, 1, 2],
        [1, 7, 8, 3, 3, 0],
        [0, 3, 2, 0, 1, 1],
        [3, 6, 5, 3, 0, 3],
        [3, 6, 0, 2, 1, 0],
    ],
    np.float32,
)
WINDOWS = [
    Window.of(2, 2),
    Window.of(3, 3),
    Window.of((2, 3), (2, 3)),
    Window.of(3, 2),
    Window.of(3, 1, 1),
    Window.of(2, 3),
    Window.of(2, 1, 0, 2),
]


@pytest.mark.parametrize("window", WINDOWS, ids=str)
def test_values_are_those_of_the_definition(window):
    image = np.random.default_rng(0).normal(size=(7, 8, 3)).astype(np.float32)
    for pool, border, reduction in ((max_pool, -np.inf, np.max), (average_pool, 0.0, np.mean)):
        padded = np.pad(image, [*window.pads(image.shape[:-1]), (0, 0)], constant_values=border)
        places = window.output_shape(image.shape[:-1])
        expected = np.empty((*places, 3))
        for place in itertools.product(*map(range, places)):
            covered = tuple(
                slice(p * s, p * s + r, d)
                for p, s, r, d in zip(place, window.stride, window.reach, window.dilation, strict=True)
            )
            expected[place] = reduction(padded[covered], axis=(0, 1))
        np.testing.assert_allclose(jax.jit(pool, static_argnums=1)(image, window), expected, rtol=1e-6)


def test_the_notes_example():
    """3 x 3 windows, stride 3: the largest are 8, 5, 6, 3; the upper left mean is 34 / 9."""
    image = NOTES[..., None]
    np.testing.assert_array_equal(max_pool(image, Window.of(3, 3))[..., 0], [[8, 5], [6, 3]])
    assert float(average_pool(image, Window.of(3, 3))[0, 0, 0]) == pytest.approx(34 / 9)


@pytest.mark.parametrize("window", WINDOWS, ids=str)
def test_gradients_are_pytorch_s(window):
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(1)
    image = rng.integers(0, 4, (9, 8, 2)).astype(np.float32)  # with ties
    slope = rng.normal(size=(*window.output_shape((9, 8)), 2)).astype(np.float32)
    theirs = torch.tensor(np.moveaxis(image, -1, 0)[None], requires_grad=True)
    padding = tuple(before for before, _ in window.pads((9, 8)))
    pooled = torch.nn.functional.max_pool2d(theirs, window.size, window.stride, padding, window.dilation)
    pooled.backward(torch.tensor(np.moveaxis(slope, -1, 0)[None].copy()))
    _, pull = jax.vjp(lambda image: max_pool(image, window), image)
    np.testing.assert_allclose(pull(slope)[0], np.moveaxis(theirs.grad[0].numpy(), 0, -1), rtol=1e-6)


def gradient_of_the_first(image, slope, window):
    """The definition: each place of the window gives its slope to the first of the largest pixels under it."""
    pads = window.pads(image.shape[:-1])
    padded = np.pad(image.astype(np.float64), [*pads, (0, 0)], constant_values=-np.inf)
    gradient = np.zeros(padded.shape)
    for *place, channel in np.ndindex(slope.shape):
        axes = zip(place, window.stride, window.reach, window.dilation, strict=True)
        covered = (*(slice(p * s, p * s + r, d) for p, s, r, d in axes), channel)
        first = np.unravel_index(padded[covered].argmax(), padded[covered].shape)
        gradient[covered][first] += slope[(*place, channel)]
    inside = tuple(slice(before, before + n) for (before, _), n in zip(pads, image.shape, strict=False))
    return gradient[inside]


@partial(jax.jit, static_argnums=(0, 3))
def pull_back(pool, image, slope, window):
    """The gradient of a pooled image times ``slope``: compiled, since it is one program and not some dozens."""
    _, pull = jax.vjp(lambda image: pool(image, window), image)
    return pull(slope)[0]


@pytest.mark.parametrize("window", WINDOWS, ids=str)
def test_of_equal_pixels_the_first_gets_the_gradient(window):
    """Images of 0 and 1 have ties of any number of pixels."""
    rng = np.random.default_rng(0)
    image = rng.integers(0, 2, (9, 8, 3)).astype(np.float32)
    slope = rng.normal(size=(*window.output_shape((9, 8)), 3)).astype(np.float32)
    expected = gradient_of_the_first(image, slope, window)
    np.testing.assert_allclose(pull_back(max_pool, image, slope, window), expected, rtol=1e-5, atol=1e-6)
    constant = np.full_like(image, 7)
    expected = gradient_of_the_first(constant, slope, window)
    np.testing.assert_allclose(pull_back(max_pool, constant, slope, window), expected, rtol=1e-5, atol=1e-6)


TIES = {
    "one": ([[0, 3], [1, 2]], [[0, 1], [0, 0]]),
    "two in a row": ([[5, 5], [1, 2]], [[1, 0], [0, 0]]),
    "two in a column": ([[1, 5], [1, 5]], [[0, 1], [0, 0]]),
    "two across": ([[0, 1], [1, 0.5]], [[0, 1], [0, 0]]),
    "three": ([[-2, -1], [-1, -1]], [[0, 1], [0, 0]]),
    "four": ([[4, 4], [4, 4]], [[1, 0], [0, 0]]),
    "zeros of both signs": ([[-0.0, 0.0], [-1, -1]], [[1, 0], [0, 0]]),
    "two ties in the half that loses": ([[1, 1], [2, 0]], [[0, 0], [1, 0]]),
    "minus infinity": ([[-np.inf, 2], [-np.inf, 2]], [[0, 1], [0, 0]]),
    "infinity": ([[np.inf, 2], [np.inf, 2]], [[1, 0], [0, 0]]),
}


@pytest.mark.parametrize("name", TIES)
@pytest.mark.parametrize("stride", [1, 2])
def test_ties_in_one_window(stride, name):
    """At stride 1 the same pixels are seen by a window that may overlap others."""
    image, expected = (np.array(array, np.float32)[..., None] for array in TIES[name])
    gradient = pull_back(max_pool, image, np.full((1, 1, 1), 6, np.float32), Window.of(2, stride))
    np.testing.assert_allclose(gradient, 6 * expected, rtol=1e-6)


def test_ties_of_a_signal_and_of_a_window_that_is_not_square():
    signal = np.array([3, 3, 3, 1, 2, 2], np.float32)[:, None]
    gradient = pull_back(max_pool, signal, np.array([[6], [1]], np.float32), Window.of(3, 3, n_axes=1))
    np.testing.assert_allclose(gradient[:, 0], [6, 0, 0, 0, 1, 0], rtol=1e-6)
    image = np.array([[2, 2, 1, 2, 2, 2]], np.float32)[..., None]  # five of six pixels
    gradient = pull_back(max_pool, image, np.full((1, 1, 1), 5, np.float32), Window.of((1, 6), (1, 6)))
    np.testing.assert_allclose(gradient[0, :, 0], [5, 0, 0, 0, 0, 0], rtol=1e-6)


@pytest.mark.parametrize("stride", [1, 2, 3])
def test_pixels_that_no_window_covers_have_no_gradient(stride):
    image = np.arange(25, dtype=np.float32).reshape(5, 5, 1)  # the last pixel of each window is the largest
    window = Window.of(2, stride)
    gradient = pull_back(max_pool, image, np.ones((*window.output_shape((5, 5)), 1), np.float32), window)
    np.testing.assert_allclose(gradient.sum(), np.prod(window.output_shape((5, 5))), rtol=1e-6)
    assert (gradient[4] == 0).all() == (stride == 2)


@pytest.mark.parametrize("pool", [max_pool, average_pool])
@pytest.mark.parametrize("window", WINDOWS, ids=str)
def test_what_is_not_a_number_is_seen_by_every_window_over_it(window, pool):
    image = np.random.default_rng(0).normal(size=(7, 8, 2)).astype(np.float32)
    compiled = jax.jit(pool, static_argnums=1)
    expected = np.array(compiled(image, window))
    image[3, 3, 1] = np.nan
    touched = np.zeros((7, 8, 2), np.float32)
    touched[3, 3, 1] = 1
    sees = np.asarray(jax.jit(average_pool, static_argnums=1)(touched, window)) > 0
    assert sees.any()
    expected[sees] = np.nan
    np.testing.assert_allclose(compiled(image, window), expected, rtol=1e-6)


@pytest.mark.parametrize("window", WINDOWS, ids=str)
def test_minus_infinity_is_the_largest_only_where_there_is_nothing_else(window):
    image = np.full((7, 8, 2), -np.inf, np.float32)
    assert np.isneginf(max_pool(image, window)).all()
    image[3, 3, 1] = -1e30
    touched = np.where(np.isfinite(image), np.float32(1), np.float32(0))
    sees = np.asarray(average_pool(touched, window)) > 0
    np.testing.assert_array_equal(max_pool(image, window), np.where(sees, np.float32(-1e30), -np.inf))
    slope = np.ones(sees.shape, np.float32)
    assert pull_back(max_pool, image, slope, window)[3, 3, 1] == pytest.approx(sees.sum())


def test_ties_in_a_batch_that_is_compiled():
    """As training does it: vectorized over images, inside a program."""
    images = np.random.default_rng(0).integers(0, 2, (5, 6, 4, 3)).astype(np.float32)
    window = Window.of(2, 2)
    slopes = np.random.default_rng(1).normal(size=(5, 3, 2, 3)).astype(np.float32)

    @jax.jit
    def gradients(images, slopes):
        return jax.vmap(lambda image, slope: jax.vjp(lambda x: max_pool(x, window), image)[1](slope)[0])(images, slopes)

    expected = np.stack([gradient_of_the_first(*pair, window) for pair in zip(images, slopes, strict=True)])
    np.testing.assert_allclose(gradients(images, slopes), expected, rtol=1e-5, atol=1e-6)


def test_gradient_of_the_mean_is_shared_out():
    slope = jax.grad(lambda image: average_pool(image, Window.of(2, 2)).sum())(jnp.ones((4, 4, 1)))
    np.testing.assert_array_equal(slope, np.full((4, 4, 1), 0.25))


def test_global_pooling_and_the_layer():
    image = np.random.default_rng(2).normal(size=(5, 4, 3)).astype(np.float32)
    np.testing.assert_allclose(global_average_pool(image), image.mean((0, 1)), rtol=1e-5)
    np.testing.assert_array_equal(global_max_pool(image), image.max((0, 1)))
    window = Window.of(2, 2)
    np.testing.assert_array_equal(Pooling(window, "max")(image), max_pool(image, window))
    np.testing.assert_array_equal(Pooling(window, "average")(image), average_pool(image, window))
    signal = image[:, 0]
    assert max_pool(signal, Window.of(2, 2, n_axes=1)).shape == (2, 3)


def test_an_image_smaller_than_the_window_is_refused():
    with pytest.raises(ValueError, match=r"\(1 - 2 \+ 0\) / 2 \+ 1 = 0"):
        max_pool(np.ones((1, 4, 1)), Window.of(2, 2))
