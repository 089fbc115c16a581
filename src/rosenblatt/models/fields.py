"""Fields of estimators: declared once, with type and range, and validated from that declaration by pydantic."""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Annotated, Any, Literal, Protocol, get_type_hints, runtime_checkable

import numpy as np
from pydantic import ConfigDict, Field, TypeAdapter, ValidationError


@runtime_checkable
class GradientTransformation(Protocol):
    """What an Optax object looks like; pydantic cannot take Optax's own class apart."""

    init: Callable
    update: Callable


PositiveInt = Annotated[int, Field(ge=1)]
PositiveFloat = Annotated[float, Field(gt=0, allow_inf_nan=False)]
NonNegativeInt = Annotated[int, Field(ge=0)]
NonNegativeFloat = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Rate = Annotated[float, Field(ge=0, lt=1)]
Share = Annotated[float, Field(gt=0, lt=1)]
Seed = Annotated[int, Field(ge=0, lt=2**32)]

ActivationName = Literal["elu", "gelu", "identity", "leaky_relu", "relu", "sigmoid", "softplus", "tanh"]
AugmentationName = Literal["crop", "flip", "noise", "rotate", "shift"]
InitializerName = Literal["auto", "glorot", "he", "lecun", "normal", "zeros"]
OptimizerName = Literal["adam", "adamw", "momentum", "nesterov", "rmsprop", "sgd"]

ActivationField = ActivationName | Callable | Sequence[ActivationName | Callable]
Augmentations = Sequence[AugmentationName]
Channels = PositiveInt | Annotated[Sequence[PositiveInt], Field(min_length=1)]
HiddenLayerSizes = PositiveInt | Sequence[PositiveInt]
ImageShape = Annotated[Sequence[PositiveInt], Field(min_length=1, max_length=3)] | None
Sizes = PositiveInt | Sequence[PositiveInt]
AutoWeight = NonNegativeFloat | Literal["auto"]
LatentDim = PositiveInt | Literal["auto"]
DataRange = Annotated[tuple[float, float], Field(strict=False)] | Literal["auto"] | None  # lists come from a grid
BatchSize = PositiveInt | Literal["full"]
LearningRate = PositiveFloat | Callable | None
OptimizerField = OptimizerName | GradientTransformation
RandomState = Seed | np.random.RandomState | None
ClassWeight = Literal["balanced"] | Mapping[Any, NonNegativeFloat] | None


def own_fields(estimator_class: type) -> dict[str, dataclasses.Field]:
    """The estimator's fields by name, in the order of their declaration."""
    return {field.name: field for field in dataclasses.fields(estimator_class)}


def validate_fields(estimator: Any) -> None:
    """Checks every field of an estimator against its declaration.

    Raises
    ------
    ValueError
        Naming each field that does not fit, its value, and what is needed.
    """
    problems = []
    for name, adapter in _adapters(type(estimator)).items():
        value = getattr(estimator, name)
        try:
            adapter.validate_python(_plain(value))
        except ValidationError as error:
            problems.append(f"{name}={value!r}: {_needed(error)}")
    if problems:
        raise ValueError(f"{type(estimator).__name__} cannot be fitted with {'; '.join(problems)}")


def describe_fields(estimator: Any, without: Sequence[str] = ()) -> dict[str, str]:
    """The fields as texts that are the same whenever the fields are: functions by their name, not their address."""
    values = {name: getattr(estimator, name) for name in own_fields(type(estimator)) if name not in without}
    described = {name: getattr(value, "__qualname__", None) or _stable(value) for name, value in values.items()}
    return {"class": type(estimator).__name__} | described


def _stable(value: Any) -> str:
    return type(value).__qualname__ if " at 0x" in repr(value) else repr(value)


@cache
def _adapters(estimator_class: type) -> dict[str, TypeAdapter]:
    hints = get_type_hints(estimator_class, include_extras=True)
    config = ConfigDict(arbitrary_types_allowed=True, strict=True)
    return {name: TypeAdapter(hints[name], config=config) for name in own_fields(estimator_class)}


def _plain(value: Any) -> Any:
    """NumPy numbers and arrays, which a parameter grid passes, as Python's own."""
    if isinstance(value, np.generic | np.ndarray):
        return value.tolist()
    if isinstance(value, list | tuple) and not hasattr(value, "_fields"):
        return [_plain(item) for item in value]
    return value


def _needed(error: ValidationError) -> str:
    """What pydantic asks for, each alternative once."""
    messages = map(_message, error.errors())
    return "it should be " + " or ".join(dict.fromkeys(messages))


def _message(detail: Mapping[str, Any]) -> str:
    limits = detail.get("ctx", {})
    match detail["type"]:
        case "sequence_str":
            return "a sequence such as (value, value), not a text"
        case "is_instance_of" if limits["class"] == "Sequence":
            return "a sequence"
        case "too_long":
            return f"at most {limits['max_length']} of them"
        case "too_short":
            return f"at least {limits['min_length']} of them"
    return detail["msg"].removeprefix("Input should be ").strip()
