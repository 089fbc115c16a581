"""What a network is made of, layer by layer."""

from typing import Any, NamedTuple

import jax

from rosenblatt.nn.mlp import MLP
from rosenblatt.nn.parameters import count_parameters


class LayerDescription(NamedTuple):
    """One layer: what it puts out for one sample, what it learns and what it costs.

    ``multiply_adds`` are those of one sample's forward pass; ``receptive_field`` is how many inputs one unit sees.
    """

    name: str
    formula: str
    output_shape: tuple[int, ...]
    weights: int
    biases: int
    multiply_adds: int
    receptive_field: int


def describe_layers(network: Any, n_inputs: int) -> list[LayerDescription]:
    """The layers of a network; one that is not ours is described as a whole, from its parameters and output shape."""
    if not isinstance(network, MLP):
        return [_opaque(network, n_inputs)]
    names = [getattr(a, "__name__", type(a).__name__).lower() for a in network.activations]
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
                n_inputs,
            )
        )
    return layers


def _opaque(network: Any, n_inputs: int) -> LayerDescription:
    output = jax.eval_shape(network, jax.ShapeDtypeStruct((n_inputs,), "float32"))
    counted = count_parameters(network)
    name = type(network).__name__
    return LayerDescription(name, "a network of your own", output.shape, *counted, counted.weights, n_inputs)
