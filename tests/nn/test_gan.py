"""The networks of a game: shapes for any image, labels by hand in NumPy, padding that is disconnected."""

import equinox as eqx
import jax
import numpy as np
import pytest

from rosenblatt.nn.activations import LeakyReLU, identity, tanh
from rosenblatt.nn.autoencoder import ConvDecoder, fresh_decoder
from rosenblatt.nn.convnet import ConvNet
from rosenblatt.nn.describe import describe_layers
from rosenblatt.nn.gan import Discriminator, Generator
from rosenblatt.nn.mlp import MLP
from rosenblatt.nn.parameters import count_parameters
from rosenblatt.nn.windows import Window

leaky = LeakyReLU(0.2)
LATENTS, CLASSES = 3, 4


def dense(hidden=(6, 5), n_inputs=7, n_classes=0):
    """A discriminator and its mirror image, with random biases and embedding, which start at 0."""
    rng = np.random.default_rng(0)
    network = MLP.initialize([n_inputs, *hidden, 1], [leaky] * len(hidden), "auto", rng)
    return players(network, (hidden or (n_inputs,))[-1], n_classes, rng)


def convolutional(shape, hidden=(), n_classes=0, kernel_size=4, stride=2, padding="same"):
    rng = np.random.default_rng(0)
    window = Window.of(kernel_size, stride, padding, n_axes=len(shape) - 1)
    functions = [leaky] * (2 + len(hidden))
    network = ConvNet.initialize(shape, [3, 5], window, None, None, hidden, 1, functions, "auto", rng)
    return players(network, network.head.layers[-1].weight.shape[0], n_classes, rng)


def players(network, n_units, n_classes, rng):
    generator = Generator(fresh_decoder(network, LATENTS + n_classes, "auto", rng), tanh, n_classes)
    discriminator = Discriminator(network, np.zeros((n_units, n_classes), np.float32) if n_classes else None)
    return jax.tree.map(lambda a: np.float32(a + 0.1 * rng.normal(size=a.shape)), (generator, discriminator))


@pytest.mark.parametrize("shape", [(28, 28, 1), (7, 9, 3), (5, 4, 2), (1, 6, 1), (11, 2)])
@pytest.mark.parametrize(("kernel_size", "stride"), [(4, 2), (3, 2), (5, 3), (3, 1)])
def test_images_of_any_size(shape, kernel_size, stride):
    generator, discriminator = convolutional(shape, (), 0, kernel_size, stride)
    assert isinstance(generator.network, ConvDecoder)
    assert generator.latent_dim == LATENTS
    row = jax.eval_shape(generator, np.zeros(LATENTS, np.float32))
    assert row.shape == (np.prod(shape),)
    assert jax.eval_shape(discriminator, row).shape == ()
    kernels = [block.convolution.weight.shape for block in discriminator.network.features.blocks]
    mirrored = [layer.weight.shape for layer in generator.network.layers]
    assert mirrored == [(*kernel[:-2], kernel[-1], kernel[-2]) for kernel in reversed(kernels)]


def test_a_border_that_is_not_padded():
    generator, discriminator = convolutional((13, 15, 1), (6,), 2, padding="valid")
    row = jax.eval_shape(generator, np.zeros(LATENTS, np.float32), np.int32(1))
    assert row.shape == (13 * 15,)
    assert jax.eval_shape(discriminator, row, np.int32(1)).shape == ()


@pytest.mark.parametrize("hidden", [(), (6,), (6, 5)])
def test_a_fresh_decoder_has_the_widths_backwards_and_scales_its_weights_by_its_own_fan_in(hidden):
    rng = np.random.default_rng(0)
    encoder = MLP.initialize([400, *hidden, 1], [leaky] * len(hidden), "auto", rng)
    decoder = fresh_decoder(encoder, 300, "lecun", rng)
    widths = [decoder.n_inputs, *(layer.weight.shape[1] for layer in decoder.layers)]
    assert widths == [300, *hidden[::-1], 400]
    first = decoder.layers[0].weight
    # N(0, 1 / 300): the standard error of a deviation is 1 / sqrt(2 n) of it.
    assert first.std() * np.sqrt(300) == pytest.approx(1, abs=6 / np.sqrt(2 * first.size))
    assert encoder.layers[-1].weight.shape == ((400, *hidden)[-1], 1)  # it is left alone


def leak(z):
    return np.where(z > 0, z, 0.2 * z)


