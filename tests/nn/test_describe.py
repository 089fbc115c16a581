"""The layers of a convolutional network and their cost, counted by hand, and against what they really put out."""

import math

import jax
import numpy as np
import pytest

from rosenblatt.nn import count_parameters, dense_twin, describe_layers
from rosenblatt.nn.activations import relu
from rosenblatt.nn.convnet import ConvNet
from rosenblatt.nn.describe import bytes_of_layers
from rosenblatt.nn.windows import Window


def network(shape=(28, 28, 1), window=None, pooling=("max", 2), groups=None, channels=(32, 64), hidden=(128,)):
    activations, rng = [relu] * (len(channels) + len(hidden)), np.random.default_rng(0)
    window = window or Window.of(3, padding="same", n_axes=len(shape) - 1)
    return ConvNet.initialize(shape, channels, window, pooling, groups, hidden, 10, activations, "auto", rng)


def test_the_network_of_the_benchmark():
    layers = {layer.name: layer for layer in describe_layers(network(), 784)}
    assert list(layers) == [
        "convolution 1", "pooling 1", "convolution 2", "pooling 2", "flatten", "hidden 1", "output"
    ]  # fmt: skip
    first, second = layers["convolution 1"], layers["convolution 2"]
    assert first.formula == "3 x 3 x 1 x 32 + 32, relu\nO = (28 - 3 + 2) / 1 + 1 = 28"
    assert (first.output_shape, first.weights, first.biases) == ((28, 28, 32), 3 * 3 * 32, 32)
    assert first.multiply_adds == 28 * 28 * 3 * 3 * 32
    assert second.multiply_adds == 14 * 14 * 3 * 3 * 32 * 64
    assert second.receptive_field == (8, 8)
    assert layers["pooling 2"].formula == "2 x 2, max\nO = (14 - 2) / 2 + 1 = 7"
    assert layers["pooling 2"].receptive_field == (10, 10)
    assert layers["flatten"].output_shape == (3136,)
    assert layers["hidden 1"].receptive_field == (28, 28)


@pytest.mark.parametrize(
    "options",
    [
        {"shape": (33, 37, 3), "window": Window.of((3, 4), stride=2), "groups": 4},
        {"shape": (40, 2), "channels": (5,)},
        {"window": Window.of(3, dilation=2), "pooling": None, "hidden": ()},
        {"shape": (9, 9, 1), "pooling": ("average", 4), "groups": 1, "channels": (4, 4, 4)},
    ],
)
def test_shapes_and_parameters_are_those_of_the_network(options):
    net = network(**options)
    layers = describe_layers(net, math.prod(net.features.image_shape))
    maps = jax.eval_shape(net.features.maps, np.zeros(net.features.image_shape, np.float32))
    found = [layer.output_shape for layer in layers if layer.name.startswith(("convolution", "pooling"))]
    assert found == [array.shape for block in maps for array in (block[0], *block[2:])]
    counted = count_parameters(net)
    assert (sum(layer.weights for layer in layers), sum(layer.biases for layer in layers)) == counted


def test_what_does_not_fit_whole_is_said_and_each_axis_that_differs():
    layers = describe_layers(network((27, 28, 1), channels=(4,)), 756)
    assert layers[0].formula.endswith("O = (27 - 3 + 2) / 1 + 1 = 27\nO = (28 - 3 + 2) / 1 + 1 = 28")
    assert "O = (27 - 2) / 2 + 1 = 13.5 -> 13\n" in layers[1].formula


def test_the_dense_network_of_the_same_width():
    twin = dense_twin(network())
    convolutions = 784 * 25088 + (14 * 14 * 32) * (14 * 14 * 64)
    head = 3136 * 128 + 128 * 10
    assert twin.parameters == (convolutions + head, 25088 + 12544 + 138)
    assert twin.multiply_adds == convolutions + head


def test_normalization_is_a_layer_that_sees_all():
    layers = {layer.name: layer for layer in describe_layers(network(groups=8), 784)}
    normalization = layers["normalization 1"]
    assert (normalization.weights, normalization.biases) == (0, 64)
    assert normalization.receptive_field == (28, 28)
    assert "8 groups" in normalization.formula


def test_bytes_of_layers_are_those_of_all_that_is_computed():
    """Of a dense layer of 4 units for 3 inputs: the product, the sum with the biases, and what comes after."""
    weight, bias = np.ones((3, 4), np.float32), np.ones(4, np.float32)
    assert bytes_of_layers(lambda x: x @ weight + bias, 3) == 2 * 4 * 4
    assert bytes_of_layers(lambda x: (x @ weight + bias).sum(), 3) == 2 * 4 * 4 + 4
