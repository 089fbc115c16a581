"""Tables in CSV, TSV and Parquet files, read by pandas: one column is the target, all others are features."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from rosenblatt.data.dataset import Dataset
from rosenblatt.data.shapes import image_shape_of_rows
from rosenblatt.data.wording import listed, require, suggestion

if TYPE_CHECKING:
    import pandas as pd


def read_table(path: Path, target: str | None, image_shape: tuple[int, ...] | None) -> Dataset:
    """Read a table whose features are all numbers.

    Parameters
    ----------
    path : Path
        ``.csv`` (commas, or semicolons), ``.tsv``, either with ``.gz``, or ``.parquet``.
    target : str or None
        Name of the target column; None reads all columns as features.
    image_shape : tuple or None
        Shape of the image that a row holds, where it holds one.

    Returns
    -------
    Dataset
        ``X`` is float64, so that scaling it loses nothing. ``y`` keeps the labels or numbers of the table. An unnamed
        first column that only counts the rows, as pandas writes its index, is left out and listed in ``skipped``.

    Raises
    ------
    ValueError
        If the file cannot be read, has no rows, lacks the target column, or has columns that are not numbers or
        have missing values.
    ImportError
        If pandas, or pyarrow for Parquet, is not installed.
    """
    table, skipped = _without_saved_index(path, _read(path))
    if target is not None and target not in table.columns:
        raise ValueError(_no_such_column(path, target, list(table.columns)))
    features = table.drop(columns=[] if target is None else [target])
    if features.shape[1] == 0:
        raise ValueError(f"{path} has no column besides the target {target!r}; at least one feature is needed.")
    _check_numbers(path, features, target)
    _check_complete(path, features)
    X = features.to_numpy(dtype=np.float64)
    return Dataset(
        name=Path(path.stem).stem if path.suffix.lower() == ".gz" else path.stem,
        X=X,
        y=None if target is None else _target_values(path, table.loc[:, target]),
        feature_names=tuple(features.columns),
        image_shape=image_shape_of_rows(path, X, image_shape),
        description=f"table {path.name}" + ("" if target is None else f" with the target {target!r}"),
        skipped=skipped,
        source=str(path),
    )


def _read(path: Path) -> "pd.DataFrame":
    pandas = require("pandas", f"reading the table {path.name}")
    is_parquet = path.suffix.lower() == ".parquet"
    if is_parquet:
        require("pyarrow", f"reading the table {path.name}")
    try:
        table = pandas.read_parquet(path, engine="pyarrow") if is_parquet else _read_text(path)
    except UnicodeDecodeError as error:
        raise ValueError(
            f"{path} is not UTF-8 text ({error.reason}). Save it as UTF-8, for instance: "
            f"pandas.read_csv({path.name!r}, encoding='latin-1').to_csv('utf8.csv', index=False)"
        ) from error
    except (ValueError, OSError, EOFError) as error:
        kind = "Parquet file" if is_parquet else "table with one header line and as many entries in each row"
        raise ValueError(f"{path} cannot be read: {str(error).strip()}. A {kind} is needed.") from error
    table.columns = table.columns.map(str)
    if len(table) == 0:
        raise ValueError(f"{path} has {table.shape[1]} columns ({listed(table.columns)}) but no rows; rows are needed.")
    return table


def _read_text(path: Path) -> "pd.DataFrame":
    import pandas as pd

    separator = "\t" if ".tsv" in (suffix.lower() for suffix in path.suffixes) else ","
    table = pd.read_csv(path, sep=separator, low_memory=False)
    if table.shape[1] == 1 and ";" in str(table.columns[0]):  # what spreadsheets save where 1.5 is written 1,5
        return pd.read_csv(path, sep=";", low_memory=False)
    return table


def _without_saved_index(path: Path, table: "pd.DataFrame") -> tuple["pd.DataFrame", tuple[tuple[Path, str], ...]]:
    """Leave out an index that pandas wrote: as a feature it tells the row number, and with it often the class."""
    first = table.iloc[:, 0]
    counts_rows = first.dtype.kind == "i" and np.array_equal(first - first.iloc[0], np.arange(len(table)))
    if first.name != "Unnamed: 0" or not counts_rows or table.shape[1] == 1:
        return table, ()
    reason = "its first column has no name and only counts the rows, so it is no feature; name it to keep it"
    return table.iloc[:, 1:], ((path, reason),)


def _no_such_column(path: Path, target: str, columns: list[str]) -> str:
    text = f"{path} has no column {target!r}.{suggestion(target, columns)} It has {listed(map(repr, columns))}."
    if sum(_is_number(column) for column in columns) > len(columns) / 2:
        text += " These look like values: put a header line with the names of the columns above them."
    return text


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _check_numbers(path: Path, features: "pd.DataFrame", target: str | None) -> None:
    from pandas.api.types import is_numeric_dtype

    names = [name for name in features.columns if not is_numeric_dtype(features[name])]
    if not names:
        return
    shown = listed((f"{name!r} ({_examples(features.loc[:, name])})" for name in names), limit=5)
    reader = "read_parquet" if path.suffix.lower() == ".parquet" else "read_csv"
    hint = "" if target is not None else f" If {names[-1]!r} is what to predict, give target={names[-1]!r}."
    raise ValueError(
        f"{path} has columns that are not numbers: {shown}.{hint} Correct what stands among numbers (read_csv has "
        "na_values for marks of missing values), turn categories into 0/1 columns, "
        f"pandas.get_dummies(pandas.{reader}({path.name!r}), columns={names[:5]}), "
        f"or leave them out, .drop(columns={names[:5]}), and save the result."
    )


def _examples(column: "pd.Series") -> str:
    """The first values that are no numbers: in a column of numbers these are what is wrong with it."""
    import pandas as pd

    texts = [str(value) for value in column.dropna()]
    is_wrong = np.isnan(np.asarray(pd.to_numeric(np.asarray(texts, dtype=object), errors="coerce"), dtype=np.float64))
    wrong = [text for text, flag in zip(texts, is_wrong, strict=True) if flag] or texts
    shown = ", ".join(repr(text) for text in list(dict.fromkeys(wrong))[:3]) or "no value at all"
    return f"{shown} among numbers" if 0 < is_wrong.sum() < len(texts) else f"such as {shown}"


def _check_complete(path: Path, features: "pd.DataFrame") -> None:
    counts = features.isna().sum()
    missing = [f"{name!r} ({count} of {len(features)})" for name, count in counts.items() if count]
    if missing:
        raise ValueError(
            f"{path} has missing values in {listed(missing)}. Fill them (pandas: table.fillna(table.median()); "
            "scikit-learn: SimpleImputer) or drop the rows (table.dropna()), and save the result."
        )


def _target_values(path: Path, column: "pd.Series") -> np.ndarray:
    """Numbers and booleans as they are, everything that is text as NumPy strings."""
    import pandas as pd

    n_missing = int(column.isna().sum())
    if n_missing:
        raise ValueError(
            f"{path}: the target {column.name!r} is missing in {n_missing} of {len(column)} rows. Drop these rows "
            f"(pandas: table.dropna(subset=[{column.name!r}])) and save the result."
        )
    if isinstance(column.dtype, pd.CategoricalDtype):
        column = column.astype(column.cat.categories.dtype)
    if pd.api.types.is_bool_dtype(column):
        return column.to_numpy(dtype=np.bool_)
    if pd.api.types.is_integer_dtype(column):
        return column.to_numpy(dtype=np.int64)
    if pd.api.types.is_float_dtype(column):
        return column.to_numpy(dtype=np.float64)
    if all(isinstance(value, str) for value in column):
        return column.to_numpy().astype(np.str_)
    raise ValueError(
        f"{path}: the target {column.name!r} holds {column.dtype} (such as {column.iloc[0]!r}); numbers, booleans or "
        "text are needed. Turn it into one of these and save the result."
    )
