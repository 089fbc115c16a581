import dataclasses
import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, Literal

import numpy as np
import pytest
from numpydoc.docscrape import NumpyDocString
from pydantic import Field

from rosenblatt.cli.catalogue import MODELS
from rosenblatt.cli.flags import estimator_flags, with_flags, written
from rosenblatt.models import fields
from rosenblatt.models.mlp import MLPClassifier

AtLeastOne = Annotated[int, Field(ge=1)]
Name = Literal["a", "b"]


@pytest.mark.parametrize(
    ("hint", "expected"),
    [
        (int, int),
        (Name, Name),
        (AtLeastOne, AtLeastOne),
        (AtLeastOne | Literal["full"], AtLeastOne | Literal["full"]),
        (float | Callable | None, float | None),
        (Name | fields.GradientTransformation, Name),
        (int | np.random.RandomState | None, int | None),
        (Literal["balanced"] | Mapping[Any, float] | None, Literal["balanced"] | None),
        (AtLeastOne | Sequence[AtLeastOne], tuple[AtLeastOne, ...]),
        (Name | Callable | Sequence[Name | Callable], tuple[Name, ...]),
        (Sequence[int] | None, tuple[int, ...] | None),
        (tuple[int, int, int], tuple[int, int, int]),
        (Sequence[Any], None),
        (Callable | None, None),
        (tuple[int, Callable], None),
    ],
)
def test_a_type_is_offered_as_far_as_it_can_be_written(hint, expected):
    assert written(hint) == expected


@dataclasses.dataclass(kw_only=True)
class Parent:
    """Fields of all.

    Parameters
    ----------
    low, high : float
        The ends, in ``metres``.
    """

    low: Annotated[float, Field(gt=0, le=9)] = 1.0
    high: float = 2.0


@dataclasses.dataclass(kw_only=True)
class Child(Parent):
    """Fields of one.

    Parameters
    ----------
    sizes : int or sequence of int
        Some
        numbers.
    names : sequence of str
        Some names.
    """

    sizes: AtLeastOne | Sequence[AtLeastOne] = (3,)
    names: Sequence[str] = ()


@dataclasses.dataclass(kw_only=True)
class Sibling(Parent):
    """Fields of the other.

    Parameters
    ----------
    depth : int
        How deep.
    """

    depth: int = 1


def test_texts_come_from_the_class_that_declares_a_field_with_the_range_of_its_type():
    flags = estimator_flags({"classification": Child})
    assert flags["low"].text == "The ends, in ``metres``. [range: > 0, <= 9]"
    assert flags["high"].text == "The ends, in ``metres``."
    assert flags["sizes"].text == "Some numbers. [range: >= 1]"


def test_one_value_alone_is_itself_only_where_the_field_takes_one():
    flags = estimator_flags({"classification": Child})
    assert flags["sizes"].value((5,)) == 5
    assert flags["sizes"].value((5, 6)) == (5, 6)
    assert flags["sizes"].value(()) == ()
    assert flags["names"].value(("a",)) == ("a",)
    assert flags["high"].value(2.5) == 2.5


def test_flags_of_one_task_say_so_and_come_last():
    flags = estimator_flags({"classification": Child, "regression": Sibling})
    assert list(flags) == ["low", "high", "sizes", "names", "depth"]
    assert flags["depth"].task == "regression"
    assert flags["depth"].text == "How deep. For regression only."
    assert flags["low"].task is None


def test_flags_are_named_in_the_signature():
    def command(data: str, *, loud: bool = False, **given: Any) -> Any:
        return data, loud, given

    flagged = with_flags(command, estimator_flags({"classification": Child}).values())
    assert list(inspect.signature(flagged).parameters) == ["data", "loud", "low", "high", "sizes", "names"]
    assert flagged("x", low=3.0) == ("x", False, {"low": 3.0})


@pytest.mark.parametrize("model", MODELS)
def test_every_field_of_a_model_is_a_flag_or_cannot_be_written(model):
    classes = MODELS[model].classes()
    flags = estimator_flags(classes)
    declared = {name for estimator in classes.values() for name in fields.own_fields(estimator)}
    assert declared - set(flags) <= {"callbacks", "network", "warm_start"}
    assert set(flags) <= declared
    for estimator in classes.values():
        for name, field in fields.own_fields(estimator).items():
            if name in flags and name != "verbose":
                assert flags[name].default == field.default


@pytest.mark.parametrize("model", MODELS)
def test_the_texts_are_those_that_numpydoc_reads(model):
    """An independent parser of the same docstrings."""
    for estimator in MODELS[model].classes().values():
        flags, described = estimator_flags({"classification": estimator}), {}
        for base in reversed(estimator.__mro__):
            if base.__module__.startswith("rosenblatt"):
                for entry in NumpyDocString(inspect.cleandoc(base.__doc__ or ""))["Parameters"]:
                    described |= dict.fromkeys(entry.name.split(", "), " ".join(" ".join(entry.desc).split()))
        for name, flag in flags.items():
            assert described[name]
            assert flag.text.startswith(described[name])


def test_what_the_model_declares_is_apart_from_what_all_share():
    groups = {name: flag.group.name for name, flag in estimator_flags({"classification": MLPClassifier}).items()}
    assert groups["hidden_layer_sizes"] == groups["class_weight"] == "Model"
    assert groups["dropout"] == groups["learning_rate"] == "Training"
    assert groups["max_epochs"] == groups["random_state"] == "Fit"
