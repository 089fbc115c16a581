"""The decoder as the encoder's mirror image: sizes, tied weights, padding, against NumPy and SciPy."""

import equinox as eqx
import jax
import numpy as np
import pytest
from scipy.special import expit

from rosenblatt.nn.activations import identity, relu, sigmoid, tanh
from rosenblatt.nn.autoencoder import AutoencoderNet, Biases, ConvDecoder
from rosenblatt.nn.convnet import ConvNet
from rosenblatt.nn.describe import describe_layers
from rosenblatt.nn.mlp import MLP
from rosenblatt.nn.parameters import count_parameters
from rosenblatt.nn.windows import Window


def dense(tied=False, output=identity):
    rng = np.random.default_rng(0)
    encoder = MLP.initialize([7, 6, 5, 2], [tanh, relu], "auto", rng)
    return made(encoder, tied, output, rng)


def convolutional(shape, tied=False, kernel_size=3, stride=2, padding="same"):
    rng = np.random.default_rng(0)
    window = Window.of(kernel_size, stride, padding, n_axes=len(shape) - 1)
    encoder = ConvNet.initialize(shape, [3, 4], window, None, None, [6], 2, [tanh, relu, sigmoid], "auto", rng)
    return made(encoder, tied, identity, rng)


def made(encoder, tied, output, rng):
    return AutoencoderNet.initialize(
        encoder,
        tied=tied,
        code_activation=identity,
        output_activation=output,
        learns_variance=False,
        initializer="auto",
        rng=rng,
    )


def with_biases(net):
    """The same with random biases, which start at 0."""
    rng = np.random.default_rng(1)
    return jax.tree.map(lambda a: rng.normal(size=a.shape).astype(np.float32) if a.ndim == 1 else a, net)


@pytest.mark.parametrize("tied", [False, True])
def test_dense_forward_is_numpys(tied):
    net = with_biases(dense(tied, output=sigmoid))
    x = np.random.default_rng(2).normal(size=7).astype(np.float32)
    (W1, W2, W3), (b1, b2, b3) = zip(*[(np.float64(e.weight), e.bias) for e in net.encoder.layers], strict=True)
    h = np.maximum(np.tanh(x @ W1 + b1) @ W2 + b2, 0) @ W3 + b3
    np.testing.assert_allclose(eqx.filter_jit(net.encode)(x), h, rtol=1e-5, atol=1e-6)
    if tied:
        V1, V2, V3 = W3.T, W2.T, W1.T
        c1, c2, c3 = net.decoder_parameters.biases
    else:
        (V1, V2, V3), (c1, c2, c3) = zip(*[(np.float64(e.weight), e.bias) for e in net.decoder.layers], strict=True)
    # The activations backwards: ReLU first, then tanh.
    logits = np.tanh(np.maximum(h @ V1 + c1, 0) @ V2 + c2) @ V3 + c3
    np.testing.assert_allclose(eqx.filter_jit(net)(x), expit(logits), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("shape", [(28, 28, 1), (7, 9, 3), (5, 4, 2), (1, 6, 1), (11, 2)])
@pytest.mark.parametrize(("kernel_size", "stride"), [(3, 2), (2, 2), (5, 3), (3, 1), (1, 4)])
def test_images_of_any_size_are_restored(shape, kernel_size, stride):
    net = convolutional(shape, kernel_size=kernel_size, stride=stride)
    x = np.zeros(shape, np.float32)
    assert isinstance(net.decoder, ConvDecoder)
    assert jax.eval_shape(net.encode, x).shape == (2,)
    assert jax.eval_shape(net, x).shape == (np.prod(shape),)
    layers = [layer.weight.shape for layer in net.decoder.layers]
    kernels = [block.convolution.weight.shape for block in net.encoder.features.blocks]
    assert layers == [(*kernel[:-2], kernel[-1], kernel[-2]) for kernel in reversed(kernels)]


def test_images_without_a_border_are_restored():
    net = convolutional((9, 10, 1), padding="valid")
    assert jax.eval_shape(net, np.zeros(90, np.float32)).shape == (90,)


@pytest.mark.parametrize("shape", [(6, 7, 2), (9, 2)])
def test_a_tied_linear_decoder_is_the_adjoint_of_its_encoder(shape):
    """<f(x), h> = <x, g(h)> where nothing bends and biases are 0."""
    rng = np.random.default_rng(0)
    window = Window.of(3, 2, "same", n_axes=len(shape) - 1)
    encoder = ConvNet.initialize(shape, [3, 4], window, None, None, [6], 2, [identity] * 3, "glorot", rng)
    net = made(encoder, True, identity, rng)
    x, h = rng.normal(size=shape).astype(np.float32), rng.normal(size=2).astype(np.float32)
    np.testing.assert_allclose(
        np.vdot(eqx.filter_jit(net.encode)(x), h), np.vdot(x.ravel(), eqx.filter_jit(net.decode)(h)), rtol=1e-4
    )


def test_tied_weights_count_once_and_learn_from_both_sides():
    free, tied = dense(), dense(tied=True)
    assert isinstance(tied.decoder_parameters, Biases)
    assert count_parameters(free).weights == 2 * count_parameters(tied).weights
    assert count_parameters(free).biases == count_parameters(tied).biases
    x = np.random.default_rng(2).normal(size=7).astype(np.float32)
    code = eqx.filter_jit(tied.encode)(x)
    slope = jax.jit(jax.grad(lambda net: net.decode(code).sum()))(tied)
    assert np.abs(slope.encoder.layers[0].weight).max() > 0


@pytest.mark.parametrize("tied", [False, True])
def test_padding_is_disconnected_and_undone(tied):
    net = with_biases(dense(tied))
    wide = net.padded(16)
    x = np.random.default_rng(2).normal(size=7).astype(np.float32)
    stuffed = np.concatenate([x, np.full(9, 5.0, np.float32)])
    np.testing.assert_allclose(wide.encode(stuffed), net.encode(x), rtol=1e-6)
    np.testing.assert_allclose(wide(stuffed)[:7], net(x), rtol=1e-6)
    for a, b in zip(jax.tree.leaves(wide.trimmed(7)), jax.tree.leaves(net), strict=True):
        np.testing.assert_array_equal(a, b)


def test_bytes_are_numbers_from_0_to_1():
    net, pixels = dense(), np.arange(7, dtype=np.uint8) * 40
    np.testing.assert_allclose(net(pixels), net(pixels / np.float32(255)), rtol=1e-6)


@pytest.mark.parametrize("net", [dense(), dense(tied=True), convolutional((7, 9, 3)), convolutional((7, 9, 3), True)])
def test_descriptions_count_all_parameters_and_name_the_code(net):
    layers = describe_layers(net, 7)
    assert sum(layer.weights for layer in layers) == count_parameters(net).weights
    assert sum(layer.biases for layer in layers) == count_parameters(net).biases
    assert [layer.output_shape for layer in layers if layer.name == "code"] == [(2,)]
    assert layers[-1].name == "reconstruction"


def test_description_of_a_transposed_convolution():
    last = describe_layers(convolutional((28, 28, 1)), 784)[-1]
    assert last.formula == "3 x 3 x 3 x 1 + 1, linear\n14 x 14 x 3 -> 28 x 28 x 1"
    assert last.output_shape == (28, 28, 1)
    assert last.multiply_adds == 14 * 14 * 3 * 9  # each pixel spreads the kernel
