"""A window that slides over a grid of numbers: its places, what it covers there, and what it makes of that.

The forward pass of a convolution is such a window, and so are both halves of its backward pass; pooling is another.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple, Protocol, Self

import numpy as np

Pair = tuple[int, int]


class Cells(NamedTuple):
    """A grid of numbers with a name each.

    Attributes
    ----------
    values : ndarray (rows, columns), float64
    names : ndarray (rows, columns) of str
        "X(1,2)": counted from 1, as in the notes. "" is a cell that was put in: of a border, or between others.
    """

    values: np.ndarray
    names: np.ndarray

    @classmethod
    def of(cls, values: np.ndarray, name: str) -> Self:
        """A grid whose cells are called name(row,column)."""
        return cls(values, cell_names(name, values.shape))

    def bordered(self, pads: Sequence[Pair], value: float = 0.0) -> "Cells":
        """With further rows and columns (before, after) of nameless cells around."""
        return Cells(np.pad(self.values, pads, constant_values=value), np.pad(self.names, pads, constant_values=""))

    def spread(self, stride: Pair) -> "Cells":
        """With stride - 1 rows and columns of nameless zeros between each two."""
        shape = [(width - 1) * s + 1 for width, s in zip(self.values.shape, stride, strict=True)]
        values, names = np.zeros(shape), np.full(shape, "", self.names.dtype)
        values[:: stride[0], :: stride[1]], names[:: stride[0], :: stride[1]] = self
        return Cells(values, names)

    def flipped(self) -> "Cells":
        """Turned by 180 degrees."""
        return Cells(self.values[::-1, ::-1], self.names[::-1, ::-1])

    def at(self, rows: np.ndarray, columns: np.ndarray) -> "Cells":
        """The cells where these rows and columns cross."""
        return Cells(self.values[np.ix_(rows, columns)], self.names[np.ix_(rows, columns)])


def cell_names(name: str, shape: Sequence[int]) -> np.ndarray:
    """The names name(row,column) of a grid's cells, counted from 1."""
    rows, columns = shape
    return np.array([[f"{name}({i},{j})" for j in range(1, columns + 1)] for i in range(1, rows + 1)])


class Rule(Protocol):
    """What a window makes of the cells that it covers: a sum of products; the weights may depend on the cells."""

    def weights(self, window: Cells) -> Cells:
        """What each covered cell is multiplied by."""
        ...

    def written(self, cells: Sequence[str], weights: Sequence[str]) -> str:
        """The computation as text, from texts of the covered cells and of their weights."""
        ...


@dataclass(frozen=True)
class Products:
    """The sum of each covered cell times the kernel's entry above it."""

    kernel: Cells

    def weights(self, window: Cells) -> Cells:
        """The kernel, wherever the window is."""
        return self.kernel

    def written(self, cells: Sequence[str], weights: Sequence[str]) -> str:
        """``cell·weight + cell·weight + ...``."""
        return (
            " + ".join(f"{in_sum(cell)}·{in_sum(weight)}" for cell, weight in zip(cells, weights, strict=True)) or "0"
        )


def in_sum(operand: str) -> str:
    """An operand, in brackets where it is negative."""
    return f"({operand})" if operand.startswith("-") else operand


@dataclass(frozen=True, eq=False)
class Step:
    """The window at one place.

    Attributes
    ----------
    place : (int, int)
        Row and column of the result in the output, from 0.
    name : str
        That of the result; "" where it belongs to a border.
    rows, columns : ndarray of int
        Of the cells that the window covers, in the (padded) image, from 0.
    window, weights : Cells
        What is covered, and what it is multiplied by.
    rule : Rule
    """

    place: Pair
    name: str
    rows: np.ndarray
    columns: np.ndarray
    window: Cells
    weights: Cells
    rule: Rule

    @property
    def products(self) -> np.ndarray:
        """Each covered cell times its weight; 0 where the weight is."""
        cells, weights = self.window.values, self.weights.values
        return np.multiply(cells, weights, where=weights != 0, out=np.zeros(cells.shape))

    @property
    def value(self) -> float:
        """The sum of the products."""
        return float(self.products.sum())

    @property
    def symbols(self) -> str:
        """The computation in names, without the cells that were put in."""
        return self._written(
            [str(name) for name in self.window.names.flat], [str(name) for name in self.weights.names.flat]
        )

    @property
    def numbers(self) -> str:
        """The computation in numbers, without the cells that were put in."""
        cells, weights = self.window.values.ravel(), self.weights.values.ravel()
        return self._written(list(map(short, cells)), list(map(short, weights)))

    def _written(self, cells: list[str], weights: list[str]) -> str:
        kept = np.flatnonzero(self.window.names)
        return self.rule.written([cells[i] for i in kept], [weights[i] for i in kept])

    def __str__(self) -> str:
        return f"{self.name or 'border'} = {self.symbols}\n= {self.numbers}\n= {short(self.value)}"


