"""What ``fit`` and ``describe`` say."""

from typing import TYPE_CHECKING, Any

from rosenblatt.cli.answer import INTERRUPTED, Answer, note, pairs, table
from rosenblatt.cli.options import TYPED

if TYPE_CHECKING:
    from rosenblatt.cli.preparation import Prepared
    from rosenblatt.models.describe import Description
    from rosenblatt.runs.folder import RunFolder

_PARTS = ("train", "validation", "test")


def fit_answer(prepared: "Prepared", results: dict[str, Any], folder: "RunFolder | None") -> Answer:
    """The scores of a fit, what it took, and where it is kept.

    A fit that was interrupted says how to go on, and ends with the exit code of an interruption.
    """
    estimator = prepared.estimator
    interrupted = results["stopped"] == "interrupted"
    if interrupted and folder is not None:
        resume = "" if "--resume" in TYPED.get().split() else " --resume"
        note(f"go on with:  {TYPED.get()}{resume}")
    content = {
        "estimator": type(estimator).__name__,
        "task": prepared.task,
        "fields": prepared.fields,
        "results": results,
        "run": None if folder is None else folder.path,
        "report": None if folder is None else folder.report,
    }
    facts = ({"verdict": results["verdict"]} if "verdict" in results else {}) | {
        "epochs": f"{results['epochs']} ({results['stopped'].replace('_', ' ')})",
        "parameters": f"{results['parameters']:,}",
        "seconds": results["seconds"],
        "random_state": estimator.random_state,
    }
    shown = [_score_table(f"{type(estimator).__name__} on {prepared.dataset.name}", results), pairs("", facts)]
    return Answer(content, [*shown, *_places(folder)], exit_code=INTERRUPTED if interrupted else 0)


def description_answer(prepared: "Prepared") -> Answer:
    """The network before it is trained, and every field."""
    from rosenblatt.models.describe import describe

    description = describe(prepared.estimator, prepared.rows.X, prepared.rows.y)
    content = {
        "estimator": type(prepared.estimator).__name__,
        "task": prepared.task,
        "fields": prepared.fields,
        "network": description_content(description),
    }
    fields = {name: value for name, value in prepared.fields.items() if name != "data"}
    return Answer(content, [description, pairs("Fields", fields), repr(prepared.dataset)])


def description_content(description: "Description") -> dict[str, Any]:
    """A description as plain data."""
    return {
        "layers": [layer._asdict() for layer in description.layers],
        "weights": description.parameters.weights,
        "biases": description.parameters.biases,
        "multiply_adds": description.multiply_adds,
        "memory_bytes": description.memory,
        "warnings": list(description.warnings),
    }


def _score_table(title: str, results: dict[str, Any]) -> Any:
    """A row for each score and a column for each part of the rows."""
    of_part = {
        part: {name.removeprefix(f"{part}_"): value for name, value in results.items() if name.startswith(f"{part}_")}
        for part in _PARTS
    }
    parts = [part for part in _PARTS if of_part[part]]
    names = dict.fromkeys(name for part in parts for name in of_part[part])
    rows = [[name.replace("_", " "), *(of_part[part].get(name) for part in parts)] for name in names]
    return table(title, ["", *parts], rows)


def _places(folder: "RunFolder | None") -> list[str]:
    if folder is None:
        return ["not kept: --out FOLDER writes the model, its history, pictures and a report"]
    return [
        f"{name:<8}{path}" for name, path in (("run", folder.path), ("model", folder.model), ("report", folder.report))
    ]
