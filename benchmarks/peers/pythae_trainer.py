"""pythae's VAE with its own trainer, whose defaults are kept: a DataLoader, plain Adam, the best model copied."""

from __future__ import annotations

import tempfile
from typing import Any

import numpy as np
import torch
import torch._dynamo  # the optimizer loads it at its first use, and imports are not timed
from numpy.typing import NDArray
from pythae.data.datasets import BaseDataset
from pythae.models import VAE, VAEConfig
from pythae.models.base.base_utils import ModelOutput
from pythae.models.nn import BaseDecoder, BaseEncoder
from pythae.trainers import BaseTrainer, BaseTrainerConfig
from pythae.trainers.training_callbacks import TrainingCallback
from torch import Tensor, nn

from jobs import EPSILON, SEED, Job
from networks import VariationalNetwork
from peers import Prediction, Result, Stopwatch
from peers.torch_network import initialized


class Encoder(BaseEncoder):
    """As pythae's own encoders are: one head for the means and one for the log-variances."""

    def __init__(self, network: VariationalNetwork) -> None:
        super().__init__()
        self.hidden = initialized([nn.Linear(network.n_inputs, network.n_hidden), nn.ReLU()])
        self.means = initialized([nn.Linear(network.n_hidden, network.latent_dim)])
        self.log_variances = initialized([nn.Linear(network.n_hidden, network.latent_dim)])

    def forward(self, x: Tensor) -> ModelOutput:
        hidden = self.hidden(x)
        return ModelOutput(embedding=self.means(hidden), log_covariance=self.log_variances(hidden))


class Decoder(BaseDecoder):
    """pythae's reconstruction loss takes probabilities."""

    def __init__(self, network: VariationalNetwork) -> None:
        super().__init__()
        n_hidden = network.n_hidden
        layers = [nn.Linear(network.latent_dim, n_hidden), nn.ReLU(), nn.Linear(n_hidden, network.n_inputs)]
        self.layers = initialized([*layers, nn.Sigmoid()])

    def forward(self, z: Tensor) -> ModelOutput:
        return ModelOutput(reconstruction=self.layers(z))


class EpochListener(TrainingCallback):
    """Takes the time at the end of every epoch."""

    def __init__(self, stopwatch: Stopwatch) -> None:
        self.stopwatch = stopwatch

    def on_epoch_end(self, training_config: BaseTrainerConfig, **kwargs: Any) -> None:
        self.stopwatch.lap()


def train(job: Job, X: NDArray[np.float32], y: NDArray[np.float32], settings: dict[str, Any]) -> Result:
    torch.set_num_threads(settings["threads"])
    torch.manual_seed(SEED)
    stopwatch = Stopwatch()
    network = job.network
    config = VAEConfig(input_dim=(network.n_inputs,), latent_dim=network.latent_dim, reconstruction_loss="bce")
    model = VAE(config, encoder=Encoder(network), decoder=Decoder(network))
    with tempfile.TemporaryDirectory() as folder:
        training = BaseTrainerConfig(
            output_dir=folder,
            num_epochs=job.epochs,
            per_device_train_batch_size=job.batch_size,
            learning_rate=job.learning_rate,
            optimizer_params={"betas": job.betas, "eps": EPSILON},
            seed=SEED,
        )
        rows = BaseDataset(torch.from_numpy(X), torch.zeros(len(X)))
        BaseTrainer(model, rows, training_config=training, callbacks=[EpochListener(stopwatch)]).train()
    return stopwatch.result(lambda rows: predict(model, rows))


@torch.no_grad()
def predict(model: VAE, X: NDArray[np.float32]) -> Prediction:
    """As `peers.Result` says."""
    parts = []
    for rows in torch.from_numpy(X).split(2048):
        posterior = model.encoder(rows)
        means, log_variances = posterior.embedding, posterior.log_covariance
        codes = means + torch.exp(0.5 * log_variances) * torch.randn_like(means)
        parts.append((model.decoder(codes).reconstruction, means, log_variances))
    return tuple(torch.cat(each).numpy() for each in zip(*parts, strict=True))
