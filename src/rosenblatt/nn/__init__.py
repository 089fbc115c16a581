"""What the function is: activations, layers, networks that see one sample, and what they are made of."""

from typing import TYPE_CHECKING

from rosenblatt.lazy import attach

if TYPE_CHECKING:
    from rosenblatt.nn.activations import ACTIVATIONS as ACTIVATIONS
    from rosenblatt.nn.activations import LeakyReLU as LeakyReLU
    from rosenblatt.nn.dense import Dense as Dense
    from rosenblatt.nn.describe import DenseTwin as DenseTwin
    from rosenblatt.nn.describe import LayerDescription as LayerDescription
    from rosenblatt.nn.describe import dense_twin as dense_twin
    from rosenblatt.nn.describe import describe_layers as describe_layers
    from rosenblatt.nn.initializers import INITIALIZERS as INITIALIZERS
    from rosenblatt.nn.mlp import MLP as MLP
    from rosenblatt.nn.parameters import ParameterCount as ParameterCount
    from rosenblatt.nn.parameters import count_parameters as count_parameters
    from rosenblatt.nn.receptive_field import ReceptiveField as ReceptiveField
    from rosenblatt.nn.receptive_field import receptive_fields as receptive_fields

_HOMES = {
    "ACTIVATIONS": "activations",
    "Dense": "dense",
    "DenseTwin": "describe",
    "INITIALIZERS": "initializers",
    "LayerDescription": "describe",
    "LeakyReLU": "activations",
    "MLP": "mlp",
    "ParameterCount": "parameters",
    "ReceptiveField": "receptive_field",
    "count_parameters": "parameters",
    "dense_twin": "describe",
    "describe_layers": "describe",
    "receptive_fields": "receptive_field",
}

__all__ = sorted(_HOMES)
__getattr__, __dir__ = attach(__name__, _HOMES)
