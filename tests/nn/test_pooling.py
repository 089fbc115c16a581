"""Pooling against brute force, the notes' example, PyTorch, and its gradients."""

import itertools

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
        np.testing.assert_allclose(pool(image, window), expected, rtol=1e-6)


def test_the_notes_example():
    """3 x 3 windows, stride 3: the largest are 8, 5, 6, 3; the upper left mean is 34 / 9."""
    image = NOTES[..., None]
    np.testing.assert_array_equal(max_pool(image, Window.of(3, 3))[..., 0], [[8, 5], [6, 3]])
    assert float(average_pool(image, Window.of(3, 3))[0, 0, 0]) == pytest.approx(34 / 9)


@pytest.mark.parametrize("window", WINDOWS, ids=str)
def test_gradients_are_pytorch_s(window):
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(1)
    image = rng.normal(size=(9, 8, 2)).astype(np.float32)
    slope = rng.normal(size=(*window.output_shape((9, 8)), 2)).astype(np.float32)
    theirs = torch.tensor(np.moveaxis(image, -1, 0)[None], requires_grad=True)
    padding = tuple(before for before, _ in window.pads((9, 8)))
    pooled = torch.nn.functional.max_pool2d(theirs, window.size, window.stride, padding, window.dilation)
    pooled.backward(torch.tensor(np.moveaxis(slope, -1, 0)[None].copy()))
    _, pull = jax.vjp(lambda image: max_pool(image, window), image)
    np.testing.assert_allclose(pull(slope)[0], np.moveaxis(theirs.grad[0].numpy(), 0, -1), rtol=1e-6)


@pytest.mark.parametrize("window", WINDOWS, ids=str)
def test_of_equal_pixels_the_first_gets_the_gradient(window):
    """As in PyTorch; images of three grey levels have ties of all kinds."""
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(2)
    image = rng.integers(0, 3, (9, 8, 4)).astype(np.float32)
    theirs = torch.tensor(np.moveaxis(image, -1, 0)[None], requires_grad=True)
    padding = tuple(before for before, _ in window.pads((9, 8)))
    torch.nn.functional.max_pool2d(theirs, window.size, window.stride, padding, window.dilation).sum().backward()
    slope = jax.jit(jax.grad(lambda image: max_pool(image, window).sum()))(image)
    np.testing.assert_array_equal(slope, np.moveaxis(theirs.grad[0].numpy(), 0, -1))


@pytest.mark.parametrize("stride", [1, 2])
def test_each_window_gives_its_gradient_to_one_pixel(stride):
    image = jnp.array([[0.0, 1.0], [1.0, 1.0]])[..., None]
    slope = jax.grad(lambda image: max_pool(image, Window.of(2, stride)).sum())(image)
    np.testing.assert_array_equal(slope[..., 0], [[0, 1], [0, 0]])


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
