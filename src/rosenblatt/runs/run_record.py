"""`run.json`: what a run was told, where it ran, how it ended.

The file is read by people and by other programs, so that everything in it is plain JSON: what is no number, text,
list or mapping is named by its class or function, and numbers that are not finite are written as texts.
"""

from __future__ import annotations

import json
import math
import os
import platform
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from rosenblatt import __version__
from rosenblatt.runs.atomic import write_atomic

__all__ = [
    "CHANGEABLE",
    "RUN_FILE",
    "STATUSES",
    "current_status",
    "is_busy",
    "new_record",
    "now",
    "plain",
    "process",
    "read_record",
    "versions",
    "write_record",
]

RUN_FILE = "run.json"
CHANGEABLE = ("fields", "device", "seed", "data_fingerprint", "command", "results")
STATUSES = ("running", "finished", "interrupted", "failed")

_FORMAT = "rosenblatt-run"
_SCHEMA_VERSION = 1
_PACKAGES = ("jax", "numpy", "scikit-learn")
_LARGEST_ARRAY_IN_FULL = 100
_REPAIR = "restore the file from a copy, or remove the folder by hand if the run is not needed"

_TEXT, _OPTIONAL_TEXT = (str,), (str, type(None))
_KINDS: dict[str, tuple[type, ...]] = {
    "format": _TEXT,
    "schema_version": (int,),
    "estimator": _TEXT,
    "fields": (dict,),
    "versions": (dict,),
    "device": _OPTIONAL_TEXT,
    "seed": (int, str, type(None)),
    "data_fingerprint": _OPTIONAL_TEXT,
    "command": _OPTIONAL_TEXT,
    "status": _TEXT,
    "error": _OPTIONAL_TEXT,
    "started": _TEXT,
    "finished": _OPTIONAL_TEXT,
    "host": _TEXT,
    "pid": (int,),
    "process_start": (int, type(None)),
    "resumed": (list,),
    "results": (dict,),
}
_JSON_NAMES = {dict: "an object", list: "a list", str: "a text", int: "a whole number", type(None): "null"}


def new_record(**what: Any) -> dict[str, Any]:
    """Return the record of a run that starts now, in this process.

    Parameters
    ----------
    **what
        Entries that the caller knows: ``estimator``, ``fields``, ``device``, ``seed``, ``data_fingerprint``,
        ``command``.

    Returns
    -------
    dict
        All entries of `run.json`, in its order.

    Raises
    ------
    ValueError
        If an entry is of the wrong kind.
    """
    known = {
        "format": _FORMAT,
        "schema_version": _SCHEMA_VERSION,
        "versions": versions(),
        "status": "running",
        "started": now(),
        "resumed": [],
        "results": {},
        **process(),
        **plain(what),
    }
    record = {name: known.get(name) for name in _KINDS}
    _check(record)
    return record


def versions() -> dict[str, str | None]:
    """Return the versions of Python and of the libraries that decide a run's numbers; None for what is missing."""
    packages = {name: _version(name) for name in _PACKAGES}
    return {"rosenblatt": __version__, "python": platform.python_version(), **packages}


def process() -> dict[str, Any]:
    """Return host, process number and start of this process, which tell later whether it still runs."""
    return {"host": platform.node(), "pid": os.getpid(), "process_start": _process_start(os.getpid())}


def now() -> str:
    """Return the time in UTC, as ISO 8601."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def write_record(folder: Path, record: dict[str, Any]) -> None:
    """Write a run folder's `run.json` in one step; a ValueError if an entry is of the wrong kind."""
    _check(record)
    write_atomic(folder / RUN_FILE, json.dumps(record, indent=2, ensure_ascii=False, allow_nan=False) + "\n")


def read_record(folder: Path) -> dict[str, Any]:
    """Read and check a run folder's `run.json`.

    Parameters
    ----------
    folder : pathlib.Path
        The run folder.

    Returns
    -------
    dict
        Its entries.

    Raises
    ------
    FileNotFoundError
        If the folder or its `run.json` does not exist.
    ValueError
        If the file is damaged, not of rosenblatt, or of a newer version; with the line.
    """
    file = folder / RUN_FILE
    if not file.is_file():
        state = "has no run.json" if folder.is_dir() else "is no folder"
        raise FileNotFoundError(f"{folder} holds no run: it {state}; give the folder that a run was written to")
    text = _text(file)
    try:
        record = json.loads(text)
    except json.JSONDecodeError as error:
        raise _damaged(file, error.lineno, f"this is not JSON ({error.msg})") from error
    _refuse_newer(file, record)
    for name, problem in _problems(record):
        raise _damaged(file, _line(text, name), problem)
    return record


def current_status(record: Mapping[str, Any]) -> str:
    """Return the status, or ``"stopped"`` for a run that says ``"running"`` and whose process is gone."""
    if record["status"] == "running" and _is_alive(record) is False:
        return "stopped"
    return record["status"]


