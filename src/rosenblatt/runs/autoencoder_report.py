"""What a report shows of an autoencoder: rows and what it restores, the map of its codes, and PCA as the yardstick."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from rosenblatt.models.pca_yardstick import PCAComparison, n_comparable
from rosenblatt.runs.columns import feature_names
from rosenblatt.runs.picture import Picture
from rosenblatt.runs.report import Report
from rosenblatt.runs.rows import Split, task_of
from rosenblatt.runs.variational_report import add_diagnosis, variational_pictures

_IMAGES, _SIGNALS = 5, 3  # that are drawn side by side
_MOST_CLASSES = 20  # that colours and markers tell apart
_MOST_POINTS = 2_000  # of the map; more hide one another
_MOST_COLUMNS = 10  # in the table of those that are restored worst
_WIDTH = 5.2  # inches


def autoencoder_pictures(estimator: Any, X: Any, y: Any, part: str) -> list[Picture]:
    """The pictures of a fitted autoencoder.

    Parameters
    ----------
    estimator : fitted
    X : array-like
        Images, or rows of numbers.
    y : ndarray or None
        A target, from which nothing was learned.
    part : {"test", "training"}
        Which rows they are.

    Returns
    -------
    list of Picture
        The reconstructions, where rows are images, the map of codes, and of a variational one what it generates.
    """
    restored = [] if estimator.image_shape_ is None else [_reconstructions(estimator, X, part)]
    generated = variational_pictures(estimator, X, part) if hasattr(estimator, "diagnose") else []
    return [*restored, _latent_map(estimator, X, _colours(y), part), *generated]


def add_reconstruction(report: Report, estimator: Any, rows: Split) -> None:
    """Add the chapters that hold no pictures: PCA's error or the diagnosis, and the worst columns of a table.

    Parameters
    ----------
    report : Report
    estimator : fitted
    rows : Split
        What it was fitted on.
    """
    (add_diagnosis if hasattr(estimator, "diagnose") else _add_yardstick)(report, estimator, rows)
    if estimator.image_shape_ is None:
        X, part = (rows.X, "training") if rows.X_test is None else (rows.X_test, "test")
        _add_worst_columns(report, estimator, X, part)


def worst_columns(estimator: Any, X: Any) -> list[tuple[str, float, float]]:
    """The columns of X with the largest errors, the worst first.

    Returns
    -------
    list of (name, error, deviation)
        The root of the column's mean squared error, and its standard deviation. Ten at most.
    """
    rows = np.asarray(X, np.float64)
    errors = np.sqrt(np.square(rows - estimator.reconstruct(X)).mean(axis=0))
    worst = np.argsort(-errors, kind="stable")[:_MOST_COLUMNS]
    names, deviations = feature_names(estimator), rows.std(axis=0)
    return [(names[i], float(errors[i]), float(deviations[i])) for i in worst]


def _reconstructions(estimator: Any, X: Any, part: str) -> Picture:
    from rosenblatt.display import ReconstructionDisplay

    is_signal = len(estimator.image_shape_) == 2
    height, width = (1, 4) if is_signal else estimator.image_shape_[:2]
    n_images = _SIGNALS if is_signal else _IMAGES
    return Picture(
        "reconstructions",
        "What is restored from the codes",
        lambda ax: ReconstructionDisplay.from_estimator(estimator, X, n_images=n_images, ax=ax),
        "Images, below each the one that is restored from its code, and the error",
        f"The first {part} rows, what is restored from their codes, and the difference; the number is the row's "
        "squared error.",
        (_WIDTH, 3 * (0.72 * _WIDTH / n_images * height / width + 0.35) + 0.3),
    )


def _latent_map(estimator: Any, X: Any, y: Any, part: str) -> Picture:
    from rosenblatt.display import LatentDisplay

    n_axes = min(estimator.latent_dim, 2)
    axes = "" if estimator.latent_dim <= 2 else " The axes are the two along which the codes vary most."
    colours = "" if y is None else " The target, from which nothing was learned, gives the colours."
    step = -(-len(X) // _MOST_POINTS)
    drawn = f"{part} rows" if step == 1 else f"{part} rows, of which one in {step} is drawn"
    X, y = X[::step], None if y is None else y[::step]
    return Picture(
        "latent-map",
        "The map of codes",
        lambda ax: LatentDisplay.from_estimator(estimator, X, y, n_axes=n_axes, ax=ax),
        "Points in a plane, one for each row, where its code is",
        f"Where the encoder puts the {drawn}.{axes}{colours}",
        (_WIDTH, 4.2),
    )


def _colours(y: Any) -> Any:
    """The target, where a colour for each row can show it."""
    if y is None or y.ndim != 1:
        return None
    too_many = task_of(y)[0] == "classification" and len(np.unique(y)) > _MOST_CLASSES
    return None if too_many else y


def _add_yardstick(report: Report, estimator: Any, rows: Split) -> None:
    compared = dict(_comparisons(estimator, rows))
    chapter = report.chapter("Beside principal component analysis", "pca")
    said = [f"On {found.n_rows:,} {part} rows, {found.sentence()}." for part, found in compared.items()]
    chapter.text(" ".join(said))
    table = [line for part, found in compared.items() for line in _lines(found, part)]
    chapter.table(
        ["restored by", "squared error a row", "of the variance"],
        table,
        "PCA is fitted to the very rows that it restores, so that no linear map does better on them.",
    )


def _comparisons(estimator: Any, rows: Split) -> Iterator[tuple[str, PCAComparison]]:
    yield "training", estimator.compare_pca()
    if rows.X_test is not None:
        yield "test", estimator.compare_pca(rows.X_test[: n_comparable(len(rows.X_test), estimator.n_features_in_)])


def _lines(found: PCAComparison, part: str) -> list[tuple[str, float, str]]:
    errors = {"the autoencoder": found.error, f"PCA, {found.n_components} components": found.pca_error}
    whole = max(found.variance, np.finfo(float).tiny)
    return [(f"{name}, {part} rows", error, f"{error / whole:.2%}") for name, error in errors.items()]


def _add_worst_columns(report: Report, estimator: Any, X: Any, part: str) -> None:
    worst = worst_columns(estimator, X)
    chapter = report.chapter("Which columns are restored worst", "columns")
    chapter.table(
        ["column", "error", "standard deviation"],
        worst,
        f"The columns with the largest errors in the {part} rows: the root of the mean squared error, beside the "
        "standard deviation, which is the error of a column that is always restored as its mean.",
    )
