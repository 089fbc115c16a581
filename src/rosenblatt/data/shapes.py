"""From the ``image_shape`` that a user gives to (height, width, channels)."""

import math
from pathlib import Path

import numpy as np


def check_image_shape(image_shape: tuple[int, ...]) -> tuple[int, int, int | None]:
    """Return height, width and channels, which are None where only two numbers were given.

    Raises
    ------
    ValueError
        If these are not two or three positive integers.
    """
    is_sound = isinstance(image_shape, tuple | list) and len(image_shape) in (2, 3)
    if not is_sound or not all(isinstance(size, int | np.integer) and size > 0 for size in image_shape):
        raise ValueError(
            f"image_shape={image_shape!r}; (height, width) or (height, width, channels) is needed, positive integers."
        )
    channels = int(image_shape[2]) if len(image_shape) == 3 else None
    return int(image_shape[0]), int(image_shape[1]), channels


def image_shape_of_rows(path: Path, X: np.ndarray, image_shape: tuple[int, ...] | None) -> tuple[int, int, int] | None:
    """Check that the rows of ``X`` hold images of this shape, and work out the channels where they are not given.

    Raises
    ------
    ValueError
        If the number of values in a row does not fit.
    """
    if image_shape is None:
        return None
    height, width, channels = check_image_shape(image_shape)
    n_values = math.prod(X.shape[1:])
    channels = channels or max(1, n_values // (height * width))
    if height * width * channels != n_values:
        raise ValueError(
            f"{path}: image_shape={tuple(image_shape)} needs {height * width * channels} values a row, "
            f"and a row has {n_values}."
        )
    return height, width, channels