@pytest.mark.parametrize("label", [None, 2])
def test_a_dense_generator_is_numpys(label):
    generator, _ = dense(n_classes=CLASSES if label is not None else 0)
    code = np.random.default_rng(1).normal(size=LATENTS).astype(np.float32)
    z = code if label is None else np.concatenate([code, np.eye(CLASSES)[label]])
    (W1, b1), (W2, b2), (W3, b3) = ((np.float64(e.weight), e.bias) for e in generator.network.layers)
    expected = np.tanh(leak(leak(z @ W1 + b1) @ W2 + b2) @ W3 + b3)
    found = eqx.filter_jit(generator)(code, None if label is None else np.int32(label))
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)
    assert generator.latent_dim == LATENTS


@pytest.mark.parametrize("hidden", [(), (6, 5)])
def test_a_label_is_projected_on_the_last_hidden_units(hidden):
    _, discriminator = dense(hidden, n_classes=CLASSES)
    x = np.random.default_rng(1).normal(size=7).astype(np.float32)
    h = np.float64(x)
    *layers, last = discriminator.network.layers
    for layer in layers:
        h = leak(h @ np.float64(layer.weight) + layer.bias)
    unconditional = (h @ np.float64(last.weight) + last.bias)[0]
    call = eqx.filter_jit(discriminator)
    np.testing.assert_allclose(call(x), unconditional, rtol=1e-5)
    for label in range(CLASSES):
        expected = unconditional + h @ np.float64(discriminator.embedding[:, label])
        np.testing.assert_allclose(call(x, np.int32(label)), expected, rtol=1e-5)


@pytest.mark.parametrize("hidden", [(), (6,)])
def test_a_convolutional_discriminator_projects_the_label_on_features_or_hidden_units(hidden):
    _, discriminator = convolutional((7, 9, 3), hidden, CLASSES)
    x = np.random.default_rng(1).normal(size=7 * 9 * 3).astype(np.float32)
    features = np.float64(eqx.filter_jit(discriminator.network.features)(x))
    *layers, _ = discriminator.network.head.layers
    for layer in layers:
        features = leak(features @ np.float64(layer.weight) + layer.bias)
    call = eqx.filter_jit(discriminator)
    difference = call(x, np.int32(3)) - call(x)
    np.testing.assert_allclose(difference, features @ np.float64(discriminator.embedding[:, 3]), rtol=1e-4)


@pytest.mark.parametrize("n_classes", [0, CLASSES])
@pytest.mark.parametrize("hidden", [(), (6, 5)])
def test_padding_is_disconnected_and_undone(hidden, n_classes):
    generator, discriminator = dense(hidden, n_classes=n_classes)
    wide = generator.padded(16), discriminator.padded(16)
    rng = np.random.default_rng(2)
    code, x = (rng.normal(size=n).astype(np.float32) for n in (LATENTS, 7))
    label = np.int32(1) if n_classes else None
    row = eqx.filter_jit(wide[0])(code, label)
    np.testing.assert_allclose(row[:7], eqx.filter_jit(generator)(code, label), rtol=1e-5, atol=1e-6)
    np.testing.assert_array_equal(row[7:], np.zeros(9))
    stuffed = np.concatenate([x, np.full(9, 5.0, np.float32)])
    expected = eqx.filter_jit(discriminator)(x, label)
    np.testing.assert_allclose(eqx.filter_jit(wide[1])(stuffed, label), expected, rtol=1e-5, atol=1e-6)
    for padded, plain in zip(wide, (generator, discriminator), strict=True):
        for a, b in zip(jax.tree.leaves(padded.trimmed(7)), jax.tree.leaves(plain), strict=True):
            np.testing.assert_array_equal(a, b)
        assert jax.tree.structure(padded.trimmed(7)) == jax.tree.structure(plain)


def test_labels_do_not_make_a_row_float64(float64):
    generator, _ = dense(n_classes=CLASSES)
    assert jax.eval_shape(generator, np.zeros(LATENTS, np.float32), np.int32(1)).dtype == np.float32


@pytest.mark.parametrize(
    "made",
    [dense(), dense((), n_classes=CLASSES), convolutional((7, 9, 3), (6,), CLASSES), convolutional((11, 2))],
    ids=["dense", "labels", "conv", "signal"],
)
def test_descriptions_count_all_parameters_under_the_players_names(made):
    for player, network in zip(("generator", "discriminator"), made, strict=True):
        layers = describe_layers(network, 7)
        assert sum(layer.weights for layer in layers) == count_parameters(network).weights
        assert sum(layer.biases for layer in layers) == count_parameters(network).biases
        names = [layer.name for layer in layers if layer.name != "flatten"]
        assert names == [f"{player} {number + 1}" for number in range(len(names))]
    assert "tanh" in describe_layers(made[0], 7)[-1].formula


def test_a_generator_of_unbounded_rows_ends_linearly():
    generator, _ = dense()
    plain = Generator(generator.network, identity)
    assert describe_layers(plain, LATENTS)[-1].formula == "6 x 7 + 7, linear"
