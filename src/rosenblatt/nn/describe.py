"""What a network is made of, layer by layer."""

import itertools
import math
from typing import Any, NamedTuple

import equinox as eqx
import jax

from rosenblatt.nn.activations import Activation, identity
from rosenblatt.nn.autoencoder import AutoencoderNet, Biases, ConvDecoder
from rosenblatt.nn.convnet import Block, ConvNet
from rosenblatt.nn.gan import Discriminator, Generator
from rosenblatt.nn.mlp import MLP
from rosenblatt.nn.parameters import ParameterCount, count_parameters
from rosenblatt.nn.receptive_field import BlockFields, ReceptiveField, receptive_fields
from rosenblatt.nn.vae import VAENet
from rosenblatt.nn.windows import Window, times


class LayerDescription(NamedTuple):
    """One layer: what it puts out for one sample, what it learns and what it costs.

    ``multiply_adds`` are those of one sample's forward pass; taking a maximum or a mean counts as none.
    ``receptive_field`` is how many inputs one unit sees at most, or for images how many pixels on each axis.
    """

    name: str
    formula: str
    output_shape: tuple[int, ...]
    weights: int
    biases: int
    multiply_adds: int
    receptive_field: int | tuple[int, ...]


class Chain(NamedTuple):
    """The layers of one network, and in words what enters the first."""

    inputs: str
    layers: list[LayerDescription]


class DenseTwin(NamedTuple):
    """The size of a convolutional network with a dense layer in the place of each convolution.

    Each dense layer has as many inputs and units as the convolution takes and puts out numbers; pooling and the dense
    layers behind are the same.
    """

    parameters: ParameterCount
    multiply_adds: int


def describe_layers(network: Any, n_inputs: int) -> list[LayerDescription]:
    """The layers of a network; one that is not ours is described as a whole, from its parameters and output shape."""
    if isinstance(network, MLP):
        return _dense_layers(network, n_inputs)
    if isinstance(network, ConvNet):
        return _convolutional_layers(network)
    if isinstance(network, ConvDecoder):
        return [*_dense_layers(network.head, n_inputs), *_transposed_layers(network)]
    if isinstance(network, AutoencoderNet):
        return _autoencoder_layers(network, n_inputs)
    if isinstance(network, Generator):
        return _generator_layers(network, n_inputs)
    if isinstance(network, Discriminator):
        return _discriminator_layers(network, n_inputs)
    return [_opaque(network, n_inputs)]


def dense_twin(network: ConvNet) -> DenseTwin:
    """The size of the network if its convolutions were dense layers of the same width."""
    shapes = network.features.shapes()
    sizes = [
        (math.prod(shape), math.prod(_linear_shape(block, shape)))
        for block, shape in zip(network.features.blocks, shapes, strict=False)
    ]
    kernels = [block.convolution for block in network.features.blocks]
    saved = count_parameters(kernels)
    counted = count_parameters(network)
    weights = sum(inputs * units for inputs, units in sizes)
    biases = sum(units for _, units in sizes)
    head = sum(layer.weight.size for layer in network.head.layers)
    norms = sum(units for block, (_, units) in zip(network.features.blocks, sizes, strict=True) if block.normalization)
    parameters = ParameterCount(counted.weights - saved.weights + weights, counted.biases - saved.biases + biases)
    return DenseTwin(parameters, weights + head + norms)


def _dense_layers(network: MLP, sees: int | tuple[int, ...]) -> list[LayerDescription]:
    names = [*map(_name, network.activations)]
    layers = []
    for depth, layer in enumerate(network.layers):
        rows, columns = layer.weight.shape
        last = depth == len(network.layers) - 1
        layers.append(
            LayerDescription(
                "output" if last else f"hidden {depth + 1}",
                f"{rows} x {columns} + {columns}, {'linear' if last else names[depth]}",
                (columns,),
                rows * columns,
                columns,
                rows * columns,
                sees,
            )
        )
    return layers


def _convolutional_layers(network: ConvNet) -> list[LayerDescription]:
    features, layers = network.features, []
    pixels = features.image_shape[:-1]
    shapes, fields = features.shapes(), receptive_fields(features)
    for number, (block, shape, field) in enumerate(zip(features.blocks, shapes, fields, strict=False), 1):
        layers += _block_layers(block, shape, field, number, pixels)
    flat = math.prod(shapes[-1])
    sees = layers[-1].receptive_field
    formula = f"{times(shapes[-1])} = {flat}"
    return [*layers, LayerDescription("flatten", formula, (flat,), 0, 0, 0, sees), *_dense_layers(network.head, pixels)]


def _block_layers(
    block: Block, shape: tuple[int, ...], field: BlockFields, number: int, pixels: tuple[int, ...]
) -> list[LayerDescription]:
    """The layers of one block that takes images of that shape."""
    weight, bias = block.convolution.weight, block.convolution.bias
    linear = _linear_shape(block, shape)
    activation = _name(block.activation)
    sees = _at_most(field.convolution, pixels)
    formula = f"{times(weight.shape)} + {bias.size}, {activation}\n{_arithmetic(block.convolution.window, shape)}"
    cost = math.prod(linear[:-1]) * weight.size
    layers = [LayerDescription(f"convolution {number}", formula, linear, weight.size, bias.size, cost, sees)]
    if block.normalization is not None:
        n_parameters, groups = count_parameters(block.normalization).total, block.normalization.groups
        formula = f"2 x {bias.size} (scale, shift), {'layer' if groups == 1 else f'{groups} groups'}"
        name = f"normalization {number}"
        # One for each number: what is normalised, it multiplies and shifts. Its statistics see the whole image.
        layers.append(LayerDescription(name, formula, linear, 0, n_parameters, math.prod(linear), pixels))
    if block.pooling is not None:
        window = block.pooling.window
        formula = f"{times(window.size)}, {block.pooling.kind}\n{_arithmetic(window, linear)}"
        pooled = (*window.output_shape(linear[:-1]), linear[-1])
        layers.append(LayerDescription(f"pooling {number}", formula, pooled, 0, 0, 0, _at_most(field.output, pixels)))
    return layers


