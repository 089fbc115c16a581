"""The pooling bench: every place of the window, and what it makes of the pixels that it covers, forward and backward.

Pooling is a sum of products, too: the weights are 1 / (number of pixels) for the mean, and for the largest pixel 1
where it is and 0 elsewhere. Backward, each output's slope is shared out over its window by the same weights.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, NamedTuple, cast

import numpy as np

from rosenblatt.explain.sliding import (
    Cells,
    Pair,
    Rule,
    Slide,
    Step,
    cell_names,
    check_grid,
    check_slope,
    in_sum,
)
from rosenblatt.nn.windows import Padding, Sizes, Window


class Mean:
    """The mean of the covered pixels; those of the border count as 0."""

    def weights(self, window: Cells) -> Cells:
        """1 / (number of pixels) each."""
        size = window.values.size
        return Cells(np.full(window.values.shape, 1 / size), np.full(window.values.shape, f"1/{size}"))

    def written(self, cells: Sequence[str], weights: Sequence[str]) -> str:
        """The sum of the pixels, times the weight."""
        if len(cells) > 1:
            return f"({' + '.join(map(in_sum, cells))})·{weights[0]}"
        return f"{in_sum(cells[0])}·{weights[0]}"


class Largest:
    """The largest of the covered pixels; those of the border never are."""

    def weights(self, window: Cells) -> Cells:
        """1 for the first of the largest pixels, row by row, and 0 for the others."""
        weights = np.zeros(window.values.shape)
        weights.flat[window.values.argmax()] = 1.0
        return Cells(weights, weights.astype(int).astype(str))

    def written(self, cells: Sequence[str], weights: Sequence[str]) -> str:
        """The maximum of the pixels."""
        return f"max({', '.join(cells)})"


class Share(NamedTuple):
    """What one output's slope gives to the pixels that its window covers.

    Attributes
    ----------
    step : Step
        The output, and its window.
    slope : float
        dL/dY of that output.
    shares : ndarray (rows, columns)
        The slope times the weight of each covered pixel: to be added to dL/dX there.
    so_far : Cells
        dL/dX of the padded image, with these shares and those of the places before.
    """

    step: Step
    slope: float
    shares: np.ndarray
    so_far: Cells


@dataclass(frozen=True, eq=False)
class PoolingBench:
    """A pooling of one image, to be watched; ``pooling_bench`` makes it.

    Attributes
    ----------
    image : ndarray (rows, columns), float64
    slope : ndarray (rows, columns), float64
        dL/dY: that of a loss with respect to each output.
    window : Window
    kind : {"max", "average"}
    """

    image: np.ndarray
    slope: np.ndarray
    window: Window
    kind: Literal["max", "average"]

    @cached_property
    def forward(self) -> Slide:
        """The window slides over the image: a ``Step`` for each output."""
        rule, border = _RULES[self.kind]
        image = Cells.of(self.image, "X").bordered(self.window.pads(self.image.shape), border)
        names = cell_names("Y", self.window.output_shape(self.image.shape))
        size, stride, dilation = (
            cast("Pair", each) for each in (self.window.size, self.window.stride, self.window.dilation)
        )
        return Slide(image, rule, size, stride, dilation, names, ("X", "weights", "Y"))

    @cached_property
    def backward(self) -> tuple[Share, ...]:
        """Each output's slope is shared out over its window."""
        slopes = Cells.of(np.zeros_like(self.image), "dL/dX").bordered(self.window.pads(self.image.shape))
        shares = []
        for step, slope in zip(self.forward, self.slope.flat, strict=True):
            given = slope * step.weights.values
            slopes = Cells(slopes.values.copy(), slopes.names)
            slopes.values[np.ix_(step.rows, step.columns)] += given
            shares.append(Share(step, float(slope), given, slopes))
        return tuple(shares)

    @property
    def output(self) -> np.ndarray:
        """Y."""
        return self.forward.output.values

    @property
    def image_slope(self) -> np.ndarray:
        """dL/dX: the slope of the loss with respect to each pixel, without the padding."""
        (top, _), (left, _) = self.window.pads(self.image.shape)
        return self.backward[-1].so_far.values[top : top + self.image.shape[0], left : left + self.image.shape[1]]


def pooling_bench(
    image: Any,
    size: Sizes = 2,
    stride: Sizes | None = None,
    kind: Literal["max", "average"] = "max",
    padding: Padding = "valid",
    *,
    slope: Any = None,
) -> PoolingBench:
    """Takes a pooling apart, forward and backward, into the places of its window.

    Parameters
    ----------
    image : array-like (height, width)
    size : int or (int, int), default=2
    stride : int or (int, int), optional
        That of the window's size by default: places do not overlap.
    kind : {"max", "average"}, default="max"
    padding : "same", "valid", int, or for each axis an int or (before, after), default="valid"
    slope : array-like of the output's shape, optional
        dL/dY; ones by default.

    Returns
    -------
    PoolingBench

    Raises
    ------
    ValueError
        If image or slope are no grids of finite numbers or do not fit the window, or an option is out of its range.

    Examples
    --------
    The lecture notes' example:

    >>> from rosenblatt.explain import pooling_bench
    >>> image = [[2, 1, 7, 1, 2, 5], [5, 0, 3, 4, 1, 2], [1, 7, 8, 3, 3, 0],
    ...          [0, 3, 2, 0, 1, 1], [3, 6, 5, 3, 0, 3], [3, 6, 0, 2, 1, 0]]
    >>> pooling_bench(image, 3).output
    array([[8., 5.],
           [6., 3.]])
    >>> pooling_bench(image, 3, kind="average").output.round(2)
    array([[3.78, 2.33],
           [3.11, 1.22]])
    """
    if kind not in _RULES:
        raise ValueError(f"kind={kind!r} must be one of {sorted(_RULES)}")
    X = check_grid("image", image)
    window = Window.of(size, size if stride is None else stride, padding)
    bench = PoolingBench(X, check_slope(slope, window.output_shape(X.shape)), window, kind)
    empty = next((step for step in bench.forward if not step.window.names.any()), None)
    if empty is not None:
        raise ValueError(
            f"the window of {empty.name} covers nothing but padding={padding!r}; take a smaller padding or a larger "
            f"size than {window.size}"
        )
    return bench


_RULES: dict[str, tuple[Rule, float]] = {"average": (Mean(), 0.0), "max": (Largest(), -np.inf)}
