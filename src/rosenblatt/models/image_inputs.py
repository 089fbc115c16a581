"""X as images, rows of their numbers or bytes: what estimators of images take, and how they share its work."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.utils.validation import validate_data

from rosenblatt.data.checks import check_varies, flatten_images
from rosenblatt.models import fields
from rosenblatt.models.examples import ExampleEstimator
from rosenblatt.nn.convnet import LARGEST_BYTE
from rosenblatt.nn.describe import bytes_of_layers
from rosenblatt.nn.windows import times
from rosenblatt.training import devices, sharding
from rosenblatt.training.batches import batch_shape
from rosenblatt.training.inference import IMAGES, AtOnce

_CACHE = 2**22  # bytes that the layers of the images that a core works on at a time may take, to stay near it
_FLOAT_LIMIT = 2.0  # no pixel from 0 to 1 is larger, and few images from 0 to 255 have only smaller ones


@dataclass(kw_only=True, repr=False, eq=False)
class ImageInputs(ExampleEstimator):
    """Takes images, rows of their numbers or bytes, and trains convolutional networks on all cores.

    Parameters
    ----------
    image_shape : (height, width), (height, width, channels), (length,) or None, default=None
        What a row of X is. None takes it from images; rows of a table then are, to a convolutional network, signals of
        one channel.

    Attributes
    ----------
    image_shape_ : (height, width, channels) or (length, channels), or None where rows are no images
    pixel_maximum_ : 255 where X was bytes, which are divided by it, else None
    """

    image_shape: fields.ImageShape = None

    def _convolves(self) -> bool:
        """Whether the network is a convolutional one."""
        return True

    @property
    def _at_once(self) -> AtOnce:
        return IMAGES if self._convolves() else super()._at_once

    def _check_inputs(self, X: Any, *, reset: bool) -> np.ndarray:
        """X as rows, of bytes where it was bytes and the network is ours, and otherwise of float32."""
        given_shape = getattr(X, "shape", ())
        X, image_shape = flatten_images(X)
        if not reset:
            self._check_shape(given_shape, image_shape)
        is_bytes = getattr(X, "dtype", None) == np.uint8
        if is_bytes:
            rows = np.asarray(validate_data(self, X, reset=reset, dtype=np.uint8))
            if reset:
                check_varies(rows, type(self).__name__)
            if (
                getattr(self, "network", None) is not None
            ):  # ours do this for themselves, and meanwhile take a quarter of the memory
                rows = rows / np.float32(LARGEST_BYTE)
        else:
            rows = super()._check_inputs(X, reset=reset)
        if reset:
            self.pixel_maximum_ = LARGEST_BYTE if is_bytes else None
            self.image_shape_ = self._shape_of(image_shape, rows.shape[1])
        else:
            self._check_scale(rows, is_bytes)
        return rows

    def _check_scale(self, rows: np.ndarray, is_bytes: bool) -> None:
        """Refuses bytes after other numbers, and numbers that look like bytes after bytes."""
        name = type(self).__name__
        if is_bytes and not self.pixel_maximum_:
            raise ValueError(
                f"{name} was fitted on images of numbers, not of bytes; X now holds bytes (uint8), whose scale is not "
                "known: make them what they were for fit, such as X / 255 or X.astype(float)"
            )
        if self.pixel_maximum_ and not is_bytes and rows.size and rows.max() > _FLOAT_LIMIT:
            raise ValueError(
                f"{name} was fitted on images of bytes (uint8), which it scales to 0 to 1; X now holds "
                f"{rows.dtype} up to {rows.max():g}: pass uint8, or divide X by 255"
            )

    def _check_shape(self, given_shape: tuple[int, ...], image_shape: tuple[int, ...] | None) -> None:
        """Refuses images of another shape than those of fit, also where they have as many numbers."""
        if self.image_shape_ is None:
            return
        expected = self.image_shape_
        is_one = len(expected) == 3 and given_shape in (expected, expected[:-1])
        are_rows = image_shape is None and (not is_one or given_shape[-1] == self.n_features_in_)
        if are_rows or image_shape == expected:
            return
        remedy = "X is one image: give X[None]" if is_one else "give images of that shape, or call fit with these"
        raise ValueError(
            f"X has shape {given_shape}; this {type(self).__name__} was fitted on images of {times(expected)} (height "
            f"x width x channels), and needs (n_images, {', '.join(map(str, expected))}): {remedy}"
        )

    def _shape_of(self, image_shape: tuple[int, ...] | None, n_numbers: int) -> tuple[int, ...] | None:
        """The shape of one image: of X itself, or the field's, or that of a signal, if that is what convolves."""
        if self.image_shape is None:
            return (n_numbers, 1) if image_shape is None and self._convolves() else image_shape
        given = tuple(map(int, self.image_shape))
        if image_shape is not None:
            if len(given) < 2 or image_shape[: len(given)] != given:
                raise ValueError(
                    f"image_shape={given}, but X holds images of {times(image_shape)}: leave image_shape out, which is "
                    "for rows of numbers, or reshape X"
                )
            return image_shape
        whole = given if len(given) == 3 else (*given, 1)
        if math.prod(whole) != n_numbers:
            raise ValueError(
                f"image_shape={given} is {times(whole)} = {math.prod(whole)} numbers, but a row of X has {n_numbers}"
            )
        return whole

    def _micro_batch(self, networks: Mapping[str, Any], n_rows: int) -> int | None:
        if not self._convolves():
            return super()._micro_batch(networks, n_rows)
        _, batch = batch_shape(self.batch_size, n_rows)
        share = -(-batch // len(devices.cores(self.device)))
        most = max(_CACHE // max(self._bytes_of_layers(networks), 1), 1)
        return -(-share // -(-share // most))  # as many in each part

    def _bytes_of_layers(self, networks: Mapping[str, Any]) -> int:
        """What the layers of all that a row passes through take."""
        return bytes_of_layers(networks["model"], self.n_features_in_)

    def _placement(self) -> Any:
        return sharding.over(devices.cores(self.device)) if self._convolves() else super()._placement()


def row_shape(X: Any, n_numbers: int) -> tuple[int, ...]:
    """The shape of one row of X as it was given: that of an image, or the number of its numbers."""
    return (n_numbers,) if flatten_images(X)[1] is None else np.shape(X[0])
