"""The network that the four PyTorch contestants share, initialised as scikit-learn and Keras do (Glorot)."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from jobs import SEED, DenseNetwork

ACTIVATIONS = {"relu": nn.ReLU, "tanh": nn.Tanh}


def build(network: DenseNetwork) -> nn.Sequential:
    torch.manual_seed(SEED)
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
