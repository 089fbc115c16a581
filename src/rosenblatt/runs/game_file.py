"""The moments of a game in a run folder: a file for each, written while the game is played."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from rosenblatt.models.game_recorder import GameRecorder, GameSnapshot
from rosenblatt.runs.arrays import filled, named_arrays
from rosenblatt.runs.atomic import write_atomic
from rosenblatt.training.loop import Training

_METADATA = "rosenblatt"
_N_MOMENTS = 16


class GameWriter(GameRecorder):
    """A recorder that also writes its snapshots into a folder, one file each.

    A fit that is resumed keeps those that were written before.

    Parameters
    ----------
    folder : str or path
        It is made when the first one is written.
    game : GAN
        Whose fit it listens to.
    """

    def __init__(self, folder: str | os.PathLike[str], game: Any):
        super().__init__(_N_MOMENTS)
        self.folder, self.game = Path(folder), game

    def on_train_begin(self, training: Training) -> None:
        """Removes what earlier fits left, and keeps what belongs to this one."""
        for path in _files(self.folder):
            if training.state.epoch == 0 or _epoch(path) > training.state.epoch:
                path.unlink()
        super().on_train_begin(training)

    def _keep(self, training: Training) -> None:
        super()._keep(training)
        kept = self.snapshots[-1]
        arrays = named_arrays(self.game._public_networks(kept.networks))
        described = json.dumps({"epoch": kept.epoch, "step": kept.step})
        write_atomic(self.folder / f"epoch-{kept.epoch:06d}.safetensors", save(arrays, {_METADATA: described}))


def read_game(folder: str | os.PathLike[str], game: Any) -> GameRecorder:
    """The recorder of the fit of a game whose moments are in a folder.

    Parameters
    ----------
    folder : str or path
    game : GAN
        Fitted, as the game ended.

    Raises
    ------
    FileNotFoundError
        If there are no moments.
    ValueError
        If a file is damaged, or of another game.
    """
    recorder = GameRecorder()
    recorder.snapshots = [_read(path, game) for path in _files(Path(folder))]
    if not recorder.snapshots:
        raise FileNotFoundError(f"there are no moments of a game in {folder}: a fit of a GAN with --out keeps them")
    return recorder


def _files(folder: Path) -> list[Path]:
    return sorted(folder.glob("epoch-*.safetensors"))


def _epoch(path: Path) -> int:
    return int(path.stem.removeprefix("epoch-"))


def _read(path: Path, game: Any) -> GameSnapshot:
    try:
        with safe_open(path, "np") as file:
            described = json.loads((file.metadata() or {})[_METADATA])
            arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        return GameSnapshot(described["epoch"], described["step"], filled(game.networks_, arrays))
    except (SafetensorError, KeyError, ValueError) as error:
        raise ValueError(f"{path} is damaged, or of another game ({error}); remove it") from error