def _autoencoder_layers(network: AutoencoderNet, n_inputs: int) -> list[LayerDescription]:
    """The encoder's layers, the last of which is the code, and the decoder's; tied weights count as the encoder's."""
    *hidden, code = describe_layers(network.encoder, n_inputs)
    layers = describe_layers(network.decoder, network.latent_dim)
    named = [layer._replace(name=f"decoder {number}") for number, layer in enumerate(layers, 1)]
    if isinstance(network.decoder_parameters, Biases):
        named = [layer._replace(weights=0, formula=f"{layer.formula} (tied)") for layer in named]
    outputs = "mean and log-variance" if isinstance(network, VAENet) else _name_after(network.code_activation)
    formula = code.formula.replace("linear", outputs)
    last = named[-1]
    named[-1] = last._replace(
        name="reconstruction", formula=last.formula.replace("linear", _name_after(network.output_activation))
    )
    return [*hidden, code._replace(name="code", formula=formula), *named]


def _generator_layers(generator: Generator, n_inputs: int) -> list[LayerDescription]:
    *layers, last = describe_layers(generator.network, n_inputs)
    formula = last.formula.replace("linear", _name_after(generator.output_activation))
    return _numbered("generator", [*layers, last._replace(formula=formula)])


def _discriminator_layers(discriminator: Discriminator, n_inputs: int) -> list[LayerDescription]:
    layers, embedding = describe_layers(discriminator.network, n_inputs), discriminator.embedding
    if embedding is not None:
        formula, sees = f"{times(embedding.shape)}, projection on the class", layers[-1].receptive_field
        cost = embedding.shape[0]
        layers.append(LayerDescription("classes", formula, (1,), embedding.size, 0, cost, sees))
    return _numbered("discriminator", layers)


def _numbered(player: str, layers: list[LayerDescription]) -> list[LayerDescription]:
    """The layers under the name of their player, but for the mere change of shape."""
    numbers = itertools.count(1)
    return [each if each.name == "flatten" else each._replace(name=f"{player} {next(numbers)}") for each in layers]


def _transposed_layers(decoder: ConvDecoder) -> list[LayerDescription]:
    layers, shape = [], decoder.shape
    for number, layer in enumerate(decoder.layers):
        weight, bias = layer.weight, layer.bias
        output = (*layer.shape, bias.size)
        following = decoder.activations[number + 1] if number + 1 < len(decoder.activations) else identity
        formula = f"{times(weight.shape)} + {bias.size}, {_name_after(following)}\n{times(shape)} -> {times(output)}"
        cost = math.prod(shape[:-1]) * weight.size
        layers.append(LayerDescription("transposed", formula, output, weight.size, bias.size, cost, math.prod(shape)))
        shape = output
    return layers


def _name(activation: Activation) -> str:
    return getattr(activation, "__name__", type(activation).__name__).lower()


def _name_after(activation: Activation) -> str:
    """The name of what follows a linear layer."""
    return "linear" if activation is identity else _name(activation)


def _linear_shape(block: Block, shape: tuple[int, ...]) -> tuple[int, ...]:
    """The shape of what a block's convolution makes of an image of that shape."""
    return (*block.convolution.window.output_shape(shape[:-1]), block.convolution.weight.shape[-1])


def _arithmetic(window: Window, shape: tuple[int, ...]) -> str:
    """O = (W - K + 2P) / S + 1 with its numbers, once where all axes have the same."""
    axes = zip(shape[:-1], window.reach, window.pads(shape[:-1]), window.stride, strict=True)
    each = [_axis_arithmetic(width, reach, sum(pads), stride) for width, reach, pads, stride in axes]
    return "\n".join(f"O = {text}" for text in dict.fromkeys(each))


def _axis_arithmetic(width: int, reach: int, padding: int, stride: int) -> str:
    size = (width - reach + padding) / stride + 1  # rounded down where a window does not fit whole
    rounded = "" if size == int(size) else f" -> {int(size)}"
    border = f" + {padding}" if padding else ""
    return f"({width} - {reach}{border}) / {stride} + 1 = {size:g}{rounded}"


def _at_most(field: ReceptiveField, pixels: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(map(min, field.size, pixels))


def _opaque(network: Any, n_inputs: int) -> LayerDescription:
    output = jax.eval_shape(network, jax.ShapeDtypeStruct((n_inputs,), "float32"))
    counted = count_parameters(network)
    name = type(network).__name__
    return LayerDescription(name, "a network of your own", output.shape, *counted, counted.weights, n_inputs)


def bytes_of_layers(network: Any, n_inputs: int) -> int:
    """The memory of what each operation of any network puts out on the way from one row to its output.

    What an operation needs within, such as the patches of a convolution, is not counted.
    """
    row = jax.ShapeDtypeStruct((n_inputs,), "float32")
    values = [value for step in eqx.filter_make_jaxpr(network)(row)[0].jaxpr.eqns for value in step.outvars]
    return sum(math.prod(value.aval.shape) * value.aval.dtype.itemsize for value in values)
