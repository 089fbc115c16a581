"""Convolution against PyTorch over a grid, SciPy, brute force, and central differences."""

import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import signal

from rosenblatt.nn import correlation
from rosenblatt.nn.convolution import Convolution, TransposedConvolution, convolve
from rosenblatt.nn.correlation import correlate, correlate_transposed, transposed_shape
from rosenblatt.nn.correlation_forms import Forms, can_winograd, flip, kernel_slope_by_patches
from rosenblatt.nn.initializers import INITIALIZERS
from rosenblatt.nn.windows import Window

RTOL = 1e-4  # sums of up to 7 x 7 x 6 float32 products in another order


def corner_cases(values, n, seed):
    """n of all combinations, drawn once and for all, so that each value of each axis occurs often."""
    combinations = list(itertools.product(*values))
    chosen = np.random.default_rng(seed).permutation(len(combinations))[:n]
    return [combinations[i] for i in chosen]


GRID = corner_cases(
    [
        [(9, 11), (6, 10)],  # image
        [(3, 3), (2, 3), (1, 4)],  # kernel
        [(1, 1), (2, 2), (3, 1)],  # stride
        [(0, 0), (1, 1), (2, 1)],  # padding
        [(1, 1), (2, 2), (1, 3)],  # dilation
        [(1, (1, 4)), (1, (3, 2)), (2, (4, 6)), (4, (4, 8))],  # groups and channels
    ],
    72,
    seed=0,
)
STRIDE_1_GRID = corner_cases(
    [
        [(9, 11), (6, 10), (3, 7)],  # image
        [(3, 3), (3, 1), (3, 4)],  # kernel
        [(1, 1), (1, 2)],  # stride
        [(0, 0), (1, 1), (2, 3)],  # padding
        [(1, 1), (1, 2)],  # dilation
        [(1, (2, 4)), (1, (3, 2)), (1, (6, 5))],  # groups and channels
    ],
    72,
    seed=2,
)
TRANSPOSED_GRID = corner_cases(
    [
        [(4, 3), (2, 5)],  # image
        [(3, 3), (4, 2), (5, 1)],  # kernel
        [(1, 1), (2, 2), (3, 2)],  # stride
        [(0, 0), (1, 0)],  # padding
        [(0, 0), (1, 1), (0, 1)],  # output padding, where smaller than the stride
        [(1, 1), (2, 2)],  # dilation
        [(1, (1, 3)), (1, (3, 2)), (2, (4, 6))],  # groups and channels
    ],
    72,
    seed=1,
)
QUICK = {"xla_backend_optimization_level": 0, "xla_llvm_disable_expensive_passes": True}  # hundreds are compiled


def arrays(seed, *shapes):
    rng = np.random.default_rng(seed)
    return [rng.normal(size=shape).astype(np.float32) for shape in shapes]


def value_and_gradients(function, images, kernel, slope):
    """f of each image, and the gradients of sum(f * slope): what vmap makes of a function of one image."""

    def all_of_it(images, kernel, slope):
        value, pull = jax.vjp(lambda i, k: jax.vmap(lambda image: function(image, k))(i), images, kernel)
        return (value, *pull(slope))

    return jax.jit(all_of_it, compiler_options=QUICK)(images, kernel, slope)


def torch_gradients(function, images, weight, slope):
    import torch

    images = torch.tensor(np.moveaxis(images, -1, 1), requires_grad=True)
    weight = torch.tensor(weight, requires_grad=True)
    value = function(images, weight)
    value.backward(torch.tensor(np.moveaxis(np.asarray(slope), -1, 1).copy()))
    return tuple(t.detach().numpy() for t in (value, images.grad, weight.grad))


def assert_all_close(mine, theirs):
    for ours, other in zip(mine, theirs, strict=True):
        np.testing.assert_allclose(ours, other, rtol=RTOL, atol=RTOL * np.abs(other).max())


@pytest.mark.slow
@pytest.mark.parametrize(
    ("forms", "grid"),
    [
        (Forms("patches", "patches"), GRID),
        (Forms("winograd", "winograd"), STRIDE_1_GRID),
        (Forms("native", "turned"), STRIDE_1_GRID),
    ],
)
def test_values_and_gradients_are_pytorch_s(forms, grid, monkeypatch):
    """Forward, dx and dW of each form, over the configurations that it can do."""

    def choose(n_inputs, n_outputs, groups, window):
        able = {"winograd": can_winograd(window), "turned": max(window.stride) == 1}.get(forms.kernel_slope, True)
        return forms if able and groups == 1 else Forms("patches", "patches")

    monkeypatch.setattr(correlation, "choose_forms", choose)
    assert_pytorch_s(grid)


