"""Rows of X as the images that they are, for displays of what an estimator makes of them."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from rosenblatt.data.checks import flatten_images
from rosenblatt.data.shapes import check_image_shape


def drawn_images(X: Any, estimator: Any, image_shape: tuple[int, ...] | None, instead: str) -> np.ndarray:
    """Rows, images or signals as images (n, height, width, channels); a signal is a line of pixels, bytes are 0 to 1.

    Parameters
    ----------
    X : array-like (n, ...)
    estimator : object
        Its ``image_shape_`` says what a row is, where it has one.
    image_shape : (height, width), (height, width, channels) or None
        Goes before what the estimator and X say.
    instead : str
        What the error tells to do where rows are no images.

    Raises
    ------
    ValueError
        If rows have no image shape, or not as many numbers as it needs.
    """
    from sklearn.utils import check_array

    rows, own_shape = flatten_images(X)
    rows = check_array(rows, dtype="numeric", input_name="X")
    shape = _image_shape(estimator, image_shape) or own_shape
    if shape is None:
        raise ValueError(
            f"X holds rows of {rows.shape[1]} numbers, so there is no image to draw; pass image_shape=(height, width) "
            f"or (height, width, channels), or {instead}"
        )
    if math.prod(shape) != rows.shape[1]:
        raise ValueError(f"image_shape={shape} needs {math.prod(shape)} numbers a row, and X has {rows.shape[1]}")
    numbers = rows / 255.0 if rows.dtype == np.uint8 else rows.astype(float)
    return numbers.reshape(-1, *shape)


def check_drawn(images: Any) -> np.ndarray:
    """Images as an array (n, height, width, channels) of numbers; bytes are 0 to 1.

    Raises
    ------
    ValueError
        If these are no images.
    """
    images = np.asarray(images)
    if images.ndim not in (3, 4) or 0 in images.shape:
        raise ValueError(
            f"images have shape {images.shape}; (n_images, height, width) or (n_images, height, width, channels) is "
            "needed, at least one image; a signal is an image of height 1"
        )
    numbers = images / 255.0 if images.dtype == np.uint8 else images.astype(float)
    return numbers if images.ndim == 4 else numbers[..., None]


def rows_like(X: Any, rows: np.ndarray) -> Any:
    """Rows (n, n_features) in a data frame of the same library and names where X is one, else as they are."""
    if not hasattr(X, "columns"):
        return rows
    return type(X)(dict(zip(X.columns, rows.T, strict=True)))


def check_verb(estimator: Any, verb: str, instead: str, who: str = "an autoencoder") -> None:
    """Refuses an estimator without that method, which ``who`` has.

    Raises
    ------
    TypeError
        Which says what to do instead.
    """
    if not hasattr(estimator, verb):
        raise TypeError(f"{type(estimator).__name__} has no {verb}, which {who} of rosenblatt has; {instead}")


def _image_shape(estimator: Any, given: tuple[int, ...] | None) -> tuple[int, ...] | None:
    if given is not None:
        height, width, channels = check_image_shape(given)
        return height, width, channels or 1
    shape = getattr(estimator, "image_shape_", None)
    return (1, *shape) if shape is not None and len(shape) == 2 else shape
