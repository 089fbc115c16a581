"""From flags and data to an estimator that can be fitted."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Self

from cyclopts import CycloptsError

from rosenblatt.cli.answer import note
from rosenblatt.cli.catalogue import WITHOUT_TARGET, Model
from rosenblatt.cli.flags import MODEL_GROUP, Flag, estimator_flags
from rosenblatt.cli.options import DividedSource

if TYPE_CHECKING:
    from rosenblatt.data.dataset import Dataset
    from rosenblatt.runs.rows import Split

_CHANGE_NO_NUMBER = ("callbacks", "verbose", "warm_start")


@dataclass(frozen=True)
class Prepared:
    """An estimator that can be fitted, and what it is to learn.

    Parameters
    ----------
    estimator : estimator of this library
        Not fitted; its fields are checked, and it has a seed.
    task : {"classification", "regression", "reconstruction", "generation"}
        What it learns.
    dataset : Dataset
        All rows.
    rows : Split
        The same, divided.
    reading : dict
        How the data set was read and divided.
    """

    estimator: Any
    task: str
    dataset: "Dataset"
    rows: "Split"
    reading: dict[str, Any]

    @property
    def fields(self) -> dict[str, Any]:
        """What the numbers of the fit depend on: the estimator's fields and, under ``"data"``, the reading."""
        values = self.estimator.get_params(deep=False)
        return {name: value for name, value in values.items() if name not in _CHANGE_NO_NUMBER} | {"data": self.reading}


@dataclass(frozen=True)
class ModelFlags:
    """The flags of a model, and the estimators that they are for.

    Parameters
    ----------
    classes : dict of str to type
        The estimator of each task.
    by_name : dict of str to Flag
        The flags by field, and ``task`` where there are several.
    """

    classes: dict[str, type[Any]]
    by_name: dict[str, Flag]

    @classmethod
    def of(cls, model: Model) -> Self:
        """Import a model of the catalogue."""
        classes = model.classes()
        task = {"task": _task_flag(tuple(classes))} if len(classes) > 1 else {}
        return cls(classes, task | estimator_flags(classes))

    def recorded(self, record: Mapping[str, Any]) -> dict[str, Any]:
        """The flags that would give the fit of a run's record.

        Raises
        ------
        CycloptsError
            If the run is of another model.
        """
        tasks = [task for task, estimator in self.classes.items() if estimator.__name__ == record["estimator"]]
        if not tasks:
            ours = " or ".join(estimator.__name__ for estimator in self.classes.values())
            raise CycloptsError(msg=f"--resume cannot go on with a run of {record['estimator']}: this is {ours}.")
        fields = {name: tuple(value) if isinstance(value, list) else value for name, value in record["fields"].items()}
        return {name: value for name, value in (fields | {"task": tasks[0]}).items() if name in self.by_name}

    def prepare(self, data: str, source: DividedSource, given: Mapping[str, Any]) -> Prepared:
        """Read the data, choose the task and make the estimator.

        Parameters
        ----------
        data : str
            Name or path of a data set.
        source : DividedSource
            How it is read and divided.
        given : mapping of str to object
            The flags that were given, by field.

        Raises
        ------
        CycloptsError
            If a flag belongs to the other task, or the fields do not fit.
        ValueError, OSError
            If the data are bad, have no target and need one, or cannot be divided so.
        """
        from rosenblatt.runs.rows import Split

        dataset = source.load(data)
        rows = Split.of(dataset, source.test_size, needs_target=not self.classes.keys() & WITHOUT_TARGET)
        values = {name: self.by_name[name].value(value) for name, value in given.items()}
        task = self._task(values.pop("task", None), rows)
        estimator = self._estimator(task, values)
        return Prepared(estimator, task, dataset, rows, source.described(data))

    def _task(self, asked: str | None, rows: "Split") -> str:
        """The task that was asked for, or that the target is for."""
        from rosenblatt.runs.rows import task_of

        if asked is not None or len(self.classes) == 1:
            return asked or next(iter(self.classes))
        task, reason = task_of(rows.y)
        other = next(name for name in self.classes if name != task)
        note(f"{task}: {reason} (--task {other} for the other)")
        return task

    def _estimator(self, task: str, values: dict[str, Any]) -> Any:
        from rosenblatt.models.fields import validate_fields

        foreign = [name for name in values if self.by_name[name].task not in (None, task)]
        if foreign:
            name, other = foreign[0].replace("_", "-"), self.by_name[foreign[0]].task
            raise CycloptsError(
                msg=f"--{name} is for {other}, and this is {task}; leave it out, or give --task {other}."
            )
        if values.get("random_state") is None:
            values["random_state"] = secrets.randbelow(2**31)
        defaults = {name: flag.default for name, flag in self.by_name.items() if name == "verbose"}
        estimator = self.classes[task](**defaults | values)
        try:
            validate_fields(estimator)
        except ValueError as error:
            raise CycloptsError(msg=f"{error}.") from error
        return estimator


def _task_flag(tasks: tuple[str, ...]) -> Flag:
    text = "What to learn: classes, or numbers. By default the target decides, and it is said which it was."
    choices: Any = Literal[tasks]
    return Flag("task", choices | None, None, text, MODEL_GROUP)
