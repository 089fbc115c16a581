"""Saved models: a directory or a zip of ``config.json`` and ``model.safetensors``, arrays and plain values, no code.

Nothing in a file is executed or imported when it is loaded: the class is one of this library's, and functions among
the fields (an activation of your own, an Optax object) are not saved but passed again.
"""

import json
import os
import zipfile
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load as load_arrays
from safetensors.numpy import save as save_arrays
from sklearn.exceptions import NotFittedError

from rosenblatt import __version__, estimators
from rosenblatt.models import fields
from rosenblatt.nn.parameters import count_parameters
from rosenblatt.runs.arrays import filled, named_arrays
from rosenblatt.runs.atomic import atomic_path
from rosenblatt.training.history import History

_FORMAT = 1
_CONFIG, _ARRAYS = "config.json", "model.safetensors"
_LARGEST_CONFIG = 64 * 2**20  # bytes; a longer one is not ours
_NOT_SAVED = {"networks_", "history_", "n_parameters_"}  # arrays of their own, rows, and what follows from the arrays


class ModelFileError(ValueError):
    """A file is damaged, foreign, or of another version."""


def save(estimator: Any, path: str | os.PathLike[str]) -> Path:
    """Writes a fitted estimator; whole or not at all.

    Parameters
    ----------
    estimator : a fitted estimator of this library
    path : str or path
        A name that ends in ``.zip`` gives one file, any other a directory. An older model there is replaced.

    Returns
    -------
    pathlib.Path

    Raises
    ------
    sklearn.exceptions.NotFittedError
        If the estimator is not fitted.
    FileExistsError
        If the path is a directory that holds something else than a model.
    """
    if not estimator.__sklearn_is_fitted__():
        raise NotFittedError(
            f"this {type(estimator).__name__} is not fitted yet, so there is nothing to save; call fit"
        )
    target = Path(path)
    networks = getattr(estimator, "networks_", {})
    content = {
        _CONFIG: json.dumps(_config(estimator), indent=1).encode(),
        _ARRAYS: save_arrays(named_arrays(networks)),
    }
    if target.suffix == ".zip":
        return _save_zip(target, content)
    ours = target.is_dir() and {entry.name for entry in target.iterdir()} == set(content)
    with atomic_path(target, overwrite=ours) as partial:
        partial.mkdir()
        for name, data in content.items():
            (partial / name).write_bytes(data)
    return target


def load(path: str | os.PathLike[str], **replaced: Any) -> Any:
    """Reads an estimator that predicts the same bits as the one that was saved.

    The optimizer's state is not saved: a ``partial_fit`` after loading starts it afresh.

    Parameters
    ----------
    path : str or path
        The directory or zip that ``save`` wrote.
    **replaced
        Fields to set to something else; those that were functions must be given.

    Returns
    -------
    The fitted estimator.

    Raises
    ------
    ModelFileError
        If the file is damaged, is no model, or needs another version; it says which and what to do.
    """
    content = _read(Path(path))
    config = _parsed(content[_CONFIG], path)
    try:
        estimator = _estimator(config, replaced, path)
        _restore(estimator, config["fitted"], config["history"], load_arrays(content[_ARRAYS]))
    except (KeyError, TypeError, AttributeError, SafetensorError) as error:
        raise ModelFileError(f"{path} is damaged: {type(error).__name__} {error}; save the model again") from error
    return estimator


def _config(estimator: Any) -> dict[str, Any]:
    values = {name: getattr(estimator, name) for name in fields.own_fields(type(estimator))}
    fitted = {n: v for n, v in vars(estimator).items() if n not in values and n not in _NOT_SAVED and _is_result(n)}
    return {
        "format": _FORMAT,
        "library": f"rosenblatt {__version__}",
        "class": type(estimator).__name__,
        "fields": {name: _field_to_json(name, value) for name, value in values.items()},
        "fitted": {name: _to_json(value) for name, value in fitted.items()},
        "history": estimator.history_.rows if hasattr(estimator, "history_") else [],
    }


def _is_result(name: str) -> bool:
    return name.endswith("_") or name in ("_kind", "_has_columns")


def _field_to_json(name: str, value: Any) -> Any:
    if name == "callbacks" or isinstance(value, np.random.RandomState):
        return _to_json(() if name == "callbacks" else None)  # neither changes what a fitted estimator does
    try:
        return _to_json(value)
    except TypeError:
        return {"function": getattr(value, "__qualname__", type(value).__qualname__)}


def _to_json(value: Any) -> Any:
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, np.ndarray):
        return {"array": value.tolist(), "dtype": "object" if value.dtype == object else value.dtype.str}
    if isinstance(value, tuple):
        return {"tuple": [_to_json(item) for item in value]}
    if isinstance(value, list):
        return [_to_json(item) for item in value]
    if isinstance(value, dict):
        return {"mapping": [[_to_json(key), _to_json(item)] for key, item in value.items()]}
    if value is None or isinstance(value, bool | int | float | str):
        return value
    raise TypeError(f"a {type(value).__name__} cannot be saved")


