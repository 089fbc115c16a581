"""MNIST and Fashion-MNIST: which files they are, where they are looked for, and how they are fetched.

Looked for, in this order: ``$ROSENBLATT_DATA/NAME``, ``$ROSENBLATT_DATA`` itself, the user's cache, the folder of
Debian's packages; then fetched into the cache by pooch. A folder counts when it holds all four files, each gzipped
or not. Wherever they lie, the SHA-256 of their decompressed content is checked.
"""

import os
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import numpy as np

from rosenblatt.data.catalogue import DESCRIPTIONS
from rosenblatt.data.dataset import Dataset
from rosenblatt.data.idx import read_idx
from rosenblatt.data.wording import listed, require

FILES = ("train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte")
DEBIAN_FOLDER = Path("/usr/share/datasets")


@dataclass(frozen=True)
class Publication:
    """How a set was published: where, with which checksums (in the order of `FILES`), and its classes."""

    address: str
    gzip_md5: tuple[str, ...]
    content_sha256: tuple[str, ...]
    target_names: tuple[str, ...]
    debian_package: str | None = None


PUBLICATIONS = {
    # Address and MD5 are those in the authors' README (github.com/zalandoresearch/fashion-mnist).
    "fashion-mnist": Publication(
        address="http://fashion-mnist.s3-website.eu-central-1.amazonaws.com",
        gzip_md5=(
            "8d4fb7e6c68d591d4c3dfef9ec88bf0d",
            "25c81989df183df01b3e8a0aad5dffbe",
            "bef4ecab320f06d8554ea6380940ec79",
            "bb300cfdad3c16e7a12a480ee83cd310",
        ),
        content_sha256=(
            "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
            "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
            "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
            "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
        ),
        target_names=(
            "T-shirt/top",
            "Trouser",
            "Pullover",
            "Dress",
            "Coat",
            "Sandal",
            "Shirt",
            "Sneaker",
            "Bag",
            "Ankle boot",
        ),
        debian_package="dataset-fashion-mnist",
    ),
    # The authors' own site no longer serves the files; this is the mirror, and these the MD5, of torchvision.
    "mnist": Publication(
        address="https://ossci-datasets.s3.amazonaws.com/mnist",
        gzip_md5=(
            "f68b3c2dcbeaaa9fbdd348bbdeb94873",
            "d53e105ee54ea40749a09fcbcd1e9432",
            "9fb629c4189551a2d022fa330f9573f3",
            "ec29112dd5afa0611ce80d1b7f02629c",
        ),
        content_sha256=(
            "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
            "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
            "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
            "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
        ),
        target_names=tuple("0123456789"),
    ),
}


def load_published(name: str) -> Dataset:
    """Load ``"mnist"`` or ``"fashion-mnist"``, and fetch it where no folder of this machine has it.

    Pixels are float32 in [0, 1] (byte / 255), rows (n, 784), ``image_shape`` (28, 28, 1), labels int64 codes.

    Raises
    ------
    FileNotFoundError
        If the files are nowhere and cannot be fetched; the text says what to install or where to put them.
    ImportError
        If they would have to be fetched and pooch is not installed.
    ValueError
        If a file is damaged, or is not the published one.
    """
    publication = PUBLICATIONS[name]
    folder = _find(name) or _fetch(name)
    return read_idx_folder(
        folder, name, publication.target_names, publication.content_sha256, description=DESCRIPTIONS[name]
    )


def read_idx_folder(
    folder: Path,
    name: str,
    target_names: tuple[str, ...] | None = None,
    content_sha256: tuple[str | None, ...] = (None,) * len(FILES),
    description: str = "",
) -> Dataset:
    """Read the four files of a set in MNIST's layout; without ``target_names`` classes are named by their codes."""
    paths = [_located(folder, file) for file in FILES]
    missing = [file for file, path in zip(FILES, paths, strict=True) if path is None]
    if missing:
        raise FileNotFoundError(f"{folder} lacks {listed(missing)} (each with or without .gz); put them there.")
    arrays = [read_idx(path, sha256) for path, sha256 in zip(paths, content_sha256, strict=True) if path is not None]
    images, labels, test_images, test_labels = arrays
    if images.ndim != 3 or test_images.ndim != 3 or labels.ndim != 1 or test_labels.ndim != 1:
        raise ValueError(
            f"{folder}: the arrays have {images.ndim}, {labels.ndim}, {test_images.ndim} and {test_labels.ndim} axes; "
            "images need 3 (number, height, width) and labels 1. Put the published files there."
        )
    return Dataset(
        name=name,
        X=_pixels(images),
        y=labels.astype(np.int64),
        target_names=target_names or tuple(str(code) for code in range(max(labels.max(), test_labels.max()) + 1)),
        image_shape=(images.shape[1], images.shape[2], 1),
        X_test=_pixels(test_images),
        y_test=test_labels.astype(np.int64),
        description=description or f"images and labels in MNIST's file layout, from {folder}",
        source=str(folder),
    )


