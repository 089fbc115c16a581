"""The networks that the PyTorch contestants share, initialised as scikit-learn and Keras do (Glorot)."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn.functional import binary_cross_entropy_with_logits

from jobs import SEED, Job
from networks import (
    AutoencoderNetwork,
    ConvAutoencoderNetwork,
    ConvNetwork,
    DecoderNetwork,
    DenseNetwork,
    Network,
    VariationalNetwork,
)
from peers import Prediction

ACTIVATIONS = {"relu": nn.ReLU, "tanh": nn.Tanh}
LAYERS = (nn.Conv2d, nn.ConvTranspose2d, nn.Linear)


def build(network: Network) -> nn.Module:
    torch.manual_seed(SEED)
    builders = {
        AutoencoderNetwork: build_autoencoder,
        ConvAutoencoderNetwork: build_convolutional_autoencoder,
        ConvNetwork: build_convolutional,
        DecoderNetwork: build_decoder,
        DenseNetwork: build_dense,
        VariationalNetwork: VariationalAutoencoder,
    }
    return builders[type(network)](network)


def initialized(layers: list[nn.Module]) -> nn.Sequential:
    """In the memory layout that PyTorch's convolutions are fastest with on a CPU."""
    for layer in layers:
        if isinstance(layer, LAYERS):
            nn.init.xavier_uniform_(layer.weight)
            nn.init.zeros_(layer.bias)
    return nn.Sequential(*layers).to(memory_format=torch.channels_last)


def build_autoencoder(network: AutoencoderNetwork) -> nn.Sequential:
    encoder, decoder = nn.Linear(network.n_inputs, network.latent_dim), nn.Linear(network.latent_dim, network.n_inputs)
    return initialized([encoder, nn.LeakyReLU(0.01), decoder, nn.Sigmoid()])


def build_convolutional_autoencoder(network: ConvAutoencoderNetwork) -> nn.Sequential:
    shapes = network.map_shapes
    layers: list[nn.Module] = [nn.Unflatten(1, (shapes[0][2], *shapes[0][:2]))]
    for (_, _, n_in), (_, _, n_out) in pairwise(shapes):
        layers += [nn.Conv2d(n_in, n_out, 3, stride=2, padding=1), nn.ReLU()]
    height, width, n_channels = shapes[-1]
    layers += [ChannelsLast(), nn.Flatten(), nn.Linear(network.n_features, network.latent_dim)]
    layers += [nn.Linear(network.latent_dim, network.n_features), nn.ReLU()]
    layers += [nn.Unflatten(1, (height, width, n_channels)), ChannelsFirst()]
    for (_, _, n_in), (_, _, n_out) in pairwise(reversed(shapes)):
        layers += [nn.ConvTranspose2d(n_in, n_out, 3, stride=2, padding=1, output_padding=1), nn.ReLU()]
    return initialized([*layers[:-1], nn.Flatten(), nn.Sigmoid()])


class VariationalAutoencoder(nn.Module):
    """Rows to the logits of their pixels, by way of a sampled code, and to the code's means and log-variances."""

    def __init__(self, network: VariationalNetwork) -> None:
        super().__init__()
        n_inputs, n_hidden, latent_dim = network.n_inputs, network.n_hidden, network.latent_dim
        self.encoder = initialized([nn.Linear(n_inputs, n_hidden), nn.ReLU(), nn.Linear(n_hidden, 2 * latent_dim)])
        self.decoder = initialized([nn.Linear(latent_dim, n_hidden), nn.ReLU(), nn.Linear(n_hidden, n_inputs)])

    def forward(self, rows: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        means, log_variances = self.encoder(rows).chunk(2, dim=1)
        codes = means + torch.exp(0.5 * log_variances) * torch.randn_like(means)
        return self.decoder(codes), means, log_variances


class NegativeELBO(nn.Module):
    """Sums over pixels and latents, their mean over rows."""

    def forward(self, outputs: tuple[torch.Tensor, torch.Tensor, torch.Tensor], rows: torch.Tensor) -> torch.Tensor:
        logits, means, log_variances = outputs
        reconstruction = binary_cross_entropy_with_logits(logits, rows, reduction="sum")
        divergence = 0.5 * (log_variances.exp() + means.square() - 1 - log_variances).sum()
        return (reconstruction + divergence) / len(rows)


def loss_for(job: Job) -> nn.Module:
    if job.is_variational:
        return NegativeELBO()
    return nn.CrossEntropyLoss() if job.classifies else nn.MSELoss()


def build_decoder(network: DecoderNetwork) -> nn.Sequential:
    """Codes are (height, width, channels) as for the other contestants: the layout that is also PyTorch's fastest."""
    height, width, n_in = network.code_shape
    layers: list[nn.Module] = [nn.Unflatten(1, (height, width, n_in)), ChannelsFirst()]
    for n_out in network.channels:
        layers += [nn.ConvTranspose2d(n_in, n_out, 3, stride=2, padding=1, output_padding=1), nn.ReLU()]
        n_in = n_out
    layers[-1] = nn.Flatten()
    return initialized(layers)


class ChannelsFirst(nn.Module):
    """(n, height, width, channels) as PyTorch names its axes, without moving memory."""

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return images.permute(0, 3, 1, 2)


class ChannelsLast(nn.Module):
    """Undoes ``ChannelsFirst``."""

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return images.permute(0, 2, 3, 1)


def build_convolutional(network: ConvNetwork) -> nn.Sequential:
    layers: list[nn.Module] = [nn.Unflatten(1, (1, *network.image_shape))]
    n_in = 1
    for n_out in network.channels:
        layers += [nn.Conv2d(n_in, n_out, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)]
        n_in = n_out
    return initialized([*layers, nn.Flatten(), nn.Linear(network.n_features, network.n_outputs)])


def build_dense(network: DenseNetwork) -> nn.Sequential:
    layers: list[nn.Module] = []
    for n_in, n_out in pairwise(network.layer_sizes):
        layers += [nn.Linear(n_in, n_out), ACTIVATIONS[network.activation]()]
    return initialized(layers[:-1])


@torch.no_grad()
def predict(model: nn.Module, job: Job, X: NDArray[np.float32]) -> Prediction:
    """As `peers.Result` says."""
    model.eval()
    parts = [model(rows) for rows in torch.from_numpy(X).split(2048)]
    if job.is_variational:
        logits, means, log_variances = map(torch.cat, zip(*parts, strict=True))
        return torch.sigmoid(logits).numpy(), means.numpy(), log_variances.numpy()
    outputs = torch.cat(parts)
    return (torch.softmax(outputs.double(), dim=1) if job.classifies else outputs).numpy()