def is_busy(record: Mapping[str, Any]) -> bool:
    """Return whether another process is, or on another host may be, still at work on the run."""
    ours = record["host"] == platform.node() and record["pid"] == os.getpid()
    return current_status(record) == "running" and not ours


def plain(value: Any) -> Any:
    """Return a value as JSON can hold it.

    Parameters
    ----------
    value : object
        Numbers, texts, mappings and sequences stay what they are, also NumPy's. An estimator becomes its class name
        with its fields, a function or class its name, and anything else the name of its class.

    Returns
    -------
    object
        Made of dict, list, str, int, finite float, bool and None.
    """
    value = _as_python(value)
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    if isinstance(value, Mapping):
        return {str(plain(name)): plain(entry) for name, entry in value.items()}
    if isinstance(value, (set, frozenset)):
        return sorted((plain(entry) for entry in value), key=str)
    if isinstance(value, (list, tuple)) and not hasattr(value, "_fields"):
        return [plain(entry) for entry in value]
    return _named(value)


def _as_python(value: Any) -> Any:
    """Convert scalars and small arrays of NumPy and JAX."""
    if callable(getattr(value, "tolist", None)) and hasattr(value, "dtype"):
        if value.size <= _LARGEST_ARRAY_IN_FULL:
            return value.tolist()
        return f"{value.dtype} array of shape {tuple(value.shape)}"
    return value


def _check(record: dict[str, Any]) -> None:
    for _, problem in _problems(record):
        raise ValueError(f"the run cannot be recorded: {problem}")


def _named(value: Any) -> Any:
    if not isinstance(value, type) and callable(getattr(value, "get_params", None)):
        return {"estimator": type(value).__name__, "fields": plain(value.get_params(deep=False))}
    named = value if hasattr(value, "__qualname__") else type(value)
    return f"{named.__module__}.{named.__qualname__}"


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _text(file: Path) -> str:
    content = file.read_bytes()
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _damaged(file, content.count(b"\n", 0, error.start) + 1, "this is not text in UTF-8") from error


def _damaged(file: Path, line: int, problem: str) -> ValueError:
    return ValueError(f"{file}, line {line}: {problem}; {_REPAIR}")


def _refuse_newer(file: Path, record: Any) -> None:
    schema = record.get("schema_version") if isinstance(record, dict) else None
    if isinstance(schema, int) and schema > _SCHEMA_VERSION:
        raise ValueError(
            f"{file} was written by a newer version of rosenblatt (schema_version {schema}, this one reads up to "
            f"{_SCHEMA_VERSION}); update rosenblatt to read it"
        )


def _line(text: str, name: str) -> int:
    """Return the line of an entry, or 1 where it is missing."""
    entry = rf'"{re.escape(name)}"\s*:'
    found = re.search(rf"^ {{2}}{entry}", text, re.MULTILINE) or re.search(entry, text)
    return text.count("\n", 0, found.start()) + 1 if found else 1


def _problems(record: Any) -> list[tuple[str, str]]:
    """Return entry and description of what is wrong with a record, the cause before its consequences."""
    if not isinstance(record, dict) or record.get("format") != _FORMAT:
        return [("format", f'this is no record of a run of rosenblatt (it has no "format": "{_FORMAT}")')]
    missing = [(name, f'"{name}" is missing') for name in _KINDS if name not in record]
    unknown = [(name, f'"{name}" is no entry of a run') for name in record if name not in _KINDS]
    return missing + unknown or _wrong_values(record)


def _wrong_values(record: dict[str, Any]) -> list[tuple[str, str]]:
    wrong = [
        (name, f'"{name}" is {record[name]!r}, and {" or ".join(_JSON_NAMES[kind] for kind in kinds)} is needed')
        for name, kinds in _KINDS.items()
        if not isinstance(record[name], kinds) or isinstance(record[name], bool)
    ]
    if not wrong and record["status"] not in STATUSES:
        wrong.append(("status", f'"status" is {record["status"]!r}, and one of {", ".join(STATUSES)} is needed'))
    times = [name for name in ("started", "finished") if not wrong and not _is_time(record[name])]
    return wrong + [(name, f'"{name}" is {record[name]!r}, and a time in ISO 8601 is needed') for name in times]


def _is_time(text: str | None) -> bool:
    try:
        return text is None or datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False


def _is_alive(record: Mapping[str, Any]) -> bool | None:
    """Return whether a run's process lives; None where that cannot be known."""
    # On Windows os.kill(pid, 0) does not ask: it sends Ctrl-C.
    if record["host"] != platform.node() or os.name == "nt":
        return None
    try:
        os.kill(record["pid"], 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    start = _process_start(record["pid"])
    return record["process_start"] in (None, start) or start is None


def _process_start(pid: int) -> int | None:
    """Return when a process started, in ticks of the clock since the machine did, or None where there is no `/proc`.

    A process number is used again after its process has gone; number and start together are not. A process that has
    ended and that its parent has not yet noticed (a zombie) counts as started never, -1.
    """
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return None
    after_name = stat.rpartition(")")[2].split()
    return -1 if after_name[0] in "ZX" else int(after_name[19])