def holds_idx_files(folder: Path) -> bool:
    """Whether any of the four files lies in the folder."""
    return any(_located(folder, file) for file in FILES)


def cache_folder() -> Path:
    """The user's cache of fetched data sets."""
    from platformdirs import user_cache_dir

    return Path(user_cache_dir("rosenblatt")) / "data"


def _pixels(images: np.ndarray) -> np.ndarray:
    return images.reshape(len(images), -1) / np.float32(255)


def _located(folder: Path, file: str) -> Path | None:
    """The file in the folder, gzipped or not; some mirrors write ``train-images.idx3-ubyte``."""
    for name in (file, f"{file}.gz", file.replace("-idx", ".idx"), f"{file.replace('-idx', '.idx')}.gz"):
        if (folder / name).is_file():
            return folder / name
    return None


def _user_folder() -> Path | None:
    folder = os.environ.get("ROSENBLATT_DATA")
    return Path(folder).expanduser() if folder else None


def _candidates(name: str) -> dict[str, Path]:
    """Folders to look in, by how the error names them."""
    folders = {"your cache": cache_folder() / name, "Debian's package": DEBIAN_FOLDER / name}
    user_folder = _user_folder()
    if user_folder is None:
        return folders
    return {f"$ROSENBLATT_DATA/{name}": user_folder / name, "$ROSENBLATT_DATA": user_folder, **folders}


def _find(name: str) -> Path | None:
    for folder in _candidates(name).values():
        if all(_located(folder, file) for file in FILES) and not _is_another_set(folder, name):
            return folder
    return None


def _is_another_set(folder: Path, name: str) -> bool:
    """Whether the files lie in ``$ROSENBLATT_DATA`` itself and are those of another set, which has the same names."""
    labels = _located(folder, FILES[3])
    if folder != _user_folder() or labels is None:
        return False
    return any(_has_content(labels, other.content_sha256[3]) for key, other in PUBLICATIONS.items() if key != name)


def _has_content(path: Path, sha256: str) -> bool:
    try:
        read_idx(path, sha256)
    except ValueError:
        return False
    return True


def _fetch(name: str) -> Path:
    """Fetch the files that the cache lacks and return the folder; pooch checks the MD5 of what came."""
    publication, folder = PUBLICATIONS[name], cache_folder() / name
    try:
        pooch = require("pooch", f"fetching {name}")
    except ImportError as error:
        raise ImportError(f"{error}. {_advice(name)}", name="pooch") from error
    for file, md5 in zip(FILES, publication.gzip_md5, strict=True):
        if _located(folder, file) is None:
            _retrieve(pooch, name, f"{publication.address}/{file}.gz", md5, folder)
    return folder


def _retrieve(pooch: ModuleType, name: str, address: str, md5: str, folder: Path) -> None:
    try:
        pooch.retrieve(address, f"md5:{md5}", fname=address.rpartition("/")[2], path=folder)
    except ValueError as error:
        raise ValueError(
            f"What came from {address} is not the published file (its MD5 is not {md5}); a proxy or a login page may "
            f"have answered instead. {_advice(name)}"
        ) from error
    except OSError as error:
        raise FileNotFoundError(
            f"{name} is not on this machine, and {address} could not be fetched into {folder}. {_advice(name)} "
            f"The reason of the failure: {error}"
        ) from error


def _advice(name: str) -> str:
    """Where the set was looked for, and every way to get it."""
    looked = listed(f"{label} ({_state(folder)})" for label, folder in _candidates(name).items())
    package = PUBLICATIONS[name].debian_package
    install = f"install Debian's package (apt install {package}), or " if package else ""
    return (
        f"{name} was looked for in {looked}. To have it without a network, {install}put "
        f"{', '.join(f'{file}.gz' for file in FILES)} (unpacked also works) into {_user_or_cache(name)}"
    )


def _state(folder: Path) -> str:
    if not folder.is_dir():
        return f"{folder} does not exist"
    missing = [file for file in FILES if _located(folder, file) is None]
    if len(missing) == len(FILES):
        return f"{folder} has none of its files"
    return f"{folder} lacks {listed(missing)}" if missing else f"{folder} holds another set"


def _user_or_cache(name: str) -> str:
    user_folder = _user_folder()
    if user_folder is not None:
        return f"{user_folder / name}."
    return f"{cache_folder() / name}, or into a folder {name} in a folder that the variable ROSENBLATT_DATA names."
