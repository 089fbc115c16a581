"""Watching the latents of a variational autoencoder while it learns."""

from typing import NamedTuple

import numpy as np

from rosenblatt.metrics.latent import active_units, kl_of_latents
from rosenblatt.models.elbo import posterior
from rosenblatt.nn.mlp import MLP
from rosenblatt.nn.vae import VAENet
from rosenblatt.training.callbacks import Callback, Logs
from rosenblatt.training.inference import IMAGES, ROWS, apply
from rosenblatt.training.loop import Training


class LatentRecord(NamedTuple):
    """The latents after an epoch.

    Attributes
    ----------
    epoch : int
    beta : float
        The weight of the KL in this epoch; NaN under a ``capacity`` that has none.
    kl : ndarray (latent_dim,)
        Of each latent, in nats, a mean over rows.
    active : ndarray of bool (latent_dim,)
        Whether the latent's posterior mean has a variance above 0.01 over the rows.
    """

    epoch: int
    beta: float
    kl: np.ndarray
    active: np.ndarray


class LatentMonitor(Callback):
    """Keeps, during a fit, the KL of each latent and which latents are active, on some of the training rows.

    So one sees in which epoch latents fall silent, and under which weight of the KL. A KL that rises from 0 is no
    fault: the codes begin to say something of the rows. It hears nothing that the fit does not do anyway: the bits of
    the fit stay the same.

    Parameters
    ----------
    every : int, default=1
        Epochs from one look to the next.
    n_rows : int, default=1000
        Rows to look at, evenly spaced.

    Attributes
    ----------
    records : list of LatentRecord

    Examples
    --------
    >>> from rosenblatt import VAE
    >>> from rosenblatt.models import LatentMonitor
    >>> from sklearn.datasets import load_digits
    >>> monitor = LatentMonitor(every=5)
    >>> model = VAE(latent_dim=4, max_epochs=10, random_state=0, callbacks=[monitor]).fit(load_digits().data / 16)
    >>> [record.epoch for record in monitor.records], monitor.kl.shape
    ([5, 10], (2, 4))
    """

    def __init__(self, every: int = 1, n_rows: int = 1000):
        if every < 1 or n_rows < 2:
            raise ValueError(f"every={every} must be at least 1 and n_rows={n_rows} at least 2")
        self.every, self.n_rows = every, n_rows
        self.records: list[LatentRecord] = []
        self._training: Training | None = None
        self._rows: np.ndarray | None = None

    @property
    def kl(self) -> np.ndarray:
        """The KL of each latent after each epoch that was looked at (n_records, latent_dim)."""
        return np.array([record.kl for record in self.records])

    @property
    def active(self) -> np.ndarray:
        """Which latents were active (n_records, latent_dim)."""
        return np.array([record.active for record in self.records])

    def on_train_begin(self, training: Training) -> None:
        network = training.networks().get("model")
        if not isinstance(network, VAENet):
            raise TypeError(
                f"LatentMonitor watches the latents of VAE and FactorVAE; this fit trains a {type(network).__name__}"
            )
        n_rows = min(self.n_rows, training.n_rows)
        chosen = np.linspace(0, training.n_rows - 1, n_rows).astype(int)
        self._training, self._rows, self.records = training, np.asarray(training.rows.inputs)[chosen], []

    def on_epoch_end(self, epoch: int, logs: Logs) -> None:
        assert self._training is not None
        if epoch % self.every:
            return
        network = self._training.networks()["model"]
        (device, *_) = self._training.rows.weights.devices()
        at_once = ROWS if isinstance(network.encoder, MLP) else IMAGES
        means, log_variances = apply(network, self._rows, posterior, device.platform, at_once=at_once)
        kl = kl_of_latents(means, np.exp(0.5 * log_variances.astype(np.float64)))
        self.records.append(LatentRecord(epoch, logs.get("train_beta", float("nan")), kl, active_units(means)))

    def on_train_end(self, training: Training) -> None:
        self._training = self._rows = None
