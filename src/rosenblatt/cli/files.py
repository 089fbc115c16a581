"""Files that commands write: columns as CSV, Parquet or NPY, and pictures; without a file, CSV on standard output."""

import io
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cyclopts import CycloptsError

from rosenblatt.cli.answer import Answer
from rosenblatt.data.wording import require

if TYPE_CHECKING:
    import numpy as np

_TABLES = (".csv", ".npy", ".parquet")
PICTURE = ".png"


def check_file(out: Path | None, content: str, more: Sequence[str] = ()) -> None:
    """Refuse, before anything is computed, a file of a kind that is not written.

    Parameters
    ----------
    out : path or None
    content : str
        What it is to hold.
    more : sequence of str
        Endings that are written beside those of tables.

    Raises
    ------
    CycloptsError
        If the name has another ending.
    ImportError
        If it is a Parquet file, and pyarrow is not installed.
    """
    *others, last = (*_TABLES, *more)
    if out is not None and out.suffix not in (*others, last):
        raise CycloptsError(msg=f"--out {out}: {content} are written to a {', '.join(others)} or {last} file.")
    if out is not None and out.suffix == ".parquet":
        require("pyarrow", f"writing {out.name}")


def columns_answer(
    columns: "Mapping[str, np.ndarray]", out: Path | None, content: str, array: "np.ndarray | Sequence[np.ndarray]"
) -> Answer:
    """Columns in a file, or on standard output.

    Parameters
    ----------
    columns : mapping of str to ndarray (n_rows,)
    out : path or None
        None is standard output.
    content : str
        What they are.
    array : ndarray, or sequence of columns
        What a NPY file holds; a single column as an array of one axis.
    """
    if out is None:
        return Answer({name: column.tolist() for name, column in columns.items()}, [_csv(columns).rstrip("\n")])
    from rosenblatt.runs.atomic import write_atomic

    of_kind = {".csv": _csv, ".parquet": _parquet}
    write_atomic(out, _npy(array) if out.suffix == ".npy" else of_kind[out.suffix](columns))
    n_rows = len(next(iter(columns.values())))
    return Answer({"rows": n_rows, "out": out}, [f"{n_rows:,} {content} in {out}"])


def picture_answer(draw: Callable[[], Any], out: Path, content: str) -> Answer:
    """The figure of a display in a file."""
    from rosenblatt.runs.atomic import write_atomic
    from rosenblatt.runs.picture import png

    write_atomic(out, png(lambda: draw().figure_))
    return Answer({"out": out}, [f"{content} in {out}"])


def _csv(columns: "Mapping[str, np.ndarray]") -> str:
    import csv

    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(zip(*(column.tolist() for column in columns.values()), strict=True))
    return buffer.getvalue()


def _parquet(columns: "Mapping[str, np.ndarray]") -> bytes:
    import pyarrow
    from pyarrow import parquet

    buffer = io.BytesIO()
    parquet.write_table(pyarrow.table(dict(columns)), buffer)
    return buffer.getvalue()


def _npy(array: "np.ndarray | Sequence[np.ndarray]") -> bytes:
    import numpy as np

    if not isinstance(array, np.ndarray):
        array = array[0] if len(array) == 1 else np.stack(array, axis=1)
    buffer = io.BytesIO()
    np.save(buffer, array, allow_pickle=False)
    return buffer.getvalue()
