"""The network that the four PyTorch contestants share, initialised as scikit-learn and Keras do (Glorot)."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from jobs import SEED, ConvNetwork, DenseNetwork

ACTIVATIONS = {"relu": nn.ReLU, "tanh": nn.Tanh}


def build(network: DenseNetwork | ConvNetwork) -> nn.Sequential:
    torch.manual_seed(SEED)
    return build_dense(network) if isinstance(network, DenseNetwork) else build_convolutional(network)


def build_convolutional(network: ConvNetwork) -> nn.Sequential:
    """In the memory layout that PyTorch's convolutions are fastest with on a CPU."""
    layers: list[nn.Module] = [nn.Unflatten(1, (1, *network.image_shape))]
    n_in = 1
    for n_out in network.channels:
        layers += [nn.Conv2d(n_in, n_out, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)]
        n_in = n_out
    layers += [nn.Flatten(), nn.Linear(network.n_features, network.n_outputs)]
    for layer in layers:
        if isinstance(layer, nn.Conv2d | nn.Linear):
            nn.init.xavier_uniform_(layer.weight)
            nn.init.zeros_(layer.bias)
    return nn.Sequential(*layers).to(memory_format=torch.channels_last)


def build_dense(network: DenseNetwork) -> nn.Sequential:
    layers: list[nn.Module] = []
    for n_in, n_out in pairwise(network.layer_sizes):
        linear = nn.Linear(n_in, n_out)
        nn.init.xavier_uniform_(linear.weight)
        nn.init.zeros_(linear.bias)
        layers += [linear, ACTIVATIONS[network.activation]()]
    return nn.Sequential(*layers[:-1])


@torch.no_grad()
def predict_proba(model: nn.Module, X: NDArray[np.float32]) -> NDArray[np.floating]:
    model.eval()
    return torch.softmax(model(torch.from_numpy(X)).double(), dim=1).numpy()