def short(value: float) -> str:
    """A number with at most four digits that count."""
    return f"{value + 0.0:.4g}"  # a negative zero is written as 0


@dataclass(frozen=True, eq=False)
class Slide(Sequence[Step]):
    """All places of a window, row by row: a sequence of ``Step``.

    Attributes
    ----------
    image : Cells
        What the window slides over, with what was put in around and between.
    rule : Rule
    size, stride, dilation : (int, int)
        Of the window.
    names : ndarray (rows, columns) of str
        Of the results.
    labels : (str, str, str)
        What image, weights and output are.
    """

    image: Cells
    rule: Rule
    size: Pair
    stride: Pair
    dilation: Pair
    names: np.ndarray
    labels: tuple[str, str, str]

    def __len__(self) -> int:
        return self.names.size

    def __getitem__(self, i: Any) -> Any:
        if isinstance(i, slice):
            return [self[k] for k in range(len(self))[i]]
        row, column = divmod(range(len(self))[i], self.names.shape[1])
        rows = row * self.stride[0] + np.arange(self.size[0]) * self.dilation[0]
        columns = column * self.stride[1] + np.arange(self.size[1]) * self.dilation[1]
        window = self.image.at(rows, columns)
        name = str(self.names[row, column])
        return Step((row, column), name, rows, columns, window, self.rule.weights(window), self.rule)

    def __iter__(self) -> Iterator[Step]:
        return (self[i] for i in range(len(self)))

    @cached_property
    def output(self) -> Cells:
        """The results."""
        return Cells(np.array([step.value for step in self]).reshape(self.names.shape), self.names)


def check_grid(what: str, values: Any) -> np.ndarray:
    """A grid of finite numbers, as float64.

    Raises
    ------
    ValueError
        If it is no grid, is empty, or has a number that is not finite.
    """
    try:
        grid = np.asarray(values)
    except ValueError as error:
        raise ValueError(f"the rows of {what} differ in length; rows and columns of numbers are needed") from error
    if grid.ndim != 2 or 0 in grid.shape:
        hint = f"; take one channel, such as {what}[..., 0]" if grid.ndim == 3 else ""
        raise ValueError(f"{what} has shape {grid.shape}; rows and columns of numbers are needed{hint}")
    if grid.dtype.kind not in "biuf":
        raise ValueError(f"{what} has entries of type {grid.dtype}; real numbers are needed")
    grid = grid.astype(np.float64)
    wrong = np.argwhere(~np.isfinite(grid))
    if len(wrong):
        row, column = wrong[0]
        raise ValueError(
            f"{what} has {grid[row, column]} in row {row + 1}, column {column + 1} ({len(wrong)} such in all); "
            "finite numbers are needed"
        )
    return grid


def check_slope(slope: Any, shape: Sequence[int]) -> np.ndarray:
    """dL/dY: one for each output; ones where it is not given.

    Raises
    ------
    ValueError
        If there is not one number for each output.
    """
    if slope is None:
        return np.ones(shape)
    grid = check_grid("slope", slope)
    if grid.shape != tuple(shape):
        raise ValueError(
            f"slope has {grid.shape[0]} x {grid.shape[1]} numbers; the output has {shape[0]} x {shape[1]}, and each "
            "needs its dL/dY"
        )
    return grid