@pytest.mark.slow
def test_values_and_gradients_on_an_accelerator_are_pytorch_s(monkeypatch):
    monkeypatch.setattr(jax, "default_backend", lambda: "gpu")
    assert_pytorch_s(GRID)


def assert_pytorch_s(grid):
    torch = pytest.importorskip("torch")
    for number, (shape, size, stride, padding, dilation, (groups, (inputs, outputs))) in enumerate(grid):
        window = Window.of(size, stride, padding, dilation)
        images, kernel = arrays(number, (2, *shape, inputs), (*size, inputs // groups, outputs))
        (slope,) = arrays(number + 1, (2, *window.output_shape(shape), outputs))
        mine = value_and_gradients(lambda i, k, w=window, g=groups: correlate(i, k, w, g), images, kernel, slope)
        value, dx, dw = torch_gradients(
            lambda i, w, s=stride, p=padding, d=dilation, g=groups: torch.nn.functional.conv2d(i, w, None, s, p, d, g),
            images,
            kernel.transpose(3, 2, 0, 1).copy(),
            slope,
        )
        assert_all_close(mine, (np.moveaxis(value, 1, -1), np.moveaxis(dx, 1, -1), dw.transpose(2, 3, 1, 0)))


@pytest.mark.slow
@pytest.mark.parametrize("backend", ["cpu", "gpu"])
def test_transposed_values_and_gradients_are_pytorch_s(backend, monkeypatch):
    torch = pytest.importorskip("torch")
    monkeypatch.setattr(jax, "default_backend", lambda: backend)
    for number, case in enumerate(TRANSPOSED_GRID):
        shape, size, stride, padding, output_padding, dilation, (groups, (inputs, outputs)) = case
        window = Window.of(size, stride, padding, dilation)
        output_padding = tuple(min(e, s - 1) for e, s in zip(output_padding, stride, strict=True))
        larger = transposed_shape(shape, window, output_padding)
        images, kernel = arrays(number, (2, *shape, inputs), (*size, inputs, outputs // groups))
        (slope,) = arrays(number + 1, (2, *larger, outputs))
        mine = value_and_gradients(
            lambda i, k, w=window, s=larger, g=groups: correlate_transposed(i, k, w, s, g), images, kernel, slope
        )
        value, dx, dw = torch_gradients(
            lambda i, w, s=stride, p=padding, o=output_padding, g=groups, d=dilation: (
                torch.nn.functional.conv_transpose2d(i, w, None, s, p, o, g, d)
            ),
            images,
            kernel.transpose(2, 3, 0, 1).copy(),
            slope,
        )
        assert_all_close(mine, (np.moveaxis(value, 1, -1), np.moveaxis(dx, 1, -1), dw.transpose(2, 3, 0, 1)))


TRANSFORMED = {
    "a kernel for each image": lambda f, x, k: jax.vmap(f)(x[:3], jnp.stack([k, 2 * k, k + 1])),
    "several kernels": lambda f, x, k: jax.vmap(lambda k: f(x[0], k))(jnp.stack([k, k + 1])),
    "the slope for each image": lambda f, x, k: jax.vmap(jax.grad(lambda x, k: (f(x, k) ** 3).sum(), 1), (0, None))(
        x, k
    ),
    "images along the last axis": lambda f, x, k: jax.vmap(f, (3, None), 2)(jnp.moveaxis(x, 0, 3), k),
    "two axes of images": lambda f, x, k: jax.vmap(jax.vmap(f, (0, None)), (0, None))(x.reshape(2, 2, *x.shape[1:]), k),
    "forward mode": lambda f, x, k: jax.jvp(lambda k: jax.vmap(f, (0, None))(x, k), (k,), (k**2,))[1],
    "forward over reverse": lambda f, x, k: jax.jvp(
        jax.grad(lambda x: (f(x, k) ** 3).sum()), (x[0],), (jnp.cos(x[0]),)
    )[1],
    "reverse over reverse": lambda f, x, k: jax.grad(
        lambda k: (jax.grad(lambda x: (jax.vmap(f, (0, None))(x, k) ** 2).sum())(x) ** 2).sum()
    )(k),
    "a loop": lambda f, x, k: jax.lax.map(lambda x: f(x, k), x),
}


@pytest.mark.parametrize("transformed", TRANSFORMED.values(), ids=TRANSFORMED)
@pytest.mark.parametrize(("n_inputs", "stride"), [(8, 1), (3, 2)], ids=["winograd", "patches"])
def test_jax_transforms_it_like_its_own(transformed, n_inputs, stride, float64):
    """In every order of vmap and derivatives, to the second; the oracle is XLA's convolution."""
    rng = np.random.default_rng(4)
    images, kernel = rng.normal(size=(4, 5, 6, n_inputs)), rng.normal(size=(3, 3, n_inputs, 2))
    window = Window.of(3, stride, 1)

    def native(image, kernel):
        return correlation.correlate_natively(image[None], kernel, window, 1)[0]

    found = jax.jit(lambda x, k: transformed(lambda x, k: correlate(x, k, window), x, k))(images, kernel)
    expected = jax.jit(lambda x, k: transformed(native, x, k))(images, kernel)
    np.testing.assert_allclose(found, expected, rtol=1e-10, atol=1e-10 * np.abs(expected).max())


def brute_force(image, kernel, window, groups, transposed_to=None):
    """The sums of the definition, one product at a time, in float64; or its transpose, product by product."""
    shape = image.shape[:-1] if transposed_to is None else transposed_to
    places = window.output_shape(shape)
    pads = window.pads(shape)
    n_outputs = kernel.shape[-1] if transposed_to is None else kernel.shape[-1] * groups
    result = np.zeros((*(places if transposed_to is None else shape), n_outputs))
    for place in itertools.product(*map(range, places)):
        for entry in itertools.product(*map(range, window.size)):
            pixel = tuple(
                p * s + e * d - before
                for p, s, e, d, (before, _) in zip(place, window.stride, entry, window.dilation, pads, strict=True)
            )
            if not all(0 <= x < n for x, n in zip(pixel, shape, strict=True)):
                continue
            for i, o in itertools.product(range(image.shape[-1]), range(n_outputs)):
                group = i // (image.shape[-1] // groups)
                if group != o // (n_outputs // groups):
                    continue
                if transposed_to is None:
                    result[(*place, o)] += image[(*pixel, i)] * kernel[(*entry, i % (image.shape[-1] // groups), o)]
                else:
                    result[(*pixel, o)] += image[(*place, i)] * kernel[(*entry, i, o % kernel.shape[-1])]
    return result


@pytest.mark.parametrize("shape", [(7,), (5, 6)])
@pytest.mark.parametrize("padding", ["valid", "same", 1])
def test_the_definition_in_one_and_two_dimensions(shape, padding):
    n_axes = len(shape)
    window = Window.of(3, 2, padding, 1, n_axes)
    image, kernel = arrays(0, (*shape, 4), (*window.size, 2, 6))
    expected = brute_force(image, kernel, window, groups=2)
    np.testing.assert_allclose(correlate(image, kernel, window, groups=2), expected, rtol=RTOL, atol=1e-5)
    places = window.output_shape(shape)
    image, kernel = arrays(1, (*places, 4), (*window.size, 4, 3))
    expected = brute_force(image, kernel, window, groups=2, transposed_to=shape)
    found = correlate_transposed(image, kernel, window, shape, groups=2)
    np.testing.assert_allclose(found, expected, rtol=RTOL, atol=1e-5)


def test_correlation_and_convolution_are_scipy_s():
    image, kernel = arrays(2, (6, 7, 1), (3, 2, 1, 1))
    window = Window.of((3, 2))
    plain, plain_kernel = image[..., 0], kernel[..., 0, 0]
    expected = signal.correlate2d(plain, plain_kernel, mode="valid")
    np.testing.assert_allclose(correlate(image, kernel, window)[..., 0], expected, rtol=RTOL, atol=1e-6)
    expected = signal.convolve2d(plain, plain_kernel, mode="valid")
    np.testing.assert_allclose(convolve(image, kernel, window)[..., 0], expected, rtol=RTOL, atol=1e-6)
    np.testing.assert_array_equal(flip(flip(kernel)), kernel)


def test_the_notes_example():
    """A 4 x 4 image, a 2 x 2 kernel, 3 x 3 sums: Y_11 = X_11 W_11 + X_12 W_12 + X_21 W_21 + X_22 W_22, and so on."""
    X, W = np.arange(1.0, 17).reshape(4, 4), np.array([[1.0, 2.0], [3.0, 4.0]])
    expected = [[1 * 1 + 2 * 2 + 5 * 3 + 6 * 4, 54, 64], [84, 94, 104], [124, 134, 144]]
    found = correlate(jnp.asarray(X)[..., None], jnp.asarray(W)[..., None, None], Window.of(2))
    np.testing.assert_array_equal(found[..., 0], expected)


@pytest.mark.parametrize("groups", [1, 3])
def test_gradients_equal_central_differences(groups, float64):
    window, shape = Window.of(3, 2, 1), (5, 4)
    rng = np.random.default_rng(5)
    image, kernel = rng.normal(size=(*shape, 3)), rng.normal(size=(3, 3, 3 // groups, 6))
    wide = rng.normal(size=(*window.output_shape(shape), 6))
    spreading = rng.normal(size=(3, 3, 6, 3 // groups))

    def numbers(image, kernel, wide, spreading):
        forward = jnp.tanh(correlate(image, kernel, window, groups))
        return (forward * jnp.tanh(wide)).sum() + jnp.sin(
            correlate_transposed(wide, spreading, window, shape, groups)
        ).sum()

    arguments = (image, kernel, wide, spreading)
    gradients = jax.jit(jax.grad(numbers, range(4)))(*arguments)
    direction = [rng.normal(size=a.shape) for a in arguments]
    step = 1e-5
    ahead, behind = ([a + sign * step * d for a, d in zip(arguments, direction, strict=True)] for sign in (1, -1))
    difference = (numbers(*ahead) - numbers(*behind)) / (2 * step)
    slope = sum((g * d).sum() for g, d in zip(gradients, direction, strict=True))
    np.testing.assert_allclose(slope, difference, rtol=1e-7)


@pytest.mark.parametrize("size", [1, 4], ids=["plain", "turned"])
def test_the_kernel_s_slope_is_numpys_plain_and_turned(size):
    """dK(m, n) = sum_ij I(S i + m, S j + n) d(i, j), with 3 channels in and 20 out: rows of 3 or 48."""
    window = Window.of(size, 2)
    images, slopes = arrays(9, (2, 8, 10, 3), (2, *window.output_shape((8, 10)), 20))
    rows, columns = slopes.shape[1:3]
    expected = np.empty((size, size, 3, 20))
    for m, n in np.ndindex(size, size):
        covered = images[:, m : m + 2 * rows - 1 : 2, n : n + 2 * columns - 1 : 2]
        expected[m, n] = np.einsum("bijc,bijo->co", covered.astype(float), slopes)
    found = kernel_slope_by_patches(images, slopes, window, 1)
    # Sums of up to 40 products of float32 numbers about 1.
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-5 * np.abs(expected).max())


def test_the_transposed_convolution_is_the_transpose():
    """<conv(x), y> = <x, transposed(y)> for all x and y, with the kernel's channels exchanged."""
    window, shape = Window.of((3, 4), (2, 3), "same"), (7, 9)
    image, kernel = arrays(7, (*shape, 2), (3, 4, 2, 5))
    (other,) = arrays(8, (*window.output_shape(shape), 5))
    forward = (correlate(image, kernel, window) * other).sum()
    backward = (image * correlate_transposed(other, kernel.swapaxes(2, 3), window, shape)).sum()
    np.testing.assert_allclose(forward, backward, rtol=1e-4)


def test_layers_start_with_the_variance_that_their_fan_in_asks_for():
    rng = np.random.default_rng(0)
    layer = Convolution.initialize(16, 64, Window.of(3), INITIALIZERS["he"], rng, groups=2)
    assert layer.weight.shape == (3, 3, 8, 64)
    assert layer.weight.var() == pytest.approx(2 / (9 * 8), rel=0.1)
    spread = TransposedConvolution.initialize(32, 8, Window.of(4, 2), (10, 10), INITIALIZERS["he"], rng)
    assert spread.weight.shape == (4, 4, 32, 8)
    assert spread.weight.var() == pytest.approx(2 / (4 * 32), rel=0.1)
    assert layer.bias.dtype == layer.weight.dtype == np.float32
    (image,) = arrays(3, (6, 6, 16))
    assert layer(image).shape == (4, 4, 64)
    flipped = Convolution(layer.weight, layer.bias, layer.window, 2, flipped=True)
    np.testing.assert_allclose(flipped(image), convolve(image, layer.weight, layer.window, 2), rtol=1e-5)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: correlate(np.ones((4, 4, 3)), np.ones((3, 3, 1, 2)), Window.of(3)), "3 channels.*takes 1"),
        (lambda: correlate(np.ones((4, 4, 4)), np.ones((3, 3, 2, 3)), Window.of(3), 2), "3 output channels.*2 groups"),
        (lambda: correlate(np.ones((2, 5, 1)), np.ones((3, 3, 1, 2)), Window.of(3)), r"\(2 - 3 \+ 0\) / 1 \+ 1 = 0"),
        (
            lambda: correlate_transposed(np.ones((4, 4, 3)), np.ones((3, 3, 2, 2)), Window.of(3), (6, 6)),
            "3 channels.*takes 2",
        ),
        (
            lambda: correlate_transposed(np.ones((4, 4, 2)), np.ones((3, 3, 2, 2)), Window.of(3), (9, 9)),
            "9 x 9 pixels into 7 x 7.*4 x 4",
        ),
        (lambda: transposed_shape((4, 4), Window.of(3, 2), 2), "output_padding=2.*0 to stride - 1"),
        (lambda: transposed_shape((1, 1), Window.of(1, 1, 1)), "cuts all"),
    ],
)
def test_what_does_not_fit_is_told(call, words):
    with pytest.raises(ValueError, match=words):
        call()
