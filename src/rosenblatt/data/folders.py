"""A folder of images: flat, or with a sub-folder for each class, or with such folders under train and test."""

import os
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np

from rosenblatt.data.dataset import Dataset
from rosenblatt.data.images import FORMATS, ImageHeader, read_header, read_pixels
from rosenblatt.data.shapes import check_image_shape
from rosenblatt.data.wording import listed

_IGNORED = {"Thumbs.db", "desktop.ini", "__MACOSX"}  # and every name that begins with a dot
_VALIDATION = {"val", "valid", "validation"}

Skipped = list[tuple[Path, str]]
Result = TypeVar("Result")


@dataclass(frozen=True)
class _Picture:
    path: Path
    label: str | None
    is_test: bool


def read_image_folder(folder: Path, image_shape: tuple[int, ...] | None) -> Dataset:
    """Read all images under a folder, in the order of their paths; `rosenblatt.data.images` says how they are decoded.

    Images directly in the folder are unlabelled. Where they lie in sub-folders, each sub-folder (with all below it) is
    a class: ``target_names`` are the sorted names, ``y`` their codes. Where the only sub-folders are ``train`` and
    ``test``, each is read in this way and ``test`` becomes the test part.

    Hidden files (names that begin with a dot, such as ``.DS_Store``), ``Thumbs.db``, ``desktop.ini`` and ``__MACOSX``
    are passed over on purpose. All else that is not read is listed in ``skipped``: files that cannot be decoded,
    files that are not images by their extension, and sub-folders without any image.

    Parameters
    ----------
    folder : Path
        The folder.
    image_shape : (height, width) or (height, width, channels) or None
        Shape to convert all images to, with 1 (grey) or 3 (colour) channels. None keeps their own shape, which must
        then be the same for all. Where channels are not given there are 3 if any image has colour, otherwise 1.

    Returns
    -------
    Dataset

    Raises
    ------
    ValueError
        If there is no readable image, if sizes differ and ``image_shape`` is not given, or if it is unclear what the
        classes are.
    """
    pictures, skipped = _find_pictures(folder)
    headers = _each(pictures, lambda picture: read_header(picture.path), skipped)
    pictures = [picture for picture in pictures if picture in headers]
    if not pictures:
        raise ValueError(_nothing_readable(folder, skipped))
    shape = _common_shape(folder, list(headers.values()), image_shape)
    pictures, X = _decode(pictures, shape, skipped)
    if not pictures:
        raise ValueError(_nothing_readable(folder, skipped))
    target_names, y = _codes(folder, pictures)
    is_test = np.array([picture.is_test for picture in pictures])
    has_test = bool(is_test.any())
    return Dataset(
        name=folder.resolve().name,
        X=X[~is_test] if has_test else X,
        y=None if y is None else y[~is_test],
        target_names=target_names,
        image_shape=shape,
        X_test=X[is_test] if has_test else None,
        y_test=y[is_test] if y is not None and has_test else None,
        description=f"{len(X)} images" + ("" if target_names is None else f" of {len(target_names)} classes"),
        skipped=tuple(sorted(skipped)),
        source=str(folder),
    )


def _find_pictures(folder: Path) -> tuple[list[_Picture], Skipped]:
    """All files with the extension of an image, with their class, and what is no image."""
    files = sorted(_visible_files(folder))
    skipped = [(file, _no_image(file)) for file in files if file.suffix.lower() not in FORMATS]
    images = [file for file in files if file.suffix.lower() in FORMATS]
    if not images:
        raise ValueError(_no_images(folder, files))
    has_test = _has_test_part(folder, images)
    pictures = [_picture(file, file.relative_to(folder).parts[:-1], has_test) for file in images]
    _check_labels(folder, pictures)
    return pictures, skipped + _empty_folders(folder, images, has_test)


def _visible_files(folder: Path) -> Iterator[Path]:
    """Files at any depth, also behind links; a folder that cannot be listed raises its OSError."""
    for parent, folders, files in os.walk(folder, onerror=_raise, followlinks=True):
        here = Path(parent).resolve()
        folders[:] = [name for name in folders if _is_visible(name) and not _is_above(Path(parent, name), here)]
        yield from (Path(parent, name) for name in files if _is_visible(name))


def _raise(error: OSError) -> None:
    raise error


def _is_visible(name: str) -> bool:
    return not name.startswith(".") and name not in _IGNORED


def _is_above(folder: Path, here: Path) -> bool:
    """Whether the folder is a link back to where the walk came from, which would never end."""
    real = folder.resolve()
    return real == here or real in here.parents


def _subfolders(folder: Path) -> list[Path]:
    return sorted(entry for entry in folder.iterdir() if entry.is_dir() and _is_visible(entry.name))


def _has_test_part(folder: Path, images: list[Path]) -> bool:
    names = {entry.name for entry in _subfolders(folder)}
    if not names or not names <= {"train", "test", *_VALIDATION}:
        return False
    if names != {"train", "test"}:
        raise ValueError(
            f"{folder} has the parts {listed(sorted(names))}; only both train and test are taken together. "
            f"Load a part by itself, such as load({str(folder / sorted(names)[-1])!r})."
        )
    loose = [image.name for image in images if image.parent == folder]
    if loose:
        raise ValueError(f"{folder} has train, test and images beside them: {listed(loose)}. Move these into a part.")
    return True


