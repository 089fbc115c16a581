"""`history.csv`: the numbers of a run, one line an epoch, growing while it goes on."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from rosenblatt.runs.atomic import explain_write_errors, write_atomic

if TYPE_CHECKING:
    import numpy as np

__all__ = ["HistoryFile"]


class HistoryFile:
    """A table of numbers that is appended to line by line.

    The file is opened for each line, so that other hosts of a network share see it, and nothing is left open when the
    process is killed. A line that was cut short is no part of the table, and the next line takes its place.

    Parameters
    ----------
    path : pathlib.Path
        The file. It is made with the first row, in a folder that exists.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._columns: list[str] = []

    def append(self, row: Mapping[str, float | None]) -> None:
        """Add a line.

        Parameters
        ----------
        row : mapping of str to float
            Numbers by column. The first row decides the columns; what a later one lacks, or has as None, stays empty.

        Raises
        ------
        TypeError
            If a value is no number.
        ValueError
            If the row has a column that the first one had not, or the file is damaged.
        OSError
            If the file cannot be written; the message says why and what to do.
        """
        cells = {name: _cell(name, value) for name, value in row.items()}
        columns = self._columns or self._existing_columns()
        unknown = [name for name in cells if columns and name not in columns]
        if unknown:
            raise ValueError(
                f"the row has {', '.join(unknown)}, and the columns of {self.path} are {', '.join(columns)}; "
                "give the first row all columns"
            )
        line = _csv_line(cells.get(name, "") for name in columns or cells)
        with explain_write_errors(self.path), self.path.open("a", encoding="utf-8", newline="") as file:
            file.write(line if columns else _csv_line(cells) + line)
        self._columns = columns or list(cells)

    def read(self) -> dict[str, np.ndarray]:
        """Read the table.

        Returns
        -------
        dict of str to ndarray of shape (n_rows,), float64
            By column; NaN where a cell is empty. Without a file an empty dict.

        Raises
        ------
        ValueError
            If the file is damaged; with the line and what to do.
        """
        import numpy as np

        columns, rows = self._parsed()
        table = np.array(rows, float).reshape(len(rows), len(columns))
        return {name: table[:, index] for index, name in enumerate(columns)}

    def truncate(self, n_rows: int) -> None:
        """Keep the first rows, as those up to the checkpoint from which a killed run goes on.

        Parameters
        ----------
        n_rows : int, at least 0
            How many; where there are no more than these, nothing changes.

        Raises
        ------
        ValueError
            If the number is negative.
        OSError
            If the file cannot be written.
        """
        if n_rows < 0:
            raise ValueError(f"got n_rows={n_rows}; give the number of rows to keep, 0 or more")
        lines = self.path.read_bytes().splitlines(keepends=True) if self.path.exists() else []
        if len(lines) > n_rows + 1:
            write_atomic(self.path, b"".join(lines[: n_rows + 1]))

    def _existing_columns(self) -> list[str]:
        """Return the columns of the file, after cutting off a line that a killed process began."""
        if not self.path.exists():
            return []
        content = self.path.read_bytes()
        whole = content.rfind(b"\n") + 1
        if whole < len(content):
            with explain_write_errors(self.path):
                os.truncate(self.path, whole)
        return self._parsed()[0]

    def _parsed(self) -> tuple[list[str], list[list[float]]]:
        if not self.path.exists():
            return [], []
        text = self.path.read_text(encoding="utf-8", errors="replace")
        lines = csv.reader(io.StringIO(text[: text.rfind("\n") + 1]))
        columns = next(lines, [])
        return columns, [_numbers(self.path, lines.line_num, columns, cells) for cells in lines]


def _cell(name: str, value: float | None) -> str:
    """Return a number so that it is read back with the same bits."""
    if value is None:
        return ""
    if isinstance(value, (str, bytes)):
        raise TypeError(f"{name} is {value!r}, and the history takes numbers only; put texts into the results")
    try:
        return repr(float(value)).removesuffix(".0")
    except (TypeError, ValueError) as error:
        kind = type(value).__name__
        raise TypeError(
            f"{name} is of type {kind}, and the history takes one number a cell; reduce it first"
        ) from error


def _csv_line(cells: Iterable[str]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerow(cells)
    return buffer.getvalue()


def _numbers(file: Path, line: int, columns: list[str], cells: list[str]) -> list[float]:
    advice = "remove the line, or restore the file from a copy"
    if len(cells) != len(columns):
        raise ValueError(f"{file}, line {line}: it has {len(cells)} cells and the heading {len(columns)}; {advice}")
    try:
        return [float(cell or "nan") for cell in cells]
    except ValueError as error:
        raise ValueError(f"{file}, line {line}: {error}; {advice}") from error
