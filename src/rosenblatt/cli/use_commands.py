"""``predict``, ``evaluate`` and ``describe RUN``: what a trained model is used for."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from rosenblatt.cli.answer import Answer, pairs, table
from rosenblatt.cli.files import check_file, columns_answer
from rosenblatt.cli.fit_answers import description_content
from rosenblatt.cli.options import (
    AS_STORED,
    AS_TEXT,
    DATA_GROUP,
    DataName,
    ExistingPath,
    ModelOrRun,
    Output,
    Part,
    PartName,
    Source,
    Switch,
)

if TYPE_CHECKING:
    from rosenblatt.runs.evaluation import Evaluation

_MOST_CLASSES_SHOWN = 20


def predict(
    model: ExistingPath,
    data: DataName,
    /,
    *,
    out: Path | None = None,
    proba: Switch = False,
    part: Part = "all",
    source: Source = AS_STORED,
    output: Output = AS_TEXT,
) -> Answer:
    """Predict the target of each row of a data set.

    Parameters
    ----------
    model : path
        A run folder, or a saved model (a folder or a .zip).
    data : str
        Name of a built-in set, or path of a table, arrays or a folder of images; the target may be in it or not.
    out : path, optional
        File to write, .csv, .npy or .parquet; by default the predictions go to standard output, as CSV.
    proba : bool
        Also the probability of each class; a .npy file then holds these alone, a column a class.
    part : {"all", "train", "test"}
        Which rows: "train" and "test" are the parts that the fit had.
    """
    from rosenblatt.runs.columns import prediction_columns
    from rosenblatt.runs.trained import Trained

    check_file(out, "predictions")
    trained = Trained.open(model)
    X = trained.rows(data, part, **source.reading())
    columns = prediction_columns(trained.estimator, X, probabilities=proba)
    probabilities = [column for name, column in columns.items() if name.startswith("probability")]
    return columns_answer(columns, out, "predictions", probabilities or list(columns.values()))


def evaluate(
    model: ExistingPath,
    data: DataName,
    /,
    *,
    part: Annotated[PartName | None, Parameter(group=DATA_GROUP)] = None,
    source: Source = AS_STORED,
    output: Output = AS_TEXT,
) -> Answer:
    """Compare the predictions for a data set with the truth, or the rows that an autoencoder restores with the rows.

    Parameters
    ----------
    model : path
        A run folder, or a saved model (a folder or a .zip).
    data : str
        Name of a built-in set, or path of a table, arrays or a folder of images, with the target of predictions.
    part : {"all", "train", "test"}
        Which rows: "train" and "test" are the parts that the fit had. By default "test" where there is one: the
        official part, or the rows of these very data that the fit held out; otherwise all.
    """
    from rosenblatt.runs.columns import restores_rows
    from rosenblatt.runs.evaluation import evaluate as compare
    from rosenblatt.runs.trained import Trained

    trained = Trained.open(model)
    dataset = trained.load(data, **source.reading(), needs_target=not restores_rows(trained.estimator))
    compared = part or trained.fair_part(dataset)
    X, y = trained.part(dataset, compared)
    evaluation = compare(trained.estimator, X, y)
    facts = {"data": data, "part": compared, "rows": len(X)}
    content = facts | {"scores": evaluation.scores, "labels": evaluation.labels}
    confusion = None if evaluation.confusion is None else evaluation.confusion.tolist()
    return Answer(content | {"confusion": confusion}, [pairs("", facts | evaluation.scores), *_confusion(evaluation)])


def describe_run(run: ModelOrRun, /, *, output: Output = AS_TEXT) -> Answer:
    """Show the network of a trained model; with a model's name and data, one that is not trained yet.

    Parameters
    ----------
    run : path
        A run folder, or a saved model (a folder or a .zip).
    """
    from rosenblatt.models.describe import describe
    from rosenblatt.runs.trained import Trained

    trained = Trained.open(run)
    description = describe(trained.estimator)
    record = {} if trained.folder is None else trained.folder.record
    shown = [pairs(title.capitalize(), record[title]) for title in ("fields", "results") if record.get(title)]
    content = {
        "estimator": type(trained.estimator).__name__,
        "fields": trained.estimator.get_params(deep=False),
        "network": description_content(description),
        "results": record.get("results"),
    }
    return Answer(content, [description, *shown])


def _confusion(evaluation: "Evaluation") -> list[Any]:
    """A row for each class, with the number of its rows that were taken for each class."""
    if evaluation.labels is None or evaluation.confusion is None or len(evaluation.labels) > _MOST_CLASSES_SHOWN:
        return []
    rows = [[label, *counts.tolist()] for label, counts in zip(evaluation.labels, evaluation.confusion, strict=True)]
    return [
        "Rows of each class (down) taken for each class (across):",
        table("", ["", *map(str, evaluation.labels)], rows),
    ]
