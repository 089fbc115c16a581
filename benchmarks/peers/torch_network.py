"""The network that the four PyTorch contestants share, initialised as scikit-learn and Keras do (Glorot)."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from jobs import SEED, ConvNetwork, DecoderNetwork, DenseNetwork, Job, Network

ACTIVATIONS = {"relu": nn.ReLU, "tanh": nn.Tanh}


def build(network: Network) -> nn.Sequential:
    torch.manual_seed(SEED)
    if isinstance(network, DecoderNetwork):
        return build_decoder(network)
    return build_dense(network) if isinstance(network, DenseNetwork) else build_convolutional(network)


def loss_for(job: Job) -> nn.Module:
    return nn.CrossEntropyLoss() if job.classifies else nn.MSELoss()


def build_decoder(network: DecoderNetwork) -> nn.Sequential:
    """Codes are (height, width, channels) as for the other contestants: the layout that is also PyTorch's fastest."""
    height, width, n_in = network.code_shape
    layers: list[nn.Module] = [nn.Unflatten(1, (height, width, n_in)), ChannelsFirst()]
    for n_out in network.channels:
        layers += [nn.ConvTranspose2d(n_in, n_out, 3, stride=2, padding=1, output_padding=1), nn.ReLU()]
        n_in = n_out
    layers[-1] = nn.Flatten()
    for layer in layers:
        if isinstance(layer, nn.ConvTranspose2d):
            nn.init.xavier_uniform_(layer.weight)
            nn.init.zeros_(layer.bias)
    return nn.Sequential(*layers).to(memory_format=torch.channels_last)


class ChannelsFirst(nn.Module):
    """(n, height, width, channels) as PyTorch names its axes, without moving memory."""

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return images.permute(0, 3, 1, 2)


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
def predict(model: nn.Module, job: Job, X: NDArray[np.float32]) -> NDArray[np.floating]:
    """Probabilities of the classes, or numbers."""
    model.eval()
    outputs = torch.cat([model(rows) for rows in torch.from_numpy(X).split(2048)])
    return (torch.softmax(outputs.double(), dim=1) if job.classifies else outputs).numpy()
