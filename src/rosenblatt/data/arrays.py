"""Arrays in NPY files (X alone) and NPZ files (X, and optionally y, X_test, y_test)."""

import math
import zipfile
import zlib
from pathlib import Path
from typing import BinaryIO

import numpy as np

from rosenblatt.data.dataset import Dataset
from rosenblatt.data.shapes import image_shape_of_rows
from rosenblatt.data.wording import listed, suggestion

_MAGIC = {".npy": b"\x93NUMPY", ".npz": b"PK"}
_SAVE = {".npy": "Save it with numpy.save(path, X)", ".npz": "Save it with numpy.savez(path, X=..., y=...)"}
_NAMES = {
    "X": ("X", "X_train", "x", "x_train"),
    "y": ("y", "y_train"),
    "X_test": ("X_test", "x_test"),
    "y_test": ("y_test",),
}


def read_arrays(path: Path, target: str | None, image_shape: tuple[int, ...] | None) -> Dataset:
    """Read a NPY or NPZ file.

    A NPZ file needs an array ``X`` (also ``x``, ``X_train``, ``x_train``) and may have ``y`` (``y_train``),
    ``X_test`` (``x_test``) and ``y_test``; a file with a single array is all X, whatever its name. Other arrays are
    left out and listed in ``skipped``.

    ``X`` of two axes is kept as it is. ``X`` of three axes (n, height, width) or four (n, height, width, channels) is
    images: rows are flattened and ``image_shape`` is set, and bytes (uint8) become float32 in [0, 1].

    Parameters
    ----------
    path : Path
        The file. Nothing in it is executed: arrays of Python objects are refused.
    target : str or None
        Name of the array of a NPZ file that is y, where it is not called so.
    image_shape : tuple or None
        Shape of the image that a row holds, where the array does not say.

    Returns
    -------
    Dataset

    Raises
    ------
    ValueError
        If the file is damaged, holds Python objects or text, or has no array that can be X.
    """
    if path.suffix.lower() == ".npy":
        if target is not None:
            raise ValueError(
                f"{path} holds one array, so target={target!r} is not in it. Save X and y in one NPZ file."
            )
        arrays, skipped = {"X": _read(path)["X"]}, ()
    else:
        arrays, skipped = _by_role(path, _read(path), target)
    for role in ("X", "X_test"):
        if role in arrays:
            _check_features(path, role, arrays[role])
    y, y_test = (_column(arrays.get(role)) for role in ("y", "y_test"))
    X, X_test = arrays["X"], arrays.get("X_test")
    shape = _shape_of_images(path, X, image_shape)
    return Dataset(
        name=path.stem,
        X=_rows(X),
        y=y,
        image_shape=shape,
        X_test=None if X_test is None else _rows(X_test),
        y_test=y_test,
        description=f"arrays of {path.name}",
        skipped=skipped,
        source=str(path),
    )


def _read(path: Path) -> dict[str, np.ndarray]:
    """All arrays of the file by name; that of a NPY file is called X."""
    suffix = path.suffix.lower()
    with path.open("rb") as file:  # numpy.load would not close a damaged archive that it opened itself
        if not file.read(6).startswith(_MAGIC[suffix]):
            raise ValueError(f"{path} is not a {suffix[1:].upper()} file. {_SAVE[suffix]}.")
        file.seek(0)
        try:
            return _arrays(file, suffix)
        except (ValueError, EOFError, OSError, zipfile.BadZipFile, zlib.error) as error:
            if "Object arrays" in str(error):
                raise ValueError(
                    f"{path} holds Python objects, which are refused because reading them can run code. Save arrays "
                    "of numbers; text as numpy.asarray(labels, dtype=str); rows of unequal length need one length."
                ) from error
            raise ValueError(f"{path} is truncated or damaged: {error}. {_SAVE[suffix]}.") from error


def _arrays(file: BinaryIO, suffix: str) -> dict[str, np.ndarray]:
    if suffix == ".npy":
        return {"X": np.load(file, allow_pickle=False)}
    with np.load(file, allow_pickle=False) as archive:
        return {name: archive[name] for name in archive.files}


def _by_role(
    path: Path, arrays: dict[str, np.ndarray], target: str | None
) -> tuple[dict[str, np.ndarray], tuple[tuple[Path, str], ...]]:
    """Which array is X, y, X_test and y_test, and which are none of these."""
    if target is not None and target not in arrays:
        raise ValueError(f"{path} has no array {target!r}.{suggestion(target, arrays)} It has {_described(arrays)}.")
    free = [name for name in arrays if name != target]
    found = {role: next((name for name in names if name in free), None) for role, names in _NAMES.items()}
    if target is not None:
        found["y"] = target
    if found["X"] is None and len(free) == 1:
        found["X"] = free[0]
    if found["X"] is None:
        raise ValueError(
            f"{path} has {_described(arrays)}, and none is called X. Save it as numpy.savez({path.name!r}, X=..., "
            "y=...), with X_test and y_test if there is a test part."
        )
    reason = "its array {!r} is neither X, y, X_test nor y_test"
    skipped = tuple((path, reason.format(name)) for name in arrays if name not in found.values())
    return {role: arrays[name] for role, name in found.items() if name is not None}, skipped


def _described(arrays: dict[str, np.ndarray]) -> str:
    return listed(f"{name!r} {array.shape}" for name, array in arrays.items()) or "no arrays"


def _check_features(path: Path, role: str, X: np.ndarray) -> None:
    if X.dtype.kind not in "biuf":
        raise ValueError(f"{path}: {role} holds {X.dtype}; numbers are needed (integers, floats or booleans).")
    if X.ndim == 1:
        raise ValueError(
            f"{path}: {role} has shape {X.shape}; rows and features are needed. Save X.reshape(-1, 1) where each "
            "number is a row, X.reshape(1, -1) where all are one row."
        )
    if X.ndim not in (2, 3, 4) or 0 in X.shape:
        raise ValueError(
            f"{path}: {role} has shape {X.shape}; (rows, features), (rows, height, width) or (rows, height, width, "
            "channels) is needed, with at least one of each."
        )


def _shape_of_images(path: Path, X: np.ndarray, image_shape: tuple[int, ...] | None) -> tuple[int, int, int] | None:
    if image_shape is not None or X.ndim == 2:
        return image_shape_of_rows(path, X, image_shape)
    height, width, channels = (*X.shape[1:], 1)[:3]
    if height in (1, 3) and channels > 4:
        raise ValueError(
            f"{path}: X has shape {X.shape}, which looks like (rows, channels, height, width); channels go last. "
            "Save X.transpose(0, 2, 3, 1), or give image_shape if the shape is meant so."
        )
    return height, width, channels


def _rows(X: np.ndarray) -> np.ndarray:
    rows = X.reshape(len(X), math.prod(X.shape[1:]))
    return rows / np.float32(255) if X.ndim > 2 and X.dtype == np.uint8 else rows


def _column(y: np.ndarray | None) -> np.ndarray | None:
    """``y`` of shape (n, 1), as many files store it, as (n,)."""
    return y[:, 0] if y is not None and y.ndim == 2 and y.shape[1] == 1 else y
