"""The game of generator and discriminator that the PyTorch contestants share, and its risks.

Both players learn from the same samples, as in PyTorch's own DCGAN example: the discriminator from what is cut off the
generator's graph, the generator through that graph, while the discriminator's weights ask for no gradient.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.functional import softplus

from jobs import EPSILON, SEED, Job
from networks import ConvGame, DenseGame, Game
from peers import Prediction
from peers.torch_network import ChannelsFirst, ChannelsLast, initialized

SLOPE = 0.2


class Players(nn.Module):
    """The generator, from codes to rows, and the discriminator, from rows to logits."""

    def __init__(self, generator: nn.Module, discriminator: nn.Module, latent_dim: int) -> None:
        super().__init__()
        self.generator, self.discriminator, self.latent_dim = generator, discriminator, latent_dim

    def samples(self, n_rows: int) -> Tensor:
        return self.generator(torch.randn(n_rows, self.latent_dim))

    def discriminator_risk(self, real: Tensor, fake: Tensor) -> Tensor:
        of_real, of_fake = self.discriminator(torch.cat([real, fake])).split(len(real))
        return softplus(-of_real).mean() + softplus(of_fake).mean()

    def generator_risk(self, fake: Tensor) -> Tensor:
        return softplus(-self.discriminator(fake)).mean()


def build_players(network: Game) -> Players:
    torch.manual_seed(SEED)
    builders = {ConvGame: convolutional_players, DenseGame: dense_players}
    return builders[type(network)](network)


def dense_players(network: DenseGame) -> Players:
    n_features, hidden, latent_dim = network.n_features, network.hidden_layer_sizes, network.latent_dim
    return Players(dense((latent_dim, *hidden, n_features)), dense((n_features, *hidden, 1)), latent_dim)


def dense(layer_sizes: tuple[int, ...]) -> nn.Sequential:
    layers: list[nn.Module] = []
    for n_in, n_out in pairwise(layer_sizes):
        layers += [nn.Linear(n_in, n_out), nn.LeakyReLU(SLOPE)]
    return initialized(layers[:-1])


def convolutional_players(network: ConvGame) -> Players:
    shapes = network.map_shapes
    down: list[nn.Module] = [nn.Unflatten(1, (shapes[0][2], *shapes[0][:2]))]
    for (_, _, n_in), (_, _, n_out) in pairwise(shapes):
        down += [nn.Conv2d(n_in, n_out, 4, stride=2, padding=1), nn.LeakyReLU(SLOPE)]
    down += [ChannelsLast(), nn.Flatten(), nn.Linear(network.n_features, 1)]
    up = [nn.Linear(network.latent_dim, network.n_features), nn.LeakyReLU(SLOPE)]
    up += [nn.Unflatten(1, shapes[-1]), ChannelsFirst()]
    for (_, _, n_in), (_, _, n_out) in pairwise(reversed(shapes)):
        up += [nn.ConvTranspose2d(n_in, n_out, 4, stride=2, padding=1), nn.LeakyReLU(SLOPE)]
    return Players(initialized([*up[:-1], nn.Flatten(), nn.Tanh()]), initialized(down), network.latent_dim)


def adam(module: nn.Module, job: Job, fused: bool = True) -> torch.optim.Adam:
    return torch.optim.Adam(module.parameters(), lr=job.learning_rate, betas=job.betas, eps=EPSILON, fused=fused)


def game_step(players: Players, job: Job, what_to_compile: str) -> Callable[[Tensor, Tensor], None]:
    """One move of each player on a batch of real rows, which are their own targets."""
    generator, discriminator = adam(players.generator, job), adam(players.discriminator, job)
    moves = [players.samples, players.discriminator_risk, players.generator_risk]
    if what_to_compile:
        moves = [torch.compile(each, dynamic=False) for each in moves]
    samples, discriminator_risk, generator_risk = moves
    updates = [discriminator.step, generator.step]
    update_discriminator, update_generator = map(torch.compile, updates) if "step" in what_to_compile else updates

    def step(real: Tensor, _: Tensor) -> None:
        fake = samples(len(real))
        discriminator.zero_grad(set_to_none=True)
        discriminator_risk(real, fake.detach()).backward()
        update_discriminator()
        players.discriminator.requires_grad_(False)
        generator.zero_grad(set_to_none=True)
        generator_risk(fake).backward()
        update_generator()
        players.discriminator.requires_grad_(True)

    return step


@torch.no_grad()
def predict_game(players: Players, X: NDArray[np.float32]) -> Prediction:
    """As `peers.Result` says."""
    parts = []
    for rows in torch.from_numpy(X).split(2048):
        samples = players.samples(len(rows))
        parts.append((players.discriminator(rows)[:, 0], samples, players.discriminator(samples)[:, 0]))
    return tuple(torch.cat(each).numpy() for each in zip(*parts, strict=True))
