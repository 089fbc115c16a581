"""One door to all data sets: `load`."""

import os
import warnings
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np

from rosenblatt.data import mixtures, toys
from rosenblatt.data.arrays import read_arrays
from rosenblatt.data.catalogue import DESCRIPTIONS, names
from rosenblatt.data.dataset import Dataset, SkippedDataWarning
from rosenblatt.data.mnist import holds_idx_files, load_published, read_idx_folder
from rosenblatt.data.tables import read_table
from rosenblatt.data.wording import listed, suggestion


def load(
    name_or_path: str | os.PathLike[str],
    *,
    target: str | None = None,
    image_shape: tuple[int, ...] | None = None,
    strict: bool = False,
) -> Dataset:
    """Load a built-in data set, a file, or a folder of images.

    Parameters
    ----------
    name_or_path : str or path
        A name of `rosenblatt.data.names`; or a table (``.csv``, ``.tsv``, either with ``.gz``, ``.parquet``); or
        arrays (``.npy``: X; ``.npz``: X and optionally y, X_test, y_test); or a folder of images, flat or with a
        sub-folder for each class, or one with the four files of MNIST's layout. A built-in name comes first: write
        ``./digits`` for a folder of that name.
    target : str or None, default=None
        Column of a table (or array of a NPZ file) to predict. None reads a table without ``y``.
    image_shape : (height, width), (height, width, channels) or None, default=None
        For a folder: the shape that all images are resized to; needed where their sizes differ. For tables and
        arrays: the shape of the image that is flattened in each row.
    strict : bool, default=False
        Raise instead of warning where anything had to be left out.

    Returns
    -------
    Dataset
        Images are float32 in [0, 1], flattened; tables float64; other arrays as they were stored.

    Raises
    ------
    FileNotFoundError
        If there is no such path, or a set has to be fetched and cannot be.
    ImportError
        If a library of the extra ``data`` is needed and not installed.
    TypeError
        If ``name_or_path`` is not a string or path.
    ValueError
        If the name is unknown, the file is damaged or of another kind, it does not have what is asked for, or
        ``strict`` is set and anything was left out.

    Warns
    -----
    SkippedDataWarning
        If files or columns were left out; `Dataset.skipped` has each with its reason.

    Examples
    --------
    >>> from rosenblatt.data import load
    >>> load("digits")
    <Dataset 'digits': X (1797, 64) float32, images 8 x 8 x 1, y with 10 different labels; source: scikit-learn>
    """
    dataset = _load(name_or_path, target, image_shape)
    if dataset.skipped and strict:
        raise ValueError(f"{_skipped_text(dataset)}. Repair or remove what is named, or load without strict.")
    if dataset.skipped:
        text = f"{_skipped_text(dataset)}. Dataset.skipped has all of it; strict=True refuses it."
        warnings.warn(text, SkippedDataWarning, stacklevel=2)
    return dataset


def _load(name_or_path: str | os.PathLike[str], target: str | None, image_shape: tuple[int, ...] | None) -> Dataset:
    if not isinstance(name_or_path, str | os.PathLike):
        raise TypeError(
            f"load takes the name of a data set or a path, not {type(name_or_path).__name__}; arrays and tables that "
            "are in memory go straight to fit(X, y)."
        )
    if isinstance(name_or_path, str) and name_or_path in _BUILT_IN:
        _refuse("target", target, f"the built-in set {name_or_path!r} has its own y")
        _refuse("image_shape", image_shape, f"the built-in set {name_or_path!r} has its own shape")
        return _BUILT_IN[name_or_path]()
    path = Path(name_or_path).expanduser()
    if not str(name_or_path) or not path.exists():
        raise _not_found(name_or_path, path)
    return _load_folder(path, target, image_shape) if path.is_dir() else _load_file(path, target, image_shape)


def _refuse(argument: str, value: object, reason: str) -> None:
    if value is not None:
        raise ValueError(f"{argument}={value!r} cannot be used: {reason}. Leave {argument} out.")


def _load_folder(path: Path, target: str | None, image_shape: tuple[int, ...] | None) -> Dataset:
    _refuse("target", target, f"{path} is a folder, whose sub-folders are the classes")
    if holds_idx_files(path):
        _refuse("image_shape", image_shape, f"the files of {path} give their own shape")
        return read_idx_folder(path, path.resolve().name)
    from rosenblatt.data.folders import read_image_folder

    return read_image_folder(path, image_shape)


def _load_file(path: Path, target: str | None, image_shape: tuple[int, ...] | None) -> Dataset:
    kind = path.with_suffix("").suffix if path.suffix.lower() == ".gz" else path.suffix
    if kind.lower() not in _READERS or (path.suffix.lower() == ".gz" and kind.lower() not in (".csv", ".tsv")):
        raise ValueError(
            f"{path} is a file of a kind that is not read ({path.suffix or 'no extension'}). Tables are "
            ".csv, .tsv and .parquet, arrays .npy and .npz; for images give the folder that they are in."
        )
    return _READERS[kind.lower()](path, target, image_shape)


def _digits() -> Dataset:
    from sklearn.datasets import load_digits

    X, y = load_digits(return_X_y=True)
    return Dataset(
        name="digits",
        X=np.asarray(X, dtype=np.float32) / 16,
        y=np.asarray(y, dtype=np.int64),
        target_names=tuple("0123456789"),
        image_shape=(8, 8, 1),
        description=DESCRIPTIONS["digits"],
        source="scikit-learn",
    )


def _not_found(name_or_path: str | os.PathLike[str], path: Path) -> Exception:
    text = str(name_or_path)
    known = f"Built-in sets are {listed(names(), limit=len(names()))}."
    if text == path.name and not path.suffix and isinstance(name_or_path, str):
        return ValueError(
            f"There is no data set {text!r}, and no file or folder of that name in {Path.cwd()}."
            f"{suggestion(text, names())} {known}"
        )
    beside = sorted(entry.name for entry in path.parent.iterdir()) if path.parent.is_dir() else []
    return FileNotFoundError(
        f"There is no file or folder {text!r} ({path.absolute()}).{suggestion(path.name, beside)} {known}"
    )


def _skipped_text(dataset: Dataset) -> str:
    root = Path(dataset.source)
    shown = (reason if path == root else f"{path.relative_to(root)} ({reason})" for path, reason in dataset.skipped)
    return f"{len(dataset.skipped)} left out of {root}: {listed(shown, limit=5)}"


_BUILT_IN: dict[str, Callable[[], Dataset]] = {
    "blobs": toys.blobs,
    "circles": toys.circles,
    "digits": _digits,
    "fashion-mnist": partial(load_published, "fashion-mnist"),
    "gaussian-mixture": mixtures.gaussian_mixture,
    "grid": mixtures.grid,
    "mnist": partial(load_published, "mnist"),
    "moons": toys.moons,
    "ring": mixtures.ring,
    "spirals": toys.spirals,
    "xor": toys.xor,
}
_READERS: dict[str, Callable[[Path, str | None, tuple[int, ...] | None], Dataset]] = {
    ".csv": read_table,
    ".npy": read_arrays,
    ".npz": read_arrays,
    ".parquet": read_table,
    ".tsv": read_table,
}