def _from_json(value: Any) -> Any:
    if isinstance(value, list):
        return [_from_json(item) for item in value]
    if not isinstance(value, dict):
        return value
    if "array" in value:
        return np.array(value["array"], dtype=np.dtype(value["dtype"]))
    if "tuple" in value:
        return tuple(_from_json(item) for item in value["tuple"])
    return {_from_json(key): _from_json(item) for key, item in value["mapping"]}


def _estimator(config: dict[str, Any], replaced: dict[str, Any], path: Any) -> Any:
    homes = estimators()
    if config["class"] not in homes:
        raise ModelFileError(f"{path} holds a {config['class']!r}; this version knows {', '.join(homes)}")
    kind = getattr(import_module(homes[config["class"]]), config["class"])
    unknown = (config["fields"].keys() | replaced.keys()) - fields.own_fields(kind).keys()
    if unknown:
        raise ModelFileError(f"{path}: {config['class']} has no fields {', '.join(sorted(unknown))}; was it edited?")
    functions = {n: v["function"] for n, v in config["fields"].items() if isinstance(v, dict) and "function" in v}
    missing = functions.keys() - replaced.keys()
    if missing:
        given = ", ".join(f"{name}={functions[name]}" for name in sorted(missing))
        raise ModelFileError(
            f"{path} was saved with functions, which files do not carry; pass them: load(path, {given})"
        )
    saved = {name: _from_json(value) for name, value in config["fields"].items() if name not in functions}
    estimator = kind(**(saved | replaced))
    try:
        fields.validate_fields(estimator)
    except ValueError as error:
        raise ModelFileError(f"{path} was edited or damaged: {error}") from error
    return estimator


def _restore(estimator: Any, fitted: dict[str, Any], history: list[Any], arrays: dict[str, np.ndarray]) -> None:
    for name, value in fitted.items():
        if not _is_result(name):
            raise KeyError(f"{name} is no fitted attribute")
        setattr(estimator, name, _from_json(value))
    if not arrays:
        return  # a neuron without weights
    generators = estimator._generators()
    networks = estimator._new_networks(generators["initialize"])
    try:
        estimator.networks_ = filled(networks, arrays)
    except ValueError as error:
        raise TypeError(f"its arrays do not fit its config ({error})") from error
    estimator.history_ = History(history)
    estimator.n_parameters_ = count_parameters(estimator._learned())
    estimator._resumable = (None, generators["train"])


def _save_zip(target: Path, content: dict[str, bytes]) -> Path:
    with atomic_path(target) as partial, zipfile.ZipFile(partial, "w") as archive:
        for name, data in content.items():
            archive.writestr(zipfile.ZipInfo(name), data)  # no time stamp: the same model is the same file
    return target


def _read(path: Path) -> dict[str, bytes]:
    if path.is_dir():
        missing = [name for name in (_CONFIG, _ARRAYS) if not (path / name).is_file()]
        if missing:
            raise ModelFileError(f"{path} is no saved model: it has no {' and no '.join(missing)}")
        return {name: (path / name).read_bytes() for name in (_CONFIG, _ARRAYS)}
    if not path.exists():
        raise FileNotFoundError(f"there is no model at {path}")
    try:
        with zipfile.ZipFile(path) as archive:
            _check_members(archive, path)
            return {name: archive.read(name) for name in (_CONFIG, _ARRAYS)}
    except zipfile.BadZipFile as error:
        raise ModelFileError(
            f"{path} is no zip, or a damaged one ({error}); a model is a directory or a zip"
        ) from error


def _check_members(archive: zipfile.ZipFile, path: Path) -> None:
    names = archive.namelist()
    if sorted(names) != sorted((_CONFIG, _ARRAYS)):
        raise ModelFileError(
            f"{path} is no saved model: it must hold {_CONFIG} and {_ARRAYS} and nothing else, got {names[:5]}"
        )
    if archive.getinfo(_CONFIG).file_size > _LARGEST_CONFIG:
        raise ModelFileError(f"{path}: {_CONFIG} unpacks to over {_LARGEST_CONFIG} bytes; this is no model of ours")


def _parsed(data: bytes, path: Any) -> dict[str, Any]:
    try:
        config = json.loads(data)
    except ValueError as error:
        raise ModelFileError(f"{path}: {_CONFIG} is damaged ({error}); save the model again") from error
    if not isinstance(config, dict) or "format" not in config:
        raise ModelFileError(f"{path}: {_CONFIG} is not that of a model of rosenblatt")
    if config["format"] != _FORMAT:
        raise ModelFileError(
            f"{path} has model format {config['format']}, written by {config.get('library')}; this version reads "
            f"format {_FORMAT}: install a newer one"
        )
    return config
