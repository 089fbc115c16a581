"""A game as Lightning plays it, by manual optimisation, and the batches of one tensor without a DataLoader."""

from __future__ import annotations

from collections.abc import Iterator

import lightning
import torch
from torch import Tensor

from jobs import Job
from peers.torch_game import adam, build_players


class GameModule(lightning.LightningModule):
    """The job's players with their risks and optimizers."""

    def __init__(self, job: Job) -> None:
        super().__init__()
        self.automatic_optimization = False
        self.job, self.players = job, build_players(job.network)

    def training_step(self, batch: Tensor | list[Tensor], batch_index: int) -> None:
        real = batch if isinstance(batch, Tensor) else batch[0]
        discriminator, generator = self.optimizers()
        fake = self.players.samples(len(real))
        discriminator.zero_grad()
        self.manual_backward(self.players.discriminator_risk(real, fake.detach()))
        discriminator.step()
        self.players.discriminator.requires_grad_(False)
        generator.zero_grad()
        self.manual_backward(self.players.generator_risk(fake))
        generator.step()
        self.players.discriminator.requires_grad_(True)

    def configure_optimizers(self) -> list[torch.optim.Optimizer]:
        return [adam(self.players.discriminator, self.job), adam(self.players.generator, self.job)]


class Slices:
    """The batches of a tensor, in a new order each time that it is gone through."""

    def __init__(self, rows: Tensor, batch_size: int) -> None:
        self.rows, self.batch_size = rows, batch_size

    def __len__(self) -> int:
        return -(-len(self.rows) // self.batch_size)

    def __iter__(self) -> Iterator[Tensor]:
        return (self.rows[indices] for indices in torch.randperm(len(self.rows)).split(self.batch_size))