def _picture(file: Path, parents: tuple[str, ...], has_test: bool) -> _Picture:
    classes = parents[1:] if has_test else parents
    return _Picture(file, classes[0] if classes else None, is_test=has_test and parents[:1] == ("test",))


def _check_labels(folder: Path, pictures: list[_Picture]) -> None:
    loose = [picture.path for picture in pictures if picture.label is None]
    if 0 < len(loose) < len(pictures):
        raise ValueError(
            f"{folder} has {len(loose)} images without a class (such as {loose[0].relative_to(folder)}) and "
            f"{len(pictures) - len(loose)} in class folders. Move all into class folders, or none."
        )


def _empty_folders(folder: Path, images: list[Path], has_test: bool) -> Skipped:
    used = {parent for image in images for parent in image.parents}
    parts = [folder, folder / "train", folder / "test"] if has_test else [folder]
    return [(entry, "no image in this folder") for part in parts for entry in _subfolders(part) if entry not in used]


def _no_image(file: Path) -> str:
    return f"not an image by its extension ({file.suffix or 'none'})"


def _no_images(folder: Path, files: list[Path]) -> str:
    found = Counter(file.suffix or "no extension" for file in files)
    text = listed(f"{count} {suffix}" for suffix, count in found.most_common()) or "no files at all"
    return f"{folder} holds no images; there are {text}. Images are files with {listed(FORMATS, limit=len(FORMATS))}."


def _nothing_readable(folder: Path, skipped: Skipped) -> str:
    shown = listed((f"{path.relative_to(folder)} ({reason})" for path, reason in skipped), limit=5)
    return f"No image in {folder} can be read: {shown}. Get the files again, or save them in another format."


def _each(pictures: list[_Picture], read: Callable[[_Picture], Result], skipped: Skipped) -> dict[_Picture, Result]:
    """Results by picture; a picture that cannot be read is added to ``skipped`` instead."""

    def attempt(picture: _Picture) -> Result | Exception:
        try:
            return read(picture)
        except Exception as error:  # decoders raise nearly anything on damaged bytes
            return error

    results = {}
    with ThreadPoolExecutor() as pool:
        for picture, result in zip(pictures, pool.map(attempt, pictures), strict=True):
            if isinstance(result, Exception):
                skipped.append((picture.path, f"cannot be read: {result or type(result).__name__}"))
            else:
                results[picture] = result
    return results


def _decode(
    pictures: list[_Picture], shape: tuple[int, int, int], skipped: Skipped
) -> tuple[list[_Picture], np.ndarray]:
    """The pictures that can be decoded, and their pixels as rows."""
    X = np.empty((len(pictures), *shape), dtype=np.float32)
    row_of = {picture: row for row, picture in enumerate(pictures)}

    def fill(picture: _Picture) -> int:
        X[row_of[picture]] = read_pixels(picture.path, shape)
        return row_of[picture]

    rows = _each(pictures, fill, skipped)
    X = X.reshape(len(pictures), -1)
    return list(rows), X if len(rows) == len(X) else X[list(rows.values())]


def _common_shape(
    folder: Path, headers: list[ImageHeader], image_shape: tuple[int, ...] | None
) -> tuple[int, int, int]:
    own_channels = max(header.channels for header in headers)
    if image_shape is not None:
        height, width, channels = check_image_shape(image_shape)
        if channels not in (None, 1, 3):
            raise ValueError(f"image_shape={tuple(image_shape)}: images have 1 channel (grey) or 3 (colour).")
        return height, width, channels or own_channels
    sizes = Counter((header.height, header.width) for header in headers)
    if len(sizes) > 1:
        found = listed(f"{height} x {width} ({count} images)" for (height, width), count in sizes.most_common())
        (height, width), _ = sizes.most_common(1)[0]
        raise ValueError(
            f"{folder} has images of {len(sizes)} sizes (height x width): {found}. All need the same; give "
            f"image_shape=({height}, {width}, {own_channels}) to resize them, or another shape."
        )
    (height, width), _ = sizes.most_common(1)[0]
    return height, width, own_channels


def _codes(folder: Path, pictures: list[_Picture]) -> tuple[tuple[str, ...] | None, np.ndarray | None]:
    """Names of the classes, sorted, and the code of each picture's class."""
    labels = [picture.label for picture in pictures if picture.label is not None]
    if not labels:
        return None, None
    taught = {picture.label for picture in pictures if not picture.is_test}
    unknown = sorted(set(labels) - taught)
    if unknown:
        raise ValueError(
            f"{folder}: the test part has images of {listed(unknown)}, of which train has none that can be read. "
            "Both parts need the same classes."
        )
    target_names, codes = np.unique(labels, return_inverse=True)
    return tuple(target_names.tolist()), codes.astype(np.int64)
