"""Many run folders: which there are, how two differ, and how one is removed without touching anything else."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from rosenblatt.runs.atomic import PARTIAL_PREFIX
from rosenblatt.runs.run_record import RUN_FILE, current_status, is_busy, read_record

__all__ = ["RunSummary", "diff_runs", "differences", "list_runs", "remove_run", "shortened"]

# A star also stands for folders in between.
_LAYOUT = (
    RUN_FILE,
    "history.csv",
    "report.html",
    "explorer.html",
    "game.gif",
    "checkpoint.safetensors",
    "model.zip",
    "model/*.json",
    "model/*.safetensors",
    "pictures/*.png",
    "pictures/*.svg",
    "game/epoch-*.safetensors",
)
_FOLDERS = ("model", "pictures", "game")
_SECTIONS = ("fields", "versions", "results")
_SINGLE_ENTRIES = ("estimator", "device", "seed", "data_fingerprint", "command")
_SHOWN_NAMES = 5


@dataclass(frozen=True)
class RunSummary:
    """One entry of `list_runs`.

    Parameters
    ----------
    path : pathlib.Path
        The folder.
    status : str
        As of `RunFolder`, or ``"damaged"``.
    estimator : str
        Name of the class; empty for a damaged run.
    started, finished : str or None
        Times in UTC, as ISO 8601. A damaged run started when its `run.json` was last written, as far as one can tell.
    results : dict
        Numbers and texts by name.
    problem : str, default=""
        Why the run failed, or what is wrong with a damaged one and what to do.
    """

    path: Path
    status: str
    estimator: str = ""
    started: str = ""
    finished: str | None = None
    results: dict[str, Any] = field(default_factory=dict)
    problem: str = ""


def list_runs(root: str | os.PathLike[str]) -> list[RunSummary]:
    """List the runs in a folder and in the folders below it.

    Parameters
    ----------
    root : str or path
        The folder. Hidden folders, symbolic links and the insides of runs are not searched.

    Returns
    -------
    list of RunSummary
        By start, the earliest first. A run that was killed has the status ``"stopped"``, as far as this can be known:
        on another host it stays ``"running"``. A folder whose `run.json` cannot be read has the status ``"damaged"``.

    Raises
    ------
    FileNotFoundError
        If there is no such folder.
    """
    if not Path(root).is_dir():
        raise FileNotFoundError(f"there is no folder {root}; give the folder that your runs were written to")
    found = []
    for folder, subfolders, files in os.walk(root):
        subfolders[:] = [] if RUN_FILE in files else [name for name in subfolders if not name.startswith(".")]
        if RUN_FILE in files:
            found.append(_summary(Path(folder)))
    return sorted(found, key=lambda run: (run.started, run.path))


def diff_runs(a: str | os.PathLike[str], b: str | os.PathLike[str]) -> dict[str, dict[str, tuple[Any, Any]]]:
    """Compare two runs.

    Parameters
    ----------
    a, b : str, path or RunFolder
        The runs.

    Returns
    -------
    dict
        Under ``"run"`` (estimator, device, seed, data fingerprint, command), ``"fields"``, ``"versions"`` and
        ``"results"``: by name the values of `a` and `b`, for those that differ. A value that a run does not have is
        None.

    Raises
    ------
    FileNotFoundError, ValueError
        If one of the folders holds no run, or a damaged one.
    """
    return differences(read_record(Path(a)), read_record(Path(b)))


def differences(a: Mapping[str, Any], b: Mapping[str, Any]) -> dict[str, dict[str, tuple[Any, Any]]]:
    """Compare two records as `diff_runs` does."""
    single = [{name: record[name] for name in _SINGLE_ENTRIES} for record in (a, b)]
    return {"run": _differing(*single)} | {name: _differing(a[name], b[name]) for name in _SECTIONS}


def remove_run(path: str | os.PathLike[str], *, force: bool = False) -> None:
    """Remove a run with its folder, and nothing that is not of the run.

    Parameters
    ----------
    path : str, path or RunFolder
        The run.
    force : bool, default=False
        Whether also a run is removed that is still at work, or may be on another host.

    Raises
    ------
    FileNotFoundError
        If the folder holds no run.
    ValueError
        If the folder is a symbolic link, if its `run.json` is damaged, or if it has files that are not of a run; they
        are named, and nothing is removed.
    RuntimeError
        If the run is, or may be, still at work.
    OSError
        If the system refuses; what is left is still a run that can be removed.
    """
    folder = Path(path)
    if folder.is_symlink():
        raise ValueError(f"{folder} is a symbolic link; give the folder that it points to, {folder.resolve()}")
    record = read_record(folder)
    if is_busy(record) and not force:
        raise RuntimeError(
            f"the run in {folder} is, or may be, still at work (process {record['pid']} on {record['host']}); stop it, "
            "and if you know that it has ended, give force=True"
        )
    files, subfolders = _content(folder)
    foreign = [name for name in files if not _is_file_of_a_run(name)]
    foreign += [f"{name}/" for name in subfolders if not _is_folder_of_a_run(name)]
    if foreign:
        raise ValueError(
            f"{folder} has what is not of a run: {shortened(sorted(foreign))}; move it away first (nothing was removed)"
        )
    _remove(folder, files, subfolders)


def shortened(names: Sequence[str]) -> str:
    """Join names for a message, at most five."""
    shown = ", ".join(names[:_SHOWN_NAMES])
    return shown if len(names) <= _SHOWN_NAMES else f"{shown} and {len(names) - _SHOWN_NAMES} more"


def _summary(folder: Path) -> RunSummary:
    try:
        record = read_record(folder)
    except (OSError, ValueError) as error:
        return RunSummary(folder, "damaged", started=_last_written(folder / RUN_FILE), problem=str(error))
    return RunSummary(
        folder,
        current_status(record),
        record["estimator"],
        record["started"],
        record["finished"],
        record["results"],
        record["error"] or "",
    )


def _last_written(file: Path) -> str:
    try:
        return datetime.fromtimestamp(file.stat().st_mtime, UTC).isoformat(timespec="milliseconds")
    except OSError:
        return ""


def _differing(a: Mapping[str, Any], b: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    names = dict.fromkeys([*a, *b])
    return {name: (a.get(name), b.get(name)) for name in names if a.get(name) != b.get(name)}


def _content(folder: Path) -> tuple[list[str], list[str]]:
    """Return files and folders in a folder, relative to it, with slashes; links to folders count as files."""
    files, subfolders = [], []
    for parent, names_of_folders, names_of_files in os.walk(folder):
        for name in names_of_folders + names_of_files:
            entry = Path(parent, name)
            is_file = entry.is_symlink() or name in names_of_files
            (files if is_file else subfolders).append(entry.relative_to(folder).as_posix())
    return files, subfolders


def _is_file_of_a_run(name: str) -> bool:
    return _is_partial(name) or any(fnmatchcase(name, pattern) for pattern in _LAYOUT)


def _is_folder_of_a_run(name: str) -> bool:
    return _is_partial(name) or name.split("/")[0] in _FOLDERS


def _is_partial(name: str) -> bool:
    """Whether a file was being written when a process was killed, or is in a folder that was."""
    return any(part.startswith(PARTIAL_PREFIX) for part in name.split("/"))


def _remove(folder: Path, files: Sequence[str], subfolders: Sequence[str]) -> None:
    for name in files:
        if name != RUN_FILE:
            (folder / name).unlink()
    for name in sorted(subfolders, reverse=True):
        (folder / name).rmdir()
    # Last, so that a removal that was cut short leaves a run that can still be removed.
    (folder / RUN_FILE).unlink()
    folder.rmdir()
