"""Checkpoints: a fit that was killed and started again ends with the same bits as one that was not."""

import dataclasses
import json
import os
from pathlib import Path
from typing import Any

import jax
import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from rosenblatt.runs.arrays import filled, named_arrays
from rosenblatt.runs.atomic import write_atomic
from rosenblatt.runs.folder import fingerprint
from rosenblatt.training.callbacks import Callback, Logs
from rosenblatt.training.errors import CheckpointMismatchError
from rosenblatt.training.loop import Training
from rosenblatt.training.state import Best, State

_FORMAT = 1


class Checkpoint(Callback):
    """Writes where a fit stands into one file, and goes on from that file if it is there when the fit begins.

    Run the same program again after it was killed, with the same ``random_state``, and it continues at the last
    epoch that was written. A finished fit that is run again trains no further, unless ``max_epochs`` has grown.

    Parameters
    ----------
    path : str or path
        The file; by custom its name ends in ``.safetensors``. It is replaced in one step, so a kill while it is
        written leaves the one before.
    every : int, default=1
        Epochs between two writes. The end of a fit is always written.

    Raises
    ------
    CheckpointMismatchError
        When the fit begins and the file belongs to another fit: other data, other fields, another seed.
    """

    def __init__(self, path: str | os.PathLike[str], every: int = 1):
        self.path, self.every = Path(path), every
        self.resumed_epoch = 0

    def on_train_begin(self, training: Training) -> None:
        self.training = training
        self.identity = _identity(training)
        self.resumed_epoch = 0
        if self.path.exists():
            self._resume()

    def on_epoch_end(self, epoch: int, logs: Logs) -> None:
        # By now the training's state is that of the end of this epoch, and nothing of the next one is drawn.
        if epoch % self.every == 0 or epoch == self.training.settings.max_epochs:
            self._write()

    def _write(self) -> None:
        training, state = self.training, self.training.state
        arrays = named_arrays(state.networks, "networks.") | named_arrays(state.optimizer_states, "optimizers.")
        described: dict[str, Any] = {
            "format": _FORMAT,
            "identity": self.identity,
            "epoch": state.epoch,
            "step": state.step,
            "random": training.rng.bit_generator.state,
            "history": training.history.rows,
        }
        if state.best is not None:
            arrays |= named_arrays(state.best.networks, "best.")
            described |= {"best_epoch": state.best.epoch, "best_risk": state.best.risk}
        write_atomic(self.path, save(arrays, {"rosenblatt": json.dumps(described)}))

    def _resume(self) -> None:
        described, arrays = self._read()
        self._check(described["identity"])
        training = self.training
        networks = filled(training.state.networks, arrays, "networks.")
        states = filled(training.state.optimizer_states, arrays, "optimizers.")
        best = None
        if "best_epoch" in described:
            kept = filled(training.state.networks, arrays, "best.")
            best = Best(described["best_epoch"], described["best_risk"], jax.device_put(kept, training.placement))
        networks, states = jax.device_put((networks, states), training.placement)
        training.state = State(networks, states, described["epoch"], described["step"], best)
        training.rng.bit_generator.state = described["random"]
        training.history.rows[:] = described["history"]
        self.resumed_epoch = training.state.epoch

    def _read(self) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
        try:
            with safe_open(self.path, "np") as file:
                described = json.loads((file.metadata() or {})["rosenblatt"])
                arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        except (SafetensorError, KeyError, ValueError) as error:
            raise CheckpointMismatchError(
                f"{self.path} is damaged or not a checkpoint of rosenblatt ({error}); remove it to start afresh"
            ) from error
        if described["format"] != _FORMAT:
            raise CheckpointMismatchError(
                f"{self.path} has checkpoint format {described['format']}, this version reads {_FORMAT}; remove it to "
                "start afresh"
            )
        return described, arrays

    def _check(self, identity: dict[str, str]) -> None:
        names = sorted(identity.keys() | self.identity.keys())
        differing = [name for name in names if identity.get(name) != self.identity.get(name)]
        if differing:
            shown = "; ".join(f"{n}: {identity.get(n)} there, {self.identity.get(n)} here" for n in differing)
            raise CheckpointMismatchError(
                f"{self.path} belongs to another fit ({shown}). Use another path, remove the file to start afresh, or "
                "restore what it was started with; a fit that is to be resumed needs a fixed random_state"
            )


def _identity(training: Training) -> dict[str, str]:
    """What must be the same for a fit to go on: the estimator's fields, the data, and the start."""
    settings = dataclasses.asdict(training.settings)
    start = [*named_arrays(training.state.networks).values(), np.array(json.dumps(training.rng.bit_generator.state))]
    identity = {
        "training data": fingerprint(*_arrays(training.rows)),
        "validation data": fingerprint(*_arrays(training.validation)),
        "initial weights and seed": fingerprint(*start),
        "batch_size": str(settings["batch_size"]),
        "patience": str(settings["patience"]),
    }
    return training.identity | identity


def _arrays(tree: Any) -> list[np.ndarray]:
    return [np.asarray(leaf) for leaf in jax.tree.leaves(tree)]
