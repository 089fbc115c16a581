"""``data list`` and ``data show``."""

from typing import TYPE_CHECKING, Any

from rosenblatt.cli.answer import Answer, pairs, table
from rosenblatt.cli.options import AS_STORED, AS_TEXT, DataName, Output, Source
from rosenblatt.data import DESCRIPTIONS

if TYPE_CHECKING:
    from rosenblatt.data.dataset import Dataset

_MOST_SHOWN = 30  # classes, or features, below one another


def list_data(*, output: Output = AS_TEXT) -> Answer:
    """List the built-in data sets."""
    return Answer(DESCRIPTIONS, [table("", ["name", "what it is"], DESCRIPTIONS.items())])


def show_data(data: DataName, /, *, source: Source = AS_STORED, output: Output = AS_TEXT) -> Answer:
    """Show what a data set holds: its rows, its target and the range of its features.

    Parameters
    ----------
    data : str
        Name of a built-in set, or path of a table, arrays or a folder of images.
    """
    dataset = source.load(data)
    facts, classes, features = _facts(dataset), _class_counts(dataset), _feature_ranges(dataset)
    shown = [pairs(dataset.name, facts)]
    if classes:
        shown.append(table("Classes", ["label", "rows"], list(classes.items())[:_MOST_SHOWN]))
    if 0 < len(features) <= _MOST_SHOWN:
        rows = [[name, *ranges.values()] for name, ranges in features.items()]
        shown.append(table("Features", ["name", "smallest", "mean", "largest"], rows))
    left_out = {str(path): reason for path, reason in dataset.skipped}
    return Answer(facts | {"classes": classes, "features": features, "left_out": left_out}, shown)


def _facts(dataset: "Dataset") -> dict[str, Any]:
    return {
        "description": dataset.description,
        "source": dataset.source,
        "rows": len(dataset.X),
        "test_rows": None if dataset.X_test is None else len(dataset.X_test),
        "columns": dataset.X.shape[1],
        "images": None if dataset.image_shape is None else " x ".join(map(str, dataset.image_shape)),
        "values": f"{dataset.X.dtype} from {dataset.X.min():.4g} to {dataset.X.max():.4g}",
        "target": _target(dataset),
    }


def _target(dataset: "Dataset") -> str | None:
    from rosenblatt.runs.rows import targets, task_of

    if dataset.y is None:
        return None
    task, reason = task_of(targets(dataset, dataset.y))
    return f"{reason} ({task})"


def _class_counts(dataset: "Dataset") -> dict[str, int]:
    """Rows of each class, where the target holds classes."""
    import numpy as np

    from rosenblatt.runs.rows import targets, task_of

    if dataset.y is None or dataset.y.ndim == 2:
        return {}
    y = targets(dataset, dataset.y)
    if task_of(y)[0] == "regression":
        return {}
    labels, counts = np.unique(y, return_counts=True)
    return {str(label): int(count) for label, count in zip(labels, counts, strict=True)}


def _feature_ranges(dataset: "Dataset") -> dict[str, dict[str, float]]:
    """Smallest value, mean and largest value of each named feature."""
    columns = zip(dataset.feature_names or (), dataset.X.T, strict=dataset.feature_names is not None)
    return {
        name: {"smallest": float(column.min()), "mean": float(column.mean()), "largest": float(column.max())}
        for name, column in columns
    }
