"""The pictures and the report of one fit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rosenblatt.models.describe import Description, describe
from rosenblatt.nn.windows import times
from rosenblatt.runs.atomic import write_atomic
from rosenblatt.runs.autoencoder_report import add_reconstruction, autoencoder_pictures
from rosenblatt.runs.columns import is_game, restores_rows
from rosenblatt.runs.convnet_pictures import convnet_pictures
from rosenblatt.runs.evaluation import Evaluation
from rosenblatt.runs.folder import RunFolder
from rosenblatt.runs.game_file import read_game
from rosenblatt.runs.game_report import add_game, game_pictures
from rosenblatt.runs.picture import Picture
from rosenblatt.runs.report import Chapter, Report
from rosenblatt.runs.rows import Split

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_MOST_CLASSES_DRAWN = 30


def write_report(estimator: Any, rows: Split, evaluation: Evaluation, folder: RunFolder) -> None:
    """Write the pictures of a fit, and its report, into its run folder.

    Parameters
    ----------
    estimator : fitted
    rows : Split
        What it was fitted on.
    evaluation : Evaluation
        Of the test rows, or of the training rows where there are no others.
    folder : RunFolder
        With the results.
    """
    pictures = fit_pictures(estimator, rows, evaluation)
    for picture in pictures:
        write_atomic(folder.pictures / f"{picture.name}.png", picture.png())
    record = folder.record
    report = Report(f"{record['estimator']} on {_data_name(record)}", f"A fit that began at {record['started']}.")
    _add_results(report.chapter("Results", "results"), record)
    _add_network(report.chapter("What was trained", "network"), describe(estimator, rows.X))
    for picture in pictures:
        chapter = report.chapter(picture.title, picture.name)
        chapter.figure(picture.figure, alt=picture.alt, caption=picture.caption)
    if restores_rows(estimator):
        add_reconstruction(report, estimator, rows)
    if is_game(estimator):
        add_game(report, estimator, rows, read_game(folder.game, estimator) if folder.game.exists() else None)
    _add_origin(report.chapter("How it was made", "origin"), record)
    report.write(folder.report)


def fit_pictures(estimator: Any, rows: Split, evaluation: Evaluation) -> list[Picture]:
    """The pictures that suit an estimator and its data.

    Parameters
    ----------
    estimator, rows, evaluation
        As for `write_report`.

    Returns
    -------
    list of Picture
        The risk by epoch; for two features the decisions in the plane; for classes the confusion matrix, and the worst
        mistakes where the rows are images; of a convolutional network its kernels, its maps of an image, and the
        pixels that decided; of an autoencoder the restored images and the map of codes; of a GAN how the game went,
        and its end.
    """
    part = "training" if rows.X_test is None else "test"
    X, y = (rows.X, rows.y) if rows.X_test is None else (rows.X_test, rows.y_test)
    if restores_rows(estimator):
        return [*([_risk(estimator)] if estimator.history_.rows else []), *autoencoder_pictures(estimator, X, y, part)]
    if is_game(estimator):
        return game_pictures(estimator, X, y, part)
    risk = [_risk(estimator)] if estimator.history_.rows else []
    of_classes = [] if evaluation.labels is None else _class_pictures(estimator, X, y, evaluation, part)
    return [*risk, *of_classes, *convnet_pictures(estimator, X, part)]


def _class_pictures(estimator: Any, X: Any, y: Any, evaluation: Evaluation, part: str) -> list[Picture]:
    pictures = []
    if X.shape[1:] == (2,):
        pictures.append(_decisions(estimator, X, y, part))
    if len(evaluation.labels or []) <= _MOST_CLASSES_DRAWN:
        pictures.append(_confusion(evaluation, part))
    if getattr(estimator, "image_shape_", None) is not None and "cross_entropy" in evaluation.scores:
        height = 5.2 if evaluation.scores["accuracy"] < 1 else 0.6
        pictures.append(_mistakes(estimator, X, y, part, height))
    return pictures


def _risk(estimator: Any) -> Picture:
    from rosenblatt.display import RiskDisplay

    history, stops_early = estimator.history_, getattr(estimator, "early_stopping", False)
    best = estimator.best_epoch_ if stops_early else None
    aside = "rows set aside to stop early" if stops_early else "the test rows, by which nothing was decided"
    watched = f" Validation is on {aside}." if "validation_risk" in history else ""
    return Picture(
        "risk",
        "Risk by epoch",
        lambda ax: RiskDisplay.from_history(history, best_epoch=best, ax=ax),
        "Curves of the risk by epoch",
        f"The risk J by epoch; train is the mean over the epoch's steps, each before its update.{watched}",
    )


def _decisions(estimator: Any, X: Any, y: Any, part: str) -> Picture:
    from rosenblatt.display import DecisionDisplay

    return Picture(
        "decisions",
        "Decisions in the plane",
        lambda ax: DecisionDisplay.from_estimator(estimator, X, y, ax=ax),
        "Points of each class, on the colour of the class that each place is given",
        f"What is decided at each place, and the {part} rows.",
        (5.2, 4.2),
    )


def _confusion(evaluation: Evaluation, part: str) -> Picture:
    from sklearn.metrics import ConfusionMatrixDisplay

    labels = [str(label) for label in evaluation.labels or []]
    side = min(max(3.2, 0.42 * len(labels) + 0.8), 9.0)

    def draw(ax: Axes) -> object:
        from matplotlib import rcParams

        rotation = "vertical" if max(map(len, labels)) > 3 else "horizontal"
        display = ConfusionMatrixDisplay(evaluation.confusion, display_labels=labels)
        return display.plot(ax=ax, cmap=rcParams["image.cmap"], colorbar=False, xticks_rotation=rotation)

    return Picture(
        "confusion",
        "What is taken for what",
        draw,
        "Table of counts: true classes down, predicted classes across",
        f"How many {part} rows of each class (down) were taken for each class (across).",
        (side, side),
    )


def _mistakes(estimator: Any, X: Any, y: Any, part: str, height: float) -> Picture:
    from rosenblatt.display import MistakesDisplay

    return Picture(
        "mistakes",
        "Worst mistakes",
        lambda ax: MistakesDisplay.from_estimator(estimator, X, y, ax=ax),
        "Images that were classified wrongly, each with its true and its predicted class",
        f"The {part} rows whose true class was given the smallest probability.",
        (5.2, height),
    )


def _add_results(chapter: Chapter, record: dict[str, Any]) -> None:
    results = record["results"]
    chapter.numbers([(name.replace("_", " "), value) for name, value in results.items() if name != "stopped"])
    chapter.text(f"The fit ended by **{results['stopped'].replace('_', ' ')}**.")


def _add_network(chapter: Chapter, description: Description) -> None:
    layers = [
        [layer.name, layer.formula.split("\n")[0], times(layer.output_shape), layer.weights, layer.biases]
        for layer in description.layers
    ]
    chapter.table(["layer", "inputs x units + biases", "output", "weights", "biases"], layers)
    if description.dense is not None:
        dense = description.dense
        chapter.text(
            f"With dense layers of the same width in place of the convolutions there would be "
            f"{dense.parameters.total:,} parameters instead of {description.parameters.total:,}, and "
            f"{dense.multiply_adds:,} multiply-adds a sample instead of {description.multiply_adds:,}."
        )
    if description.warnings:
        chapter.text("\n".join(f"- {warning}" for warning in description.warnings))


def _add_origin(chapter: Chapter, record: dict[str, Any]) -> None:
    if record["command"]:
        chapter.code(record["command"])
    fields = [(name.replace("_", " "), _text(value)) for name, value in record["fields"].items() if name != "data"]
    chapter.table(["field", "value"], fields, "The fields of the estimator.")
    origin = {"data fingerprint": record["data_fingerprint"], "device": record["device"], **record["versions"]}
    chapter.table(["what", "value"], list(origin.items()), "What else the numbers depend on.")


def _data_name(record: dict[str, Any]) -> str:
    reading = record["fields"].get("data")
    return reading["name"] if isinstance(reading, dict) else "data of your own"


def _text(value: Any) -> Any:
    return " ".join(map(str, value)) if isinstance(value, list) else value
