"""Run folders: what was done, as flat files.

A run is a folder with

- ``run.json``: estimator, fields, versions, device, seed, data fingerprint, command, status, times and results,
- ``history.csv``: one line an epoch, growing while the run goes on,
- ``model/``, ``pictures/``, ``report.html``, where one was asked for ``explorer.html``, and, while it is needed,
  ``checkpoint.safetensors``.

The folders are the only truth: lists and differences are derived from them, so that they can be copied, moved,
shared over a network and filled by many jobs at once. Nothing is locked, and every file but the growing history is
written in one step.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from copy import deepcopy
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rosenblatt.runs.atomic import PARTIAL_PREFIX, explain_write_errors
from rosenblatt.runs.content_hash import fingerprint
from rosenblatt.runs.run_history import HistoryFile
from rosenblatt.runs.run_list import RunSummary, diff_runs, differences, list_runs, remove_run, shortened
from rosenblatt.runs.run_record import (
    CHANGEABLE,
    RUN_FILE,
    STATUSES,
    current_status,
    is_busy,
    new_record,
    now,
    plain,
    read_record,
    write_record,
)

if TYPE_CHECKING:
    import numpy as np

__all__ = ["RunFolder", "RunSummary", "diff_runs", "fingerprint", "list_runs", "remove_run"]

_PathLike = str | os.PathLike[str]


class RunFolder:
    """The folder of one run; made by `create` or `open`.

    Parameters
    ----------
    path : pathlib.Path
        The folder.
    record : dict
        The entries of its `run.json`.

    Attributes
    ----------
    path : pathlib.Path
        The folder.
    report, model, pictures, checkpoint : pathlib.Path
        Where the parts of the run belong, whether they are there yet or not.
    status : str
        ``"running"``, ``"finished"``, ``"interrupted"``, ``"failed"``, or ``"stopped"``: a run that was killed.
    record : dict
        A copy of the entries of `run.json`; to change them use `update` and `finish`.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     run = RunFolder.create(folder, estimator="MLPClassifier", fields={"dropout": 0.2}, seed=0)
    ...     run.append_history({"epoch": 1, "train_risk": 0.5})
    ...     run.finish("finished", {"accuracy": 0.97})
    ...     RunFolder.open(folder).status, run.history()["train_risk"]
    ('finished', array([0.5]))
    """

    def __init__(self, path: Path, record: dict[str, Any]) -> None:
        self.path = path
        self.report = path / "report.html"
        self.explorer = path / "explorer.html"
        self.game, self.animation = path / "game", path / "game.gif"
        self.model = path / "model"
        self.pictures = path / "pictures"
        self.checkpoint = path / "checkpoint.safetensors"
        self._record = record
        self._history = HistoryFile(path / "history.csv")

    @classmethod
    def create(
        cls,
        path: _PathLike,
        *,
        estimator: str,
        fields: Mapping[str, Any] | None = None,
        device: str | None = None,
        seed: Any = None,
        data_fingerprint: str | None = None,
        command: str | None = None,
        overwrite: bool = False,
        resume: bool = False,
    ) -> RunFolder:
        """Begin a run.

        Parameters
        ----------
        path : str or path
            The folder. It is made, with the folders above it, or must be empty.
        estimator : str
            Name of the estimator's class, or of another thing that runs, such as ``"tour"``.
        fields : mapping, optional
            Its fields, as ``get_params()`` gives them. What JSON cannot hold is named (see `run_record.plain`).
        device : str, optional
            What it runs on.
        seed : int, optional
            The ``random_state``.
        data_fingerprint : str, optional
            `fingerprint` of the training data.
        command : str, optional
            What was typed.
        overwrite : bool, default=False
            Whether a run that is in the folder is removed first, as `remove_run` does.
        resume : bool, default=False
            Whether a run that is in the folder goes on: its start, its results and its history stay, and what
            changed is noted in ``resumed``. Without a run there, one begins.

        Returns
        -------
        RunFolder
            With status ``"running"``.

        Raises
        ------
        FileExistsError
            If the folder holds a run and neither `overwrite` nor `resume` is given, or holds other files.
        RuntimeError
            If the run that is there is, or may be, still at work: with `resume` in another process of this host, with
            `overwrite` also on another host.
        ValueError
            If both `overwrite` and `resume` are given, if a value is not of the kind that its entry needs, or if the
            run that is there is damaged, has files that are not of a run (`overwrite`), or is one of another estimator
            or of other data (`resume`).
        OSError
            If the folder cannot be written; the message says why and what to do.
        """
        if overwrite and resume:
            raise ValueError("got overwrite=True and resume=True, and only one is possible; choose one")
        folder = Path(path)
        record = new_record(
            estimator=estimator,
            fields=fields or {},
            device=device,
            seed=seed,
            data_fingerprint=data_fingerprint,
            command=command,
        )
        if not os.path.isfile(folder / RUN_FILE):
            with explain_write_errors(folder):
                _refuse_foreign_folder(folder)
        elif resume:
            record = _resumed(folder, record)
        elif overwrite:
            remove_run(folder)
        else:
            raise FileExistsError(_holds_a_run(folder, read_record(folder)))
        with explain_write_errors(folder):
            folder.mkdir(parents=True, exist_ok=True)
        write_record(folder, record)
        return cls(folder, record)

    @classmethod
    def open(cls, path: _PathLike) -> RunFolder:
        """Open a run to look at it, or to add to it.

        Parameters
        ----------
        path : str or path
            The folder.

        Returns
        -------
        RunFolder
            As it is on the disk now.

        Raises
        ------
        FileNotFoundError
            If the folder holds no run.
        ValueError
            If its `run.json` is damaged; with the line and what to do.
        """
        return cls(Path(path), read_record(Path(path)))

    def __repr__(self) -> str:
        return f"RunFolder({str(self.path)!r}, {self._record['estimator']}, {self.status})"

    def __fspath__(self) -> str:
        return str(self.path)

    @property
    def record(self) -> dict[str, Any]:
        return deepcopy(self._record)

    @property
    def status(self) -> str:
        return current_status(self._record)

    def update(self, **changes: Any) -> None:
        """Change entries of `run.json`.

        Parameters
        ----------
        **changes
            ``fields`` and ``results`` are merged into what is there; ``device``, ``seed``, ``data_fingerprint`` and
            ``command`` replace it.

        Raises
        ------
        TypeError
            If another entry is named.
        ValueError
            If a value is not of the kind that the entry needs.
        OSError
            If the file cannot be written.
        """
        unknown = [name for name in changes if name not in CHANGEABLE]
        if unknown:
            raise TypeError(
                f"update got {', '.join(unknown)}, and can change {', '.join(CHANGEABLE)}; use finish to end"
            )
        self._change(changes)

    def finish(
        self, status: str, results: Mapping[str, Any] | None = None, error: str | BaseException | None = None
    ) -> None:
        """Note how the run ended.

        Parameters
        ----------
        status : {"finished", "interrupted", "failed"}
            How it ended.
        results : mapping, optional
            Numbers and texts by name, merged into the results that are there.
        error : str or exception, optional
            Why it failed.

        Raises
        ------
        ValueError
            If the status is another one.
        OSError
            If the file cannot be written.
        """
        if status not in STATUSES[1:]:
            raise ValueError(f"got status={status!r}; a run ends as one of {', '.join(STATUSES[1:])}")
        if isinstance(error, BaseException):
            error = f"{type(error).__name__}: {error}"
        self._change({"status": status, "finished": now(), "error": error, "results": results or {}})

    def append_history(self, row: Mapping[str, float | None]) -> None:
        """Add a line to `history.csv`, handed to the system before this returns.

        Parameters
        ----------
        row : mapping of str to float
            Numbers by column. The first row decides the columns; what a later one lacks, or has as None, stays empty.

        Raises
        ------
        TypeError, ValueError, OSError
            As `HistoryFile.append`.
        """
        self._history.append(row)

    def history(self) -> dict[str, np.ndarray]:
        """Read `history.csv`.

        Returns
        -------
        dict of str to ndarray of shape (n_rows,), float64
            By column; NaN where a cell is empty. Without a history an empty dict.

        Raises
        ------
        ValueError
            If the file is damaged; with the line and what to do.
        """
        return self._history.read()

    def truncate_history(self, n_rows: int) -> None:
        """Keep the first rows of `history.csv`: those up to the checkpoint from which a killed run goes on.

        Parameters
        ----------
        n_rows : int, at least 0
            How many; where there are no more than these, nothing changes.

        Raises
        ------
        ValueError, OSError
            As `HistoryFile.truncate`.
        """
        self._history.truncate(n_rows)

    def _change(self, changes: Mapping[str, Any]) -> None:
        merged = {
            name: self._record[name] | value if isinstance(value, dict) else value
            for name, value in plain(changes).items()
        }
        record = self._record | merged
        write_record(self.path, record)
        self._record = record


def _refuse_foreign_folder(folder: Path) -> None:
    if not folder.is_dir():
        return
    names = sorted(entry.name for entry in folder.iterdir() if not entry.name.startswith(PARTIAL_PREFIX))
    if names:
        raise FileExistsError(
            f"{folder} is not empty and holds no run (it has {shortened(names)}); choose a new or an empty folder"
        )


def _holds_a_run(folder: Path, record: Mapping[str, Any]) -> str:
    return (
        f"{folder} already holds a run ({record['estimator']}, {current_status(record)}, started {record['started']}); "
        "choose another folder, or give overwrite=True to replace that run or resume=True to go on with it"
    )


def _resumed(folder: Path, fresh: dict[str, Any]) -> dict[str, Any]:
    """Return the record of the run in the folder, taken over by this process, with a note of what changed."""
    earlier = read_record(folder)
    _refuse_another_fit(folder, earlier, fresh)
    untold = {name: earlier[name] for name in CHANGEABLE if fresh[name] in (None, {})}
    record = fresh | untold | {"started": earlier["started"]}
    changed = {section: entries for section, entries in differences(earlier, record).items() if entries}
    note = {"at": fresh["started"], "from": current_status(earlier), "changed": plain(changed)}
    return record | {"resumed": [*earlier["resumed"], note]}


def _refuse_another_fit(folder: Path, earlier: Mapping[str, Any], fresh: Mapping[str, Any]) -> None:
    # On another host it may be at work too, but a job that was queued again there has no way to find out.
    if is_busy(earlier) and earlier["host"] == fresh["host"]:
        raise RuntimeError(
            f"{folder} holds a run that is still at work (process {earlier['pid']}); wait for it, or stop it first"
        )
    for name in ("estimator", "data_fingerprint"):
        if None not in (earlier[name], fresh[name]) and earlier[name] != fresh[name]:
            raise ValueError(
                f"{folder} holds a run with {name} {earlier[name]}, and this one has {fresh[name]}; resume goes on "
                "with the same fit, so choose another folder"
            )
