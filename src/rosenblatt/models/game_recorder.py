"""Keeping the networks of a game at some moments of a fit, so that it can be watched afterwards."""

from typing import Any, NamedTuple

import equinox as eqx
import jax
import numpy as np

from rosenblatt.training.callbacks import Callback, Logs
from rosenblatt.training.loop import Training

_PLAYERS = {"discriminator", "generator"}


class GameSnapshot(NamedTuple):
    """The networks at one moment.

    Attributes
    ----------
    epoch : int
        Epochs that were over; 0 at the start.
    step : int
        Steps that were over, in all epochs.
    networks : dict of networks by name
        Their parameters are NumPy arrays; ``GAN.with_networks`` plays with them.
    """

    epoch: int
    step: int
    networks: dict[str, Any]


class GameRecorder(Callback):
    """Keeps snapshots of the networks of a fit: at its start, after the first epoch, and then more and more rarely.

    Most happens early, so the epochs are evenly spaced in their logarithm. They follow from ``max_epochs`` alone. It
    hears nothing that the fit does not do anyway: the bits of the fit stay the same. A fit that ends before its time
    leaves a snapshot of its end too.

    Parameters
    ----------
    n_snapshots : int >= 3, default=24
        Fewer where there are not as many epochs.

    Attributes
    ----------
    snapshots : list of GameSnapshot
        Of the last fit, in order.

    Examples
    --------
    >>> import numpy as np
    >>> from rosenblatt import GAN
    >>> from rosenblatt.models import GameRecorder
    >>> X = np.random.default_rng(0).normal(5.0, 2.0, size=(1000, 1))
    >>> recorder = GameRecorder(n_snapshots=5)
    >>> game = GAN(latent_dim=2, hidden_layer_sizes=16, max_epochs=60, random_state=0, callbacks=[recorder]).fit(X)
    >>> [snapshot.epoch for snapshot in recorder.snapshots]
    [0, 1, 4, 15, 60]
    >>> recorder.at(game, 4).sample(3, random_state=0).shape  # by the networks of epoch 4
    (3, 1)
    """

    def __init__(self, n_snapshots: int = 24):
        if n_snapshots < 3:
            raise ValueError(f"n_snapshots={n_snapshots} must be at least 3: the start, the first epoch and the end")
        self.n_snapshots = n_snapshots
        self.snapshots: list[GameSnapshot] = []
        self._training: Training | None = None
        self._epochs: set[int] = set()

    @property
    def epochs(self) -> list[int]:
        """The epochs of the snapshots."""
        return [snapshot.epoch for snapshot in self.snapshots]

    def at(self, game: Any, epoch: int) -> Any:
        """The model as it was after so many epochs, or at the last snapshot before.

        Parameters
        ----------
        game : GAN
            That was fitted while this listened.
        epoch : int
            0 is the start.

        Returns
        -------
        GAN

        Raises
        ------
        ValueError
            If there is no snapshot that early.
        """
        return game.with_networks(self.snapshot(epoch).networks)

    def snapshot(self, epoch: int) -> GameSnapshot:
        """The last snapshot that is not after this epoch.

        Raises
        ------
        ValueError
            If there is none.
        """
        before = [snapshot for snapshot in self.snapshots if snapshot.epoch <= epoch]
        if not before:
            kept = f"its snapshots are of the epochs {self.epochs}" if self.snapshots else "it has heard no fit yet"
            raise ValueError(
                f"there is no snapshot of epoch {epoch} or before: {kept}. Fit with callbacks=[recorder], and ask for "
                "an epoch from the first one on"
            )
        return before[-1]

    def on_train_begin(self, training: Training) -> None:
        missing = _PLAYERS - training.networks().keys()
        if missing:
            raise TypeError(
                f"GameRecorder keeps the networks of a GAN; this fit has no {' and no '.join(sorted(missing))}"
            )
        self._training, self.snapshots = training, []
        self._epochs = set(snapshot_epochs(training.settings.max_epochs, self.n_snapshots))
        self._keep(training)

    def on_epoch_end(self, epoch: int, logs: Logs) -> None:
        assert self._training is not None
        if epoch in self._epochs:
            self._keep(self._training)

    def on_train_end(self, training: Training) -> None:
        if training.state.step > self.snapshots[-1].step:
            self._keep(training)
        self._training = None

    def _keep(self, training: Training) -> None:
        networks = jax.tree.map(
            lambda leaf: np.array(leaf) if eqx.is_array(leaf) else leaf, dict(training.networks())
        )  # copies, since what is on the device may be freed
        self.snapshots.append(GameSnapshot(training.state.epoch, training.state.step, networks))


def snapshot_epochs(max_epochs: int, n_snapshots: int) -> list[int]:
    """0, 1 and further epochs up to the last, each about as many times the one before; no two are the same.

    Parameters
    ----------
    max_epochs : int >= 1
    n_snapshots : int >= 3
        So many, or ``max_epochs + 1`` where that is less.
    """
    epochs = [0, 1]
    for left in range(min(n_snapshots, max_epochs + 1) - len(epochs), 0, -1):
        latest = epochs[-1]
        epochs.append(max(latest + 1, round(latest * (max_epochs / latest) ** (1 / left))))
    return epochs
