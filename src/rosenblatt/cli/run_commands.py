"""``runs list``, ``show``, ``diff`` and ``rm``."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from rosenblatt.cli.answer import Answer, pairs, table
from rosenblatt.cli.options import AS_TEXT, ExistingPath, Output, Switch

_SHOWN_SCORES = tuple(
    f"{part}_{score}" for part in ("test", "train") for score in ("accuracy", "r2", "explained_variance")
)


def list_all(folder: ExistingPath = Path("runs"), /, *, output: Output = AS_TEXT) -> Answer:
    """List the runs in a folder and in the folders below it.

    Parameters
    ----------
    folder : path
        Where to look.
    """
    from rosenblatt.runs.folder import list_runs

    runs = list_runs(folder)
    rows = [[run.path, run.status, run.estimator, _local(run.started), *_score(run.results)] for run in runs]
    if not rows:
        return Answer([], [f"no runs in {folder}"])
    return Answer(
        [vars(run) for run in runs],
        [table("", ["run", "status", "estimator", "started", "score", "value"], rows)],
    )


def show(run: ExistingPath, /, *, output: Output = AS_TEXT) -> Answer:
    """Show a run: its fields, what it ran on, and its results.

    Parameters
    ----------
    run : path
        Its folder.
    """
    from rosenblatt.runs.folder import RunFolder

    folder = RunFolder.open(run)
    record: dict[str, Any] = folder.record | {"status": folder.status}
    sections = {name: record.pop(name) for name in ("fields", "versions", "results")}
    shown = [pairs(title.capitalize(), values) for title, values in sections.items() if values]
    return Answer(record | sections, [pairs(str(run), record), *shown])


def diff(a: ExistingPath, b: ExistingPath, /, *, output: Output = AS_TEXT) -> Answer:
    """Show in what two runs differ.

    Parameters
    ----------
    a : path
        Folder of one.
    b : path
        Folder of the other.
    """
    from rosenblatt.runs.folder import diff_runs

    differences = diff_runs(a, b)
    columns = ["", str(a), str(b)]
    tables = [table(section.capitalize(), columns, _rows(found)) for section, found in differences.items() if found]
    return Answer(differences, tables or ["the runs are the same"])


def remove(
    *runs: Annotated[ExistingPath, Parameter(required=True)],
    force: Switch = False,
    output: Output = AS_TEXT,
) -> Answer:
    """Remove runs with their folders, and nothing that is not of a run.

    Parameters
    ----------
    runs : path
        Their folders.
    force : bool
        Also remove a run that is, or may be, still at work.
    """
    from rosenblatt.runs.folder import remove_run

    for run in runs:
        remove_run(run, force=force)
    return Answer({"removed": runs}, [f"removed {run}" for run in runs])


def _rows(found: Mapping[str, tuple[Any, Any]]) -> list[list[Any]]:
    return [[name.replace("_", " "), *values] for name, values in found.items()]


def _score(results: Mapping[str, Any]) -> tuple[str | None, Any]:
    """The most telling score of a run."""
    name = next((name for name in _SHOWN_SCORES if name in results), None)
    return (None, None) if name is None else (name.replace("_", " "), results[name])


def _local(time: str) -> str:
    """A time in UTC as the user's clock shows it, to the minute."""
    from datetime import datetime

    return datetime.fromisoformat(time).astimezone().strftime("%Y-%m-%d %H:%M") if time else ""
