"""``transform``, ``reconstruct`` and ``interpolate``: what codes are used for."""

from pathlib import Path
from typing import Annotated, Any, Literal

from cyclopts import CycloptsError, Parameter
from cyclopts.validators import Number

from rosenblatt.cli.answer import Answer
from rosenblatt.cli.files import PICTURE, check_file, columns_answer, picture_answer
from rosenblatt.cli.options import AS_STORED, AS_TEXT, DataName, ExistingPath, Output, Part, Source

_RowNumber = Annotated[int, Parameter(validator=Number(gte=0))]
_Steps = Annotated[int, Parameter(validator=Number(gte=2))]


def transform(
    model: ExistingPath,
    data: DataName,
    /,
    *,
    out: Path | None = None,
    part: Part = "all",
    source: Source = AS_STORED,
    output: Output = AS_TEXT,
) -> Answer:
    """Compute the code of each row of a data set: an autoencoder's, or what enters the last layer of a classifier.

    Parameters
    ----------
    model : path
        A run folder, or a saved model (a folder or a .zip).
    data : str
        Name of a built-in set, or path of a table, arrays or a folder of images; the target may be in it or not.
    out : path, optional
        File to write, .csv, .npy or .parquet; by default the codes go to standard output, as CSV.
    part : {"all", "train", "test"}
        Which rows: "train" and "test" are the parts that the fit had.
    """
    from rosenblatt.runs.columns import check_transforms, named_columns
    from rosenblatt.runs.trained import Trained

    check_file(out, "codes")
    trained = Trained.open(model)
    check_transforms(trained.estimator)
    codes = trained.estimator.transform(trained.rows(data, part, **source.reading()))
    columns = named_columns(trained.estimator.get_feature_names_out(), codes)
    return columns_answer(columns, out, "codes", codes)


def reconstruct(
    model: ExistingPath,
    data: DataName,
    /,
    *,
    out: Path | None = None,
    part: Part = "all",
    source: Source = AS_STORED,
    output: Output = AS_TEXT,
) -> Answer:
    """Restore each row of a data set from its code.

    Parameters
    ----------
    model : path
        A run folder, or a saved model (a folder or a .zip), of an autoencoder.
    data : str
        Name of a built-in set, or path of a table, arrays or a folder of images; the target may be in it or not.
    out : path, optional
        File to write: .csv, .npy or .parquet with the rows as they are restored, or .png with a picture of the first
        images and what became of them. By default the rows go to standard output, as CSV.
    part : {"all", "train", "test"}
        Which rows: "train" and "test" are the parts that the fit had.
    """
    estimator, X = _restorer(model, data, out, part, source)
    if out is None or out.suffix != PICTURE:
        return restored(estimator, estimator.reconstruct(X), out)
    from rosenblatt.display import ReconstructionDisplay

    return picture_answer(lambda: ReconstructionDisplay.from_estimator(estimator, X), out, "reconstructions")


def interpolate(
    model: ExistingPath,
    data: DataName,
    /,
    *,
    from_row: _RowNumber,
    to_row: _RowNumber,
    steps: _Steps = 8,
    kind: Literal["linear", "spherical"] = "linear",
    out: Path | None = None,
    part: Part = "all",
    source: Source = AS_STORED,
    output: Output = AS_TEXT,
) -> Answer:
    """Restore what lies between two rows: the straight line from the code of one to that of the other.

    Parameters
    ----------
    model : path
        A run folder, or a saved model (a folder or a .zip), of an autoencoder.
    data : str
        Name of a built-in set, or path of a table, arrays or a folder of images; the target may be in it or not.
    from_row : int
        Number of the row where the line begins; the first row of the part is 0.
    to_row : int
        Number of the row where it ends.
    steps : int
        Places on the line, both ends counted.
    kind : {"linear", "spherical"}
        A straight line, or an arc around the code 0.
    out : path, optional
        File to write: .csv, .npy or .parquet with a row for each place, or .png with a picture. By default the rows go
        to standard output, as CSV.
    part : {"all", "train", "test"}
        Which rows: "train" and "test" are the parts that the fit had.
    """
    estimator, X = _restorer(model, data, out, part, source)
    start, end = row_at(X, from_row, "from-row"), row_at(X, to_row, "to-row")
    if out is None or out.suffix != PICTURE:
        return restored(estimator, estimator.interpolate(start, end, steps, kind)[0], out)
    from rosenblatt.display import InterpolationDisplay

    return picture_answer(
        lambda: InterpolationDisplay.from_estimator(estimator, start, end, n_steps=steps, kind=kind),
        out,
        f"{steps} steps",
    )


def _restorer(model: Path, data: str, out: Path | None, part: str, source: Source) -> tuple[Any, Any]:
    """An estimator that restores rows, and the rows, if what it restores can be written to the file."""
    from rosenblatt.runs.columns import check_restores
    from rosenblatt.runs.trained import Trained

    check_file(out, "restored rows", [PICTURE])
    trained = Trained.open(model)
    check_restores(trained.estimator)
    if out is not None and out.suffix == PICTURE and trained.estimator.image_shape_ is None:
        raise CycloptsError(msg=f"--out {out}: this model restores no images; write a .csv, .npy or .parquet file.")
    return trained.estimator, trained.rows(data, part, **source.reading())


def restored(estimator: Any, rows: Any, out: Path | None, content: str = "restored rows") -> Answer:
    """Rows, or images, that an estimator decoded, by the names of its columns."""
    from rosenblatt.runs.columns import feature_names, named_columns

    if hasattr(rows, "columns"):  # a frame, whose columns have dtypes of their own
        return columns_answer(
            {str(name): rows[name].to_numpy() for name in rows.columns}, out, content, rows.to_numpy()
        )
    return columns_answer(named_columns(feature_names(estimator), rows), out, content, rows)


def row_at(X: Any, number: int, flag: str) -> Any:
    """The row of that number, as X of one row; ``flag`` is how it was asked for."""
    if number >= len(X):
        raise CycloptsError(msg=f"--{flag} {number}: there are {len(X):,} rows, numbered from 0 to {len(X) - 1}.")
    return X[number : number + 1]
