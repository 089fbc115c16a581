"""What a trained convolutional network makes of an image that is shifted: equivariance of its layers, invariance.

A layer is *equivariant* to translation where the maps of a shifted image are the shifted maps of the image; a
convolution is, away from the border, for every whole number of its strides. It is *invariant* where they are the same
maps; pooling adds some of that. Neither is taken for granted here: both are measured.

Images are shifted by whole pixels to the left and right, up and down (signals to the left and right), and the pixels
that come in at an edge repeat that edge. All numbers are means over these directions.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Array
from rich.table import Table

from rosenblatt.explain.images import check_shape, fitted_convnet
from rosenblatt.models.tables import PrintedTable
from rosenblatt.nn.convnet import ConvNet, as_image
from rosenblatt.nn.receptive_field import ReceptiveField, receptive_fields
from rosenblatt.training.inference import IMAGES, AtOnce, apply


@dataclass(frozen=True)
class ShiftReport(PrintedTable):
    """What shifts of 0, 1, 2, ... pixels change; prints as a table.

    Attributes
    ----------
    shifts : ndarray of int (n_shifts,)
    layers : tuple of str
        The image, and of each block the activation and, where there is pooling, what is pooled from it.
    strides : tuple of tuple of int
        Of each layer, on each axis: pixels from one unit to the next.
    equivariance_errors : ndarray (n_layers, n_shifts)
        How far the maps of the shifted image are from the shifted maps of the image: the root mean square of their
        difference over that of the maps. Where a shift is no multiple of the stride, the maps are interpolated
        linearly. Only units count that see neither the border nor repeated edges; NaN where there are none.
    changes : ndarray (n_layers, n_shifts)
        How far the maps of the shifted image are from the maps of the image, without shifting those: the same
        quotient, over all units. 0 is invariant.
    output_changes : ndarray (n_shifts,)
        The same for the network's outputs (logits or numbers).
    unchanged : ndarray (n_shifts,) or None
        The share of images whose predicted class stays; None for regressors.
    scores : ndarray (n_shifts,) or None
        The estimator's score, accuracy or R², on the shifted images; None without y.
    n_images : int
    """

    shifts: np.ndarray
    layers: tuple[str, ...]
    strides: tuple[tuple[int, ...], ...]
    equivariance_errors: np.ndarray
    changes: np.ndarray
    output_changes: np.ndarray
    unchanged: np.ndarray | None
    scores: np.ndarray | None
    n_images: int

    def __rich__(self) -> Table:
        table = Table(
            title=f"{self.n_images:,} images shifted by whole pixels, edges repeated",
            caption="equivariance error: maps of the shifted image against shifted maps, away from borders\n"
            "change: maps of the shifted image against maps of the image",
        )
        table.add_column("")
        for shift in self.shifts:
            table.add_column(f"{shift} pixel{'' if shift == 1 else 's'}", justify="right")
        for title, rows in self._sections():
            table.add_section()
            table.add_row(title)
            for name, values in rows:
                table.add_row(f"  {name}", *(_written(value) for value in values))
        return table

    def _sections(self) -> Iterator[tuple[str, list[tuple[str, np.ndarray]]]]:
        named = [
            f"{layer} (stride {' x '.join(map(str, stride))})"
            for layer, stride in zip(self.layers, self.strides, strict=True)
        ]
        yield "equivariance error", list(zip(named, self.equivariance_errors, strict=True))[1:]
        yield "change", [*zip(self.layers, self.changes, strict=True), ("outputs", self.output_changes)]
        found = [("prediction unchanged", self.unchanged), ("score", self.scores)]
        predictions = [(name, values) for name, values in found if values is not None]
        if predictions:
            yield "prediction", predictions


def shift_report(estimator: Any, X: Any, y: Any = None, max_shift: int = 3) -> ShiftReport:
    """Measures how a fitted convolutional network answers to shifts of its images.

    Parameters
    ----------
    estimator : ConvClassifier or ConvRegressor
        Fitted.
    X : array-like (n_images, *image_shape), or rows of their numbers
        Some hundred images give numbers that hardly change with more.
    y : array-like (n_images,), optional
        Targets, for the score.
    max_shift : int, default=3
        Pixels, from 1 to less than the image is wide.

    Returns
    -------
    ShiftReport

    Raises
    ------
    TypeError
        If the estimator has no convolutions.
    ValueError
        If the images do not fit, or the shift is out of its range.

    Examples
    --------
    >>> from rosenblatt import ConvClassifier
    >>> from rosenblatt.studies import shift_report
    >>> from sklearn.datasets import load_digits
    >>> digits = load_digits()
    >>> model = ConvClassifier(channels=(8,), max_epochs=5, random_state=0).fit(digits.images / 16, digits.target)
    >>> report = shift_report(model, digits.images[:100] / 16, digits.target[:100], max_shift=2)
    >>> bool(report.unchanged[0] == 1 and report.unchanged[2] < 1)
    True
    """
    network = fitted_convnet(estimator)
    images = check_shape(estimator, X).reshape(-1, *network.features.image_shape)
    _check_shift(max_shift, network.features.image_shape[:-1])
    study = _Study(estimator, images, y, max_shift)
    measured = [study.mean_over_directions(shift) for shift in range(max_shift + 1)]
    columns = [np.stack(values, axis=-1) for values in zip(*measured, strict=True)]
    errors, changes, output_changes, unchanged, scores = columns
    return ShiftReport(
        np.arange(max_shift + 1),
        tuple(layer.name for layer in study.layers),
        tuple(layer.field.stride for layer in study.layers),
        errors,
        changes,
        output_changes,
        unchanged if hasattr(estimator, "classes_") else None,
        None if y is None else scores,
        len(images),
    )


def shift_images(images: np.ndarray, shift: int, axis: int) -> np.ndarray:
    """Images (n_images, *shape, channels) shifted along an axis of the shape; the pixels that come in repeat the edge.

    Parameters
    ----------
    images : ndarray (n_images, *shape, channels)
    shift : int
        Pixels: to the right or down where it is above 0.
    axis : int
        0 is the first axis of the shape: the height of images.
    """
    width = images.shape[axis + 1]
    return images.take(np.clip(np.arange(width) - shift, 0, width - 1), axis + 1)


class _Layer(NamedTuple):
    name: str
    field: ReceptiveField


class _Measured(NamedTuple):
    """The numbers of one shift, as in ``ShiftReport``."""

    errors: np.ndarray
    changes: np.ndarray
    output_change: float
    unchanged: float
    score: float


class _Study:
    """A network, images, and what it makes of them."""

    def __init__(self, estimator: Any, images: np.ndarray, y: Any, max_shift: int):
        self.estimator, self.images, self.y = estimator, images, y
        self.network = fitted_convnet(estimator)
        self.layers = _layers_of(self.network)
        self.predicted = self._predict(images)
        shapes = [maps.shape[1:-1] for maps in self._answers(images[:1])[:-1]]
        self.insides = [
            _inside(layer.field, shape, self.network.features.image_shape[:-1], max_shift)
            for layer, shape in zip(self.layers, shapes, strict=True)
        ]

    def mean_over_directions(self, shift: int) -> _Measured:
        directions = [(axis, sign * shift) for axis in range(self.images.ndim - 2) for sign in (1, -1)]
        measured = [self._measure(pixels, axis) for axis, pixels in (directions if shift else directions[:1])]
        return _Measured(*(np.mean(values, axis=0) for values in zip(*measured, strict=True)))

    def _measure(self, pixels: int, axis: int) -> _Measured:
        shifted = shift_images(self.images, pixels, axis)
        sums = np.zeros((len(self.layers) + 1, 2, 2))
        for start in range(0, len(shifted), IMAGES.n_rows):
            part = slice(start, start + IMAGES.n_rows)
            sums += self._sums(self.images[part], shifted[part], pixels, axis)
        with np.errstate(invalid="ignore", divide="ignore"):
            errors, changes = np.sqrt(np.moveaxis(sums[..., 0] / sums[..., 1], 1, 0))
        same = self._predict(shifted) == self.predicted
        score = np.nan if self.y is None else self.estimator.score(_rows(shifted), self.y)
        return _Measured(errors[:-1], changes[:-1], changes[-1], same.reshape(len(same), -1).all(1).mean(), score)

    def _sums(self, images: np.ndarray, shifted: np.ndarray, pixels: int, axis: int) -> np.ndarray:
        """(n_layers + 1, 2, 2): of each layer, and the outputs, for equivariance and change, the sums of the squares
        of the differences and of the maps.
        """
        *before, outputs = self._answers(images)
        *after, shifted_outputs = self._answers(shifted)
        sums = []
        for layer, inside, maps, found in zip(self.layers, self.insides, before, after, strict=True):
            expected = _shift_maps(maps, pixels / layer.field.stride[axis], axis)
            sums.append([_squares(found[inside], expected[inside]), _squares(found, maps)])
        return np.array([*sums, [(0.0, 0.0), _squares(shifted_outputs, outputs)]])

    def _answers(self, images: np.ndarray) -> list[np.ndarray]:
        """The maps of each layer, then the network's outputs."""
        return apply(self.network, _rows(images), _answers, self.estimator.device, at_once=AtOnce(IMAGES.n_rows))

    def _predict(self, images: np.ndarray) -> np.ndarray:
        return self.estimator.predict(_rows(images))


