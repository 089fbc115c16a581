"""Files and folders that appear whole or not at all.

What is written goes to a temporary name in the same folder, is flushed to the disk, and then takes its final name in
one step of the file system. Whoever reads meanwhile, or after a power cut, finds the old content or the new one. A
process that is killed while it writes leaves at most a temporary name that starts with `PARTIAL_PREFIX`.
"""

from __future__ import annotations

import errno
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

__all__ = ["PARTIAL_PREFIX", "atomic_path", "explain_write_errors", "write_atomic"]

PARTIAL_PREFIX = ".partial-"

_DISK_FULL = (errno.ENOSPC, errno.EDQUOT)


def write_atomic(path: str | os.PathLike[str], data: bytes | str) -> None:
    """Write a file so that it is never seen half written.

    Parameters
    ----------
    path : str or path
        The file. Missing folders above it are made; a file that exists is replaced; a symbolic link stays and the
        file that it points to is replaced.
    data : bytes or str
        The whole content. A string is written as UTF-8, its line ends as they are.

    Raises
    ------
    OSError
        If the file cannot be written; of the kind that the system gave (`PermissionError`, `NotADirectoryError`,
        `IsADirectoryError`, ...), with the reason and what to do.
    """
    content = data.encode("utf-8") if isinstance(data, str) else data
    with atomic_path(path) as partial:
        partial.write_bytes(content)


@contextmanager
def atomic_path(path: str | os.PathLike[str], *, overwrite: bool = False) -> Iterator[Path]:
    """Give a temporary path to write a file or a whole folder to, which takes its final name at the end.

    If the body raises, what it wrote is removed and the target is as before.

    Parameters
    ----------
    path : str or path
        The final name of the file or folder. Missing folders above it are made. A file that exists is replaced.
    overwrite : bool, default=False
        Whether a folder that exists and is not empty may be replaced **with all that is in it**: the caller has to
        make sure first that the content is its own. The system has no single step for this: the old folder is renamed,
        the new one put in its place and the old one removed, so that a kill between the first two leaves both under
        temporary names.

    Yields
    ------
    pathlib.Path
        A name in the same folder that does not exist yet, with the same suffix. Make a file or a folder of it.

    Raises
    ------
    FileExistsError
        If the target is a folder that is not empty, or a device or a pipe.
    FileNotFoundError
        If the body made nothing.
    OSError
        If the target cannot be written, as in `write_atomic`.
    """
    target = Path(os.path.realpath(path))
    with explain_write_errors(target):
        _refuse_occupied(target, overwrite)
        target.parent.mkdir(parents=True, exist_ok=True)
    partial = _partial_name(target)
    try:
        try:
            yield partial
        except OSError as error:
            if _is_about(error, partial):
                raise _explained(error, target) from error
            raise
        with explain_write_errors(target):
            _sync(partial)
            _move(partial, target)
    except BaseException:
        _remove(partial)
        raise


@contextmanager
def explain_write_errors(path: str | os.PathLike[str]) -> Iterator[None]:
    """Turn an `OSError` of the body into one of the same kind that says why `path` cannot be written and what to do.

    Parameters
    ----------
    path : str or path
        The file or folder that the body writes.

    Raises
    ------
    OSError
        Of the same class and with the same `errno` as the one of the body, which is its cause.
    """
    try:
        yield
    except OSError as error:
        if error.errno is None:
            raise
        raise _explained(error, Path(path)) from error


def _refuse_occupied(target: Path, overwrite: bool) -> None:
    if target.is_dir():
        if not overwrite and any(target.iterdir()):
            raise FileExistsError(f"cannot write {target}: it is a folder that is not empty; choose another name")
    elif target.exists() and not target.is_file():
        raise FileExistsError(f"cannot write {target}: it is a device or a pipe, not a file; choose another name")


def _partial_name(target: Path) -> Path:
    return target.with_name(f"{PARTIAL_PREFIX}{secrets.token_hex(4)}-{target.name}")


def _move(partial: Path, target: Path) -> None:
    if not (partial.is_dir() and target.is_dir()):
        os.replace(partial, target)
        _sync_folder(target.parent)
        return
    aside = _partial_name(target)
    os.replace(target, aside)
    try:
        os.replace(partial, target)
    except BaseException:
        os.replace(aside, target)
        raise
    _sync_folder(target.parent)
    shutil.rmtree(aside)


def _sync(path: Path) -> None:
    """Flush a file, or all that is in a folder, to the disk."""
    if not os.path.lexists(path):
        raise FileNotFoundError(f"nothing was written to {path}; make a file or a folder of that name in the body")
    if path.is_dir():
        for entry in path.iterdir():
            _sync(entry)
        _sync_folder(path)
    else:
        with path.open("rb+") as file:
            os.fsync(file.fileno())


def _sync_folder(path: Path) -> None:
    # Windows cannot open a folder and some network file systems cannot flush one: the rename itself has happened.
    with suppress(OSError):
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with suppress(OSError):
            path.unlink()


def _is_about(error: OSError, partial: Path) -> bool:
    """Whether an error of the caller's body came from writing to the temporary name."""
    return error.errno in _DISK_FULL or str(error.filename).startswith(str(partial))


def _explained(error: OSError, path: Path) -> OSError:
    explained = type(error)(f"cannot write {path}: {_reason(error, path)}")
    explained.errno = error.errno
    return explained


def _reason(error: OSError, path: Path) -> str:
    # Not Path.exists, which raises where a folder above may not be looked into.
    blocker = next((above for above in path.parents if os.path.exists(above) and not os.path.isdir(above)), None)
    if blocker is not None:
        return f"{blocker} is a file where a folder is needed; choose another path, or move that file away"
    if error.errno in (errno.EACCES, errno.EPERM):
        return (
            f"you have no permission to write in {path.parent}; choose a folder of your own, or have its rights changed"
        )
    if error.errno == errno.EROFS:
        return f"the file system of {path.parent} is read-only; choose a folder on another disk"
    if error.errno in _DISK_FULL:
        return "the disk (or your share of it) is full; free some space, or choose another disk"
    if error.errno == errno.EISDIR:
        return "it is a folder; give the name of a file in it"
    if error.errno in (errno.ENOTDIR, errno.EEXIST):
        return "it is a file, and a folder is needed; choose another path, or move that file away"
    return f"{error.strerror} in {path.parent}; choose another folder"