def _answers(network: ConvNet, x: Array) -> list[Array]:
    blocks = network.features.maps(x)
    image = as_image(x, network.features.image_shape)
    return [image, *(maps for block in blocks for maps in block[1:]), network.head(blocks[-1][-1].reshape(-1))]


def _layers_of(network: ConvNet) -> list[_Layer]:
    """The image, and what is measured of each block."""
    layers = [_Layer("image", ReceptiveField.of_pixels(len(network.features.image_shape) - 1))]
    blocks = zip(network.features.blocks, receptive_fields(network.features), strict=True)
    for number, (block, field) in enumerate(blocks, 1):
        layers.append(_Layer(f"convolution {number}", field.convolution))
        if block.pooling is not None:
            layers.append(_Layer(f"pooling {number}", field.output))
    return layers


def _inside(field: ReceptiveField, shape: tuple[int, ...], pixels: tuple[int, ...], max_shift: int) -> tuple[Any, ...]:
    """An index of the units of a layer that see neither the border nor repeated edges, however the image is shifted."""
    chosen = []
    for span, width, stride in zip(field.spans(shape), pixels, field.stride, strict=True):
        margin = -(-max_shift // stride) * stride
        chosen.append(np.flatnonzero((span[:, 0] >= margin) & (span[:, 1] < width - margin)))
    mesh = np.ix_(*chosen)
    return (slice(None), *mesh)


def _shift_maps(maps: np.ndarray, units: float, axis: int) -> np.ndarray:
    """Maps shifted by a number of units that need not be whole; what leaves at one edge comes in at the other."""
    whole = int(np.floor(units))
    rest = np.float32(units - whole)
    shifted = np.roll(maps, whole, axis + 1)
    return shifted if rest == 0 else (1 - rest) * shifted + rest * np.roll(maps, whole + 1, axis + 1)


def _squares(found: np.ndarray, expected: np.ndarray) -> tuple[float, float]:
    """The sums of squares of the difference and of what was expected."""
    difference = found - expected
    return float(np.vdot(difference, difference)), float(np.vdot(expected, expected))


def _rows(images: np.ndarray) -> np.ndarray:
    return images.reshape(len(images), -1)


def _check_shift(max_shift: int, pixels: tuple[int, ...]) -> None:
    if not isinstance(max_shift, int | np.integer) or not 1 <= max_shift < min(pixels):
        raise ValueError(
            f"max_shift={max_shift!r}; a whole number from 1 to {min(pixels) - 1} is needed, less than the image's "
            f"{' x '.join(map(str, pixels))} pixels"
        )


def _written(value: float) -> str:
    return "-" if np.isnan(value) else f"{value:.3f}"
